"""Page, address and exported files are always of the same forecast; a plan that is left is asked about."""

from collections.abc import Callable
from typing import Any

import pytest

from herd_engine.errors import NotFoundError, ParameterError
from herd_engine.model.forecast import Metric
from herd_engine.workbench import Workbench
from tests.herd_engine.runs.conftest import work
from tests.widgets.conftest import AtOnce, Later
from widgets.view_models.page_model import PageModel
from widgets.view_models.run_panel import RunPanel
from widgets.view_models.studio import PlanState, Studio
from widgets.visit import Visit

Open = Callable[..., Studio]


@pytest.fixture
def opened(workbench: Workbench) -> Open:
    """Open the studio as an address says."""

    def open_studio(**address: str) -> Studio:
        asked: dict[str, Any] = {name: value for name, value in address.items() if value}
        page = PageModel(workbench, Visit(**asked), AtOnce())
        studio = Studio(page, RunPanel(page, ensure=lambda _: None))
        studio.open()
        return studio

    return open_studio


@pytest.fixture
def dataset_id(workbench: Workbench, sample_csv: bytes) -> str:
    return workbench.kept.add_dataset(sample_csv, "farm.csv").id


@pytest.fixture
def run_id(workbench: Workbench, dataset_id: str) -> str:
    run = workbench.kept.submit(dataset_id, {"mc_runs": 20, "horizon_months": 12}).run
    work(workbench.kept)
    return run.id


def last_of(studio: Studio) -> float:
    assert studio.forecast is not None
    return float(studio.forecast.series[Metric.MILKING_COUNT].p50[-1])


def test_a_herd_without_a_change_is_named_by_its_address_alone(opened: Open, dataset_id: str) -> None:
    studio = opened()

    assert studio.address == {"run": "", "dataset": dataset_id, "plan": ""}
    assert studio.state is PlanState.NEW
    assert not studio.is_lost_when_left


def test_a_changed_plan_is_in_the_address_which_opens_it_again_with_the_same_numbers(
    opened: Open, dataset_id: str
) -> None:
    studio = opened()
    studio.form.set("model.culling_intensity", 0.5)

    again = opened(**studio.address)

    assert again.form.payload == studio.form.payload
    assert last_of(again) == last_of(studio)
    assert again.address == studio.address
    assert studio.is_lost_when_left


def test_a_kept_plan_that_is_changed_is_not_kept_and_its_files_are_of_what_is_seen(
    opened: Open, run_id: str
) -> None:
    studio = opened(run=run_id)
    assert studio.state is PlanState.KEPT
    assert studio.address == {"run": run_id, "dataset": "", "plan": ""}
    assert studio.exported is not None
    assert studio.exported.stem.endswith(run_id[:8])

    studio.form.set("model.culling_intensity", 0.5)

    assert studio.state is PlanState.CHANGED
    assert studio.exported is not None
    assert studio.exported.forecast is studio.forecast is studio.preview.forecast
    assert studio.exported.stem.endswith("-not-kept")
    colleague = opened(**studio.address)
    assert colleague.state is PlanState.CHANGED
    assert last_of(colleague) == last_of(studio)

    studio.go_back()
    assert studio.state is PlanState.KEPT
    assert studio.forecast is studio.run_panel.forecast


def test_a_kept_plan_with_another_herd_is_another_plan(
    opened: Open, run_id: str, workbench: Workbench, sample_csv: bytes
) -> None:
    other = workbench.kept.add_dataset(sample_csv + b"\n", "other.csv").id
    studio = opened(run=run_id)

    studio.data.choose(other)

    assert studio.state is PlanState.CHANGED
    assert studio.address["dataset"] == other
    again = opened(**studio.address)
    assert again.data.row is not None
    assert again.data.row.id == other
    assert again.form.payload == studio.form.payload


def test_a_value_that_is_not_allowed_leaves_page_address_and_files_of_the_plan_before(
    opened: Open, dataset_id: str
) -> None:
    studio = opened()
    studio.form.set("horizon_months", 24)
    address = studio.address

    studio.form.set("horizon_months", 500)

    assert studio.address == address
    assert studio.is_stale
    assert studio.exported is None


def test_the_address_says_what_was_asked_for_until_that_is_shown(
    workbench: Workbench, dataset_id: str, run_id: str
) -> None:
    """A browser that hears of the address half way would open another plan when it is loaded again."""
    asked = PageModel(workbench, Visit(), AtOnce())
    changed = Studio(asked, RunPanel(asked, ensure=lambda _: None))
    changed.open()
    changed.form.set("model.culling_intensity", 0.5)
    visit = Visit(run=run_id, dataset=dataset_id, plan=changed.address["plan"])
    page = PageModel(workbench, visit, AtOnce())
    studio = Studio(page, RunPanel(page, ensure=lambda _: None))
    told: list[dict[str, str]] = []
    studio.shown.connect(lambda: told.append(studio.address))

    studio.open()

    assert len(told) > 3
    assert {one["plan"] for one in told} == {visit.plan}


def test_an_address_of_a_dataset_opens_that_one(
    opened: Open, dataset_id: str, workbench: Workbench, sample_csv: bytes
) -> None:
    workbench.kept.add_dataset(sample_csv + b"\n", "newer.csv")

    studio = opened(dataset=dataset_id)

    assert studio.data.row is not None
    assert studio.data.row.id == dataset_id


def test_an_address_that_was_cut_off_is_said_and_the_herd_is_shown(opened: Open, dataset_id: str) -> None:
    studio = opened(dataset=dataset_id, plan="abc")

    assert isinstance(studio.page.failure and studio.page.failure.error, ParameterError)
    assert studio.forecast is not None


def test_a_plan_whose_herd_is_gone_is_kept_in_the_form_and_the_loss_is_said(
    opened: Open, dataset_id: str
) -> None:
    studio = opened()
    studio.form.set("horizon_months", 24)

    again = opened(**studio.address | {"dataset": "00000000-0000-4000-8000-000000000000"})

    assert isinstance(again.page.failure and again.page.failure.error, NotFoundError)
    assert again.form.value("horizon_months") == 24


def test_a_plan_that_was_left_is_asked_about_and_taken_up_or_forgotten(opened: Open, dataset_id: str) -> None:
    first = opened()
    first.form.set("horizon_months", 24)
    later = opened()

    later.remember(first.address)
    assert later.left == first.address
    later.take_up()
    assert later.form.value("horizon_months") == 24
    assert later.left == {}

    later.remember(first.address)
    later.form.set("horizon_months", 12)
    later.give_up()
    assert later.left == {}
    assert later.form.value("horizon_months") == 12


def test_numbers_are_out_of_date_until_they_have_caught_up(
    workbench: Workbench, dataset_id: str, later: Later
) -> None:
    page = PageModel(workbench, Visit(), later)
    studio = Studio(page, RunPanel(page, ensure=lambda _: None))

    def catch_up() -> None:
        while later.tasks:
            later.tasks.pop(0)()

    studio.open()
    assert studio.is_stale  # the file is being read
    catch_up()
    assert not studio.is_stale

    studio.form.set("horizon_months", 24)
    assert studio.is_stale
    assert studio.exported is None
    catch_up()
    assert not studio.is_stale

    studio.data.begin("other.csv", 10)
    assert studio.is_stale


def test_a_forecast_has_the_name_that_it_was_kept_under_and_can_be_renamed(
    opened: Open, dataset_id: str
) -> None:
    studio = opened()
    studio.form.set("mc_runs", 20)

    studio.start(" Buy in autumn ")
    assert studio.run_panel.run is not None
    assert studio.run_panel.run.name == "Buy in autumn"

    studio.run_panel.rename("Buy in spring")
    assert studio.run_panel.run.name == "Buy in spring"
    studio.run_panel.rename("  ")
    assert studio.run_panel.run.name is None


def test_one_forecast_is_the_plan_of_the_farm(opened: Open, run_id: str, workbench: Workbench) -> None:
    studio = opened(run=run_id)

    studio.run_panel.star(starred=True)

    assert studio.state is PlanState.FARMS
    starred = workbench.kept.starred()
    assert starred is not None
    assert starred.id == run_id
    studio.run_panel.star(starred=False)
    assert studio.state is PlanState.KEPT
