"""The card of an animal on the page of work: chosen from a list, shown, printed, forgotten with its herd."""

import pytest

from herd_engine.workbench import Workbench
from herd_engine.workbench.work_lists import WorkListName
from tests.widgets.conftest import texts_of
from widgets.controls.download import Download
from widgets.controls.form import Form
from widgets.page import Page, all_of
from widgets.pages.work import work
from widgets.view_models.page_model import PageModel


@pytest.fixture
def dataset(workbench: Workbench, sample_csv: bytes) -> str:
    """Return the id of a kept herd file."""
    return workbench.kept.add_dataset(sample_csv, "north.csv").id


def choose(page: Page, path: str, value: str) -> None:
    form = next(w for w in all_of(page.root) if isinstance(w, Form) and w.fields[0]["path"] == _FIRST[path])
    form._hear(form, {"type": "change", "path": path, "value": value}, [])
    page.pump.turn()


_FIRST = {"list": "list", "animal": "animal"}


def animals_of(page: Page) -> list[str]:
    form = next(w for w in all_of(page.root) if isinstance(w, Form) and w.fields[0]["path"] == "animal")
    return [value for value, _ in form.fields[0]["choices"] if value]


@pytest.mark.usefixtures("dataset")
def test_a_card_is_chosen_from_the_list_and_printed(
    page: PageModel, workbench: Workbench, sample_csv: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    herd_file = workbench.read_bytes(sample_csv, "north.csv")
    rows = workbench.daily_sheet(herd_file).of(WorkListName.CHECK)
    shown = work(page)
    shown.pump.turn()
    choose(shown, "list", "check")

    assert animals_of(shown) == [row.animal for row in rows][:100]
    choose(shown, "animal", rows[0].animal)
    shown.pump.turn()
    assert f"{rows[0].animal} · " in texts_of(shown)
    assert "needs prices" in texts_of(shown)

    given: list[str] = []
    monkeypatch.setattr(Download, "give", lambda _, data, *__: given.append(data.decode()))
    for label in ("Card to print", "Cards of the whole list to print"):
        button = next(w for w in all_of(shown.root) if isinstance(w, Download) and w.label == label)
        button._hear(button, {"type": "wanted"}, [])
    assert [page_of.count("<section>") for page_of in given] == [1, len(animals_of(shown))]
    choose(shown, "list", "calve")
    assert f"<h3>{rows[0].animal} · " not in texts_of(shown)
