"""Animals that left on a day that is not told: days in milk and days pregnant stood still then."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.animal_rows import AnimalRows
from herd_engine.datasets.issue_kinds import make_issue
from herd_engine.model.animals import Presence
from herd_engine.model.quality import QualityIssue

_MARGIN_DAYS = 31
_LONGEST_AGO_DAYS = 3 * 365
"""Where no exit is on file: no export goes further back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedLeavers:
    """The rows with exit dates filled in, and what is to be said of them."""

    rows: AnimalRows
    issues: tuple[QualityIssue, ...]


def date_leavers(rows: AnimalRows) -> DatedLeavers:
    """Date those that left without a date by the days that stood still when they did.

    Parameters
    ----------
    rows : AnimalRows
        Days counted from the report date.

    Notes
    -----
    Herd programs stop counting when an animal leaves: it left on conception + days pregnant, which agrees
    with the exit date of 1,189 of 1,189 sold animals that have both; else, if it was not dry, on calving +
    days in milk. A count that ends on the report date has not stood still and tells nothing; one that ends
    before the exits that are on file begin is a mistake.
    """
    gone = rows.has_presence(Presence.SOLD, Presence.DEAD, Presence.MOVED) & np.isnan(rows.archive)
    of_lactation = ~(rows.conception < rows.calving)
    by_pregnancy = np.where(of_lactation, rows.conception + rows.days_pregnant, np.nan)
    by_milk = np.where(rows.is_dry, np.nan, rows.calving + rows.days_in_milk)
    days = np.where(np.isfinite(by_pregnancy), by_pregnancy, by_milk)
    known = rows.archive[np.isfinite(rows.archive)]
    first = known.min() - _MARGIN_DAYS if len(known) else -_LONGEST_AGO_DAYS
    dated = gone & (days >= first) & (days < 0) & ~(days < rows.calving) & ~(days < rows.birth)
    filled = replace(rows, archive=np.where(dated, days, rows.archive))
    return DatedLeavers(rows=filled, issues=tuple(_issues(filled, dated, gone & ~dated)))


def _issues(rows: AnimalRows, dated: NDArray[np.bool_], undated: NDArray[np.bool_]) -> Iterator[QualityIssue]:
    if dated.any():
        yield make_issue("leavers_dated", rows.lines[dated], undated=int(undated.sum()))
