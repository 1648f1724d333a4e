"""What the farm's contract says of its files, on the page of data."""

import ipywidgets
import pytest

from herd_engine.sample import make_sample
from widgets.controls.plot import Plot
from widgets.page import all_of
from widgets.pages.data import data
from widgets.view_models.page_model import PageModel


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("What the contract asks of the file", "rules are kept", "to be looked at", "broken 1")),
        ("ru", ("Чего договор требует от файла", "Соблюдено правил", "стоит проверить", "нарушено 1")),
    ],
)
def test_rules_that_are_not_kept_stand_with_their_words(
    page: PageModel, language: str, told: tuple[str, ...]
) -> None:
    workbench = page.workbench
    workbench.kept.add_dataset(make_sample(animals=60).csv, "farm.csv")  # old by the time of any test
    workbench.preflights.examine({"toys.csv": b"colour,shape\nred,round\n"})
    page.language = language

    view = data(page)
    view.pump.turn()
    text = " ".join(w.value for w in all_of(view.root) if isinstance(w, ipywidgets.HTML))

    assert [each for each in told if each not in text] == []
    plot = next(w for w in all_of(view.root) if isinstance(w, Plot) and w.name == "examined")
    assert [sum(bars["y"]) for bars in plot.figure["data"]] == [0, 0, 1]  # the toys
    assert [row[1:] for row in plot.table["rows"]] == [("0", "0", "1")]
