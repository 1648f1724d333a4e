"""Texts of the pages by language; numbers and dates as the figures write them."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from herd_engine.figures.wording import Language, Wording
from herd_engine.review.report_words import common_texts, report_wording


class Texts:
    """The texts of one language; ``words`` writes numbers and dates."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.words: Wording = report_wording(language)
        self._catalogue = catalogue(language)

    def t(self, key: str, /, **params: object) -> str:
        """Return the text of a key, its placeholders filled; KeyError for a key that is not there."""
        return str(self._catalogue[key]).format(**params)

    def get(self, key: str, other: str) -> str:
        """Return the text of a key, or another one where there is none."""
        return str(self._catalogue.get(key, other))

    def count(self, key: str, n: float) -> str:
        """Return a text that holds a number, in the form that the number asks for.

        Examples
        --------
        >>> Texts(Language.RUSSIAN).count("runs", 21)
        '21 прогон'
        """
        forms = self._catalogue[key]
        return str(forms[plural_form(self.language, int(n))]).format(n=self.words.number(n))

    def part(self, prefix: str) -> dict[str, str]:
        """Return all texts whose key starts with a prefix and a dot, by the rest of the key."""
        start = f"{prefix}."
        return {
            key.removeprefix(start): text for key, text in self._catalogue.items() if key.startswith(start)
        }


def plural_form(language: Language, n: int) -> str:
    """Return the form that a whole number asks for: ``one``, ``few`` or ``many``."""
    if language is Language.ENGLISH:
        return "one" if n == 1 else "many"
    if n % 10 == 1 and n % 100 != 11:
        return "one"
    return "few" if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else "many"


@cache
def catalogue(language: Language) -> dict[str, Any]:
    """Return all texts of a language by key; forms by number are an object."""
    text = (files("widgets") / "texts" / f"{language}.json").read_text("utf-8")
    return {**json.loads(text), **common_texts(language)}
