"""The texts of reports: those of the figures, those that apps have too, and their own."""

import json
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from herd_engine.figures.wording import Language, Wording, wording


@cache
def report_wording(language: str) -> Wording:
    """Return the wording of a language, ``en`` or ``ru``, with the texts of reports.

    Why a report failed has texts in Russian alone: failures bring their English along.
    """
    words = wording(language)
    failures = _texts("failures_ru") if language == Language.RUSSIAN else {}
    own = {**common_texts(language), **failures, **_texts(language)}
    return replace(words, texts={**words.texts, **own})


def common_texts(language: str) -> dict[str, Any]:
    """Return what reports and apps call settings and errors, by key."""
    return _texts(f"common_{language}")


def _texts(name: str) -> dict[str, Any]:
    texts: dict[str, Any] = json.loads(
        (files("herd_engine.review") / "texts" / f"{name}.json").read_text("utf-8")
    )
    return texts
