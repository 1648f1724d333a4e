"""One text → what it says of a date: a day, or three numbers whose order the file must prove."""

import re
from datetime import date
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.contract.vocabulary import Vocabulary
from herd_engine.model.answers import DateOrder

_TIME = (
    r"(?:[T ,]+(?P<time>\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?) ?(?P<half>[AaPp]\.?[Mm]\.?)?"
    r" ?(?P<zone>[Zz]|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?"
)
_NUMERIC = re.compile(
    rf"(?P<a>\d{{1,4}})(?P<sep>[./-])(?P<b>\d{{1,2}})(?P=sep)(?P<c>\d{{1,4}}){_TIME}", re.ASCII
)
_TYPED = re.compile(r"(\d{4})-(\d\d)-(\d\d)T", re.ASCII)
"""A real date of a workbook or Parquet file, as ``cell_text`` gives it."""
_NAMED = re.compile(rf"(?:(?P<d>\d{{1,2}})[ .\-/]*)(?P<m>[^\W\d_]+)\.?[ .\-/,]*(?P<y>\d{{4}}|\d\d){_TIME}")
_NAME_FIRST = re.compile(rf"(?P<m>[^\W\d_]+)\.?[ \-](?P<d>\d{{1,2}}),?[ \-](?P<y>\d{{4}}){_TIME}")
_COMPACT = re.compile(r"\d{8}", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?", re.ASCII)
_UNIX = re.compile(r"(\d{9,10})(?:\d{3})?", re.ASCII)
_EPOCH, _SERIAL_ZERO, _SERIAL_ZERO_1904 = (
    date(1970, 1, 1).toordinal(), date(1899, 12, 30).toordinal(), date(1904, 1, 1).toordinal()
)  # fmt: skip
_MINUTES = 1440
_UNIX_ZERO = (1, 1, 1970)
SERIAL = "serial number"
FIXED_FORMS = ("YYYY-MM-DD", "YYYY/MM/DD", "YYYY.MM.DD")
"""Of dates that a program has read once and written anew, real ones of workbooks among them."""
DAYS_FROM_1900_TO_1904 = _SERIAL_ZERO_1904 - _SERIAL_ZERO


def is_serial_number(text: str) -> bool:
    """Tell whether a text counts days, as workbooks do.

    Examples
    --------
    >>> is_serial_number("46082"), is_serial_number("2026-03-01")
    (True, False)
    """
    return _SERIAL.fullmatch(text) is not None


class Kind(IntEnum):
    """What can be told of a text by itself."""

    BLANK = 0
    MISSING = 1
    INVALID = 2
    DAY = 3
    TYPED = 4
    NUMBERS = 5


class Family(NamedTuple):
    """Numeric dates written alike: their order is decided together."""

    separator: str
    year_digits: int


_FAMILIES = {(separator, digits): Family(separator, digits) for separator in "./-" for digits in (2, 4)}


class DateText(NamedTuple):
    """A text as a date.

    ``day`` is an ordinal, NaN unless ``kind`` is a day; ``numbers`` are as written where the order of
    day and month must be proved; ``minute`` is the time of day in UTC of a moment (else None).
    """

    kind: Kind
    day: float = np.nan
    numbers: tuple[int, int, int] = (0, 0, 0)
    family: Family | None = None
    form: str = ""
    minute: int | None = None


_BLANK, _MISSING, _INVALID = DateText(Kind.BLANK), DateText(Kind.MISSING), DateText(Kind.INVALID)


def ordinals(
    year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return days of the calendar as ordinals (``date.toordinal``); NaN where there is no such day."""
    is_month = (month >= 1) & (month <= 12)
    first = ((year - 1970) * 12 + np.where(is_month, month, 1) - 1).astype("datetime64[M]")
    starts, ends = (months.astype("datetime64[D]").astype(np.int64) for months in (first, first + 1))
    exists = is_month & (day >= 1) & (day <= ends - starts)
    return np.where(exists, starts + _EPOCH + day - 1, np.nan)


class DateForms:
    """All forms of dates of a contract."""

    def __init__(self, words: Vocabulary, *, is_1904: bool) -> None:
        dates = words.contract.dates
        self._words, self._rules = words, dates
        self._zero = _SERIAL_ZERO_1904 if is_1904 else _SERIAL_ZERO
        self._month = {name.casefold(): n for n, names in enumerate(dates.months, 1) for name in names}
        endings = "|".join(re.escape(text) for text in sorted(dates.endings, key=len, reverse=True))
        self._ending = re.compile(rf"(?<=[\d ])\s*(?:{endings})$") if endings else None

    def read(self, text: str) -> DateText:
        """Return what a text says."""
        if not text:
            return _BLANK
        match = _NUMERIC.fullmatch(text)
        if match is not None and (found := self._numeric(match)).kind is not Kind.INVALID:
            return found
        if self._words.is_missing(text, in_dates=True):
            return _MISSING
        found = self._form(text)
        if found.kind is Kind.INVALID and self._ending is not None:
            bare = self._ending.sub("", text)
            found = self._form(bare.strip()) if bare != text else found
        return found

    def day(self, year: int, month: int, day: int) -> float:
        """Return the ordinal of a day of the calendar within the contract's years; else NaN."""
        try:
            return date(year, month, day).toordinal()
        except ValueError:
            return np.nan

    def ordered(self, numbers: NDArray[np.int64], order: DateOrder) -> NDArray[np.float64]:
        """Return the days that numbers are in an order; NaN where they are none.

        Parameters
        ----------
        numbers : ndarray of int64, shape (n_texts, 3)
            As written.
        order : DateOrder
        """
        year, month, day = (numbers[:, order.value.index(letter)] for letter in "ymd")
        year = np.where(year > 99, year, year + np.where(year >= self._rules.pivot, 1900, 2000))
        days = ordinals(year, month, day)
        return np.where((year >= self._rules.first_year) & (year <= self._rules.last_year), days, np.nan)

    def _form(self, text: str) -> DateText:
        match = _NUMERIC.fullmatch(text)
        if match is not None:
            return self._numeric(match)
        match = _TYPED.fullmatch(text)
        if match is not None:
            return self._known(self.day(*map(int, match.groups())), "YYYY-MM-DD", kind=Kind.TYPED)
        if text.isascii() and text.replace(".", "").replace(",", "").isdigit():
            return self._digits(text)
        match = _NAMED.fullmatch(text) or _NAME_FIRST.fullmatch(text)
        month = self._month.get(match["m"].casefold()) if match is not None else None
        if match is None or month is None:
            return _INVALID
        day = self.day(self._full_year(int(match["y"])), month, int(match["d"]))
        return self._known(day, "DD month YYYY", minute=_utc_minute(match))

    def _numeric(self, match: re.Match[str]) -> DateText:
        a, separator, b, c, zone = match.group("a", "sep", "b", "c", "zone")
        minute = None if zone is None else _utc_minute(match)
        if len(a) == 4 and len(c) <= 2:
            day = self.day(int(a), int(b), int(c))
            return self._known(day, f"YYYY{separator}MM{separator}DD", minute=minute)
        if len(a) > 2 or len(c) not in (2, 4):
            return _INVALID
        numbers = int(a), int(b), int(c)
        if not (numbers[0] and numbers[1]):
            return _INVALID
        if len(c) == 4 and not self._rules.first_year <= numbers[2] <= self._rules.last_year:
            # A day that stands for nothing does so in either order.
            either = {self.day(numbers[2], *numbers[1::-1]), self.day(numbers[2], *numbers[:2])}
            return _MISSING if either & self._words.missing_days else _INVALID
        if numbers == _UNIX_ZERO:
            return _MISSING
        return DateText(Kind.NUMBERS, np.nan, numbers, _FAMILIES[separator, len(c)], "", minute)

    def _digits(self, text: str) -> DateText:
        """Return the date of digits alone: compact, a serial number of a workbook, seconds of Unix."""
        if _COMPACT.fullmatch(text):
            day = self.day(int(text[:4]), int(text[4:6]), int(text[6:]))
            if self._counts(day) or day in self._words.missing_days:
                return self._known(day, "YYYYMMDD")
            numbers = int(text[:2]), int(text[2:4]), int(text[4:])
            return DateText(Kind.NUMBERS, numbers=numbers, family=Family("", 4))
        serial, unix = _SERIAL.fullmatch(text), _UNIX.fullmatch(text)
        if serial is not None:
            return self._known(self._zero + int(serial[1]), SERIAL)
        if unix is not None and len(text) != 11:
            days, seconds = divmod(int(unix[1]), 60 * _MINUTES)
            return self._known(_EPOCH + days, "Unix seconds", minute=seconds // 60)
        return _INVALID

    def _known(self, day: float, form: str, *, kind: Kind = Kind.DAY, minute: int | None = None) -> DateText:
        if day in self._words.missing_days:
            return _MISSING
        if not self._counts(day):
            return _INVALID
        return DateText(kind, day=day, form=form, minute=minute)

    def _counts(self, day: float) -> bool:
        return not np.isnan(day) and (
            self._rules.first_year <= date.fromordinal(int(day)).year <= self._rules.last_year
        )

    def _full_year(self, year: int) -> int:
        if year > 99:
            return year
        return year + (1900 if year >= self._rules.pivot else 2000)


def _utc_minute(match: re.Match[str]) -> int | None:
    """Return the minute of the day of a moment in UTC; None for local moments and for days."""
    zone = match["zone"]
    if zone is None or zone.strip("+-0:") not in ("", "Z", "z", "UTC", "GMT"):
        return None
    hour, minute = map(int, match["time"].split(":")[:2])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"][0] in "Pp" else 0)
    return (60 * hour + minute) % _MINUTES
