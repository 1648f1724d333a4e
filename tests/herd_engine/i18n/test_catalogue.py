"""Every language has every text, filled with the same facts, in one form of writing."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from babel import Locale

from herd_engine.errors import ParameterError
from herd_engine.i18n import catalogue as module
from herd_engine.i18n.catalogue import catalogue, known_language, language_name, languages
from herd_engine.model.forecast import Metric

TEXTS = Path(module.__file__).parent / "texts"
OF_LANGUAGE = {"language_name", "locale", "day_pattern", "month_pattern"}
"""How a language is called and writes dates: its own."""
FILES = sorted(path.relative_to(TEXTS) for path in TEXTS.glob("*/*.json"))
OTHERS = [language for language in languages() if language != "en"]


def is_counted(key: str) -> bool:
    """Tell whether a text has forms by number."""
    return isinstance(catalogue("en")[key], dict) and set(catalogue("en")[key]) == {"one", "other"}


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every text of a catalogue with the keys that lead to it."""
    if isinstance(value, str):
        yield path, value
    else:
        items = value.items() if isinstance(value, Mapping) else ((str(i), v) for i, v in enumerate(value))
        for key, item in items:
            yield from leaves(item, (*path, key))


def flat(language: str) -> dict[tuple[str, ...], str]:
    """Return all texts but those that only one language needs."""
    texts = {key: text for key, text in catalogue(language).items() if key not in OF_LANGUAGE}
    return {
        path: text
        for path, text in leaves(texts)
        if path[0] != "values" and not (len(path) == 2 and is_counted(path[0]))
    }


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_english_comes_first_and_russian_is_there() -> None:
    assert languages()[0] == "en"
    assert "ru" in languages()
    assert [language_name(code) for code in ("en", "ru")] == ["English", "Русский"]


@pytest.mark.parametrize("language", OTHERS)
def test_all_languages_have_the_same_texts(language: str) -> None:
    assert set(flat(language)) == set(flat("en"))


@pytest.mark.parametrize("language", OTHERS)
def test_all_languages_fill_in_the_same_facts(language: str) -> None:
    own = flat(language)

    assert {path: places(text) for path, text in flat("en").items()} == {
        path: places(text) for path, text in own.items()
    }


@pytest.mark.parametrize("language", languages())
def test_no_text_is_empty(language: str) -> None:
    assert [path for path, text in flat(language).items() if not text.strip()] == []


@pytest.mark.parametrize("language", languages())
def test_a_text_that_counts_has_every_form_that_whole_numbers_ask_for(language: str) -> None:
    texts, rule = catalogue(language), Locale.parse(catalogue(language)["locale"]).plural_form
    forms = {rule(n) for n in range(200)}
    counting = [key for key in catalogue("en") if is_counted(key)]

    assert counting
    assert {key: set(texts[key]) for key in counting} == dict.fromkeys(counting, forms)
    assert all(places(text) == {"n"} for key in counting for text in texts[key].values())


@pytest.mark.parametrize("language", languages())
def test_every_metric_has_name_subject_unit_and_definition(language: str) -> None:
    for metric in Metric:
        assert {"name", "subject", "unit", "definition"} <= set(catalogue(language)["metrics"][metric])


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("form", ["months_short", "months_by"])
def test_a_year_has_twelve_months(language: str, form: str) -> None:
    assert len(catalogue(language)[form]) == 12


def test_russian_is_russian() -> None:
    """Texts with words are in Cyrillic, but for names and for lists of places to fill in."""
    names = {("product",), ("export.xlsx",), ("crps",), ("lines",)}
    worded = {
        path for path, text in flat("en").items() if re.search("[A-Za-z]{2}", re.sub("{.*?}", "", text))
    }
    russian = flat("ru")

    assert {path for path in worded - names if not re.search("[А-Яа-яё]", russian[path])} == set()


@pytest.mark.parametrize("path", FILES, ids=str)
def test_files_of_texts_are_read_with_no_key_twice(path: Path) -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys)), f"twice: {sorted(key for key in keys if keys.count(key) > 1)}"
        return dict(pairs)

    json.loads((TEXTS / path).read_text("utf-8"), object_pairs_hook=once)


def test_a_key_in_two_files_of_a_language_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "en"
    folder.mkdir()
    (folder / "language.json").write_text('{"language_name": "English"}')
    for name in ("a", "b"):
        (folder / f"{name}.json").write_text('{"rows": "rows"}')
    monkeypatch.setattr(module, "TEXTS", tmp_path)

    with pytest.raises(ValueError, match=r"en/b\.json has keys of another file of texts: \['rows'\]"):
        catalogue.__wrapped__("en")


def test_an_unknown_language_is_refused_and_a_visitor_of_it_gets_english() -> None:
    with pytest.raises(ParameterError, match="`language` must be one of en, ru; got 'de'"):
        catalogue("de")
    assert [known_language(code) for code in ("ru", "de", None)] == ["ru", "en", "en"]
