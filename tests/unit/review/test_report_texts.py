"""Reports have all their texts in every language."""

import json
import re
import string
from importlib.resources import files
from pathlib import Path

import pytest

from herd_engine.review.report_words import report_wording

ROOT = Path(__file__).parents[3]
OWN = {
    language: json.loads((files("herd_engine.review") / "texts" / f"{language}.json").read_text("utf-8"))
    for language in ("en", "ru")
}
SOURCES = "".join(
    path.read_text(encoding="utf-8")
    for folder in ("herd_engine/review", "pipelines/reports")
    for path in (ROOT / folder).rglob("*.py")
)


def test_both_languages_have_the_same_texts_with_the_same_places_to_fill_in():
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert set(OWN["en"]) == set(OWN["ru"])
    assert {key: places(text) for key, text in OWN["en"].items()} == {
        key: places(text) for key, text in OWN["ru"].items()
    }


def test_no_text_of_a_report_stands_in_the_place_of_a_text_of_a_figure():
    figures = json.loads((files("herd_engine.figures") / "texts" / "en.json").read_text("utf-8"))

    assert set(OWN["en"]) & set(figures) == set()


@pytest.mark.parametrize("key", sorted(OWN["en"]))
def test_every_text_is_used(key):
    reports = {f"report_{path.stem}" for path in (ROOT / "notebooks" / "reports").glob("*.ipynb")}
    families = ("section_", "status_", "due_")

    assert f'"{key}"' in SOURCES or key.startswith(families) or key in reports


def test_every_section_of_a_notebook_has_a_name():
    words = report_wording("en")
    ids = {
        cell["id"]
        for path in (ROOT / "notebooks" / "reports").glob("*.ipynb")
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    }

    named = {key.removeprefix("section_") for key in words.texts if key.startswith("section_")}
    assert {name for name in ids if name not in named and name not in words.texts["metrics"]} == set()


def test_russian_texts_are_russian():
    assert [key for key, text in OWN["ru"].items() if not re.search("[а-яё]", text, re.IGNORECASE)] == [
        key for key, text in OWN["en"].items() if re.fullmatch(r"[\W\d_]*(\{\w+\}[\W\d_]*)*", text)
    ]
