"""What a simulation and a forecast return."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.message import Fact, Message, Severity
from herd_engine.model.quality import QualityIssue
from herd_engine.model.scenario import Scenario


class Metric(StrEnum):
    """What is recorded on each month start, in the order of result tables."""

    MILKING_COUNT = "milking_count"
    DRY_COUNT = "dry_count"
    HEIFER_COUNT = "heifer_count"
    PREGNANT_HEIFER_COUNT = "pregnant_heifer_count"
    AVG_DAYS_IN_MILK = "avg_days_in_milk"
    CALVINGS = "calvings"
    DRYOFFS = "dryoffs"
    CULLS = "culls"
    PURCHASES_IN = "purchases_in"
    HEIFER_INTROS = "heifer_intros"

    @property
    def digits(self) -> int:
        """The decimals that people are shown: counts are whole, days in milk have one."""
        return 1 if self is Metric.AVG_DAYS_IN_MILK else 0


STOCKS = (Metric.MILKING_COUNT, Metric.DRY_COUNT, Metric.HEIFER_COUNT, Metric.PREGNANT_HEIFER_COUNT)
EVENTS = (Metric.CALVINGS, Metric.DRYOFFS, Metric.CULLS, Metric.PURCHASES_IN, Metric.HEIFER_INTROS)


COUNT_COLUMNS: tuple[str, ...] = (*STOCKS, *EVENTS, "heifer_births")
"""Last axis of ``Simulation.counts``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Every replicate of a herd under one scenario, as integers.

    Attributes
    ----------
    counts : ndarray of int32, shape (replicates, months + 1, len(COUNT_COLUMNS))
        Record 0 is the report date (after the cap on days in milk, where one is set); its events
        are 0. Events of record m happened after record m - 1, up to and including its date.
    days_in_milk_sum : ndarray of int64, shape (replicates, months + 1)
        Sum of days in milk over milking cows.
    capped_out, capped_dry : int
        Animals that the cap on days in milk removed, or dried off, on the report date.
    """

    counts: NDArray[np.int32]
    days_in_milk_sum: NDArray[np.int64]
    capped_out: int
    capped_dry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One metric over the record dates, shape (months + 1,) each; NaN where nothing is known.

    Attributes
    ----------
    mean, p_low, p25, p50, p75, p_high : ndarray of float64
        Mean and quantiles over replicates, linear interpolation between order statistics.
    mcse_mean, mcse_p_low, mcse_p25, mcse_p50, mcse_p75, mcse_p_high : ndarray of float64
        Monte Carlo standard errors of the six.
    parameter_share : ndarray of float64
        Of the variance over replicates, the share that comes from not knowing the farm's rates; the rest is
        chance. NaN where replicates do not draw their rates, or do not vary.
    """

    mean: NDArray[np.float64]
    p_low: NDArray[np.float64]
    p25: NDArray[np.float64]
    p50: NDArray[np.float64]
    p75: NDArray[np.float64]
    p_high: NDArray[np.float64]
    mcse_mean: NDArray[np.float64]
    mcse_p_low: NDArray[np.float64]
    mcse_p25: NDArray[np.float64]
    mcse_p50: NDArray[np.float64]
    mcse_p75: NDArray[np.float64]
    mcse_p_high: NDArray[np.float64]
    parameter_share: NDArray[np.float64]


STATISTICS = ("mean", "p_low", "p25", "p50", "p75", "p_high")


def levels_of(scenario: Scenario) -> dict[str, float]:
    """Return the quantile levels of ``p_low`` … ``p_high``."""
    return {"p_low": scenario.tail, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p_high": 1 - scenario.tail}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """How a forecast came to its number of replicates, where it was to be made until its bands are stable.

    Attributes
    ----------
    most_runs : int
        Where it was to stop at the latest.
    checked_at : tuple of int
        Numbers of replicates after which it was asked whether there are enough; the last is the forecast's.
    n_unsettled : int
        How many numbers, by metric, month and quantile, were not stable when it stopped.
    """

    most_runs: int
    checked_at: tuple[int, ...]
    n_unsettled: int

    @property
    def is_stable(self) -> bool:
        """Whether another seed would hardly move any band."""
        return not self.n_unsettled

    @property
    def said(self) -> Message:
        """How the number of replicates was found."""
        facts: dict[str, Fact] = {"runs": self.checked_at[-1], "checked": list(self.checked_at)}
        if self.is_stable:
            return Message("note_stable", facts)
        return Message("note_unstable", facts, Severity.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastMeta:
    """Where a forecast comes from; enough to run it again.

    ``stability`` is None where the number of replicates was given.
    """

    engine: str
    engine_version: str
    random_scheme: str
    scenario: Scenario
    seed: int
    runs: int
    dataset_name: str
    dataset_sha256: str
    report_date: date
    herd_counts: dict[str, int]
    excluded: dict[str, int]
    capped_out: int
    capped_dry: int
    assumptions: tuple[Message, ...]
    warnings: tuple[Message, ...]
    quality: tuple[QualityIssue, ...]
    stability: Stability | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """A herd's future with bands.

    Attributes
    ----------
    meta : ForecastMeta
    dates : tuple of date
        Record dates; the first is the report date itself, as observed.
    series : dict of Metric to Series
        All metrics; events are NaN at the report date.
    timing : dict of str to float
        Seconds by stage: the only part in which two equal forecasts differ.
    """

    meta: ForecastMeta
    dates: tuple[date, ...]
    series: dict[Metric, Series]
    timing: dict[str, float] = field(default_factory=dict)

    @property
    def levels(self) -> dict[str, float]:
        """Quantile levels of ``p_low`` … ``p_high``."""
        return levels_of(self.meta.scenario)

    def period_start(self, point: int) -> date | None:
        """Return the first day whose events a record counts; None for the report date."""
        return self.dates[point - 1] + timedelta(days=1) if point else None

    def is_partial(self, point: int) -> bool:
        """Tell whether a record counts the events of less than a month, as the first one often does."""
        return point > 0 and self.dates[point - 1].day != 1

    def month_of(self, point: int) -> date | None:
        """Return the first of the month that a record closes: 2 Mar … 1 Apr is March; None for record 0."""
        return (self.dates[point] - timedelta(days=1)).replace(day=1) if point else None

    def value(self, metric: Metric, statistic: str, point: int) -> float | None:
        """Return one number, None where nothing is known."""
        number: Any = getattr(self.series[metric], statistic)[point]
        return None if np.isnan(number) else float(number)
