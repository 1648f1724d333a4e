"""The days that the events of a record belong to."""

from datetime import date, timedelta

from herd_engine.model.forecast import Forecast


def period_start(forecast: Forecast, point: int) -> date | None:
    """Return the first day of a record's period: the day after the previous record; None at the first."""
    return forecast.dates[point - 1] + timedelta(days=1) if point else None


def is_partial(forecast: Forecast, point: int) -> bool:
    """Tell whether a record's period is shorter than from one month start to the next."""
    return point > 0 and forecast.dates[point - 1].day != 1


def month_of_period(forecast: Forecast, point: int) -> date:
    """Return the first of the month that a record closes: 2 Mar … 1 Apr is March."""
    return (forecast.dates[point] - timedelta(days=1)).replace(day=1)
