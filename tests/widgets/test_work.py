"""The page of work: lists, rules and key figures of the newest file, and what it says of an old one."""

import csv
import io
from datetime import timedelta
from typing import Any

import ipywidgets
import pytest

from herd_engine.model.targets import FarmTargets
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from herd_engine.workbench.work_lists import WorkListName
from tests.widgets.conftest import AtOnce, Later, texts_of
from widgets.controls.download import Download
from widgets.controls.form import Form
from widgets.page import Page, all_of
from widgets.pages.work import work
from widgets.view_models.page_model import PageModel
from widgets.view_models.work import FarmWork
from widgets.visit import Visit


@pytest.fixture
def dataset(workbench: Workbench, sample_csv: bytes) -> str:
    """Return the id of a kept herd file."""
    return workbench.kept.add_dataset(sample_csv, "north.csv").id


def form_of(page: Page) -> Form:
    return next(w for w in all_of(page.root) if isinstance(w, Form) and w.fields[0]["path"] == "list")


def choose(page: Page, path: str, value: str) -> None:
    form_of(page)._hear(form_of(page), {"type": "change", "path": path, "value": value}, [])
    page.pump.turn()


def saved(page: Page, label: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, bytes]:
    """Press a button, and return the name and the bytes of the file that it gives."""
    given: list[tuple[str, bytes]] = []
    monkeypatch.setattr(Download, "give", lambda _, data, name, __: given.append((name, data)))
    button = next(each for each in all_of(page.root) if isinstance(each, Download) and each.label == label)
    button._hear(button, {"type": "wanted"}, [])
    (file,) = given
    return file


def test_without_a_file_the_page_leads_to_where_one_is_added(page: PageModel) -> None:
    shown = work(page)

    assert "There is no herd file yet" in texts_of(shown)
    assert 'href="data?lang=en"' in texts_of(shown)


@pytest.mark.usefixtures("dataset")
def test_lists_are_those_of_the_daily_sheet(
    page: PageModel, workbench: Workbench, sample_csv: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = workbench.daily_sheet(workbench.read_bytes(sample_csv, "north.csv"))
    shown = work(page)
    shown.pump.turn()

    lists = dict[str, Any](form_of(shown).fields[0]["choices"])
    assert lists["breed"] == f"To breed ({len(sheet.of(WorkListName.BREED))})"
    for name in WorkListName:
        choose(shown, "list", str(name))
        assert all(f">{row.animal}</" in texts_of(shown) for row in sheet.of(name))

    name, data = saved(shown, "Table (CSV)", monkeypatch)
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert name == f"sheet-{sheet.as_of}.csv"
    assert [(row["list"], row["animal"]) for row in rows] == [(str(r.list), r.animal) for r in sheet.rows]
    name, data = saved(shown, "Sheet to print", monkeypatch)
    assert (name, data.decode().count("☐")) == (f"sheet-{sheet.as_of}.html", len(sheet.rows))


@pytest.mark.usefixtures("dataset")
def test_who_looks_further_ahead_sees_more(page: PageModel, workbench: Workbench, sample_csv: bytes) -> None:
    herd_file = workbench.read_bytes(sample_csv, "north.csv")
    shown = work(page)
    shown.pump.turn()

    choose(shown, "days", "30")

    lists = dict[str, Any](form_of(shown).fields[0]["choices"])
    n_week, n_month = (len(workbench.daily_sheet(herd_file, days=n).of(WorkListName.CALVE)) for n in (7, 30))
    assert n_week < n_month
    assert lists["calve"] == f"To calve ({n_month})"


@pytest.mark.usefixtures("dataset")
def test_rules_and_key_figures_stand_below(page: PageModel, workbench: Workbench, sample_csv: bytes) -> None:
    herd = workbench.read_bytes(sample_csv, "north.csv").herd
    shown = work(page)
    shown.pump.turn()

    text = texts_of(shown)
    assert "Inseminated before the waiting period" in text
    assert f"{herd.counts()['milking']}</td>" in text
    assert "What each figure means" in text


def test_an_old_file_is_told_of_and_a_new_one_taken(
    page: PageModel, workbench: Workbench, dataset: str
) -> None:
    state = FarmWork(page)
    state.open()
    assert state.row is not None
    assert (state.row.id, state.age(state.row.report_date + timedelta(days=40))) == (dataset, 40)
    shown = work(page)
    shown.pump.turn()
    assert "Add the newest export." in texts_of(shown)  # the sample's report date is long past

    newer = workbench.kept.add_dataset(make_sample(animals=150, seed=2).csv, "newer.csv").id
    page.seen.emit()
    assert state.row.id == newer


def test_the_page_is_there_before_the_file_is_read(workbench: Workbench, dataset: str, later: Later) -> None:
    shown = work(PageModel(workbench, Visit(dataset=dataset), later))
    assert "is being read" in texts_of(shown)

    for task in later.tasks:
        task()
    shown.pump.turn()

    assert "From north.csv." in texts_of(shown)


def test_an_address_of_no_file_says_so(workbench: Workbench) -> None:
    shown = work(PageModel(workbench, Visit(dataset="00000000-0000-0000-0000-000000000000"), AtOnce()))

    assert shown.model.failure is not None
    assert shown.model.failure.error is not None
    assert shown.model.failure.error.code == "NOT_FOUND"
    assert "is being read" not in texts_of(shown)


def aims(page: Page) -> Form:
    return next(w for w in all_of(page.root) if isinstance(w, Form) and w.fields[0]["path"] == "vwp")


def told(page: Page) -> str:
    """Return what the field of the waiting period says beside it."""
    help_text: str = aims(page).fields[0]["help"]
    return help_text


@pytest.mark.usefixtures("dataset")
def test_targets_are_kept_with_the_farm_and_used_at_once(
    page: PageModel, workbench: Workbench, sample_csv: bytes
) -> None:
    herd_file = workbench.read_bytes(sample_csv, "north.csv")
    shown = work(page)
    shown.pump.turn()
    own = workbench.findings(herd_file).targets.vwp
    assert told(shown) == f"Now: {own}"

    aims(shown)._hear(aims(shown), {"type": "change", "path": "vwp", "value": 130.0}, [])
    aims(shown)._hear(aims(shown), {"type": "change", "path": "pr21", "value": 0.3}, [])
    press(shown, "Keep and use")

    assert workbench.farms.sheet().targets == {"vwp": 130, "pr21": 0.3}
    stated = FarmTargets(vwp=130, pr21=0.3)
    n = len(workbench.daily_sheet(herd_file, stated).of(WorkListName.BREED))
    assert n < len(workbench.daily_sheet(herd_file).of(WorkListName.BREED))
    assert dict[str, Any](form_of(shown).fields[0]["choices"])["breed"] == f"To breed ({n})"
    assert told(shown) == "Now: 130"

    aims(shown)._hear(aims(shown), {"type": "change", "path": "vwp", "value": None}, [])
    press(shown, "Keep and use")
    assert workbench.farms.sheet().targets == {"pr21": 0.3}
    assert told(shown) == f"Now: {own}"


@pytest.mark.usefixtures("dataset")
def test_a_target_beyond_its_range_is_refused_in_words(page: PageModel, workbench: Workbench) -> None:
    shown = work(page)
    shown.pump.turn()

    aims(shown)._hear(aims(shown), {"type": "change", "path": "vwp", "value": 5}, [])
    press(shown, "Keep and use")

    assert page.failure is not None
    assert page.failure.error is not None
    assert page.failure.error.code == "PARAMETER_INVALID"
    assert workbench.farms.sheet().targets is None


@pytest.mark.usefixtures("dataset")
def test_what_another_visitor_has_set_meanwhile_stays(page: PageModel, workbench: Workbench) -> None:
    shown = work(page)
    shown.pump.turn()
    workbench.farms.change_sheet(None, {"targets.dry_max": 75})

    aims(shown)._hear(aims(shown), {"type": "change", "path": "pr21", "value": 0.3}, [])
    press(shown, "Keep and use")

    assert workbench.farms.sheet().targets == {"dry_max": 75, "pr21": 0.3}
    assert aims(shown).values["dry_max"] == 75


def press(page: Page, label: str) -> None:
    button = next(w for w in all_of(page.root) if isinstance(w, ipywidgets.Button) and w.description == label)
    button.click()
    page.pump.turn()
