"""The pages of words alone."""

import re

import pytest

from herd_engine.i18n.catalogue import ENGLISH, languages
from widgets.front import LANDING, front_page
from widgets.icons import HELP
from widgets.serve import app_names
from widgets.visit import preferred_language

NAMES = app_names()


def links(page: str) -> list[str]:
    return re.findall(r'<a class="herd-card" href="([^"]*)"', page)


def test_every_app_and_the_help_have_a_card_that_keeps_language_and_farm() -> None:
    page = front_page(LANDING, "ru", NAMES, {"lang": "ru", "farm": "Юг & Ко"})

    farm = "%D0%AE%D0%B3+%26+%D0%9A%D0%BE"
    assert set(links(page)) == {f"{name}?lang=ru&amp;farm={farm}" for name in (*NAMES, HELP)}
    assert f'href="?lang=en&amp;farm={farm}"' in page


def test_an_app_that_is_not_there_has_no_card() -> None:
    assert links(front_page(LANDING, ENGLISH, ["studio"], {})) == ["studio?", "help?"]


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("name", [LANDING, HELP])
def test_a_page_says_its_language_and_leaves_nothing_unfilled(name: str, language: str) -> None:
    page = front_page(name, language, NAMES, {"lang": language})

    assert f'<html lang="{language}">' in page
    assert "$" not in page
    assert "<h1></h1>" not in page


def test_the_help_answers_the_same_questions_in_both_languages() -> None:
    english, russian = (front_page(HELP, language, NAMES, {}) for language in languages())

    for element in (r'<h2 id="(\w+)">', "<(li|dt)>"):
        assert re.findall(element, english) == re.findall(element, russian)
    assert {"bands", "limits", "counts"} <= set(re.findall(r'<h2 id="(\w+)">', russian))
    article = russian[russian.index("<article") :]
    assert not re.search(r">[^<]*[A-Za-z]{3} [A-Za-z]{3}", article)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru"),
        ("de-DE, RU;q=0.5", "ru"),
        ("en-GB,ru;q=0.1", "en"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_a_new_visitor_is_spoken_to_as_the_browser_prefers(accepted: str, language: str) -> None:
    assert preferred_language(accepted) == language
