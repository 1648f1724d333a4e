"""Days counted by a spreadsheet program: from 1900, or four years and a day later; told by other dates."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.issue_kinds import make_issue
from herd_engine.datasets.reader.date_forms import DAYS_FROM_1900_TO_1904
from herd_engine.datasets.reader.date_order import FileDates

Days = NDArray[np.float64]

_OFFSETS = {
    "birth": (780, 450), "archive": (-250, -200), "calving": (0, 0), "insemination": (-80, 0),
    "conception": (-80, 0), "dry_off": (-305, -220), "expected_dry_off": (-305, -220),
    "expected_calving": (-385, -280),
}  # fmt: skip
"""Usual days from each date to the calving of a first lactation, and of a heifer to her conception."""
_INTERVAL = 395
_SINCE_CALVING, _SINCE_CONCEPTION = 200, 0
_SURE = 3
"""Dates that speak for one beginning, per date that speaks for the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialBase:
    """Where serial numbers are counted from: how many dates are nearer by the one and by the other."""

    as_read: int
    otherwise: int


def put_serials_right(dates: FileDates, lactation: Days, told: date | None, *, is_1904: bool) -> int:
    """Count serial numbers from where the other dates of the animals, and the day that was told, are near.

    Return by how many days they were moved.

    Parameters
    ----------
    dates : FileDates
        Changed where its numbers are counted from elsewhere; what was done or cannot be told is an issue.
    lactation : ndarray of float64, shape (n_rows,)
    told : date or None
        Day of the export.
    is_1904 : bool
        The numbers were counted from 1904.
    """
    if not any(dates.is_serial[name].any() for name in _OFFSETS if name in dates.is_serial):
        return 0
    shift = -DAYS_FROM_1900_TO_1904 if is_1904 else DAYS_FROM_1900_TO_1904
    base = _votes(dates, np.nan_to_num(lactation), told, shift)
    cells = int(sum(one.sum() for one in dates.is_serial.values()))
    used, other = (1904, 1900) if is_1904 else (1900, 1904)
    if not base.as_read + base.otherwise:
        newest = date.fromordinal(int(_newest(dates, serial=True))).isoformat()
        dates.issues.append(make_issue("serials_unproved", cells=cells, newest=newest, used=used))
    elif base.otherwise >= _SURE * max(base.as_read, 1):
        for name, is_serial in dates.is_serial.items():
            dates.days[name] = dates.days[name] + np.where(is_serial, shift, 0)
        dates.issues.append(make_issue("serials_put_right", cells=cells, used=used, other=other))
        return shift
    elif _SURE * base.otherwise > base.as_read:
        dates.issues.append(make_issue("serials_unclear", cells=cells))
    return 0


def _votes(dates: FileDates, lactation: Days, told: date | None, shift: int) -> SerialBase:
    """Count the numbers that lie nearer to the other dates of their animal as read, and shifted."""
    calvings = _calvings(dates, lactation)
    is_serial = np.vstack([dates.is_serial[name] for name in calvings])
    all_days = np.vstack([*calvings.values()])
    report_day = float(told.toordinal()) if told is not None else _newest(dates, serial=False)
    since = np.where(lactation > 0, _SINCE_CALVING, _SINCE_CONCEPTION)
    is_here = np.isnan(dates.days["archive"])
    known = np.vstack([np.where(is_serial, np.nan, all_days), np.where(is_here, report_day - since, np.nan)])
    has_other = np.isfinite(known).any(axis=0)
    near = np.full(len(lactation), np.nan)
    near[has_other] = np.nanmedian(known[:, has_other], axis=0)
    apart = np.where(is_serial, all_days - near, np.nan)
    apart = apart[np.isfinite(apart)]
    nearer = np.abs(apart + shift) < np.abs(apart)
    return SerialBase(as_read=int((~nearer).sum()), otherwise=int(nearer.sum()))


def _calvings(dates: FileDates, lactation: Days) -> dict[str, Days]:
    """Return of each date the day on which the animal would have calved, or a heifer conceived."""
    is_cow = lactation > 0
    later = _INTERVAL * np.maximum(lactation - 1, 0)
    return {
        name: days
        + np.where(is_cow, _OFFSETS[name][0], _OFFSETS[name][1])
        + (later if name == "birth" else 0)
        for name, days in dates.days.items()
        if name in _OFFSETS
    }


def _newest(dates: FileDates, *, serial: bool) -> float:
    """Return the latest day on which something happened; NaN where nothing did."""
    found = [
        days[(dates.is_serial[name] == serial) & np.isfinite(days)]
        for name, days in dates.days.items()
        if name in _OFFSETS and not name.startswith("expected") and (serial or name != "birth")
    ]
    return float(np.concatenate(found).max()) if any(map(len, found)) else np.nan
