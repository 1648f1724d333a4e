"""Months in which far more calvings are due than the farm is used to."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np

from herd_engine.calibration.habits import GESTATION
from herd_engine.model.farm_calendar import day_number, month_starts
from herd_engine.review.kpis.filed_lives import COHORT_DAYS, FAR, FiledLives

FACTOR = 1.5
"""Times the farm's usual month; our choice."""
_MONTHS = 8
_FEWEST_MONTHS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class CalvingCluster:
    """A month with many calvings due; ``usual``: the median of the past months."""

    month: date
    due: int
    usual: float

    def document(self) -> dict[str, Any]:
        """Return it as plain values, fit for JSON."""
        return {"month": self.month.isoformat(), "due": self.due, "usual": self.usual}


def calving_clusters(lives: FiledLives, as_of: date) -> tuple[CalvingCluster, ...]:
    """Return the months to come, as far as pregnancies are known, with more than 1.5 times a usual month.

    A usual month is the median of the past 30-day periods of the last 330 days.
    """
    calved = lives.calving[lives.is_cow & (lives.calving > -COHORT_DAYS) & (lives.calving <= 0)]
    counts = np.bincount((-calved) // 30, minlength=COHORT_DAYS // 30)[: COHORT_DAYS // 30]
    if np.count_nonzero(counts) < _FEWEST_MONTHS:
        return ()
    usual = float(np.median(counts))
    in_calf = lives.on_farm & (lives.conceived < FAR)
    due = np.where(lives.due < FAR, lives.due, lives.conceived + round(GESTATION.mean))[in_calf]
    starts = [day_number(day, as_of) for day in month_starts(as_of, _MONTHS + 1)]
    known_until = round(GESTATION.mean) - lives.lag
    return tuple(
        CalvingCluster(month=month_starts(as_of, _MONTHS)[place], due=n, usual=usual)
        for place, (first, end) in enumerate(pairwise(starts))
        if end <= known_until and (n := int(np.count_nonzero((due >= first) & (due < end)))) > FACTOR * usual
    )
