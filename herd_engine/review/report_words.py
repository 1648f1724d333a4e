"""The texts of reports: those of the figures, and their own."""

import json
from dataclasses import replace
from functools import cache
from importlib.resources import files

from herd_engine.figures.wording import Wording, wording


@cache
def report_wording(language: str) -> Wording:
    """Return the wording of a language, ``en`` or ``ru``, with the texts of reports."""
    words = wording(language)
    own = (files("herd_engine.review") / "texts" / f"{language}.json").read_text("utf-8")
    return replace(words, texts={**words.texts, **json.loads(own)})
