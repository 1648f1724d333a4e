"""What anybody can forecast without a model."""

from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.habits import GESTATION, Habits
from herd_engine.forecasting.backtest.happened import SCORED, Happened
from herd_engine.model.animals import NO_DAY, AnimalState, Herd
from herd_engine.model.farm_calendar import day_number
from herd_engine.model.forecast import EVENTS, Metric

Values = dict[Metric, NDArray[np.float64]]


class Baseline(StrEnum):
    """Forecasts without a model."""

    PERSISTENCE = "persistence"
    """The herd stays as it is; every month is as the last one."""
    LAST_YEAR = "last_year"
    """As on the same date, or in the same month, a year before."""
    DUE_DATES = "due_dates"
    """Calvings and dry-offs of the pregnancies that are known, on the days they are due."""


def month_start(day: date, months_back: int) -> date:
    """Return the first of the month so many months before.

    Examples
    --------
    >>> month_start(date(2026, 2, 26), 3)
    datetime.date(2025, 11, 1)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months_back, 12)
    return date(year, month + 1, 1)


def baseline_forecasts(
    herd: Herd, dates: tuple[date, ...], happened: Happened, habits: Habits, report_date: date
) -> dict[Baseline, Values]:
    """Return what the baselines forecast.

    Parameters
    ----------
    herd : Herd
        At the origin.
    dates : tuple of date
        The origin and the month starts after it.
    happened : Happened
        Of the file; asked for nothing after the origin.
    habits : Habits
    report_date : date
        Of the file.

    Returns
    -------
    dict of Baseline to dict of Metric to ndarray of float64, shape (len(dates) - 1,)
    """
    last_year = [day_number(month_start(day, 12), report_date) for day in dates]
    return {
        Baseline.PERSISTENCE: persistence(herd, happened, len(dates) - 1, report_date),
        Baseline.LAST_YEAR: happened.series(last_year),
        Baseline.DUE_DATES: _due(herd, dates, habits),
    }


def persistence(herd: Herd, happened: Happened, months: int, report_date: date) -> Values:
    """Return stocks as they are known on the origin, and events as in the month that ends on it.

    Parameters
    ----------
    herd : Herd
        At the origin.
    happened : Happened
        Of a file of ``report_date``; asked for nothing after the origin.
    months : int
        How many months are forecast, all alike.
    report_date : date
    """
    days = [day_number(month_start(herd.report_date, back), report_date) for back in (1, 0)]
    last_month = happened.series(days)
    days_in_milk = herd.mean_days_in_milk
    now: dict[str, float] = {
        Metric.AVG_DAYS_IN_MILK: np.nan if days_in_milk is None else days_in_milk,
        **{f"{name}_count": count for name, count in herd.counts().items()},
        **{metric: last_month[metric][0] for metric in EVENTS if metric in SCORED},
    }
    return {metric: np.full(months, float(now[metric])) for metric in SCORED}


def _due(herd: Herd, dates: tuple[date, ...], habits: Habits) -> Values:
    """Count what is due in each period; what is overdue, in the first."""
    is_heifer = herd.state == AnimalState.PREGNANT_HEIFER
    is_milking = herd.state == AnimalState.PREGNANT
    calves = is_heifer | is_milking | (herd.state == AnimalState.DRY)
    calving = herd.conception + (habits.calving_plan or round(GESTATION.mean))
    dry_off = herd.conception + (habits.dry_off_plan or round(habits.conception_to_dry_off.mean))
    known = herd.conception != NO_DAY
    ends = [day_number(day, herd.report_date) for day in dates[1:]]
    return {
        Metric.CALVINGS: _by_period(calving[calves & known], ends),
        Metric.HEIFER_INTROS: _by_period(calving[is_heifer], ends),
        Metric.DRYOFFS: _by_period(dry_off[is_milking], ends),
    }


def _by_period(days: NDArray[np.int32], ends: list[int]) -> NDArray[np.float64]:
    return np.diff([0, *(np.count_nonzero(days <= end) for end in ends)]).astype(np.float64)
