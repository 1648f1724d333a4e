"""What moves a number most: the card of the page of work."""

import ipywidgets
import pytest

from herd_engine.i18n.wording import wording
from herd_engine.model.sensitivity import WatchedNumber
from herd_engine.presentation.charts import tornado_title
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.widgets.conftest import Later, texts_of
from widgets.controls.form import Form
from widgets.controls.plot import Plot
from widgets.page import Page, all_of
from widgets.pages.work import work
from widgets.view_models.page_model import PageModel
from widgets.visit import Visit


@pytest.fixture
def dataset(workbench: Workbench, sample_csv: bytes) -> str:
    """Return the id of a kept herd file."""
    return workbench.kept.add_dataset(sample_csv, "north.csv").id


def form_of(page: Page) -> Form:
    return next(w for w in all_of(page.root) if isinstance(w, Form) and w.fields[0]["path"] == "metric")


def choose(page: Page, path: str, value: str) -> None:
    form_of(page)._hear(form_of(page), {"type": "change", "path": path, "value": value}, [])
    page.pump.turn()


def look(page: Page, name: str = "Show what moves it") -> None:
    buttons = (w for w in all_of(page.root) if isinstance(w, ipywidgets.Button))
    next(w for w in buttons if w.description == name).click()
    page.pump.turn()


def plot_of(page: Page) -> Plot:
    return next(w for w in all_of(page.root) if isinstance(w, Plot) and w.name == "levers")


def is_seen(page: Page) -> bool:
    return next(
        box.layout.display != "none"
        for box in all_of(page.root)
        if isinstance(box, ipywidgets.Box) and plot_of(page) in box.children
    )


@pytest.mark.usefixtures("dataset")
def test_the_chosen_number_is_drawn_and_told_in_both_languages(
    page: PageModel, workbench: Workbench, sample_csv: bytes
) -> None:
    shown = work(page)
    shown.pump.turn()
    assert not is_seen(shown)

    choose(shown, "metric", "calvings")
    choose(shown, "month", "12")
    look(shown)

    number = WatchedNumber.parse("calvings@12")
    found = workbench.sensitivity(workbench.read_bytes(sample_csv, "north.csv"), number)
    assert is_seen(shown)
    assert tornado_title(found, wording("en")) in str(plot_of(shown).figure)
    assert "Of 13 expected forecasts" in texts_of(shown)

    page.speak("ru")
    shown.rebuild()
    assert is_seen(shown)
    assert tornado_title(found, wording("ru")) in str(plot_of(shown).figure)
    choose(shown, "month", "24")
    assert not is_seen(shown)  # another number, not looked at yet


def test_what_was_looked_for_goes_with_the_herd(workbench: Workbench, dataset: str, later: Later) -> None:
    model = PageModel(workbench, Visit(), later)
    shown = work(model)
    later.tasks.pop()()
    shown.pump.turn()

    look(shown)
    look(shown)
    assert "Moving each lever" in texts_of(shown)
    assert len(later.tasks) == 1  # asked twice, worked out once

    workbench.kept.add_dataset(make_sample(animals=150, seed=2).csv, "newer.csv")
    model.seen.emit()
    moved, read = later.tasks
    read()
    moved()
    shown.pump.turn()
    assert dataset
    assert not is_seen(shown)
    assert "Moving each lever" not in texts_of(shown)
