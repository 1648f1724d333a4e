"""How fast animals leave: daily probabilities, exits over animal-days of the file.

These naive estimates overstate cows' hazard and understate heifers' (the file holds only the current
lactation, and only animals alive in the archive window); `population_regulation` is what hides it.
"""

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.animals import NO_DAY, AnimalRecords, Presence
from herd_engine.model.farm_calendar import calendar_months

FLAGGED_WINDOW_DAYS = 365
FLAGGED_RANGE = (1 / 365, 1 / 7)


def lactation_hazard(records: AnimalRecords) -> NDArray[np.float64]:
    """Return the daily probability of leaving by lactation number.

    Exits over animal-days; a life counts from birth (lactation 0) or from the current calving to its
    archive date or the report date.

    Returns
    -------
    ndarray of float64, shape (highest lactation seen + 1,)
        A number never seen has the value of the highest seen; all 0 without any animal-days.
    """
    start = np.where(records.lactation == 0, records.birth, records.calving)
    start, end, exits, rows = _exposure(records, start)
    lactation = records.lactation[rows]
    days = np.bincount(lactation, weights=end - start, minlength=1).astype(np.float64)
    exited = np.bincount(lactation, weights=exits, minlength=1).astype(np.float64)
    seen = days > 0
    hazard = np.divide(exited, days, out=np.zeros_like(days), where=seen)
    return np.where(seen, hazard, hazard[np.flatnonzero(seen)[-1]] if seen.any() else 0.0)


def month_hazard(records: AnimalRecords) -> NDArray[np.float64]:
    """Return the daily probability of leaving by calendar month, January first; shape (12,).

    Exits dated in that month over animal-days lived in it, over the whole life from birth. The days of
    a life are those after birth up to and including the last one.
    """
    start, end, exits, _ = _exposure(records, records.birth)
    if not len(start):
        return np.zeros(12)
    first = int(start.min()) + 1
    n_days = int(end.max()) - first + 1
    entered = np.bincount(start + 1 - first, minlength=n_days + 1)
    left = np.bincount(end + 1 - first, minlength=n_days + 1)
    present = np.cumsum(entered - left)[:n_days]
    months = calendar_months(records.report_date, first, n_days)
    days = np.bincount(months, weights=present, minlength=12)
    exited = np.bincount(months[end[exits] - first], minlength=12)
    return np.divide(exited, days, out=np.zeros(12), where=days > 0)


def flagged_hazard(records: AnimalRecords) -> NDArray[np.float64]:
    """Return the daily probability of leaving of cull-flagged heifers and cows; shape (2,).

    Little's law, as if the flag were the door that every leaver passes: exits of the class in the last
    365 days, a day, over the animals flagged now; kept within 1/365 … 1/7.
    """
    gone = records.archive != NO_DAY
    recent = gone & (records.archive > -FLAGGED_WINDOW_DAYS)
    flagged = records.has_presence(Presence.CULL_FLAGGED) & ~gone & (records.birth != NO_DAY)
    is_cow = (records.lactation >= 1).astype(np.int64)
    exits = np.bincount(is_cow[recent], minlength=2)
    waiting = np.maximum(np.bincount(is_cow[flagged], minlength=2), 1)
    return np.clip(exits / FLAGGED_WINDOW_DAYS / waiting, *FLAGGED_RANGE)


def _exposure(
    records: AnimalRecords, start: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return start, end and whether it was an exit of the rows that were at risk, and which these are."""
    exits = records.archive != NO_DAY
    lost = records.has_presence(Presence.SOLD, Presence.DEAD, Presence.MOVED) & ~exits
    end = np.where(exits, records.archive, 0)
    rows = (records.birth != NO_DAY) & (start != NO_DAY) & ~lost & (end > start)
    return start[rows].astype(np.int64), end[rows].astype(np.int64), exits[rows], rows
