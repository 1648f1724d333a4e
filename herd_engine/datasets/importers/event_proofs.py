"""Whether days of events are what they say: where serial numbers begin, and no day taken for a month."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.importers.interface import Reading
from herd_engine.datasets.issue_kinds import make_issue
from herd_engine.datasets.reader.date_forms import DAYS_FROM_1900_TO_1904, is_serial_number
from herd_engine.datasets.reader.date_order import FileDates
from herd_engine.datasets.reader.exchanged_cells import exchanged
from herd_engine.datasets.reader.serial_base import put_serials_right
from herd_engine.datasets.text_table import TextColumn
from herd_engine.model.events import EXIT_KINDS, EventKind
from herd_engine.model.quality import QualityIssue

Days = NDArray[np.float64]
Rows = NDArray[np.int64]

BIRTHS, CONCEPTIONS, DRY_OFFS = -2, -3, -4
"""Beside the kinds of events: days that are stated of an animal, and stand among its events too."""
_NAMES = {
    "birth": (BIRTHS,),
    "calving": (EventKind.CALVING,),
    "insemination": (EventKind.INSEMINATION,),
    "conception": (EventKind.PREGNANT, CONCEPTIONS),
    "dry_off": (EventKind.DRY_OFF, DRY_OFFS),
    "archive": EXIT_KINDS,
}
"""What events are called where a row is an animal."""
_SPAN = 1 << 24
_FEWEST_WITNESSES, _WITNESS_RATIO, _MEETING_SHARE = 5, 3, 0.5
"""Events that fit only by other days, per event that fits only as read; share that must fit then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Interval:
    """Events that follow others after much the same time in any herd: days at least and at most."""

    first: int
    then: int
    least: int
    most: int


_INTERVALS = (
    _Interval(first=EventKind.INSEMINATION, then=EventKind.CALVING, least=265, most=295),
    _Interval(first=EventKind.DRY_OFF, then=EventKind.CALVING, least=30, most=90),
    _Interval(first=EventKind.INSEMINATION, then=EventKind.PREGNANT, least=20, most=70),
    _Interval(first=EventKind.CALVING, then=EventKind.CALVING, least=330, most=430),
    _Interval(first=EventKind.INSEMINATION, then=CONCEPTIONS, least=0, most=0),
    _Interval(first=EventKind.DRY_OFF, then=DRY_OFFS, least=0, most=0),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DayColumn:
    """One column of days of an export, read.

    Attributes
    ----------
    header : str
    cells : TextColumn
    days : ndarray of float64, shape (n_rows,)
        Ordinals; NaN where there is none.
    animal : ndarray of int64, shape (n_rows,)
        Row of each row's animal; -1 where it has none.
    kind : int or ndarray of int
        ``EventKind`` of each row or a stated one; -1 where it is no event.
    """

    header: str
    cells: TextColumn
    days: Days
    animal: Rows
    kind: int | NDArray[np.integer]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cells:
    """All cells with a day, of all columns; an element of each array is one of them."""

    day: Days
    animal: Rows
    kind: Rows
    is_serial: NDArray[np.bool_]
    column: Rows

    def of(self, *kinds: int) -> NDArray[np.bool_]:
        return np.isin(self.kind, kinds)


def proved_days(
    columns: Sequence[DayColumn], lactation: Rows, reading: Reading
) -> tuple[list[Days], list[QualityIssue]]:
    """Return the days of each column, serial numbers counted from where the others are near; and doubts.

    Parameters
    ----------
    columns : sequence of DayColumn
    lactation : ndarray of int64, shape (n_animals,)
        Below 0 where it is not stated.
    reading : Reading

    Notes
    -----
    Lists with a row an animal are proved by the reader itself; here the same is asked of events: the last of
    each kind of an animal stands for its row. Days and months that were exchanged are told by what follows
    an event after much the same time, such as a calving after a service.
    """
    cells = _stacked(columns)
    dates = _as_rows(cells, len(lactation))
    told = None if reading.report_day is None else date.fromordinal(reading.report_day)
    calvings = np.bincount(cells.animal[cells.of(EventKind.CALVING)], minlength=len(lactation))
    shift = put_serials_right(
        dates, np.maximum(lactation, calvings).astype(float), told, is_1904=reading.is_1904
    )
    serial = [one.cells.each(is_serial_number, np.bool_) for one in columns]
    days = [one.days + np.where(is_so, shift, 0) for one, is_so in zip(columns, serial, strict=True)]
    headers = [one.header for one in columns]
    return days, [*dates.issues, *_counted_otherwise(cells, shift), *_swapped(cells, shift, headers)]


def _stacked(columns: Sequence[DayColumn]) -> _Cells:
    kinds = [np.broadcast_to(np.asarray(one.kind, np.int64), one.days.shape) for one in columns]
    day = np.concatenate([one.days for one in columns])
    animal, kind = np.concatenate([one.animal for one in columns]), np.concatenate(kinds)
    known = np.isfinite(day) & (animal >= 0) & (kind != -1)
    serial = np.concatenate([one.cells.each(is_serial_number, np.bool_) for one in columns])
    column = np.repeat(np.arange(len(columns)), [len(one.days) for one in columns])
    return _Cells(
        day=day[known],
        animal=animal[known],
        kind=kind[known],
        is_serial=serial[known],
        column=column[known],
    )


def _as_rows(cells: _Cells, n_animals: int) -> FileDates:
    """Return the last day of each kind, an animal a row; where some are serial numbers, the last of these."""
    dates = FileDates()
    for name, kinds in _NAMES.items():
        dates.days[name] = np.full(n_animals, np.nan)
        dates.is_serial[name] = np.zeros(n_animals, bool)
        for is_serial in (False, True):
            rows = cells.of(*kinds) & (cells.is_serial == is_serial)
            last = np.full(n_animals, -np.inf)
            np.maximum.at(last, cells.animal[rows], cells.day[rows])
            dates.days[name] = np.where(np.isfinite(last), last, dates.days[name])
            dates.is_serial[name] |= np.isfinite(last) & is_serial
    return dates


def _counted_otherwise(cells: _Cells, shift: int) -> Iterator[QualityIssue]:
    """Report serial numbers of events that follow others only if some are counted from elsewhere."""
    days = cells.day + np.where(cells.is_serial, shift, 0)
    for by in (DAYS_FROM_1900_TO_1904, -DAYS_FROM_1900_TO_1904):
        moved = days + np.where(cells.is_serial, by, 0)
        if any(
            _n_by_others(cells, interval, (days, days), other)
            for interval in _INTERVALS
            for other in ((days, moved), (moved, days))
        ):
            yield make_issue("serials_unclear", cells=int(cells.is_serial.sum()))
            return


def _swapped(cells: _Cells, shift: int, headers: Sequence[str]) -> Iterator[QualityIssue]:
    """Report columns whose events follow, or are followed, as in any herd only when exchanged."""
    days = cells.day + np.where(cells.is_serial, shift, 0)
    other = exchanged(days)
    other = np.where(np.isfinite(other), other, days)
    told = set()
    for interval in _INTERVALS:
        first, then = cells.of(interval.first), cells.of(interval.then)
        for start, end, wrong in (
            (days, other, then),
            (other, days, first),
            (other, other, first | then),
        ):
            found = _n_by_others(cells, interval, (days, days), (start, end))
            if found:
                told |= {headers[place] for place in np.unique(cells.column[wrong])}
                break
    for header in sorted(told):
        column = cells.column == headers.index(header)
        yield make_issue("column_swapped", column=header, dates=int((column & (days != other)).sum()))


def _n_by_others(
    cells: _Cells, interval: _Interval, read: tuple[Days, Days], other: tuple[Days, Days]
) -> int:
    """Return how many events follow only by other days; 0 where the days are as they should be."""
    as_read, otherwise = (_follows(cells, interval, *days) for days in (read, other))
    may = _follows(cells, replace(interval, least=1, most=interval.most + 100), *other)
    only_read, only_other = int((as_read & ~otherwise).sum()), int((otherwise & ~as_read).sum())
    is_proved = (
        only_other >= max(_FEWEST_WITNESSES, _WITNESS_RATIO * only_read)
        and otherwise.sum() >= _MEETING_SHARE * may.sum()
    )
    return only_other if is_proved else 0


def _follows(cells: _Cells, interval: _Interval, start: Days, end: Days) -> NDArray[np.bool_]:
    """Tell which events follow one of the same animal within the interval."""
    first, then = cells.of(interval.first), cells.of(interval.then)
    starts = np.sort(cells.animal[first] * _SPAN + start[first].astype(np.int64))
    ends = cells.animal[then] * _SPAN + end[then].astype(np.int64)
    before = np.searchsorted(starts, ends - interval.least, side="right")
    return before > np.searchsorted(starts, ends - interval.most, side="left")
