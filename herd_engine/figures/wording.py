"""Texts, numbers and dates in the language of the reader."""

import json
import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from herd_engine.errors import ParameterError
from herd_engine.model.forecast import Forecast, Metric

UNKNOWN = "–"
_DECIMAL_AND_THOUSANDS = {"en": ".,", "ru": ",\N{NO-BREAK SPACE}"}


class Language(StrEnum):
    """Languages with a file of texts."""

    ENGLISH = "en"
    RUSSIAN = "ru"


@dataclass(frozen=True)
class Wording:
    """The texts of one language and how it writes numbers and dates."""

    language: Language
    texts: dict[str, Any]

    @property
    def separators(self) -> str:
        """What stands before decimals, then between thousands: plotly's ``separators``."""
        return _DECIMAL_AND_THOUSANDS[self.language]

    def text(self, key: str, **values: str) -> str:
        """Return the text of a key, its placeholders filled."""
        return str(self.texts[key]).format(**values)

    def metric(self, metric: Metric, what: str) -> str:
        """Return a metric's ``name``, ``subject`` (of a sentence), ``unit`` or ``definition``."""
        return str(self.texts["metrics"][metric][what])

    def number(self, value: float | None, digits: int = 0) -> str:
        """Return a number with separated thousands, rounded half to even; – where it is not known."""
        if value is None or math.isnan(value):
            return UNKNOWN
        written = f"{abs(value):,.{digits}f}"
        sign = "\N{MINUS SIGN}" if value < 0 and written.strip("0.,") else ""
        return sign + written.translate(str.maketrans(".,", self.separators))

    def change(self, value: float) -> str:
        """Return a whole number with its sign."""
        written = self.number(value)
        return f"+{written}" if round(value) > 0 else written

    def band(self, forecast: Forecast, metric: Metric, point: int, digits: int = 0) -> str:
        """Return the band of a metric at a point, such as ``1,062–1,171``."""
        low, high = (forecast.value(metric, level, point) for level in ("p_low", "p_high"))
        return UNKNOWN if low is None else f"{self.number(low, digits)}–{self.number(high, digits)}"

    def with_band(
        self, forecast: Forecast, metric: Metric, point: int, statistic: str = "p50", digits: int = 0
    ) -> str:
        """Return the median (or mean) of a metric with its band, such as ``1,118 (1,062–1,171)``."""
        value = forecast.value(metric, statistic, point)
        if value is None:
            return UNKNOWN
        return f"{self.number(value, digits)} ({self.band(forecast, metric, point, digits)})"

    def day(self, day: date) -> str:
        """Return a date, such as ``26 Feb 2026``."""
        return f"{day.day} {self.texts['months_of_day'][day.month - 1]} {day.year}"

    def month(self, day: date, form: str = "months") -> str:
        """Return a date's month and year; ``form`` names a list of months among the texts."""
        return f"{self.texts[form][day.month - 1]} {day.year}"

    def by_month(self, day: date) -> str:
        """Return month and year as they follow the word *by*."""
        return self.text("by_month", month=self.month(day, "months_by"))

    def futures(self, share: float) -> str:
        """Return the share of futures in a band, such as ``90 of 100 futures``."""
        percent = f"{share * 100:.4g}".replace(".", self.separators[0])
        return self.text("futures", percent=percent)


@cache
def wording(language: str) -> Wording:
    """Return the wording of a language, ``en`` or ``ru``."""
    known = [item.value for item in Language]
    if language not in known:
        raise ParameterError("language", language, f"be one of {', '.join(known)}")
    source = files("herd_engine.figures") / "texts" / f"{language}.json"
    return Wording(Language(language), json.loads(source.read_text(encoding="utf-8")))
