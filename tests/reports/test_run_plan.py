"""A plan makes what is not finished, delivers what has not arrived, and goes on where it was."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event

import pytest
from typer.testing import CliRunner

from herd_engine.cli.app import app, load
from herd_engine.datasets.sample import make_sample
from herd_engine.errors import NotFoundError
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.store import Store, StoreSettings
from pipelines.reports.journal import Journal
from pipelines.reports.manifest import Status
from pipelines.reports.plan import Plan
from pipelines.reports.run_plan import Result, Selection, exit_code, planned, run_plan
from tests.reports.conftest import example_manifest

MOMENT = datetime(2026, 3, 2, 6, tzinfo=UTC)
load("plan", "schedule")


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
    items = planned(plan, kept, moment, Selection(), keep=True)
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
    items = planned(plan, kept, MOMENT, Selection(), keep=True)
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
        [item.order.id for item in planned(plan, kept, moment, Selection(), keep=True)]
        for moment in (MOMENT, MOMENT, week_later)
    ]
    north, south, both = planned(plan, kept, MOMENT, Selection(), keep=True)

    assert ids[0] == ids[1]
    assert not set(ids[0]) & set(ids[2])
    seeds = [item.order.parameters["payload"]["seed"] for item in (north, south, both)]
    assert len(set(seeds)) == 3
    assert seeds[2] == 42
    assert set(both.order.parameters["datasets"]) == {"North", "South"}


def test_a_dry_run_keeps_nothing(kept, farms):
    items = planned(plan_of(farms), kept, MOMENT, Selection(), keep=False)
    really = planned(plan_of(farms), kept, MOMENT, Selection(), keep=True)

    assert [item.order.id for item in items] != []
    assert len(kept.catalog.farms.list()) == 3
    assert [item.order.series for item in items] == [item.order.series for item in really]


def test_a_part_of_a_plan_can_be_chosen(kept, farms):
    plan = plan_of(farms, reports=[{"report": "quality"}, {"report": "forecast"}])

    def chosen(**choice) -> list[tuple[str, str]]:
        items = planned(plan, kept, MOMENT, Selection(**choice), keep=True)
        return [(item.wish.report, item.order.farm) for item in items]

    assert chosen(only=["South"]) == [("quality", "South"), ("forecast", "South")]
    assert chosen(only=["forecast"]) == [("forecast", "North"), ("forecast", "South")]
    assert chosen(since=date(2100, 1, 1)) == []


def test_a_plan_without_a_farm_is_told(kept, tmp_path):
    with pytest.raises(NotFoundError, match="farm of the plan"):
        planned(plan_of(tmp_path / "nowhere"), kept, MOMENT, Selection(), keep=True)


def test_a_plan_can_be_checked_in_the_terminal(kept, farms, tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(
        f"name: weekly\nfarms: {{files: '{farms}/*.csv'}}\nreports: [{{report: quality}}]\n"
        "schedule: {cron: 0 6 31 * *, time_zone: Europe/Berlin}\n"
    )
    home = str(kept.store.settings.home)

    check = CliRunner().invoke(app, ["plan", "check", str(path), "--home", home])
    coming = CliRunner().invoke(app, ["schedule", "next", str(path), "--home", home])
    lines = CliRunner().invoke(app, ["schedule", "install", "--print", str(path), "--home", home])

    assert (check.exit_code, coming.exit_code, lines.exit_code) == (0, 0, 0)
    assert "to be made" in check.output
    assert "February, April, June, September, November" in check.output
    assert coming.output.count("Europe/Berlin") == 5
    assert f"schedule run-due {path}" in lines.output


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
    assert journal.find("0000000000000005").status is Status.SUCCEEDED
