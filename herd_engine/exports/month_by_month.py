"""A forecast as a person reads it: a row a month under the month's own name, whole numbers, no codes."""

from collections.abc import Iterator

from herd_engine.exports.cells import Cell
from herd_engine.i18n.wording import Wording
from herd_engine.model.forecast import EVENTS, STOCKS, Forecast, Metric

BAND = ("p50", "p_low", "p_high")
BESIDE = (*STOCKS[1:], Metric.AVG_DAYS_IN_MILK)
"""What stands beside the milking cows, which alone have their band."""


def month_header(words: Wording) -> list[str]:
    """Return the columns: month, its days, milking cows with their band, other counts, events."""
    milking = words.metric(Metric.MILKING_COUNT, "name")
    return [
        *period_header(words),
        *(words.text(f"sheet_{name}", metric=milking) for name in BAND),
        *(words.metric(metric, "name") for metric in (*BESIDE, *EVENTS)),
    ]


def month_rows(forecast: Forecast, words: Wording) -> Iterator[list[Cell]]:
    """Yield the herd of the report date, then every month: counts on its last day, events in between.

    Counts are medians, events are means, as on the page; both are whole.
    """
    for point in range(len(forecast.dates)):
        yield [
            *period(forecast, point, words),
            *(_whole(forecast, Metric.MILKING_COUNT, name, point) for name in BAND),
            *(_whole(forecast, metric, "p50", point) for metric in BESIDE),
            *(_whole(forecast, metric, "mean", point) for metric in EVENTS),
        ]


def period_header(words: Wording) -> list[str]:
    """Return the names of the columns that say when: month, its first and its last day."""
    return [words.text("month"), words.text("sheet_from"), words.text("sheet_to")]


def period(forecast: Forecast, point: int, words: Wording) -> list[Cell]:
    """Return the month that a record closes (2 Mar … 1 Apr is March), its first and its last day."""
    month = forecast.month_of(point)
    if month is None:
        return [words.text("sheet_today"), None, forecast.dates[point]]
    name = words.month(month) + (f" ({words.text('part')})" if forecast.is_partial(point) else "")
    return [name, forecast.period_start(point), forecast.dates[point]]


def _whole(forecast: Forecast, metric: Metric, statistic: str, point: int) -> int | None:
    value = forecast.value(metric, statistic, point)
    return None if value is None else round(value)
