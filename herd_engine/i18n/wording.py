"""Texts, numbers and dates in the language of the reader."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from string import Formatter
from typing import Any

from babel import Locale
from babel.dates import format_date

from herd_engine.i18n.catalogue import catalogue
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.message import Message
from herd_engine.model.quality import QualityIssue
from herd_engine.model.scenario import Mode, ModelParameters, changed_but_unread

UNKNOWN = "–"
_DAYS = ("report_date", "latest_date", "worst_date")  # facts that are dates


@dataclass(frozen=True)
class Wording:
    """The texts of one language, and how it writes numbers and dates."""

    language: str
    texts: Mapping[str, Any]

    @cached_property
    def locale(self) -> Locale:
        """What Unicode's common locale data knows of the language."""
        return Locale.parse(self.texts["locale"])

    @cached_property
    def separators(self) -> str:
        """What stands before decimals, then between thousands: plotly's ``separators``."""
        symbols = self.locale.number_symbols["latn"]
        return f"{symbols['decimal']}{symbols['group']}"

    @property
    def has_decimal_comma(self) -> bool:
        """Whether spreadsheets where it is spoken take semicolons between the cells of CSV."""
        return self.separators.startswith(",")

    @cached_property
    def months(self) -> tuple[str, ...]:
        """January to December, as a heading names them."""
        names = self.locale.months["stand-alone"]["wide"]
        return tuple(_capital(names[number]) for number in range(1, 13))

    def text(self, key: str, /, **facts: object) -> str:
        """Return the text of a key, filled; ``{x:1}`` of a text asks for one decimal."""
        return self._filled(str(self.texts[key]), facts)

    def get(self, key: str, other: str) -> str:
        """Return the text of a key as it stands, or another one where there is none."""
        return str(self.texts.get(key, other))

    def count(self, key: str, n: float) -> str:
        """Return a text that holds a number, in the form that the number asks for.

        Examples
        --------
        >>> wording("ru").count("rows", 21)
        '21 строка'
        """
        return self._filled(str(self.texts[key][self.locale.plural_form(int(n))]), {"n": n})

    def part(self, prefix: str) -> dict[str, str]:
        """Return all texts whose key starts with a prefix and a dot, by the rest of the key."""
        start = f"{prefix}."
        return {key.removeprefix(start): text for key, text in self.texts.items() if key.startswith(start)}

    def say(self, message: Message) -> str:
        """Return what a message says; its bare code and facts where these texts do not know it."""
        try:
            return self._said(message)
        except (KeyError, ValueError):  # of another version
            told = ", ".join(f"{name} = {value}" for name, value in message.params.items())
            return f"{message.code} ({told})" if told else message.code

    def issue(self, issue: QualityIssue) -> str:
        """Return what an issue says; its own English where these texts do not know it, or not its facts."""
        try:
            return self._said(issue.said)
        except (KeyError, ValueError):
            return issue.message

    def _said(self, message: Message) -> str:
        text = self.texts["kinds"].get(message.kind) or self.texts[message.code]
        return self._filled(text, {name: self._fact(name, value) for name, value in message.params.items()})

    def _fact(self, name: str, value: object) -> object:
        """Return a fact of a message: a date, or words for a value, where its name says that it is one."""
        if name == "columns" and isinstance(value, list | tuple):
            return [self._fact("column", item) for item in value]
        if not isinstance(value, str):
            return value
        if name in _DAYS:
            return date.fromisoformat(value)
        return self.texts["values"].get(name, {}).get(value, value) or UNKNOWN

    def _filled(self, text: str, facts: Mapping[str, object]) -> str:
        return _Filling(self).vformat(text, (), facts)

    def metric(self, metric: Metric, what: str) -> str:
        """Return a metric's ``name``, ``subject`` (of a sentence), ``unit`` or ``definition``."""
        return str(self.texts["metrics"][metric][what])

    def forecast_name(self, name: str) -> str:
        """Return what to call the forecasts of a mode or of a baseline; its own name where there is none."""
        return str(self.texts["forecasts"].get(name, name))

    def unread_note(self, mode: str, model: ModelParameters) -> str:
        """Return which changed parameters another mode does not read; nothing where it reads them all."""
        unread = [f"{name} = {value}" for name, value in changed_but_unread(Mode(mode), model)]
        if not unread:
            return ""
        return self.text("note_unread", mode=self.forecast_name(mode), settings=", ".join(unread))

    def number(self, value: float | None, digits: int = 0) -> str:
        """Return a number with separated thousands, rounded half to even; – where it is not known."""
        if value is None or math.isnan(value):
            return UNKNOWN
        written = f"{abs(value):,.{digits}f}"
        sign = "\N{MINUS SIGN}" if value < 0 and written.strip("0.,") else ""
        return sign + written.translate(str.maketrans(".,", self.separators))

    def change(self, value: float, digits: int = 0) -> str:
        """Return a number with its sign."""
        written = self.number(value, digits)
        return f"+{written}" if round(value, digits) > 0 else written

    def band(self, forecast: Forecast, metric: Metric, point: int, digits: int = 0) -> str:
        """Return the band of a metric at a point, such as ``1,062–1,171``."""
        low, high = (forecast.value(metric, level, point) for level in ("p_low", "p_high"))
        return UNKNOWN if low is None else f"{self.number(low, digits)}–{self.number(high, digits)}"

    def with_band(
        self, forecast: Forecast, metric: Metric, point: int, statistic: str = "p50", digits: int = 0
    ) -> str:
        """Return the median (or mean) of a metric with its band, such as ``1,118 (1,062–1,171)``.

        Where all futures agree, as on the report date, there is no band to tell.
        """
        value, *ends = (forecast.value(metric, level, point) for level in (statistic, "p_low", "p_high"))
        if value is None:
            return UNKNOWN
        if ends == [value, value]:
            return self.number(value, digits)
        return f"{self.number(value, digits)} ({self.band(forecast, metric, point, digits)})"

    def day(self, day: date) -> str:
        """Return a date, such as ``26 Feb 2026``."""
        return format_date(day, self.texts["day_pattern"], locale=self.locale)

    def month(self, day: date) -> str:
        """Return a date's month and year, such as ``February 2026``."""
        return _capital(format_date(day, self.texts["month_pattern"], locale=self.locale))

    def short_month(self, day: date) -> str:
        """Return a date's month, shortened, and year."""
        return f"{self.texts['months_short'][day.month - 1]} {day.year}"

    def by_month(self, day: date) -> str:
        """Return month and year as they follow the word *by*."""
        return self.text("by_month", month=f"{self.texts['months_by'][day.month - 1]} {day.year}")

    def futures(self, share: float) -> str:
        """Return the share of futures in a band, such as ``90 of 100 futures``."""
        percent = f"{share * 100:.4g}".replace(".", self.separators[0])
        return self.text("futures", percent=percent)


class _Filling(Formatter):
    """Fills the places of a text; behind the colon stand decimals, or what to join a list with."""

    def __init__(self, words: Wording) -> None:
        self._words = words

    def format_field(self, value: Any, spec: str) -> str:
        """Return one fact as the language writes it."""
        match value:
            case Message():
                return self._words.say(value)
            case date():
                return self._words.day(value)
            case list() | tuple():
                return (spec or ", ").join(self.format_field(item, "") for item in value) or UNKNOWN
            case None | int() | float():
                return self._words.number(value, int(spec or 0))
            case _:
                return str(value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@cache
def wording(language: str) -> Wording:
    """Return the wording of a language.

    Raises
    ------
    ParameterError
        There is no such language.
    """
    return Wording(language, catalogue(language))
