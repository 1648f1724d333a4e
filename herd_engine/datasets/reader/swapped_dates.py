"""Dates that fit the other dates of their animals only if day and month are exchanged."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.animal_rows import AnimalRows
from herd_engine.datasets.columns import Column
from herd_engine.datasets.issue_kinds import make_issue
from herd_engine.datasets.reader.exchanged_cells import day_of_month, exchanged, month
from herd_engine.model.quality import QualityIssue

Days = NDArray[np.float64]
Mask = NDArray[np.bool_]

_FEWEST_SWAPPED, _SWAPPED_SHARE = 3, 0.02
_FEWEST_COMPARED = 8
_MUCH_NEARER = 0.6
"""Exchanged dates lie nearer to what is usual on the farm by this, or the dates are as they should be."""


@dataclass(frozen=True, slots=True)
class _Interval:
    """Days that follow those of ``column`` after much the same time, in some of the animals."""

    column: Column
    start: str
    end: Callable[[AnimalRows], Days]
    of: Callable[[AnimalRows], Mask]


def _calvings_of(lactation: int) -> _Interval:
    return _Interval(
        Column.BIRTH_DATE, "birth", lambda rows: rows.calving, lambda rows: rows.lactation == lactation
    )


_INTERVALS = (
    *(_calvings_of(lactation) for lactation in (1, 2, 3)),
    _Interval(Column.BIRTH_DATE, "birth", lambda rows: rows.conception, lambda rows: rows.lactation == 0),
    _Interval(
        Column.DRYOFF_DATE,
        "dry_off",
        lambda rows: rows.conception,
        lambda rows: ~(rows.dry_off < rows.conception),
    ),
    _Interval(
        Column.SUCCESSFUL_INSEMINATION_DATE,
        "conception",
        lambda rows: rows.expected_calving,
        lambda rows: rows.lactation >= 0,
    ),
)


def swapped_issues(rows: AnimalRows, read: AnimalRows, report_day: date) -> Iterator[QualityIssue]:
    """Report calvings that meet days in milk only when exchanged, and columns whose dates fit only so.

    Parameters
    ----------
    rows : AnimalRows
        As the forecast sees them, counted from the report date.
    read : AnimalRows
        As they were read: ordinals, those that cannot be among them.
    report_day : date
    """
    yield from _swapped_calvings(rows, report_day)
    yield from _swapped_dry_offs(read)
    told = set()
    for interval in _INTERVALS:
        n_swapped = _n_swapped(read, interval)
        if n_swapped and interval.column not in told:
            told.add(interval.column)
            yield make_issue("column_swapped", column=interval.column.value, dates=n_swapped)


def _swapped_calvings(rows: AnimalRows, report_day: date) -> Iterator[QualityIssue]:
    """Report cows whose days in milk are right only if day and month of the calving are exchanged."""
    day = report_day.toordinal()
    is_suspect = rows.is_milking & (np.abs(rows.days_in_milk + rows.calving) > 1)
    found = is_suspect & (exchanged(rows.calving + day) + rows.days_in_milk == day)
    if found.sum() >= max(_FEWEST_SWAPPED, _SWAPPED_SHARE * rows.is_milking.sum()):
        yield make_issue("calvings_swapped", rows.lines[found])


def _swapped_dry_offs(read: AnimalRows) -> Iterator[QualityIssue]:
    """Report cows whose days in milk ended on the dry-off only if its day and month are exchanged."""
    of_lactation = np.isfinite(read.dry_off) & np.isfinite(read.calving) & (read.lactation > 0)
    fits, other = (
        of_lactation & (np.abs(days - read.calving - read.days_in_milk) <= 1)
        for days in (read.dry_off, exchanged(read.dry_off))
    )
    found = other & ~fits
    if found.sum() >= max(_FEWEST_SWAPPED, _SWAPPED_SHARE * of_lactation.sum()):
        yield make_issue("column_swapped", column=Column.DRYOFF_DATE.value, dates=int(found.sum()))


def _n_swapped(rows: AnimalRows, interval: _Interval) -> int:
    """Return how many dates fit only exchanged; 0 where they are as they should be, or too few tell."""
    start, end = getattr(rows, interval.start), interval.end(rows)
    compared = interval.of(rows) & np.isfinite(start) & np.isfinite(end)
    start, end = start[compared], end[compared]
    other = exchanged(start)
    can_be = np.isfinite(other) & (day_of_month(start) != month(start))
    if can_be.sum() < _FEWEST_COMPARED:
        return 0
    there, here = _scatter(end - np.where(can_be, other, start), can_be), _scatter(end - start, can_be)
    return int(can_be.sum()) if there < _MUCH_NEARER * here else 0


def _scatter(times: Days, counted: Mask) -> float:
    """Return how far times lie from the middle one, together."""
    return float(np.abs(times - np.median(times))[counted].sum())
