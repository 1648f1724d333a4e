"""The page of alerts: what holds, why, what is done about it, and the bell of every page."""

from collections.abc import Callable

import pytest

from herd_engine.model.forecast import Metric
from herd_engine.model.visitor import Role, Visitor
from herd_engine.monitoring.alerts.evaluation import Evaluation, Looked
from herd_engine.monitoring.alerts.policy_files import PolicyBook
from herd_engine.storage.alerts import AlertTable
from herd_engine.workbench import Workbench
from tests.clocks import in_march
from tests.herd_engine.runs.conftest import work
from tests.widgets.conftest import AtOnce, texts_of
from widgets.controls.items import Items
from widgets.controls.plot import Plot
from widgets.page import Page, all_of
from widgets.pages.alerts import alerts
from widgets.view_models.page_model import PageModel
from widgets.visit import Visit


@pytest.fixture
def watch(workbench: Workbench) -> Callable[[], Looked]:
    """Look at what is watched, as `herd watch` does each minute."""
    store = workbench.kept.store
    evaluation = Evaluation(
        store, PolicyBook(workbench.home, AlertTable(store.database)), lambda _: (), in_march
    )
    return evaluation.look


@pytest.fixture
def plan(workbench: Workbench, sample_csv: bytes) -> str:
    """The plan of a farm of 150 animals; its id."""
    dataset = workbench.kept.add_dataset(sample_csv, "farm.csv").id
    run = workbench.kept.submit(dataset, {"mc_runs": 40, "horizon_months": 12}).run.id
    work(workbench.kept)
    workbench.runs.star(run)
    return run


def lists(page: Page) -> dict[str, Items]:
    return {widget.label: widget for widget in all_of(page.root) if isinstance(widget, Items)}


def test_a_farm_that_watches_nothing_is_told_how_to_begin(page: PageModel) -> None:
    shown = alerts(page)

    assert "Nothing is watched yet" in texts_of(shown)
    assert 'href="overview?lang=en"' in texts_of(shown)
    assert lists(shown)["What is watched"].items == []


def test_an_alert_says_why_shows_its_forecast_and_is_handled_in_place(
    page: PageModel, workbench: Workbench, plan: str, watch: Callable[[], Looked]
) -> None:
    workbench.alerts.set_floor(Metric.MILKING_COUNT, 1000)  # of 150 animals: in all futures
    watch()
    shown = alerts(page)
    page.seen.emit()
    shown.pump.turn()
    (item,) = lists(shown)["What needs attention"].items

    assert "1 warning holds now. Nobody looks after it yet." in texts_of(shown)
    assert item["title"] == "Milking cows below 1,000"
    assert item["badge"] == "urgent · holds now"
    assert item["note"].startswith("In 100 of 100 futures")
    assert shown.query == {"alert": item["id"]}
    assert shown._shell.bell["count"] == 1
    (plot,) = (widget for widget in all_of(shown.root) if isinstance(widget, Plot))
    assert [1000.0, 1000.0] in [
        line["y"] for line in plot.figure["data"] if line.get("name") == "warn at 1,000"
    ]
    assert f"run={plan}" in texts_of(shown)

    held = lists(shown)["What needs attention"]
    held._hear(held, {"type": "act", "name": "acknowledge", "id": item["id"], "value": "heifers come"}, [])
    shown.pump.turn()
    assert "Somebody looks after it." in texts_of(shown)
    assert "heifers come" in lists(shown)["What needs attention"].items[0]["note"]
    assert shown._shell.bell["count"] == 0

    held._hear(held, {"type": "act", "name": "silence_week", "id": item["id"], "value": "moving"}, [])
    shown.pump.turn()
    (silence,) = lists(shown)["Messages that are paused"].items
    assert silence["title"].startswith("Milking cows below 1,000")
    assert "moving" in silence["note"]

    watched = lists(shown)["What is watched"]
    (policy,) = watched.items
    watched._hear(watched, {"type": "act", "name": "remove", "id": policy["id"], "value": ""}, [])
    watch()
    page.seen.emit()
    shown.pump.turn()
    assert lists(shown)["What is watched"].items == []
    assert lists(shown)["What needs attention"].items[0]["badge"] == "urgent · is over"
    assert "Milking cows below 1,000" in texts_of(shown)  # in the record, by its name


def test_what_stands_in_a_file_is_not_changed_here(page: PageModel, workbench: Workbench) -> None:
    folder = workbench.home / "alerts"
    folder.mkdir(parents=True)
    text = "version: 1\npolicies:\n  - {id: old, metric: snapshot_age_days, operator: '>', threshold: 35}\n"
    (folder / "farm.yaml").write_text(text)

    (item,) = lists(alerts(page))["What is watched"].items

    assert item["title"] == "Age of the newest herd file, in days"
    assert "An alert if it is more than 35" in item["note"]
    assert "Set in a file" in item["note"]
    assert item["actions"] == []


@pytest.mark.parametrize(("role", "sees"), [(Role.VIEWER, False), (Role.MANAGER, True)])
def test_only_who_may_look_sees_alerts_and_the_bell(workbench: Workbench, role: Role, sees: bool) -> None:
    farm = workbench.farms.current()
    workbench.farms.grant(farm.name, "anna", role)
    guest = workbench.of(Visitor(name="anna"))
    page = PageModel(guest, Visit(owner="anna", is_named=True), AtOnce())
    shown = alerts(page)
    page.seen.emit()
    shown.pump.turn()

    assert ("What is watched" in lists(shown)) == sees
    assert bool(shown._shell.bell) == sees
    assert page.failure is None
