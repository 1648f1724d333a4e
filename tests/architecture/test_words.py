"""A word has one meaning: no two public classes of the packages share a name."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("herd_engine", "pipelines", "widgets")


def shared_names(sources: dict[str, str]) -> dict[str, list[str]]:
    """Return the names that more than one public class has, each with where they stand."""
    places: dict[str, list[str]] = {}
    for place, source in sources.items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(f"{place}:{node.lineno}")
    return {name: found for name, found in places.items() if len(found) > 1}


def test_no_two_public_classes_share_a_name() -> None:
    sources = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    }

    assert shared_names(sources) == {}


@pytest.mark.parametrize(
    ("second", "expected"),
    [("class Plan: ...", {"Plan": ["a.py:1", "b.py:1"]}), ("class _Plan: ...", {}), ("plan = 1", {})],
)
def test_a_shared_name_is_seen(second: str, expected: dict[str, list[str]]) -> None:
    assert shared_names({"a.py": "class Plan: ...", "b.py": second}) == expected
