import ast
import json
import re
from pathlib import Path
from string import Formatter

import pytest

from herd_engine.figures.wording import Language
from widgets.texts import Texts, catalogue
from widgets.view_models.form_fields import form_fields

WIDGETS = Path(__file__).parents[2] / "widgets"
COMMON = WIDGETS.parent / "herd_engine" / "review" / "texts"
ENGLISH, RUSSIAN = catalogue(Language.ENGLISH), catalogue(Language.RUSSIAN)
WORDS = re.compile(r"[A-Za-z]{2,} [a-z]{2,}|[А-Яа-яё]{2,}")
"""Two words in a row, or anything Russian: what people read."""


def forms_of(text: str | dict[str, str]) -> list[str]:
    return list(text.values()) if isinstance(text, dict) else [text]


def placeholders(text: str | dict[str, str]) -> set[str]:
    return {name for form in forms_of(text) for _, name, _, _ in Formatter().parse(form) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert list(ENGLISH) == list(RUSSIAN)


def test_both_languages_fill_in_the_same_facts() -> None:
    assert {key: placeholders(text) for key, text in ENGLISH.items()} == {
        key: placeholders(text) for key, text in RUSSIAN.items()
    }


def test_a_text_that_counts_has_every_form_that_its_language_needs() -> None:
    counting = {key for key, text in ENGLISH.items() if isinstance(text, dict)}

    assert all(set(ENGLISH[key]) == {"one", "many"} for key in counting)
    assert all(set(RUSSIAN[key]) == {"one", "few", "many"} for key in counting)


def test_russian_is_russian() -> None:
    names = {"product", "language.en", "export.xlsx"}
    worded = {
        key
        for key, text in ENGLISH.items()
        if re.search("[A-Za-z]{2}", re.sub("{.*?}", "", str(forms_of(text))))
    }

    assert {
        key for key in worded - names if not re.search("[А-Яа-я]", "".join(forms_of(RUSSIAN[key])))
    } == set()


@pytest.mark.parametrize(
    ("n", "written"),
    [(1, "1 прогон"), (2, "2 прогона"), (5, "5 прогонов"), (11, "11 прогонов"), (21, "21 прогон"),
     (112, "112 прогонов"), (1234, "1\N{NO-BREAK SPACE}234 прогона")],
)  # fmt: skip
def test_russian_counts_as_russians_do(n: int, written: str) -> None:
    assert Texts(Language.RUSSIAN).count("runs", n) == written


def test_english_counts_one_and_many() -> None:
    assert [Texts(Language.ENGLISH).count("rows", n) for n in (0, 1, 4485)] == [
        "0 rows",
        "1 row",
        "4,485 rows",
    ]


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
    if path.name == "serve.py":  # words of a command, read by whoever runs the server
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


def test_catalogues_are_written_in_one_way() -> None:
    for language, texts in ((Language.ENGLISH, ENGLISH), (Language.RUSSIAN, RUSSIAN)):
        for place in (WIDGETS / "texts" / f"{language}.json", COMMON / f"common_{language}.json"):
            written = place.read_text("utf-8")
            own = json.loads(written)
            assert written == json.dumps(own, ensure_ascii=False, indent=2) + "\n"
            assert own == {key: texts[key] for key in own}
