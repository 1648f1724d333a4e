"""Fronts ask the Workbench, and only it; analysts' notebooks and pages do, too, which no linter reads."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOUNDATIONS = {
    "",
    "errors",
    "guarded_yaml",
    "i18n",
    "logs",
    "model",
    "presentation",
    "sending",
    "settings",
    "workbench",
}
FRONTS = {
    "api": ("herd_engine/api", {"api"}),
    "cli": ("herd_engine/cli", {"cli", "operations", "api"}),
    "pipelines": ("pipelines", set[str]()),
    "widgets": ("widgets", set[str]()),
    "notebooks": ("notebooks", set[str]()),
}
MEASURES_ANYTHING = "pipelines/bench/"


def past_the_door(name: str, source: str, own: set[str]) -> Iterator[str]:
    """Yield the rooms that a module of a front imports although it may not, once for each import."""
    for node in ast.walk(ast.parse(source, name)):
        if isinstance(node, ast.ImportFrom) and node.module == "herd_engine":
            names = [f"herd_engine.{each.name}" for each in node.names if each.name != "__version__"]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module)]
        elif isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        else:
            continue
        for full in names:
            package, _, rest = full.partition(".")
            if package == "herd_engine" and rest.split(".")[0] not in FOUNDATIONS | own:
                yield rest.split(".")[0]


def code_of(path: Path) -> str:
    if path.suffix == ".py":
        return path.read_text("utf-8")
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


@pytest.mark.parametrize("front", FRONTS)
def test_no_front_imports_past_the_door(front: str) -> None:
    folder, own = FRONTS[front]
    paths = [path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".ipynb")]
    assert paths

    found = {
        name: rooms
        for path in paths
        if not (name := path.relative_to(ROOT).as_posix()).startswith(MEASURES_ANYTHING)
        if (rooms := sorted(past_the_door(name, code_of(path), own)))
    }

    assert found == {}


@pytest.mark.parametrize("front", FRONTS)
def test_no_front_takes_what_is_behind_the_door(front: str) -> None:
    folder, _ = FRONTS[front]
    paths = [path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".ipynb")]
    behind = re.compile(r"(workbench|bench|Workbench\.open\([^)]*\))\.(kept|catalog)\b")

    found = [
        name
        for path in paths
        if not (name := path.relative_to(ROOT).as_posix()).startswith(MEASURES_ANYTHING)
        if behind.search(code_of(path))
    ]

    assert found == []


def test_every_way_past_the_door_is_counted() -> None:
    source = (
        "import herd_engine.runs.kept\n"
        "from herd_engine import __version__, storage\n"
        "from herd_engine.datasets.herd_file import HerdFile\n"
        "from herd_engine.workbench import Workbench\n"
        "def late():\n    from herd_engine.runs.store import Store\n"
    )

    assert sorted(past_the_door("planted.py", source, set())) == ["datasets", "runs", "runs", "storage"]
