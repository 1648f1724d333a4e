"""Rows without a lactation that are heifers all the same, and rows that are no animals at all."""

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.animal_rows import FACTS, AnimalRows
from herd_engine.datasets.contract.model import Limits
from herd_engine.datasets.statuses import STATUSES, UNKNOWN
from herd_engine.datasets.text_table import TextColumn

_FEWEST_DIGITS_OF_A_DATE = 4
_COW_STATUSES = [code for code, status in enumerate(STATUSES) if status.is_a == "cow"]


def is_heifer_without_lactation(rows: AnimalRows, limits: Limits) -> NDArray[np.bool_]:
    """Tell which rows, were their lactation empty, are heifers: never calved, not a cow by status or age."""
    facts = np.array([getattr(rows, name) for name in FACTS])
    latest = np.nanmax(facts) if np.isfinite(facts).any() else np.nan
    never_calved = np.isnan(rows.calving) & np.isnan(rows.dry_off) & ~(rows.days_in_milk > 0)
    is_young = ~(latest - rows.birth > limits.oldest_heifer_days)
    return never_calved & is_young & ~np.isin(rows.status, _COW_STATUSES)


def is_no_animal(rows: AnimalRows, ids: TextColumn, births: TextColumn) -> NDArray[np.bool_]:
    """Tell which rows are heads, units, numbers of columns, or totals.

    Such a row has no date that can be read, no status that is known, and either a word where the birth date
    would be, or none and a text for a number.
    """
    has_date = np.any([np.isfinite(getattr(rows, name)) for name in FACTS], axis=0)
    says_nothing: NDArray[np.bool_] = ~has_date & (rows.status == UNKNOWN)
    if not says_nothing.any():
        return says_nothing
    is_word = births.each(lambda text: bool(text) and _digits(text) < _FEWEST_DIGITS_OF_A_DATE, np.bool_)
    is_label = ids.each(lambda text: not any(map(str.isdigit, text)) or ":" in text, np.bool_)
    found: NDArray[np.bool_] = says_nothing & (is_word | (births.is_blank & is_label))
    return found


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))
