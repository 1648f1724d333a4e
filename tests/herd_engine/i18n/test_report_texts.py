"""Reports have all their texts in every language."""

import json
from pathlib import Path

import pytest

from herd_engine.i18n.catalogue import TEXTS
from herd_engine.i18n.wording import wording

ROOT = Path(__file__).parents[3]
OWN = json.loads((TEXTS / "en" / "reports.json").read_text("utf-8"))
SOURCES = "".join(
    path.read_text(encoding="utf-8")
    for folder in ("herd_engine", "pipelines/reports")
    for path in (ROOT / folder).rglob("*.py")
)


@pytest.mark.parametrize("key", sorted(OWN))
def test_every_text_is_used(key):
    reports = {f"report_{path.stem}" for path in (ROOT / "notebooks" / "reports").glob("*.ipynb")}
    families = ("section_", "status_", "due_")

    assert f'"{key}"' in SOURCES or key.startswith(families) or key in reports


def test_every_section_of_a_notebook_has_a_name():
    words = wording("en")
    ids = {
        cell["id"]
        for path in (ROOT / "notebooks" / "reports").glob("*.ipynb")
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    }

    named = {key.removeprefix("section_") for key in words.texts if key.startswith("section_")}
    assert {name for name in ids if name not in named and name not in words.texts["metrics"]} == set()
