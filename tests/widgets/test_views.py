"""Views without a browser: what they show, and that they follow their models in both languages."""

import json
import re
from collections.abc import Iterator

import ipywidgets
import pytest

from herd_engine.i18n.catalogue import ENGLISH
from widgets.controls.download import Download
from widgets.controls.file_drop import FileDrop
from widgets.controls.form import Form
from widgets.controls.plot import Plot
from widgets.controls.shell import Shell
from widgets.page import APPS, Page, all_of
from widgets.pages.studio import studio
from widgets.serve import app_names, notebooks
from widgets.view_models.page_model import PageModel
from widgets.views.common.pictures import CHARTS


@pytest.fixture
def shown(page: PageModel, sample_csv: bytes) -> Iterator[Page]:
    """The studio with a herd, all that changed drawn."""
    page.workbench.kept.add_dataset(sample_csv, "farm.csv")
    shown = studio(page)
    shown.pump.turn()
    yield shown
    shown.root.close()


def one(page: Page, kind: type) -> ipywidgets.Widget:
    return next(widget for widget in all_of(page.root) if isinstance(widget, kind))


def texts_of(page: Page) -> str:
    return " ".join(w.value for w in all_of(page.root) if isinstance(w, ipywidgets.HTML))


def test_a_browser_that_has_just_opened_the_page_is_sent_everything_once_more(
    shown: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0")
    sent: list[str] = []
    heading = next(w for w in all_of(shown.root) if isinstance(w, ipywidgets.HTML) and "<h1" in w.value)
    monkeypatch.setattr(heading, "send_state", lambda: sent.append(heading.value))

    monkeypatch.setattr(heading.layout, "send_state", lambda: sent.append("layout"))

    one(shown, Shell)._hear(None, {"type": "shown"}, [])
    assert sent == []  # the pump does it, on its own thread
    shown.pump.turn()

    assert sent == ["layout", heading.value]


def test_figures_are_made_once_for_each_forecast_however_often_the_form_is_drawn(
    page: PageModel, sample_csv: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    watched = {
        name: lambda *a, draw=draw, name=name, **w: made.append(name) or draw(*a, **w)
        for name, draw in CHARTS.items()
    }
    monkeypatch.setattr("herd_engine.presentation.outlook_charts.CHARTS", watched)
    page.workbench.kept.add_dataset(sample_csv, "farm.csv")
    shown = studio(page)
    for _ in range(3):
        one(shown, Form)._on_change("model.waiting_period_change", 0)
        shown.pump.turn()
    assert sorted(made) == sorted(CHARTS)

    shown_form = next(w for w in all_of(shown.root) if isinstance(w, Form) and "mc_runs" in w.values)
    shown_form._on_change("horizon_months", 12)
    shown.pump.turn()
    assert sorted(made) == sorted(2 * list(CHARTS))


def test_every_app_of_the_navigation_has_a_notebook() -> None:
    assert set(APPS) == set(app_names())


@pytest.mark.parametrize("name", app_names())
def test_a_notebook_of_an_app_is_three_cells_without_outputs(name: str) -> None:
    notebook = json.loads((notebooks() / f"{name}.ipynb").read_text("utf-8"))

    assert [cell["cell_type"] for cell in notebook["cells"]] == ["code"] * 3
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in notebook["cells"])
    assert all(len(cell["source"]) == 1 for cell in notebook["cells"])


def test_an_empty_farm_is_asked_for_a_file_and_shows_nothing_else(page: PageModel) -> None:
    empty = studio(page)

    assert "What will become of the herd?" in texts_of(empty)
    assert all(plot.figure == {} for plot in all_of(empty.root) if isinstance(plot, Plot))


def test_a_herd_is_shown_with_its_headline_its_quality_and_four_charts(shown: Page) -> None:
    plots = {plot.name: plot for plot in all_of(shown.root) if isinstance(plot, Plot) and plot.figure}

    assert re.search('<h1 class="">Milking cows', texts_of(shown))
    assert "Quality of the file" in texts_of(shown)
    assert set(plots) == {"milking", "events", "structure", "days"}
    assert all(plot.figure["data"] and plot.table["rows"] for plot in plots.values())
    assert len(plots["milking"].table["rows"]) == 37


def test_every_chart_has_a_name_words_and_a_table_with_as_many_cells_as_columns(shown: Page) -> None:
    for plot in (plot for plot in all_of(shown.root) if isinstance(plot, Plot) and plot.figure):
        assert plot.kind
        assert plot.texts["table"]
        assert {len(row) for row in plot.table["rows"]} == {len(plot.table["columns"])}


def test_an_edit_moves_the_picture_and_a_wrong_one_is_said_at_its_field(shown: Page) -> None:
    form = next(w for w in all_of(shown.root) if isinstance(w, Form) and len(w.fields) > 5)
    before = texts_of(shown)

    form._on_change("horizon_months", 12)
    shown.pump.turn()
    assert texts_of(shown) != before

    form._on_change("horizon_months", 500)
    shown.pump.turn()
    assert form.problems == {"horizon_months": "A whole number from 1 to 120."}


def test_the_language_changes_and_the_models_keep_what_they_know(shown: Page) -> None:
    form = next(w for w in all_of(shown.root) if isinstance(w, Form) and len(w.fields) > 5)
    form._on_change("seed", 77)
    old = all_of(shown.root)[-1]

    one(shown, Shell)._on_language("ru")
    shown.pump.turn()

    form = next(w for w in all_of(shown.root) if isinstance(w, Form) and len(w.fields) > 5)
    assert "Поголовье дойных" in texts_of(shown)
    assert form.values["seed"] == 77
    assert form.fields[0]["label"] == "На сколько вперёд"
    assert one(shown, Shell).language == "ru"
    assert old.comm is None  # closed


def test_an_unknown_language_changes_nothing(shown: Page) -> None:
    one(shown, Shell)._on_language("xx")

    assert shown.model.language == ENGLISH


def test_the_frame_says_the_report_date_and_the_address_the_herd(shown: Page) -> None:
    shell = one(shown, Shell)

    assert shell.report_date == "2026-03-01"
    assert shell.report_words == "Report date 1 Mar 2026"
    (row,) = shown.model.workbench.catalog.datasets.list().items
    assert shell.query == {"run": "", "dataset": row.id, "plan": ""}


def test_a_fault_in_a_handler_is_seen_on_the_page(shown: Page) -> None:
    form = next(w for w in all_of(shown.root) if isinstance(w, Form) and len(w.fields) > 5)

    form._on_change("no.such.field", 1)
    shown.pump.turn()

    assert "Error number" in texts_of(shown)


def test_a_refused_file_is_said_with_its_problems_in_the_language_of_the_page(shown: Page) -> None:
    drop = one(shown, FileDrop)
    content = b"colour\nred\n"

    drop._on_begin("<toys>.csv", len(content))
    drop._on_piece("<toys>.csv", content)
    shown.pump.turn()

    assert "No forecast can be made of &lt;toys&gt;.csv" in texts_of(shown)


def test_a_download_answers_with_the_bytes(shown: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[dict[str, str], list[bytes]]] = []
    button = one(shown, Download)
    monkeypatch.setattr(button, "send", lambda content, buffers=None: sent.append((content, buffers)))

    button.give(b"abc", "x.csv", "text/csv")

    assert sent == [({"type": "file", "name": "x.csv", "media_type": "text/csv"}, [b"abc"])]
