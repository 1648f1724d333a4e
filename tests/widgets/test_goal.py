"""To keep so many cows: the card of the page of work, and its way to the page of forecasts."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import ipywidgets
import pytest

from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from herd_engine.workbench.payloads import short_form
from herd_engine.workbench.plans import Goal
from tests.widgets.conftest import Later, texts_of
from widgets.controls.form import Form
from widgets.page import Page, all_of
from widgets.pages.work import work
from widgets.view_models.page_model import PageModel
from widgets.view_models.scenario_form import ScenarioForm
from widgets.visit import Visit


@pytest.fixture
def dataset(workbench: Workbench, sample_csv: bytes) -> str:
    """Return the id of a kept herd file."""
    return workbench.kept.add_dataset(sample_csv, "north.csv").id


def form_of(page: Page) -> Form:
    return next(w for w in all_of(page.root) if isinstance(w, Form) and w.fields[0]["path"] == "at_least")


def ask(page: Page, **wishes: float) -> None:
    for name, value in wishes.items():
        form_of(page)._hear(form_of(page), {"type": "change", "path": name, "value": value}, [])
    search = (w for w in all_of(page.root) if isinstance(w, ipywidgets.Button))
    next(w for w in search if w.description == "Find a plan").click()
    page.pump.turn()


@pytest.mark.usefixtures("dataset")
def test_a_plan_is_found_and_opened_where_forecasts_are_made(
    page: PageModel, workbench: Workbench, sample_csv: bytes
) -> None:
    herd_file = workbench.read_bytes(sample_csv, "north.csv")
    now = herd_file.herd.counts()["milking"]
    shown = work(page)
    shown.pump.turn()
    assert form_of(shown).values["at_least"] == now

    ask(shown, at_least=now + 20, last=8)

    plan = workbench.optimize(herd_file, Goal(at_least=now + 20, last=8))
    assert plan.total > 0
    assert f"Buy {plan.total} heifers in calf." in texts_of(shown)
    (link,) = re.findall(r'href="(studio\?[^"]+)"', texts_of(shown))
    query = parse_qs(urlsplit(unescape(link)).query)
    payload = short_form.read(query["plan"][0], ScenarioForm.defaults())
    assert [(each["date_in"], each["count"]) for each in payload["purchases"]] == [
        (action.date_in.isoformat(), action.count) for action in plan.actions
    ]
    assert payload["horizon_months"] == 8


@pytest.mark.usefixtures("dataset")
def test_the_answer_stays_when_the_language_changes_and_goes_with_the_herd(
    page: PageModel, workbench: Workbench
) -> None:
    shown = work(page)
    shown.pump.turn()
    ask(shown, at_least=1, last=8)
    assert "Nothing needs to be bought" in texts_of(shown)

    page.speak("ru")
    shown.rebuild()
    assert "Nothing needs to be bought" not in texts_of(shown)
    assert "Покупать ничего не нужно" in texts_of(shown)

    workbench.kept.add_dataset(make_sample(animals=150, seed=2).csv, "newer.csv")
    page.seen.emit()
    shown.pump.turn()
    assert "Покупать ничего не нужно" not in texts_of(shown)


def test_the_search_is_told_of_while_it_lasts(workbench: Workbench, dataset: str, later: Later) -> None:
    shown = work(PageModel(workbench, Visit(dataset=dataset), later))
    later.tasks.pop()()
    shown.pump.turn()

    ask(shown, last=8)
    ask(shown)

    assert "Looking for the fewest heifers" in texts_of(shown)
    assert len(later.tasks) == 1  # asked twice, searched once
    later.tasks.pop()()
    shown.pump.turn()
    assert "Looking for the fewest heifers" not in texts_of(shown)


@pytest.mark.usefixtures("dataset")
def test_what_is_no_goal_is_said_at_the_field_and_not_searched_for(page: PageModel) -> None:
    shown = work(page)
    shown.pump.turn()

    ask(shown, last=2)
    assert "the first not after the last" in form_of(shown).problems["last"]
    assert "in the worst month" not in texts_of(shown)

    ask(shown, first=1)  # the order in which two fields are changed does not matter
    assert form_of(shown).problems == {}
    assert "in the worst month" in texts_of(shown)


def test_a_plan_of_a_herd_that_is_no_longer_shown_is_not_shown(
    workbench: Workbench, sample_csv: bytes, later: Later
) -> None:
    workbench.kept.add_dataset(sample_csv, "north.csv")
    model = PageModel(workbench, Visit(), later)
    shown = work(model)
    later.tasks.pop()()
    shown.pump.turn()
    ask(shown, last=8)

    workbench.kept.add_dataset(make_sample(animals=150, seed=2).csv, "newer.csv")
    model.seen.emit()
    search, read = later.tasks
    read()
    search()
    shown.pump.turn()

    assert "From newer.csv." in texts_of(shown)
    assert "in the worst month" not in texts_of(shown)
