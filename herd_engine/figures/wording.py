"""Texts, numbers and dates in the language of the reader."""

import json
import math
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from herd_engine.errors import ParameterError
from herd_engine.model.forecast import Forecast, Metric, Stability
from herd_engine.model.quality import QualityIssue
from herd_engine.model.scenario import Mode, ModelParameters, changed_but_unread

UNKNOWN = "–"
_DAYS = ("report_date", "latest_date")  # params of issues
_DECIMAL_AND_THOUSANDS = {"en": ".,", "ru": ",\N{NO-BREAK SPACE}"}


class Language(StrEnum):
    """Languages with a file of texts."""

    ENGLISH = "en"
    RUSSIAN = "ru"


@dataclass(frozen=True)
class Wording:
    """The texts of one language and how it writes numbers and dates.

    ``issues`` holds the texts of issues by ``kinds``, and words for the ``values`` of their params;
    English has none, because issues bring their English along.
    """

    language: Language
    texts: dict[str, Any]
    issues: dict[str, Any] = field(default_factory=dict)

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

    def forecast_name(self, name: str) -> str:
        """Return what to call the forecasts of a mode or of a baseline; its own name where there is none."""
        return str(self.texts["forecasts"].get(name, name))

    def issue(self, issue: QualityIssue) -> str:
        """Return what an issue says; in English where the language has no words for it."""
        try:
            text = self.issues["kinds"][str(issue.params.get("kind", issue.code))]
            facts = {name: self._fact(name, value) for name, value in issue.params.items()}
            return str(text).format_map({"row_count": self.number(issue.row_count), **facts})
        except (KeyError, ValueError):  # a kind, or params, that these texts do not know
            return issue.message

    def _fact(self, name: str, value: str | float | list[str]) -> str:
        """Return a param of an issue as it reads in a sentence."""
        if isinstance(value, list):
            return ", ".join(value) or UNKNOWN
        if not isinstance(value, str):
            return self.number(value)
        if name in _DAYS:
            return self.day(date.fromisoformat(value))
        return str(self.issues["values"].get(name, {}).get(value, value)) or UNKNOWN

    def unread_note(self, mode: str, model: ModelParameters) -> str:
        """Return which changed parameters another mode does not read; nothing where it reads them all."""
        unread = [f"{name} = {value}" for name, value in changed_but_unread(Mode(mode), model)]
        if not unread:
            return ""
        return self.text("note_unread", mode=self.forecast_name(mode), settings=", ".join(unread))

    def cap_warning(self, days: int | None, out: int, dry: int) -> str:
        """Return what the cap on days in milk did on the report date."""
        return self.text("warning_cap", days=str(days), out=str(out), dry=str(dry))

    def runs_warning(self, runs: int, tail: float) -> str:
        """Return that there are too few runs for the band."""
        return self.text("warning_runs", runs=self.number(runs), beyond=self.number(runs * tail, 1))

    def unstable_warning(self, stability: Stability) -> str:
        """Return that the bands are not stable after as many runs as were allowed."""
        runs, left = self.number(stability.most_runs), self.number(stability.n_unsettled)
        return self.text("warning_unstable", runs=runs, left=left)

    def stability_note(self, stability: Stability) -> str:
        """Return how the number of runs was found."""
        key = "note_stable" if stability.is_stable else "note_unstable"
        checked = ", ".join(map(self.number, stability.checked_at))
        return self.text(key, runs=self.number(stability.checked_at[-1]), checked=checked)

    def sentences(self, forecast: Forecast) -> dict[str, str]:
        """Return the English sentences that a forecast can carry, each in this language."""
        english, meta = wording(Language.ENGLISH), forecast.meta
        cap = meta.scenario.model.max_days_in_milk, meta.capped_out, meta.capped_dry
        few = meta.runs, meta.scenario.tail
        own = () if meta.stability is None else (meta.stability,)
        return {
            **{issue.message: self.issue(issue) for issue in meta.quality},
            **{text: self.texts[key] for key, text in english.texts.items() if key.startswith("assumption_")},
            english.cap_warning(*cap): self.cap_warning(*cap),
            english.runs_warning(*few): self.runs_warning(*few),
            **{english.unstable_warning(each): self.unstable_warning(each) for each in own},
        }

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
    folder = files("herd_engine.figures") / "texts"
    names = (language, "issues_ru") if language == Language.RUSSIAN else (language,)
    return Wording(
        Language(language), *(json.loads((folder / f"{name}.json").read_text("utf-8")) for name in names)
    )
