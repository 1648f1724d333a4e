"""Cells that say "nothing" in words: counted once for the file, and empty from then on."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from herd_engine.datasets.columns import Column
from herd_engine.datasets.contract.vocabulary import Vocabulary
from herd_engine.datasets.text_table import TextColumn


@dataclass(frozen=True, slots=True, kw_only=True)
class Blanked:
    """Columns in which markers are empty, and how often each marker stood."""

    columns: dict[Column, TextColumn]
    counts: Counter[str]


def without_markers(
    columns: Mapping[Column, TextColumn], words: Vocabulary, dates: Collection[Column]
) -> Blanked:
    """Empty the cells that hold a marker; those of dates alone are left to who reads dates."""
    counts: Counter[str] = Counter()
    blanked = {}
    for name, column in columns.items():
        # No marker ends with a digit, and most cells do.
        may_be = (text for text in column.distinct if text and not text[-1].isdigit())
        markers = [] if name in dates else [t for t in may_be if words.is_missing(t, in_dates=False)]
        if markers:
            cells = np.bincount(column.codes, minlength=len(column.distinct))
            found = set(markers)
            counts.update(
                {text: int(n) for text, n in zip(column.distinct, cells, strict=True) if text in found and n}
            )
            column = TextColumn(  # noqa: PLW2901 - what is left of it
                distinct=["" if text in found else text for text in column.distinct], codes=column.codes
            )
        blanked[name] = column
    return Blanked(columns=blanked, counts=counts)
