"""The exports of a farm on the page of data: who came and left, the herd over time, how old it is."""

from datetime import date

import ipywidgets
import numpy as np
import pytest

from herd_engine.model.animals import NO_DAY
from herd_engine.sample import make_sample
from herd_engine.sample.export import export_csv
from widgets.controls.plot import Plot
from widgets.page import Page, all_of
from widgets.pages.data import data
from widgets.view_models import herd_history
from widgets.view_models.page_model import PageModel

OLD, NEW = date(2026, 3, 1), date(2026, 3, 8)


@pytest.fixture
def sold(page: PageModel, monkeypatch: pytest.MonkeyPatch) -> str:
    """Keep two exports of a week, between which one cow is sold; return its number."""
    made = make_sample(animals=60, report_date=OLD)
    page.workbench.kept.add_dataset(made.csv, "old.csv")
    rows = made.herd.rows
    cow = int(np.flatnonzero((rows.archive == NO_DAY) & (rows.lactation > 0))[0])
    rows.archive[cow], rows.status[cow] = 0, 0
    page.workbench.kept.add_dataset(export_csv(made.farm, made.herd, NEW, {}), "new.csv")
    monkeypatch.setattr(herd_history, "today", lambda: date(2026, 3, 20))
    return str(made.herd.ids[cow])


def opened(page: PageModel) -> tuple[Page, str]:
    view = data(page)
    view.pump.turn()
    return view, " ".join(w.value for w in all_of(view.root) if isinstance(w, ipywidgets.HTML))


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("The herd over time", "The newest file is 12 days old.", "Left: sold: 1")),
        ("ru", ("Стадо во времени", "Самому новому файлу 12 дней.", "Выбыли: проданы: 1")),
    ],
)
def test_who_left_is_told_with_numbers(
    page: PageModel, sold: str, language: str, told: tuple[str, ...]
) -> None:
    page.language = language
    view, text = opened(page)

    assert [each for each in told if each not in text] == []
    assert f'<p class="">{sold}</p>' in text
    plot = next(w for w in all_of(view.root) if isinstance(w, Plot) and w.name == "over-time")
    assert [sum(line["y"][place] for line in plot.figure["data"]) for place in (0, 1)] == [60, 59]
    assert len(plot.table["rows"]) == 2


def test_one_file_says_what_the_next_will_show(page: PageModel) -> None:
    page.workbench.kept.add_dataset(make_sample(animals=60).csv, "farm.csv")
    view, text = opened(page)

    assert "With the next export this shows who came" in text
    assert "<details>" not in text.partition("The herd over time")[2].partition("</table>")[2][:200]
    plot = next(w for w in all_of(view.root) if isinstance(w, Plot) and w.name == "over-time")
    assert plot.layout.display == "none"


def test_a_farm_without_a_file_shows_no_history(page: PageModel) -> None:
    _, text = opened(page)

    assert "The herd over time" not in text
