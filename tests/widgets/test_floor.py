"""A floor that is set on the forecast itself: a click chooses it, a second one sets it."""

from datetime import date, timedelta

import ipywidgets
import pytest

from herd_engine.model.visitor import Role, Visitor
from herd_engine.workbench import Workbench
from tests.herd_engine.runs.conftest import work
from tests.widgets.conftest import AtOnce, texts_of
from widgets.controls.form import Form
from widgets.controls.plot import Plot
from widgets.page import Page, all_of
from widgets.pages.overview import overview
from widgets.pages.studio import studio
from widgets.view_models.floor import Floor, round_level
from widgets.view_models.page_model import PageModel
from widgets.views.common.floor_panel import marked
from widgets.visit import Visit


def button(page: Page, label: str) -> ipywidgets.Button:
    buttons = [w for w in all_of(page.root) if isinstance(w, ipywidgets.Button)]
    return next(each for each in buttons if each.description == label)


def test_two_clicks_set_a_floor_that_is_versioned_audited_and_drawn(
    page: PageModel, workbench: Workbench, sample_csv: bytes
) -> None:
    dataset = workbench.kept.add_dataset(sample_csv, "farm.csv").id
    run = workbench.kept.submit(dataset, {"mc_runs": 40, "horizon_months": 8}).run.id
    work(workbench.kept)
    workbench.runs.star(run)
    (workbench.home / "channels.yaml").write_text(
        "version: 1\nchannels: [{id: barn, kind: folder, folder: told}]\n"
    )
    shown = overview(page)
    plot = next(w for w in all_of(shown.root) if isinstance(w, Plot) and w.name == "milking")
    assert plot.asks_level
    assert button(shown, "Warn me").disabled

    plot._hear(plot, {"type": "level", "level": 60.3}, [])
    shown.pump.turn()
    assert workbench.alerts.policies() == ()  # the first click only chooses
    assert "warn at 60" in [line.get("name") for line in plot.figure["data"]]
    button(shown, "Warn me").click()
    shown.pump.turn()

    (held,) = workbench.alerts.policies()
    assert (held.policy.with_.level, held.policy.with_.months, held.version) == (60, (1, 8), 1)
    assert held.policy.channels == ["barn"]
    assert workbench.alerts.audit()[0].action == "POLICIES_CHANGED"
    assert "20 of 100 futures of the farm’s plan fall below 60 milking cows. Told: barn." in texts_of(shown)

    form = next(w for w in all_of(shown.root) if isinstance(w, Form) and "level" in w.values)
    form._on_change("level", "many")
    shown.pump.turn()
    assert form.problems == {"level": "A number of cows above 0."}
    assert button(shown, "Warn me").disabled


def test_the_level_begins_with_the_first_month_that_counts(
    page: PageModel, workbench: Workbench, sample_csv: bytes
) -> None:
    dataset = workbench.kept.add_dataset(sample_csv, "farm.csv").id
    run = workbench.kept.submit(dataset, {"mc_runs": 20, "horizon_months": 14}).run.id
    work(workbench.kept)
    forecast = workbench.runs.forecast(run)
    dates, floor, shown = forecast.dates, Floor(page), overview(page)
    floor.choose(60)

    def drawn(today: date) -> tuple[date, date] | None:
        level = marked(shown, floor, forecast, today)
        return None if level is None else level.between

    assert drawn(dates[0]) == (dates[1], dates[12])
    assert drawn(dates[4]) == (dates[4], dates[12])
    assert drawn(dates[4] + timedelta(days=1)) == (dates[5], dates[12])
    assert drawn(dates[13]) == (dates[1], dates[12])  # all are past: nothing counts any more


CHANNELS = """
version: 1
channels:
  - {id: barn, kind: folder, folder: told}
  - {id: desk, kind: folder, folder: desk}
"""


def test_the_studio_marks_a_floor_and_tells_whom_one_picks(
    page: PageModel, workbench: Workbench, sample_csv: bytes
) -> None:
    dataset = workbench.kept.add_dataset(sample_csv, "farm.csv").id
    run = workbench.kept.submit(dataset, {"mc_runs": 40, "horizon_months": 8}).run.id
    work(workbench.kept)
    workbench.runs.star(run)
    (workbench.home / "channels.yaml").write_text(CHANNELS)
    shown = studio(PageModel(workbench, Visit(run=run), AtOnce()))
    plot = next(w for w in all_of(shown.root) if isinstance(w, Plot) and w.name == "milking")
    form = next(w for w in all_of(shown.root) if isinstance(w, Form) and "level" in w.values)
    assert form.values == {"level": None, "channel.barn": True, "channel.desk": True}

    plot._hear(plot, {"type": "level", "level": 60.3}, [])
    form._on_change("channel.desk", False)
    shown.pump.turn()
    assert "warn at 60" in [line.get("name") for line in plot.figure["data"]]
    button(shown, "Warn me").click()
    shown.pump.turn()
    (held,) = workbench.alerts.policies()
    assert (held.policy.with_.level, held.policy.with_.months) == (60, (1, 8))
    assert held.policy.channels == ["barn"]
    assert "Told: barn." in texts_of(shown)
    assert button(shown, "Warn me").disabled

    form._on_change("channel.desk", True)  # others are told of the same level
    shown.pump.turn()
    button(shown, "Warn me").click()
    shown.pump.turn()
    (held,) = workbench.alerts.policies()
    assert (held.policy.channels, held.version) == (["barn", "desk"], 2)


def test_a_faulty_file_of_channels_is_told_where_a_floor_is_set(
    page: PageModel, workbench: Workbench
) -> None:
    floor = Floor(page)
    floor.refresh()
    assert not floor.has_fault

    (workbench.home / "channels.yaml").write_text("version: 1\nchannels: [{id: barn}]\n")
    floor.refresh()
    assert (floor.has_fault, floor.known) == (True, ())


@pytest.mark.parametrize(("role", "may"), [(Role.VIEWER, False), (Role.ADVISER, False), (Role.MANAGER, True)])
def test_only_who_may_operate_sets_a_floor(workbench: Workbench, role: Role, may: bool) -> None:
    workbench.farms.grant(workbench.farms.current().name, "anna", role)
    guest = workbench.of(Visitor(name="anna"))
    floor = Floor(PageModel(guest, Visit(owner="anna", is_named=True), AtOnce()))
    floor.refresh()

    assert floor.may_set is may


@pytest.mark.parametrize(
    ("clicked", "ends", "expected"),
    [(403.2, (300, 600), 400), (60.3, (40, 80), 60), (1117, (900, 1400), 1120), (7.4, (0, 20), 7)],
)
def test_a_click_chooses_a_round_number(clicked: float, ends: tuple[float, float], expected: float) -> None:
    assert round_level(clicked, *ends) == expected
