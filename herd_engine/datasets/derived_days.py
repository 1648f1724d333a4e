"""Days that a file lacks wholly, and that its counts of days tell: counted back from them, and said."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.animal_rows import FACTS, AnimalRows
from herd_engine.datasets.issue_kinds import make_issue
from herd_engine.model.animals import Presence
from herd_engine.model.quality import QualityIssue

_GESTATION = 278
"""Days by which herd programs count from an insemination to the calving that they expect."""
_STOOD_STILL = -1
_IMPLIED = {"dry": "dry_off", "late_dry": "dry_off", "pregnant": "conception"}
"""Statuses that no animal can have without that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivedDays:
    """The rows with days filled in, and what is to be said of them."""

    rows: AnimalRows
    issues: tuple[QualityIssue, ...]


def derive_days(rows: AnimalRows, as_read: AnimalRows) -> DerivedDays:
    """Fill in calvings, conceptions and dry-offs of a file that has none of them at all.

    Parameters
    ----------
    rows : AnimalRows
        Days counted from the report date.
    as_read : AnimalRows
        With the days that cannot be.

    Notes
    -----
    Days in milk stand still at dry-off, and both counts do when an animal leaves. A planned calving is used
    where a file has no days pregnant.
    """
    issues: list[QualityIssue] = []
    for day, derived in (("calving", _calvings), ("conception", _conceptions), ("dry_off", _dry_offs)):
        if np.isfinite(getattr(as_read, day)).any():
            continue
        found = derived(rows)
        found = np.where(found > 0, np.nan, found)
        is_found = np.isfinite(found)
        if is_found.any():
            rows = rows.with_day(day, found)
            issues.append(make_issue("days_derived", rows.lines[is_found], column=FACTS[day].value))
    return DerivedDays(rows=rows, issues=tuple(issues))


def statuses_without_day(rows: AnimalRows, fewest: int) -> Iterator[str]:
    """Yield statuses of several animals present none of which has the day that the status says it has."""
    for name, day in _IMPLIED.items():
        of_status = rows.is_present & rows.has_status(name) & _may_be(name, rows)
        if of_status.sum() >= fewest and np.isnan(getattr(rows, day)[of_status]).all():
            yield name


def undated_cows(rows: AnimalRows) -> int:
    """Return how many cows of a file that has calvings are present and have none."""
    has_calved = np.isfinite(rows.calving)
    if not has_calved.any():
        return 0
    return int((rows.is_present & (rows.lactation > 0) & ~has_calved).sum())


def _may_be(status: str, rows: AnimalRows) -> NDArray[np.bool_]:
    return rows.lactation > 0 if status != "pregnant" else np.ones(len(rows.lines), bool)


def _calvings(rows: AnimalRows) -> NDArray[np.float64]:
    end = np.where(np.isfinite(rows.dry_off), rows.dry_off, _last_day(rows))
    is_told = (rows.lactation > 0) & (np.isfinite(rows.dry_off) | ~_has_dry_status(rows))
    return np.where(is_told, end - rows.days_in_milk, np.nan)


def _conceptions(rows: AnimalRows) -> NDArray[np.float64]:
    if (rows.days_pregnant > 0).any():
        return np.where(rows.days_pregnant > 0, _last_day(rows) - rows.days_pregnant, np.nan)
    found = rows.expected_calving - _GESTATION
    return np.where(rows.is_present & ~(found < rows.calving), found, np.nan)


def _dry_offs(rows: AnimalRows) -> NDArray[np.float64]:
    end = rows.calving + rows.days_in_milk
    is_dry = rows.is_present & (rows.lactation > 0) & _has_dry_status(rows) & (end <= _STOOD_STILL)
    return np.where(is_dry, end, np.nan)


def _last_day(rows: AnimalRows) -> NDArray[np.float64]:
    """Return the day on which an animal's counts ended; unknown for one that left on an unknown day."""
    is_gone = rows.has_presence(Presence.SOLD, Presence.DEAD, Presence.MOVED)
    return np.where(np.isfinite(rows.archive), rows.archive, np.where(is_gone, np.nan, 0.0))


def _has_dry_status(rows: AnimalRows) -> NDArray[np.bool_]:
    return rows.has_status("dry", "late_dry")
