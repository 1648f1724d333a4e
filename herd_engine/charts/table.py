"""Tables in words, for people who would rather read than look."""

from dataclasses import dataclass

from herd_engine.i18n.wording import wording
from herd_engine.model.forecast import STOCKS, Forecast, Metric

LEVELS = (*STOCKS, Metric.AVG_DAYS_IN_MILK)
"""What is read on a day, not counted over a month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Cells as they are shown; every row has one cell a column."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def digits_of(metric: Metric) -> int:
    """Return the decimals that a table shows: counts are whole, days in milk have one."""
    return metric.digits


def levels_table(forecast: Forecast, language: str = "en") -> Table:
    """Return median and band of every count and of the days in milk, one row a record date."""
    words = wording(language)
    return Table(
        columns=(words.text("date"), *(words.metric(metric, "name") for metric in LEVELS)),
        rows=tuple(
            (
                words.day(day),
                *(words.with_band(forecast, m, point, digits=digits_of(m)) for m in LEVELS),
            )
            for point, day in enumerate(forecast.dates)
        ),
    )
