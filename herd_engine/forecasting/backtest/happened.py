"""What happened on the farm, counted as a forecast counts it."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.habits import Habits
from herd_engine.calibration.lactations import NEVER, Days, Lactations
from herd_engine.model.animals import NO_DAY, AnimalRecords, Presence
from herd_engine.model.forecast import Metric

SCORED = tuple(metric for metric in Metric if metric is not Metric.PURCHASES_IN)
"""An export does not show which animals were bought."""


class Happened:
    """Stocks and events of a farm's past.

    Parameters
    ----------
    records : AnimalRecords
    lactations : Lactations
        Of these records. What is rebuilt in them is rebuilt in the counts too: the dry-offs of completed
        lactations, and with them the border between milking and dry; the calvings of cows that calved again.
    habits : Habits

    Notes
    -----
    Exact, as far as the file is: exits, and within ten months or so calvings, cows and heifers. A
    pregnancy counts from conception; where it may not be confirmed yet on the report date,
    the heifers are not told apart. Animals that left on an unknown day never count.
    """

    def __init__(self, records: AnimalRecords, lactations: Lactations, habits: Habits) -> None:
        unknown = records.has_presence(Presence.SOLD, Presence.DEAD, Presence.MOVED)
        unknown &= records.archive == NO_DAY
        self._all = lactations.select(~unknown[lactations.animal])
        archive = records.archive[self._all.animal].astype(np.int64)
        self._exit = np.where(archive == NO_DAY, NEVER, archive)
        self._end = np.minimum(self._all.next_calving, self._exit)
        self._birth = records.birth[self._all.animal]
        self._confirmed_until = -habits.confirmation_lag

    def series(self, days: Sequence[int]) -> dict[Metric, NDArray[np.float64]]:
        """Return every scored metric at consecutive record days, shape (len(days) - 1,).

        The first day only begins the first period: events count from the day after it.
        """
        columns = [self._record(first, last) for first, last in pairwise(days)]
        return {metric: np.array([column[metric] for column in columns]) for metric in SCORED}

    def _record(self, previous: int, day: int) -> dict[Metric, float]:
        shown = self._all
        is_cow = shown.number > 0
        calved = is_cow & self._within(shown.start, previous, day)
        dried = is_cow & self._within(shown.dry_off, previous, day) & (shown.dry_off <= self._end)
        left = (shown.steps_back == 0) & self._within(self._exit, previous, day)
        return self._stocks(day) | {
            Metric.CALVINGS: float(calved.sum()),
            Metric.DRYOFFS: float(dried.sum()),
            Metric.CULLS: float(left.sum()),
            Metric.HEIFER_INTROS: float((calved & (shown.number == 1)).sum()),
        }

    def _stocks(self, day: int) -> dict[Metric, float]:
        shown = self._all
        here = (self._birth <= day) & (shown.start <= day) & (day < self._end)
        cow, heifer = here & (shown.number > 0), here & (shown.number == 0)
        dry = cow & (shown.dry_off != NO_DAY) & (shown.dry_off <= day)
        milking = cow & ~dry
        known = milking & (shown.start != NO_DAY)
        pregnant: float = np.nan
        if day <= self._confirmed_until:
            pregnant = float((heifer & (shown.conception != NO_DAY) & (shown.conception <= day)).sum())
        return {
            Metric.MILKING_COUNT: float(milking.sum()),
            Metric.DRY_COUNT: float(dry.sum()),
            Metric.HEIFER_COUNT: float(heifer.sum()) - pregnant,
            Metric.PREGNANT_HEIFER_COUNT: pregnant,
            Metric.AVG_DAYS_IN_MILK: float((day - shown.start[known]).mean()) if known.any() else np.nan,
        }

    @staticmethod
    def _within(days: Days, previous: int, day: int) -> NDArray[np.bool_]:
        return (previous < days) & (days <= day)
