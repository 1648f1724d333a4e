"""Dates whose day and month a program exchanged where it could: told by the days of the month they lack."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.issue_kinds import make_issue
from herd_engine.datasets.reader.date_forms import ordinals
from herd_engine.model.quality import QualityIssue

Days = NDArray[np.float64]
_FEWEST_SWAPPED, _FEWEST_MIXED = 5, 10
_MIXED_SHARE = 0.8
"""Of fixed dates at most 40 of 100 would have a day up to 12; where so many more have, most are exchanged."""
_ENOUGH_DATES, _ENOUGH_DAYS = 30, 6
"""So many dates, of so many months and days of the month, do not all lie before the 13th by chance."""
_LAST_MONTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedCells:
    """Dates of cells as ordinals: those that a program fixed, and those it left as texts."""

    fixed: Days
    left: Days

    def __add__(self, other: Self) -> Self:
        """Return the cells of both."""
        return type(self)(
            fixed=np.concatenate([self.fixed, other.fixed]), left=np.concatenate([self.left, other.left])
        )

    @property
    def n_fixed(self) -> int:
        """How many dates are fixed."""
        return len(self.fixed)

    @property
    def n_left(self) -> int:
        """How many are texts."""
        return len(self.left)

    @property
    def is_swapped(self) -> bool:
        """Tell whether every date that could be exchanged is fixed, and none of the others is."""
        return (
            min(self.n_fixed, self.n_left) >= _FEWEST_SWAPPED
            and bool((day_of_month(self.left) > _LAST_MONTH).all())
            and bool((day_of_month(self.fixed) <= _LAST_MONTH).all())
        )

    @property
    def is_mixed(self) -> bool:
        """Tell whether dates that were exchanged stand among fixed ones that were not."""
        return (
            min(self.n_fixed, self.n_left) >= _FEWEST_MIXED
            and bool((day_of_month(self.left) > _LAST_MONTH).all())
            and float((day_of_month(self.fixed) <= _LAST_MONTH).mean()) >= _MIXED_SHARE
        )

    @property
    def has_no_late_day(self) -> bool:
        """Tell whether all of many fixed dates lie before the 13th, as only exchanged ones do."""
        days = day_of_month(self.fixed)
        return (
            self.n_fixed >= _ENOUGH_DATES
            and bool((days <= _LAST_MONTH).all())
            and len(np.unique(days)) >= _ENOUGH_DAYS
            and len(np.unique(month(self.fixed))) >= _ENOUGH_DAYS
        )


NO_CELLS = OrderedCells(fixed=np.zeros(0), left=np.zeros(0))


def doubts(column: str, cells: OrderedCells) -> Iterator[QualityIssue]:
    """Yield what must be told of a column whose dates cannot be put right by their form alone."""
    if not cells.n_fixed:
        return
    example = date.fromordinal(int(cells.fixed[0])).isoformat()
    if cells.is_mixed:
        yield make_issue("dates_swapped", typed=cells.n_fixed, texts=cells.n_left, example=example)
    elif cells.has_no_late_day:
        yield make_issue("dates_without_late_days", column=column, dates=cells.n_fixed, example=example)


def day_of_month(days: Days) -> NDArray[np.int64]:
    """Return the day of the month of ordinals."""
    starts = _since_epoch(_months(days).astype("datetime64[D]"))
    day: NDArray[np.int64] = days.astype(np.int64) - _EPOCH - starts + 1
    return day


def month(days: Days) -> NDArray[np.int64]:
    """Return the month, from 1, of ordinals."""
    number: NDArray[np.int64] = _since_epoch(_months(days)) % _LAST_MONTH + 1
    return number


def exchanged(days: Days) -> Days:
    """Return ordinals with day and month exchanged; NaN where they are not known or cannot be."""
    result = np.full(len(days), np.nan)
    known = np.flatnonzero(np.isfinite(days))
    known = known[day_of_month(days[known]) <= _LAST_MONTH]
    year = _since_epoch(_months(days[known])) // _LAST_MONTH + 1970
    result[known] = ordinals(year, day_of_month(days[known]), month(days[known]))
    return result


_EPOCH = date(1970, 1, 1).toordinal()


def _months(days: Days) -> NDArray[np.datetime64]:
    return (days.astype(np.int64) - _EPOCH).astype("datetime64[D]").astype("datetime64[M]")


def _since_epoch(moments: NDArray[np.datetime64]) -> NDArray[np.int64]:
    return moments.astype(np.int64)
