"""When plans are due, what is made up for, and who does it."""

from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Event, Thread

import pytest

from herd_engine.errors import ParameterError, PlanError
from pipelines.reports.cron import months_without, occasions, require_cron
from pipelines.reports.plan import Plan, read_plan
from pipelines.reports.schedule import (
    Book,
    ReadPlans,
    Trouble,
    attend,
    due_now,
    next_occasions,
    read_plans,
    remarks,
    run_due,
)

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
        ("*/30 * * * *", "2026-03-29T00:10+00:00", ["03-29 00:30", "03-29 01:00", "03-29 01:30"]),
    ],
)
def test_a_time_is_what_clocks_show(cron, after, expected):
    assert moments(cron, "Europe/Berlin", after, len(expected)) == expected


@pytest.mark.parametrize(
    "after", ["2026-10-24T23:45+00:00", "2026-10-25T00:45+00:00", "2026-10-25T01:10+00:00"]
)
def test_every_half_hour_is_every_half_hour_in_the_night_that_has_an_hour_twice(after):
    found = moments("*/30 * * * *", "Europe/Berlin", after, 8)

    begin = datetime.fromisoformat(after)
    first = begin + (timedelta(minutes=30) - timedelta(minutes=begin.minute % 30))
    expected = [first + timedelta(minutes=30 * i) for i in range(8)]
    assert found == [moment.strftime("%m-%d %H:%M") for moment in expected]


def test_what_is_due_every_hour_is_due_in_both_of_the_hours_that_clocks_show_as_one():
    found = moments("15 * * * *", "Europe/Berlin", "2026-10-24T23:30+00:00", 3)

    assert found == ["10-25 00:15", "10-25 01:15", "10-25 02:15"]


@pytest.mark.parametrize("cron", ["* * * * *", "0 6 * * *", "0 6 29 2 *"])
def test_the_last_of_many_missed_occasions_is_made_up_for(book, cron):
    now = datetime(2028, 3, 1, 12, 0, 30, tzinfo=UTC)
    due_now(plan(cron), book, now - timedelta(days=700))

    expected = {
        "* * * * *": "2028-03-01 12:00",
        "0 6 * * *": "2028-03-01 06:00",
        "0 6 29 2 *": "2028-02-29 06:00",
    }
    assert due_now(plan(cron), book, now).occasion.strftime("%Y-%m-%d %H:%M") == expected[cron]


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
    assert run_due([plan()], book, MONDAY + HOUR, lambda *_: 3, Event()) == ([3], [])
    assert due_now(plan(), book, MONDAY + 2 * HOUR) is None


def test_of_two_daemons_one_waits_until_the_other_ends(book):
    first_stop, second_stop, works = Event(), Event(), [Event(), Event()]

    def daemon(number: int, stop: Event) -> None:
        def read() -> ReadPlans:
            works[number].set()
            return ReadPlans(plans=())

        with book.alone(wait=True):
            attend(read, book, lambda *_: 0, stop, lambda error: None)

    first = Thread(target=daemon, args=(0, first_stop))
    first.start()
    assert works[0].wait(10)
    second = Thread(target=daemon, args=(1, second_stop))
    second.start()

    with book.alone(wait=False) as free:
        assert not free
    assert not works[1].wait(0.5)
    first_stop.set()
    assert works[1].wait(10)
    second_stop.set()
    first.join(10)
    second.join(10)
    with book.alone(wait=False) as free:
        assert free


BROKEN = PlanError("broken.yaml", (("name", "is missing"),))


def test_a_daemon_tells_a_plan_that_is_broken_once_and_carries_out_the_others(book):
    stop, told, done, looks = Event(), [], [], []
    due_now(plan("* * * * *"), book, datetime.now(UTC) - timedelta(minutes=5))

    def read() -> ReadPlans:
        looks.append(1)
        if len(looks) == 3:
            stop.set()
        return ReadPlans(plans=(plan("* * * * *"),), troubles=(Trouble("broken.yaml", BROKEN),))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("pipelines.reports.schedule.LONGEST_SLEEP_SECONDS", 0.01)
        attend(read, book, lambda found, _: done.append(found.name) or 0, stop, told.append)

    assert [str(trouble) for trouble in told] == [f"broken.yaml: {BROKEN}"]
    assert done == ["weekly"]


@pytest.mark.parametrize(
    "fault", [ValueError("port out of range"), OSError(28, "No space left on device"), BROKEN]
)
def test_whatever_goes_wrong_with_a_plan_the_others_are_carried_out_and_it_stays_due(book, fault):
    first, second = plan().model_copy(update={"name": "first"}), plan()
    for each in (first, second):
        due_now(each, book, MONDAY - HOUR)

    def carry_out(found: Plan, _occasion: datetime) -> int:
        if found.name == "first":
            raise fault
        return 0

    codes, troubles = run_due([first, second], book, MONDAY, carry_out, Event())

    assert (codes, [(trouble.plan, trouble.error) for trouble in troubles]) == ([0], [("first", fault)])
    assert due_now(first, book, MONDAY + HOUR).occasion == MONDAY
    assert due_now(second, book, MONDAY + HOUR) is None


def test_a_torn_note_of_what_is_done_is_told(book, journal):
    due_now(plan(), book, MONDAY)
    (journal.root / "schedule" / "weekly.json").write_text('{"done_un')

    _, (trouble,) = run_due([plan()], book, MONDAY, lambda *_: 0, Event())

    assert "delete it, and the plan begins anew" in str(trouble.error)
    assert trouble.exit_code == 3


TEXT = "name: {}\nfarms: {{latest: all}}\nreports: [{{report: quality}}]\n"


def test_plans_of_the_home_are_found_and_one_that_is_broken_costs_the_others_nothing(tmp_path):
    folder = tmp_path / "plans"
    folder.mkdir()
    (folder / "weekly.yaml").write_text(TEXT.format("weekly"))
    (folder / "._weekly.yaml").write_bytes(b"\0\5\26\7")
    (folder / ".~lock.weekly.yaml").write_text("lock")
    (folder / "weekly.yaml~").write_text("x")
    (folder / "typo.yaml").write_text(TEXT.format("typo") + "shedule: {}\n")
    (folder / "cp1251.yml").write_bytes("name: ферма\n".encode("cp1251"))
    (folder / "bytes.yaml").write_bytes(b"\0\5\26\7")
    (folder / "folder.yaml").mkdir()

    found = read_plans([], tmp_path)

    assert [each.name for each in found.plans] == ["weekly"]
    told = {trouble.plan.rpartition("/")[2]: str(trouble.error) for trouble in found.troubles}
    assert sorted(told) == ["bytes.yaml", "cp1251.yml", "folder.yaml", "typo.yaml"]
    assert "shedule" in told["typo.yaml"]
    assert "(line 4)" in told["typo.yaml"]
    assert "save the file as UTF-8" in told["cp1251.yml"]


def test_of_two_plans_of_one_name_neither_is_carried_out(tmp_path):
    folder = tmp_path / "plans"
    folder.mkdir()
    for file, name in (("a", "weekly"), ("b", "Weekly"), ("c", "monthly")):
        (folder / f"{file}.yaml").write_text(TEXT.format(name))

    found = read_plans([], tmp_path)

    assert [each.name for each in found.plans] == ["monthly"]
    assert all("be the name of one plan only" in str(trouble.error) for trouble in found.troubles)
    assert len(found.troubles) == 2


@pytest.mark.parametrize("name", ["Недельный отчёт", "rapport_hebdo-é", "週報", "1", "x" * 64, "план № 1"])
def test_a_plan_may_have_a_name_of_any_alphabet(tmp_path, journal, name):
    (tmp_path / "plan.yaml").write_text(TEXT.format(f'"{name}"'), encoding="utf-8")
    found = read_plan(tmp_path / "plan.yaml")

    Book(journal).note(found, MONDAY)

    assert found.name == name
    assert Book(journal).done_until(found, MONDAY + HOUR) == MONDAY


@pytest.mark.parametrize(
    "name", ["", "a/b", "..", ".hidden", "a\\\\b", "x" * 65, "a\\nb", "a\\u202eb", "a:b", " a"]
)
def test_a_plan_has_a_name_that_a_file_can_have(tmp_path, name):
    (tmp_path / "plan.yaml").write_text(TEXT.format(f'"{name}"'), encoding="utf-8")

    with pytest.raises(PlanError, match="`name`: must have 1 … 64 letters"):
        read_plan(tmp_path / "plan.yaml")


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
        ("destinations: {a: {kind: folder, folder: 'gopher://x'}}", "must be a folder, or s3://"),
        (
            "destinations: {a: {kind: webhook, url: 'http://h:99999/', secret: whsec_AAAA}}",
            "must have a port of 1 … 65535",
        ),
        (
            "destinations: {a: {kind: webhook, url: 'http://h:0/', secret: whsec_AAAA}}",
            "must have a port of 1 … 65535",
        ),
        ("destinations: {a: {kind: webhook, url: 'http://h:a/', secret: whsec_AAAA}}", "must have a port"),
        ("destinations: {a: {kind: webhook, url: 'http://a..b/', secret: whsec_AAAA}}", "can be no host"),
        ("destinations: {a: {kind: webhook, url: 'http://h /', secret: whsec_AAAA}}", "can be no host"),
        ("destinations: {a: {kind: webhook, url: 'http://[::1/', secret: whsec_AAAA}}", "Invalid IPv6"),
        ("destinations: {a: {kind: mail, server: s, port: 99999, sender: a@b.c, to: [a@b.c]}}", "mail.port"),
        ("destinations: {a: {kind: mail, server: 's..s', sender: a@b.c, to: [a@b.c]}}", "can be no host"),
        ("destinations: {a: {kind: mail, server: s, sender: a@b.c, to: [anna]}}", "must be a mail address"),
        (
            'destinations: {a: {kind: mail, server: s, sender: "a@b.c\\nBcc: x@y.z", to: [a@b.c]}}',
            "must be a mail address",
        ),
        ("payload: {note: 2026-02-30}", "2026-02-30 is no day of the calendar"),
        ("payload: &p {note: *p}", "contains itself"),
        ("pause_seconds: .inf", "no number that can be used"),
        ("pause_seconds: 1e300", "pause_seconds"),
        ("name: [", "(line 4)"),
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
