"""What a forecast says now against what the one before said, and why."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from herd_engine.charts.table import LEVELS
from herd_engine.model.forecast import STOCKS, Forecast, Metric
from herd_engine.scenarios.differences import FieldDifference, differences

A_YEAR_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One metric on one day: the medians of the two forecasts, and the band of the earlier one."""

    metric: Metric
    day: date
    before: float
    before_low: float
    before_high: float
    now: float

    @property
    def is_within_band(self) -> bool:
        """Whether the later forecast's median lies in the band of the earlier one."""
        return self.before_low <= self.now <= self.before_high

    def document(self) -> dict[str, Any]:
        """Return the same as plain values, fit for JSON."""
        values = asdict(self) | {"metric": self.metric.value, "day": self.day.isoformat()}
        return {**values, "is_within_band": self.is_within_band}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastChanges:
    """What is different from an earlier forecast.

    Attributes
    ----------
    previous_report_date : date
    checks : tuple of Shift
        The herd as it is now, against what had been expected of it: the earlier forecast between its
        month starts, counts only. Empty where the earlier forecast is not older.
    shifts : tuple of Shift
        The later forecast against the earlier one on a common month start: the first, and one about a
        year ahead.
    settings : tuple of FieldDifference
        Fields of the scenario, seed and number of replicates.
    version : tuple of str, length 2, or None
        Engine versions where they differ.
    new_issues, gone_issues : tuple of str
        Codes of what is remarkable about the file, not so before; and the other way round.
    """

    previous_report_date: date
    checks: tuple[Shift, ...]
    shifts: tuple[Shift, ...]
    settings: tuple[FieldDifference, ...]
    version: tuple[str, str] | None
    new_issues: tuple[str, ...]
    gone_issues: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return the same as plain values, fit for JSON."""
        return {
            "schema": "herd-changes/1",
            "previous_report_date": self.previous_report_date.isoformat(),
            "checks": [each.document() for each in self.checks],
            "shifts": [each.document() for each in self.shifts],
            "settings": [each._asdict() for each in self.settings],
            "version": None if self.version is None else list(self.version),
            "new_issues": list(self.new_issues),
            "gone_issues": list(self.gone_issues),
        }


def changes_since(
    forecast: Forecast, previous: Forecast, payload: Mapping[str, Any], previous_payload: Mapping[str, Any]
) -> ForecastChanges:
    """Compare a forecast with the one before.

    Parameters
    ----------
    forecast, previous : Forecast
    payload, previous_payload : mapping
        ``herd_m5_v2`` of their runs.
    """
    versions = previous.meta.engine_version, forecast.meta.engine_version
    before, now = ({issue.code for issue in item.meta.quality} for item in (previous, forecast))
    return ForecastChanges(
        previous_report_date=previous.meta.report_date,
        checks=_checks(forecast, previous),
        shifts=_shifts(forecast, previous),
        settings=tuple(differences(previous_payload, payload)),
        version=None if versions[0] == versions[1] else versions,
        new_issues=tuple(sorted(now - before)),
        gone_issues=tuple(sorted(before - now)),
    )


def _checks(forecast: Forecast, previous: Forecast) -> tuple[Shift, ...]:
    """Return what was expected on the new report date, linear between the earlier forecast's dates."""
    day = forecast.dates[0]
    later = next((i for i, date_ in enumerate(previous.dates) if date_ >= day), None)
    if not later:
        return ()
    first, second = previous.dates[later - 1], previous.dates[later]
    share = (day - first).days / (second - first).days

    def expected(metric: Metric, level: str) -> float:
        values = getattr(previous.series[metric], level)
        return float(values[later - 1] * (1 - share) + values[later] * share)

    return tuple(
        Shift(
            metric=metric,
            day=day,
            before=expected(metric, "p50"),
            before_low=expected(metric, "p_low"),
            before_high=expected(metric, "p_high"),
            now=float(forecast.series[metric].p50[0]),
        )
        for metric in STOCKS
    )


def _shifts(forecast: Forecast, previous: Forecast) -> tuple[Shift, ...]:
    common = sorted(set(forecast.dates[1:]) & set(previous.dates[1:]))
    days = dict.fromkeys([common[0], common[min(A_YEAR_MONTHS, len(common)) - 1]] if common else [])
    return tuple(
        shift for day in days for metric in LEVELS for shift in _shift(forecast, previous, metric, day)
    )


def _shift(forecast: Forecast, previous: Forecast, metric: Metric, day: date) -> list[Shift]:
    """Return the shift of one metric; none where one of the forecasts has no such number."""
    now = forecast.value(metric, "p50", forecast.dates.index(day))
    point = previous.dates.index(day)
    before, low, high = (previous.value(metric, level, point) for level in ("p50", "p_low", "p_high"))
    if now is None or before is None or low is None or high is None:
        return []
    return [Shift(metric=metric, day=day, before=before, before_low=low, before_high=high, now=now)]
