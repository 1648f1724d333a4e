"""Texts → dates and numbers, strictly: what is not exactly one of these is reported and left unknown."""

import re
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.text_table import TextColumn

_TIME = r"(?:[ T]\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?)?"
DATE_FORMATS = {
    "DD.MM.YYYY": re.compile(rf"(?P<day>\d\d)\.(?P<month>\d\d)\.(?P<year>\d{{4}}){_TIME}", re.ASCII),
    "YYYY-MM-DD": re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d){_TIME}", re.ASCII),
}
"""A time of day is allowed, because programs write midnight behind a date, and not used."""
_TYPED_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)T", re.ASCII)
"""A real date of a workbook or Parquet file, as ``cell_text`` gives it: fits a column of any format."""
_FIRST_YEAR, _LAST_YEAR = 1950, 2100
_NUMBER = re.compile(r"-?\d{1,4}(?:[.,]\d{1,9})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateCells:
    """The dates of a column, shape (n_rows,) each.

    Attributes
    ----------
    days : ndarray of float64
        Ordinals of the proleptic Gregorian calendar (``date.toordinal``); NaN where not known.
    format : str
        Key of ``DATE_FORMATS`` that most cells of the column follow.
    is_invalid : ndarray of bool
        Not a date of the calendar, or not from 1950 to 2100 (programs write 01.01.0001 for "none").
    is_other_format : ndarray of bool
        A date, but not in the column's format.
    """

    days: NDArray[np.float64]
    format: str
    is_invalid: NDArray[np.bool_]
    is_other_format: NDArray[np.bool_]


def read_dates(column: TextColumn) -> DateCells:
    """Read a column of dates written in one format; on a tie the first of ``DATE_FORMATS`` is taken."""
    by_format = {name: _days(column, pattern) for name, pattern in DATE_FORMATS.items()}
    chosen = max(by_format, key=lambda name: int(np.isfinite(by_format[name]).sum()))
    is_date = np.any([np.isfinite(days) for days in by_format.values()], axis=0)
    typed = _days(column, _TYPED_DATE)
    days = np.where(np.isfinite(typed), typed, by_format[chosen])
    is_known = np.isfinite(days)
    return DateCells(
        days=days,
        format=chosen,
        is_invalid=~is_known & ~is_date & ~column.is_blank,
        is_other_format=~is_known & is_date,
    )


def _days(column: TextColumn, pattern: re.Pattern[str]) -> NDArray[np.float64]:
    """Return the day of each row whose text follows ``pattern``, NaN for the others."""
    return column.each(lambda text: _day(text, pattern), np.float64)


def _day(text: str, pattern: re.Pattern[str]) -> float:
    match = pattern.fullmatch(text)
    if match is None or not _FIRST_YEAR <= int(match["year"]) <= _LAST_YEAR:
        return np.nan
    try:
        return date(int(match["year"]), int(match["month"]), int(match["day"])).toordinal()
    except ValueError:  # 31.02. and the like
        return np.nan


def read_numbers(column: TextColumn) -> NDArray[np.float64]:
    """Return the number of each row, shape (n_rows,); NaN for a blank or anything else.

    At most four digits before the decimals: nothing counted in a herd file has more.
    """
    return column.each(_number, np.float64)


def _number(text: str) -> float:
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else np.nan
