"""What CSV and XLSX have in common: their columns, rounded numbers, harmless text."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from herd_engine.charts.table import LEVELS
from herd_engine.exports.document import forecast_document
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import wording
from herd_engine.model.forecast import EVENTS, Forecast, Metric

Cell = str | int | float | date | None

COLUMN_STATISTICS = ("p_low", "p50", "p_high", "mean")
PERIOD = ("period_start", "partial", "period_end")


def columns(first: str, metrics: Sequence[Metric]) -> list[str]:
    """Return the column names of a block: ``first``, then every statistic of every metric."""
    return [first, *(f"{metric}_{statistic}" for metric in metrics for statistic in COLUMN_STATISTICS)]


def series_rows(forecast: Forecast) -> list[list[Cell]]:
    """Return counts and days in milk, one row a record date."""
    return [[day, *statistics_of(forecast, point, LEVELS)] for point, day in enumerate(forecast.dates)]


def event_columns() -> list[str]:
    """Return the column names of the events: ``month`` is the date that closes the period."""
    return [*columns("month", EVENTS), *PERIOD]


def event_rows(forecast: Forecast) -> list[list[Cell]]:
    """Return events, one row a period, under the date that closes it, and its first and last day."""
    return [
        [forecast.dates[point], *statistics_of(forecast, point, EVENTS), *_period(forecast, point)]
        for point in range(1, len(forecast.dates))
    ]


def future_rows(forecast: Forecast) -> list[list[Cell]]:
    """Return the row of the date of special interest; none where there is no such record."""
    wanted = forecast.meta.scenario.future_date
    return [row for row in series_rows(forecast) if row[0] == wanted]


def parameter_rows(forecast: Forecast) -> list[list[Cell]]:
    """Return everything that the forecast comes from as dotted names and values."""
    meta = forecast_document(forecast)["meta"]
    del meta["quality"]
    words, said = wording(ENGLISH), forecast.meta
    meta["assumptions"] = [words.say(message) for message in said.assumptions]
    meta["warnings"] = [words.say(message) for message in said.warnings]
    if said.stability is not None:
        meta["stability"]["message"] = words.say(said.stability.said)
    start = forecast.period_start(1)
    first_period = {
        "first_period_start": start and start.isoformat(),
        "first_period_partial": "yes" if forecast.is_partial(1) else "no",
    }
    return [[name, value] for name, value in _flat({**meta, **first_period})]


def harmless(cell: Cell) -> Cell:
    """Return the cell; text in one line, behind an apostrophe where a spreadsheet would run it."""
    if not isinstance(cell, str):
        return cell
    line = " ".join(cell.splitlines())
    return f"'{line}" if line.startswith("\t") or line.lstrip().startswith(("=", "+", "-", "@")) else line


def table_columns() -> list[str]:
    """Return the column names of everything in one table."""
    return [*columns("date", (*LEVELS, *EVENTS)), *PERIOD]


def table_rows(forecast: Forecast) -> list[list[Cell]]:
    """Return counts on a date and events of the period that it closes, one row a record date."""
    return [
        [day, *statistics_of(forecast, point, (*LEVELS, *EVENTS)), *_period(forecast, point)]
        for point, day in enumerate(forecast.dates)
    ]


def _period(forecast: Forecast, point: int) -> list[Cell]:
    """Return first and last day of what a record counts, and whether that is less than a month."""
    if not point:
        return [None, None, None]
    partial = "yes" if forecast.is_partial(point) else "no"
    return [forecast.period_start(point), partial, forecast.dates[point]]


def statistics_of(forecast: Forecast, point: int, metrics: Sequence[Metric]) -> list[Cell]:
    """Return every statistic of metrics at a record: counts whole, days in milk and means as computed."""
    values: list[Cell] = []
    for metric in metrics:
        for statistic in COLUMN_STATISTICS:
            value = forecast.value(metric, statistic, point)
            # A mean is no count: rounded, a purchase every second month would read as none.
            is_count = metric is not Metric.AVG_DAYS_IN_MILK and statistic != "mean"
            values.append(round(value) if is_count and value is not None else value)
    return values


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Cell]]:
    """Yield the leaves of nested dicts and lists with their dotted names; list items count from 1."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value, start=1)
        for key, item in items:
            yield from _flat(item, f"{name}.{key}" if name else str(key))
    else:
        yield name, value
