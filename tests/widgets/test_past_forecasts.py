"""How good forecasts have been: asked once, told in both languages, or why that cannot be told."""

import ipywidgets
import pytest

from herd_engine.errors import StorageError
from herd_engine.presentation.track_record import TrackRecord, Untold
from herd_engine.sample import make_sample
from herd_engine.storage.datasets import DatasetRow
from herd_engine.workbench import Workbench
from tests.widgets.conftest import Later
from widgets.controls.plot import Plot
from widgets.page import Page, all_of
from widgets.view_models import past_forecasts as room
from widgets.view_models.page_model import PageModel
from widgets.view_models.past_forecasts import PastForecasts
from widgets.views.common.past_forecasts import past_forecasts
from widgets.visit import Visit


@pytest.fixture
def row(workbench: Workbench, sample_csv: bytes) -> DatasetRow:
    return workbench.kept.add_dataset(sample_csv, "herd.csv")


def shown_on(model: PageModel, past: PastForecasts) -> Page:
    page = Page("overview", model, lambda page: [past_forecasts(page, past)])
    page.pump.turn()
    return page


def texts_of(page: Page) -> str:
    return " ".join(w.value for w in all_of(page.root) if isinstance(w, ipywidgets.HTML))


def panel_of(page: Page) -> ipywidgets.Widget:
    return next(w for w in all_of(page.root) if "herd-past" in getattr(w, "_dom_classes", ()))


def test_it_is_worked_out_in_the_background_and_asked_once(
    workbench: Workbench, row: DatasetRow, later: Later
) -> None:
    model = PageModel(workbench, Visit(), later)
    past = PastForecasts(model)
    before = shown_on(model, past)
    hidden = panel_of(before).layout.display

    past.ask(row, "empirical")
    past.ask(row, "empirical")
    before.pump.turn()
    busy, waiting = texts_of(before), past.is_busy
    tasks = len(later.tasks)
    later.tasks[0]()
    before.pump.turn()

    assert hidden == "none"
    assert waiting
    assert "are being checked against what happened since" in busy
    assert tasks == 1
    assert isinstance(past.found, TrackRecord)
    assert not past.is_busy
    assert panel_of(before).layout.display is None
    assert "Forecasts of milking cows were on average" in texts_of(before)
    plots = [plot for plot in all_of(before.root) if isinstance(plot, Plot)]
    assert [bool(plot.figure["data"] and plot.table["rows"]) for plot in plots] == [True, True]


def test_the_last_wish_counts(workbench: Workbench, row: DatasetRow, later: Later) -> None:
    past = PastForecasts(PageModel(workbench, Visit(), later))
    past.ask(row, "empirical")
    past.ask(row, "theoretical")

    later.tasks[1]()
    later.tasks[0]()

    assert isinstance(past.found, TrackRecord)
    assert past.found.mode == "theoretical"


def test_a_page_in_russian_tells_it_in_russian(page: PageModel, row: DatasetRow) -> None:
    past = PastForecasts(page)
    past.ask(row, "empirical")
    page.speak("ru")

    text = texts_of(shown_on(page, past))

    assert "Насколько это точно на вашем стаде?" in text
    assert "Прогнозы числа дойных в среднем" in text
    assert "Эмпирический" in text


def test_a_herd_that_tells_nothing_of_the_past_says_what_it_lacks(page: PageModel) -> None:
    head, *rows = make_sample(animals=150).csv.decode().splitlines()
    archive = head.split(";").index('"Дата архива"')
    here = [each for each in rows if not each.split(";")[archive].strip('"')]
    young = page.workbench.kept.add_dataset("\n".join([head, *here]).encode(), "young.csv")
    past = PastForecasts(page)

    past.ask(young, "empirical")

    assert past.found is Untold.NO_PAST
    assert "the file tells too little of the past" in texts_of(shown_on(page, past))


def test_a_fault_is_shown_on_the_page_and_the_panel_goes_away(
    page: PageModel, row: DatasetRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("the disk", "full")

    monkeypatch.setattr(room, "track_record", fail)
    past = PastForecasts(page)
    past.ask(row, "empirical")

    assert page.failure is not None
    assert not past.is_busy
    assert panel_of(shown_on(page, past)).layout.display == "none"
