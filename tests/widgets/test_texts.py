import ast
import re
from pathlib import Path

import pytest

from herd_engine.i18n.catalogue import catalogue
from widgets.view_models.form_fields import form_fields

WIDGETS = Path(__file__).parents[2] / "widgets"
ENGLISH = catalogue("en")
WORDS = re.compile(r"[A-Za-z]{2,} [a-z]{2,}|[А-Яа-яё]{2,}")
"""Two words in a row, or anything Russian: what people read."""


def test_every_key_that_the_pages_name_is_in_the_catalogue() -> None:
    named = {
        (path.name, match)
        for path in WIDGETS.rglob("*.py")
        for match in re.findall(r"""(?:\bt|\.count|Problem)\("([a-z_.]+)\"""", path.read_text("utf-8"))
    }

    assert named
    assert {item for item in named if item[1] not in ENGLISH} == set()


def test_every_field_and_choice_of_the_form_has_words() -> None:
    wanted = {key for item in form_fields() for key in (f"field.{item.path}", f"field.{item.path}.help")}
    wanted |= {f"choice.{item.path}.{choice}" for item in form_fields() for choice in item.choices}

    assert wanted - set(ENGLISH) == set()


@pytest.mark.parametrize("path", sorted(WIDGETS.rglob("*.py")), ids=lambda path: path.stem)
def test_no_text_stands_outside_the_catalogues(path: Path) -> None:
    if "serve.py" in path.name or path.parent.name == "server":  # read by whoever runs it, or in its log
        return
    tree = ast.parse(path.read_text("utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    literals = [
        re.sub(r"<[^>]*>|[-\w]+=\"[^\"]*\"?", "", node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in docstrings | statements
    ]

    assert [
        text for text in literals if WORDS.search(text) and "herd-" not in text and ":root" not in text
    ] == []


@pytest.mark.parametrize("path", sorted(WIDGETS.rglob("*.js")), ids=lambda path: path.stem)
def test_scripts_bring_no_texts(path: Path) -> None:
    code = re.sub(r"^\s*//.*$|//[^\"'`\n]*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
    literals = re.findall(r"(?:textContent|ariaLabel|title|placeholder)\s*[:=]\s*([\"'`])(.*?)\1", code)

    assert [
        text for _, text in literals if re.search(r"[A-Za-zА-я]{2}", re.sub(r"\$\{.*?\}", "", text))
    ] == []
