"""Every text that people see: one folder a language, whose files are read as one catalogue."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from herd_engine.errors import ParameterError

ENGLISH = "en"
"""What is spoken where nobody asked for another language."""
TEXTS: Traversable = files("herd_engine.i18n") / "texts"


@cache
def languages() -> tuple[str, ...]:
    """Return the codes of all languages, which are those that have a folder of texts; English comes first."""
    names = sorted(folder.name for folder in TEXTS.iterdir() if (folder / "language.json").is_file())
    return (ENGLISH, *(name for name in names if name != ENGLISH))


def known_language(code: str | None) -> str:
    """Return a language that was asked for; English where there is none of this code."""
    return code if code is not None and code in languages() else ENGLISH


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    """Return all texts of a language by key: a text, or texts by number, by name or by month.

    Raises
    ------
    ParameterError
        There is no such language.
    ValueError
        Two of its files have the same key.
    """
    if language not in languages():
        raise ParameterError("language", language, f"be one of {', '.join(languages())}")
    texts: dict[str, Any] = {}
    for name in sorted(item.name for item in (TEXTS / language).iterdir() if item.name.endswith(".json")):
        own = json.loads((TEXTS / language / name).read_text("utf-8"))
        if twice := texts.keys() & own.keys():
            raise ValueError(f"{language}/{name} has keys of another file of texts: {sorted(twice)}")
        texts |= own
    return MappingProxyType(texts)


def language_name(language: str) -> str:
    """Return what a language calls itself."""
    return str(catalogue(language)["language_name"])


def help_page(language: str) -> str:
    """Return the page on how to read all this, as HTML."""
    return (TEXTS / language / "help.html").read_text("utf-8")
