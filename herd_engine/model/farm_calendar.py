"""Dates and day numbers; day 0 is the report date."""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray


def first_of_next_month(day: date) -> date:
    """Return the first month start strictly after ``day``.

    Examples
    --------
    >>> first_of_next_month(date(2026, 12, 1))
    datetime.date(2027, 1, 1)
    """
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def month_starts(report_date: date, months: int) -> tuple[date, ...]:
    """Return the ``months`` month starts that follow the report date: a forecast's record dates.

    Examples
    --------
    >>> month_starts(date(2026, 11, 30), 2)
    (datetime.date(2026, 12, 1), datetime.date(2027, 1, 1))
    """
    starts = [first_of_next_month(report_date)]
    while len(starts) < months:
        starts.append(first_of_next_month(starts[-1]))
    return tuple(starts)


def day_number(day: date, report_date: date) -> int:
    """Return the number of days from the report date to ``day``."""
    return (day - report_date).days


def calendar_months(report_date: date, first_day: int, n_days: int) -> NDArray[np.int64]:
    """Return the calendar month (0 = January) of ``n_days`` consecutive days.

    Parameters
    ----------
    report_date : date
        Day 0.
    first_day : int
        Day number of the first element.
    n_days : int
        Number of days, ≥ 0.

    Returns
    -------
    ndarray of int64, shape (n_days,)
    """
    start = np.datetime64(report_date + timedelta(days=first_day), "D")
    days = start + np.arange(n_days).astype("timedelta64[D]")
    return days.astype("datetime64[M]").astype(np.int64) % 12
