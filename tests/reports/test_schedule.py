"""When plans are due, what is made up for, and who does it."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Event, Thread

import pytest

from herd_engine.errors import ParameterError, PlanError
from pipelines.reports.cron import months_without, occasions, require_cron
from pipelines.reports.plan import Plan, read_plan
from pipelines.reports.schedule import Book, attend, due_now, next_occasions, read_plans, remarks, run_due

MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


def plan(cron: str = "0 6 * * 1", **schedule) -> Plan:
    return Plan.model_validate(
        {
            "name": "weekly",
            "farms": {"latest": "all"},
            "reports": [{"report": "quality"}],
            "schedule": {"cron": cron, **schedule},
        }
    )


def moments(cron: str, zone: str, after: str, count: int) -> list[str]:
    found = islice(occasions(cron, zone, datetime.fromisoformat(after)), count)
    return [moment.strftime("%m-%d %H:%M") for moment in found]


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        # Berlin: UTC+1 in winter, UTC+2 in summer; clocks change at 01:00 UTC on 29 March and 25 October.
        ("0 6 * * 1", "2026-03-20T00:00+00:00", ["03-23 05:00", "03-30 04:00"]),
        ("30 2 * * *", "2026-03-28T02:00+00:00", ["03-29 01:30", "03-30 00:30"]),  # 02:30 is skipped: 03:30
        ("30 2 * * *", "2026-10-24T02:00+00:00", ["10-25 00:30", "10-26 01:30"]),  # 02:30 comes twice: once
        ("0 * * * *", "2026-03-28T23:30+00:00", ["03-29 00:00", "03-29 01:00", "03-29 02:00"]),
    ],
)
def test_a_time_is_what_clocks_show(cron, after, expected):
    assert moments(cron, "Europe/Berlin", after, len(expected)) == expected


def test_the_last_day_of_a_month_is_the_28th_of_february_and_the_29th_in_a_leap_year():
    assert moments("0 6 L * *", "UTC", "2027-01-01T00:00+00:00", 3) == [
        "01-31 06:00",
        "02-28 06:00",
        "03-31 06:00",
    ]
    assert moments("0 6 L 2 *", "UTC", "2027-03-01T00:00+00:00", 1) == ["02-29 06:00"]


@pytest.mark.parametrize(
    ("cron", "months"),
    [
        ("0 6 31 * *", ("February", "April", "June", "September", "November")),
        ("0 6 29 2 *", ("February",)),
        ("0 6 30 * *", ("February",)),
        ("0 6 L * *", ()),
        ("0 6 28 * *", ()),
        ("0 6 * * 1", ()),
        ("0 6 31 1,3 *", ()),
    ],
)
def test_months_that_a_day_does_not_come_in_are_told(cron, months):
    assert months_without(cron) == months
    assert bool(remarks(plan(cron).schedule)) == bool(months)
    assert all(month in remark for remark in remarks(plan(cron).schedule) for month in months)


@pytest.mark.parametrize("cron", ["61 * * * *", "every monday", "0 6 31 2 *", "* * * * * *", "@daily", ""])
def test_what_is_no_cron_expression_is_refused(cron):
    with pytest.raises(ParameterError, match="`cron` must"):
        require_cron(cron)


@pytest.fixture
def book(journal) -> Book:
    return Book(journal)


def test_a_plan_seen_for_the_first_time_begins_with_its_next_occasion(book):
    assert due_now(plan(), book, MONDAY - HOUR) is None
    assert due_now(plan(), book, MONDAY + HOUR).occasion == MONDAY


def test_a_plan_is_due_once_for_an_occasion(book):
    done = []
    due_now(plan(), book, MONDAY - HOUR)

    for now in (MONDAY - HOUR, MONDAY, MONDAY + HOUR, MONDAY + 2 * HOUR):
        run_due([plan()], book, now, lambda _plan, occasion: done.append(occasion) or 0, Event())

    assert done == [MONDAY]


def test_three_missed_weeks_are_made_up_for_once(book):
    done = []
    due_now(plan(), book, MONDAY - HOUR)

    late = MONDAY + 2 * WEEK + 5 * HOUR
    run_due([plan()], book, late, lambda _plan, occasion: done.append(occasion) or 0, Event())
    run_due([plan()], book, late + HOUR, lambda _plan, occasion: done.append(occasion) or 0, Event())

    assert done == [MONDAY + 2 * WEEK]


def test_a_plan_may_skip_what_was_missed(book):
    skipping = plan(missed="skip")
    due_now(skipping, book, MONDAY - HOUR)

    assert due_now(skipping, book, MONDAY + 5 * HOUR) is None
    assert due_now(skipping, book, MONDAY + WEEK + timedelta(minutes=5)).occasion == MONDAY + WEEK


def test_an_interrupted_occasion_stays_due_and_a_failed_one_does_not(book):
    stop = Event()
    due_now(plan(), book, MONDAY - HOUR)

    def interrupted(_plan, _occasion) -> int:
        stop.set()
        return 5

    run_due([plan()], book, MONDAY, interrupted, stop)
    assert due_now(plan(), book, MONDAY + HOUR).occasion == MONDAY
    assert run_due([plan()], book, MONDAY + HOUR, lambda *_: 3, Event()) == [3]
    assert due_now(plan(), book, MONDAY + 2 * HOUR) is None


def test_of_two_daemons_one_waits_until_the_other_ends(book):
    first_stop, second_stop, works = Event(), Event(), [Event(), Event()]

    def daemon(number: int, stop: Event) -> None:
        def read() -> list[Plan]:
            works[number].set()
            return []

        with book.alone(wait=True):
            attend(read, book, lambda *_: 0, stop, lambda error: None)

    first = Thread(target=daemon, args=(0, first_stop))
    first.start()
    assert works[0].wait(10)
    second = Thread(target=daemon, args=(1, second_stop))
    second.start()

    assert book.is_attended()
    assert not works[1].wait(0.5)
    first_stop.set()
    assert works[1].wait(10)
    second_stop.set()
    first.join(10)
    second.join(10)
    assert not book.is_attended()


def test_a_daemon_outlives_a_plan_that_is_broken(book):
    stop, told = Event(), []

    def read() -> list[Plan]:
        raise PlanError("weekly.yaml", (("name", "is missing"),))

    def tell(error) -> None:
        told.append(str(error))
        stop.set()

    attend(read, book, lambda *_: 0, stop, tell)

    assert told == ["The plan weekly.yaml cannot be used:\n`name`: is missing"]


def test_plans_of_the_home_are_found_and_have_names_of_their_own(tmp_path):
    folder = tmp_path / "plans"
    folder.mkdir()
    text = "name: a\nfarms: {latest: all}\nreports: [{report: quality}]\n"
    (folder / "a.yaml").write_text(text)
    assert [found.name for found in read_plans([], tmp_path)] == ["a"]

    (folder / "b.yml").write_text(text)
    with pytest.raises(ParameterError, match="be the name of one plan only"):
        read_plans([], tmp_path)


def test_the_next_occasions_are_in_order():
    assert next_occasions(plan().schedule, MONDAY, 2) == [MONDAY + WEEK, MONDAY + 2 * WEEK]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nme: x", "nme"),
        ("farms: {}", "give either files or latest"),
        ("farms: {files: a, latest: all}", "give either files or latest"),
        ("reports: [{report: nothing}]", "There is no report nothing"),
        ("reports: [{report: quality, to: [mail]}]", "there is no destination mail"),
        ("reports: [{report: quality, parameters: {lenguage: ru}}]", "Did you mean `language`"),
        ("reports: [{report: forecast, parameters: {payload: {mc_runs: 0}}}]", "mc_runs"),
        ("schedule: {cron: 61 * * * *}", "schedule.cron"),
        ("schedule: {cron: 0 6 * * 1, time_zone: Mars/Base}", "is no time zone"),
        ("payload: {seed: 1}", "give the plan's own seed"),
        ("destinations: {a: {kind: webhook, url: 'ftp://x', secret: whsec_AAAA}}", "must be http"),
        ("destinations: {a: {kind: folder, folder: '${HERD_NOT_SET}'}}", "be set in the environment"),
        ("name: [", "it is no YAML"),
    ],
)
def test_what_is_wrong_with_a_plan_is_told(tmp_path, line, says):
    path = tmp_path / "plan.yaml"
    base = {"name": "a", "farms": "{latest: all}", "reports": "[{report: quality}]"}
    lines = [f"{key}: {value}" for key, value in base.items() if not line.startswith(f"{key}:")]
    path.write_text("\n".join([*lines, line]))

    with pytest.raises(PlanError) as refused:
        read_plan(path)

    assert says in str(refused.value)


def test_the_environment_fills_in_a_plan(tmp_path, monkeypatch):
    path = tmp_path / "plan.yaml"
    path.write_text(
        "name: a\nfarms: {files: '${HERD_TEST_FARMS}/*.csv'}\nreports: [{report: quality}]\n"
        "schedule: {cron: 0 6 * * 1, time_zone: '${HERD_TEST_ZONE:-Europe/Berlin}'}\n"
    )
    monkeypatch.setenv("HERD_TEST_FARMS", "/data")

    found = read_plan(path)

    assert (found.farms.files, found.schedule.time_zone) == ("/data/*.csv", "Europe/Berlin")
