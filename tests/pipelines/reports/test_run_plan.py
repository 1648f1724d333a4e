"""A plan makes what is not finished, delivers what has not arrived, and goes on where it was."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from typer.testing import CliRunner

from herd_engine.cli.app import command_line
from herd_engine.errors import NotFoundError
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.store import Store, StoreSettings
from herd_engine.sample import make_sample
from pipelines.reports.journal import Journal
from pipelines.reports.manifest import ReportStatus
from pipelines.reports.orders import single_order
from pipelines.reports.parameters import find_notebook
from pipelines.reports.plan import Plan, read_plan
from pipelines.reports.run_plan import Result, Selection, exit_code, planned, run_plan
from pipelines.reports.schedule import Book
from tests.pipelines.reports.conftest import bench_of, example_manifest

MOMENT = datetime(2026, 3, 2, 6, tzinfo=UTC)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptRuns]:
    kept = KeptRuns(Store(StoreSettings.embedded(tmp_path / "home")), "local")
    yield kept
    kept.close()


@pytest.fixture
def farms(tmp_path: Path, farm_file: bytes) -> Path:
    folder = tmp_path / "farms"
    folder.mkdir()
    (folder / "North.csv").write_bytes(farm_file)
    (folder / "South.csv").write_bytes(make_sample(animals=150, seed=3).csv)
    return folder


def plan_of(folder: Path, **changes) -> Plan:
    values = {
        "name": "weekly",
        "farms": {"files": str(folder / "*.csv")},
        "reports": [{"report": "quality", "formats": ["html"]}],
        "destinations": {"shelf": {"kind": "folder", "folder": str(folder.parent / "shelf")}},
        "attempts": 2,
        "pause_seconds": 0,
    }
    return Plan.model_validate(values | changes)


def carried_out(
    plan: Plan, kept: KeptRuns, moment: datetime = MOMENT, stop: Event | None = None
) -> list[Result]:
    items = planned(plan, bench_of(kept), moment, Selection(), keep=True)
    journal = Journal(kept.store.settings.home)
    return run_plan(plan, items, journal, stop or Event(), lambda result: None)


def summary(results: list[Result]) -> list[tuple[str, str, bool]]:
    return [
        (result.farm, str(result.manifest and result.manifest.status), result.is_new) for result in results
    ]


@pytest.mark.slow
def test_one_broken_file_costs_one_report_and_a_rerun_makes_only_what_is_missing(kept, farms):
    good = (farms / "South.csv").read_bytes()
    (farms / "South.csv").write_text("broken,file\n1,2\n")
    plan = plan_of(farms)

    results = carried_out(plan, kept)

    assert summary(results) == [("North", "succeeded", True), ("South", "failed", True)]
    assert exit_code(results) == 3
    page = next((farms.parent / "shelf").glob(f"quality/2026-03-02/{results[1].manifest.id}/report.html"))
    assert "Required columns are missing: animal_id" in page.read_text(encoding="utf-8")

    (farms / "South.csv").write_bytes(good)
    again = carried_out(plan, kept, datetime(2026, 3, 9, 6, tzinfo=UTC))

    assert summary(again) == [("North", "succeeded", False), ("South", "succeeded", True)]
    assert exit_code(again) == 0
    assert [result.manifest.date for result in again] == [date(2026, 3, 2), date(2026, 3, 9)]
    assert len([*(farms.parent / "shelf").glob("quality/*/*/manifest.json")]) == 3


@pytest.mark.slow
def test_a_destination_that_was_down_gets_what_is_missing_without_making_it_again(kept, farms):
    shelf = farms.parent / "shelf"
    shelf.write_text("in the way")
    plan = plan_of(farms, parallel=1)

    down = carried_out(plan, kept)
    shelf.unlink()
    up = carried_out(plan, kept)

    assert exit_code(down) == 3
    assert all("did not take the report" in result.undelivered[0] for result in down)
    assert [item.attempts for result in down for item in result.manifest.deliveries] == [2, 2]
    assert (exit_code(up), [result.is_new for result in up]) == (0, [False, False])
    assert len([*shelf.glob("quality/*/*/report.html")]) == 2


@pytest.mark.slow
def test_an_interrupted_plan_goes_on_where_it_was(kept, farms):
    stop, plan = Event(), plan_of(farms, parallel=1)
    items = planned(plan, bench_of(kept), MOMENT, Selection(), keep=True)
    journal = Journal(kept.store.settings.home)

    first = run_plan(plan, items, journal, stop, lambda result: stop.set())
    second = carried_out(plan, kept)

    assert summary(first) == [("North", "succeeded", True), ("South", "canceled", True)]
    assert exit_code(first) == 5
    assert summary(second) == [("North", "succeeded", False), ("South", "succeeded", True)]


def test_what_is_to_be_made_again_is_another_edition_each_time_and_farms_have_seeds_of_their_own(kept, farms):
    plan = plan_of(farms, unchanged="run", reports=[{"report": "forecast"}, {"report": "portfolio"}])
    week_later = datetime(2026, 3, 9, 6, tzinfo=UTC)
    ids = [
        [item.order.id for item in planned(plan, bench_of(kept), moment, Selection(), keep=True)]
        for moment in (MOMENT, MOMENT, week_later)
    ]
    north, south, both = planned(plan, bench_of(kept), MOMENT, Selection(), keep=True)

    assert ids[0] == ids[1]
    assert not set(ids[0]) & set(ids[2])
    seeds = [item.order.parameters["payload"]["seed"] for item in (north, south, both)]
    assert len(set(seeds)) == 3
    assert seeds[2] == 42
    assert set(both.order.parameters["datasets"]) == {"North", "South"}


def test_a_plan_without_wishes_of_its_own_shows_the_plan_that_the_farm_has_starred(kept, farms):
    north = planned(plan_of(farms), bench_of(kept), MOMENT, Selection(), keep=True)[0].bench
    (dataset,) = north.datasets.all()
    run = north.runs.submit(dataset.id, {"horizon_months": 18, "mc_runs": 40, "seed": 9}).run
    north.runs.star(run.id)
    forecasts = [{"report": "forecast"}, {"report": "quality"}]

    one, other, *_ = planned(
        plan_of(farms, reports=forecasts), bench_of(kept), MOMENT, Selection(), keep=True
    )
    wishing = plan_of(farms, reports=forecasts, payload={"horizon_months": 24})
    own = planned(wishing, bench_of(kept), MOMENT, Selection(), keep=True)[0]
    values = {"dataset": dataset.id, "farm": "North"}
    single = single_order(find_notebook("forecast"), values, bench_of(kept), formats=("html",), seconds=60)

    for order in (one.order, single):
        shown = order.parameters["payload"]
        assert (shown["horizon_months"], shown["mc_runs"], shown["seed"]) == (18, 40, 9)
    assert set(other.order.parameters["payload"]) == {"seed"}
    assert own.order.parameters["payload"]["horizon_months"] == 24


def test_a_dry_run_keeps_nothing(kept, farms):
    items = planned(plan_of(farms), bench_of(kept), MOMENT, Selection(), keep=False)
    really = planned(plan_of(farms), bench_of(kept), MOMENT, Selection(), keep=True)

    assert [item.order.id for item in items] != []
    assert len(kept.catalog.farms.list()) == 3
    assert [item.order.series for item in items] == [item.order.series for item in really]


def test_lock_and_hidden_files_of_a_farm_folder_are_no_farms(kept, farms):
    for name in ("~$North.csv", "._North.csv", ".~lock.North.csv", "North.csv~"):
        (farms / name).write_bytes(b"lock")
    (farms / "folder.csv").mkdir()

    items = planned(
        plan_of(farms, farms={"files": f"{farms}/*"}), bench_of(kept), MOMENT, Selection(), keep=True
    )

    assert [item.order.farm for item in items] == ["North", "South"]


def test_a_farm_file_that_cannot_be_kept_costs_the_others_nothing(kept, farms, farm_file):
    (farms / os.fsdecode(b"\xf1\xe5\xe2\xe5\xf0.csv")).write_bytes(make_sample(animals=120, seed=4).csv)
    (farms / f"{'x' * 240}.csv").write_bytes(farm_file)  # too long for the name of a farm

    items = planned(plan_of(farms), bench_of(kept), MOMENT, Selection(), keep=True)

    state = {item.order.farm[:8]: item.order.problem and item.order.problem.code for item in items}
    assert state == {"North": None, "South": None, "�����": None, "xxxxxxxx": "PARAMETER_INVALID"}


def test_the_same_file_under_two_farms_is_refused_for_the_second_and_costs_the_others_nothing(
    kept, farms, farm_file
):
    (farms / "Twin.csv").write_bytes(farm_file)

    items = planned(plan_of(farms), bench_of(kept), MOMENT, Selection(), keep=True)

    problems = {item.order.farm: item.order.problem for item in items}
    assert (problems["North"], problems["South"]) == (None, None)
    assert "Twin.csv is kept already as a file of North, not of Twin" in str(problems["Twin"])


def test_runs_that_a_plan_needs_are_asked_for_in_its_name(kept, farms):
    items = planned(plan_of(farms), bench_of(kept), MOMENT, Selection(), keep=True)

    assert {item.order.submitter for item in items} == {"plan:weekly"}


def test_a_part_of_a_plan_can_be_chosen(kept, farms):
    plan = plan_of(farms, reports=[{"report": "quality"}, {"report": "forecast"}])

    def chosen(**choice) -> list[tuple[str, str]]:
        items = planned(plan, bench_of(kept), MOMENT, Selection(**choice), keep=True)
        return [(item.wish.report, item.order.farm) for item in items]

    assert chosen(only=["South"]) == [("quality", "South"), ("forecast", "South")]
    assert chosen(only=["forecast"]) == [("forecast", "North"), ("forecast", "South")]
    assert chosen(since=date(2100, 1, 1)) == []


def test_a_plan_without_a_farm_is_told(kept, tmp_path):
    with pytest.raises(NotFoundError, match="farm of the plan"):
        planned(plan_of(tmp_path / "nowhere"), bench_of(kept), MOMENT, Selection(), keep=True)


def test_a_plan_can_be_checked_in_the_terminal(kept, farms, tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(
        f"name: weekly\nfarms: {{files: '{farms}/*.csv'}}\nreports: [{{report: quality}}]\n"
        "schedule: {cron: 0 6 31 * *, time_zone: Europe/Berlin}\n"
    )
    home = str(kept.store.settings.home)

    check = CliRunner().invoke(command_line("plan"), ["plan", "check", str(path), "--home", home])
    coming = CliRunner().invoke(command_line("schedule"), ["schedule", "next", str(path), "--home", home])
    lines = CliRunner().invoke(
        command_line("schedule"), ["schedule", "install", "--print", str(path), "--home", home]
    )

    assert (check.exit_code, coming.exit_code, lines.exit_code) == (0, 0, 0)
    assert "to be made" in check.output
    assert "February, April, June, September, November" in check.output
    assert coming.output.count("Europe/Berlin") == 5
    assert f"schedule run-due {path}" in lines.output


@pytest.mark.slow
def test_schedules_list_and_carry_out_good_plans_and_tell_the_broken_one(kept, farms):
    home = kept.store.settings.home
    (home / "plans").mkdir()
    good = f"name: weekly\nfarms: {{files: '{farms}/North.csv'}}\n"
    good += "reports: [{report: quality, formats: [html]}]\n"
    (home / "plans" / "weekly.yaml").write_text(good + "schedule: {cron: '* * * * *'}\n")
    (home / "plans" / "broken.yaml").write_text("name: broken\n")
    (home / "plans" / "._weekly.yaml").write_bytes(b"\0\5\26\7")
    book = Book(Journal(home))
    book.note(read_plan(home / "plans" / "weekly.yaml"), datetime.now(UTC) - timedelta(minutes=3))

    coming = CliRunner().invoke(command_line("schedule"), ["schedule", "next", "--home", str(home)])
    due = CliRunner().invoke(command_line("schedule"), ["schedule", "run-due", "--home", str(home)])

    assert (coming.exit_code, due.exit_code) == (2, 2)
    assert coming.output.count("weekly ") == 5
    assert "succeeded quality North" in due.output
    for result in (coming, due):
        assert "broken.yaml" in result.output
        assert "._weekly.yaml" not in result.output


def test_only_the_newest_editions_stay(journal):
    for day in range(1, 6):
        with journal.working_folder() as folder:
            (folder / "report.html").write_text("x")
            manifest = example_manifest(
                id=f"{day:016x}", date=date(2026, 3, day), started_at=datetime(2026, 3, day, 6, tzinfo=UTC)
            )
            journal.keep(manifest, folder, ("report.html",))

    journal.prune("weekly/forecast/North", 2)

    assert [item.date.day for item in journal.editions()] == [5, 4]
    assert journal.before("weekly/forecast/North", f"{5:016x}").date.day == 4
    assert journal.find("0000000000000005").status is ReportStatus.SUCCEEDED
