"""Another plan beside the one that is: levers as a manager says them, and what they change."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from herd_engine.errors import ParameterError, UnknownParameterError
from herd_engine.model.forecast import Metric
from herd_engine.model.levers import LEVERS, Unit
from herd_engine.model.scenario import ModelParameters

QUANTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
"""Of the counts and of their difference, over all futures."""


class HowSaid(StrEnum):
    """What a number said of a lever does to where it is."""

    ADDED = "added"
    TIMES = "times"
    SET = "set"


MANAGER_LEVERS = {
    "first_service": ("waiting_period_change", HowSaid.ADDED),
    "conception": ("conception_intensity", HowSaid.TIMES),
    "culling": ("culling_intensity", HowSaid.TIMES),
    "heifer_sales": ("heifer_sales_intensity", HowSaid.TIMES),
    "female_calves": ("female_fraction", HowSaid.SET),
    "calf_loss": ("calf_loss", HowSaid.SET),
    "cow_losses": ("pregnancy_loss_cow", HowSaid.SET),
    "heifer_losses": ("pregnancy_loss_heifer", HowSaid.SET),
    "longest_lactation": ("max_days_in_milk", HowSaid.SET),
}
"""As a manager says them: the parameter, and what the number does to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidLever:
    """A lever and a number, such as ``first_service=+20`` or ``culling=0.9``.

    Attributes
    ----------
    name : str
        Of ``MANAGER_LEVERS``.
    number : float
        Days to add, times as often as now, or the share or days to set: as the lever counts.
    """

    name: str
    number: float

    @classmethod
    def parse(cls, text: str) -> "SaidLever":
        """Read ``NAME=NUMBER``; ParameterError for a lever that is none, or a number that is none."""
        name, _, number = text.partition("=")
        name = name.strip()
        if name not in MANAGER_LEVERS:
            raise UnknownParameterError(name, list(MANAGER_LEVERS))
        try:
            value = float(number.strip().removeprefix("x").removeprefix("×"))
        except ValueError:
            value = np.nan
        if not np.isfinite(value):
            raise ParameterError(name, number, "be a number")
        return cls(name=name, number=value)

    @property
    def parameter(self) -> str:
        """Name of the parameter that it moves."""
        return MANAGER_LEVERS[self.name][0]

    def acted(self, before: float | None) -> float:
        """Return where the parameter is then."""
        how = MANAGER_LEVERS[self.name][1]
        if how is HowSaid.SET:
            after = self.number
        else:
            now = 0.0 if before is None else before
            after = now + self.number if how is HowSaid.ADDED else now * self.number
        if LEVERS[self.parameter].unit is Unit.DAYS:
            if after != round(after):
                raise ParameterError(self.name, self.number, "be whole days")
            return round(after)
        return after


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedLever:
    """A lever that was moved; ``before`` None: as observed on the farm."""

    said: SaidLever
    before: float | None
    after: float

    def document(self) -> dict[str, Any]:
        """Return it as plain values."""
        how, number = MANAGER_LEVERS[self.said.name][1], self.said.number
        formula = {"added": f"before + {number:g}", "times": f"before × {number:g}", "set": f"{number:g}"}[
            how
        ]
        return {
            "name": self.said.name, "parameter": self.said.parameter, "where": None,
            "before": self.before, "after": self.after, "formula": formula, "acts_from": None,
        }  # fmt: skip


def moved_model(
    model: ModelParameters, levers: Sequence[SaidLever]
) -> tuple[ModelParameters, tuple[ChangedLever, ...]]:
    """Return parameters with levers moved, and from where to where each went.

    Raises
    ------
    ParameterError
        A lever is said twice, or goes where the model does not.
    """
    names = [lever.name for lever in levers]
    for name in names:
        if names.count(name) > 1:
            raise ParameterError("lever", name, "be said once")
    changed = []
    for lever in levers:
        before = getattr(model, lever.parameter)
        after = lever.acted(before)
        moved: dict[str, Any] = {lever.parameter: after}
        model = replace(model, **moved)
        changed.append(ChangedLever(said=lever, before=before, after=after))
    return model, tuple(changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedMetric:
    """One metric under both plans, future by future, by date.

    Attributes
    ----------
    metric : Metric
    base, scenario, delta : ndarray of float64, shape (3, dates)
        ``QUANTILES`` over all futures; NaN where a date has no such number.
    mean, se : ndarray of float64, shape (dates,)
        Mean difference, and its Monte Carlo standard error by pairs of futures that share their rates.
    better : ndarray of float64, shape (dates,)
        Share of futures in which the other plan is better: has more, or less of what nobody wants.
    variance_reduction : ndarray of float64, shape (dates,)
        As in ``Difference``.
    is_moved : bool
        Whether any future differs on any date.
    """

    metric: Metric
    base: NDArray[np.float64]
    scenario: NDArray[np.float64]
    delta: NDArray[np.float64]
    mean: NDArray[np.float64]
    se: NDArray[np.float64]
    better: NDArray[np.float64]
    variance_reduction: NDArray[np.float64]
    is_moved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What another plan changes.

    Attributes
    ----------
    as_of : date
    dates : tuple of date
        Record dates; the report date first.
    runs, seed : int
        Futures, the same luck in both plans.
    levers : tuple of ChangedLever
    bought : int
        Animals that the other plan's list buys beyond that of the base.
    metrics : tuple of MovedMetric
    """

    as_of: date
    dates: tuple[date, ...]
    runs: int
    seed: int
    levers: tuple[ChangedLever, ...]
    bought: int
    metrics: tuple[MovedMetric, ...]

    def of(self, metric: Metric) -> MovedMetric:
        """Return one metric."""
        return next(each for each in self.metrics if each.metric is metric)

    @property
    def unmoved(self) -> tuple[Metric, ...]:
        """What no future has otherwise within the horizon: what is done cannot act on it so soon."""
        return tuple(each.metric for each in self.metrics if not each.is_moved)

    def document(self) -> dict[str, Any]:
        """Return it as plain values: ``herd-lab/1``; what is not known is null."""
        return {
            "schema": "herd-lab/1",
            "as_of": self.as_of.isoformat(),
            "runs": self.runs,
            "seed": self.seed,
            "levers": [lever.document() for lever in self.levers],
            "bought": self.bought,
            "segment": None,
            "unmoved": [metric.value for metric in self.unmoved],
            "metrics": [_metric_document(each, self.dates) for each in self.metrics],
        }


def _metric_document(each: MovedMetric, dates: tuple[date, ...]) -> dict[str, Any]:
    known = np.flatnonzero(~np.isnan(each.mean))
    ordered = known[np.argsort(each.mean[known], kind="stable")]
    months = []
    for place, day in enumerate(dates):
        quantiles = {
            name: dict(zip(QUANTILES, map(_plain, values[:, place]), strict=True))
            for name, values in (("base", each.base), ("scenario", each.scenario), ("delta", each.delta))
        }
        quantiles["delta"] |= {
            "mean": _plain(each.mean[place]), "se": _plain(each.se[place]),
            "share_better": _plain(each.better[place]),
        }  # fmt: skip
        months.append({"date": day.isoformat(), **quantiles})
    summary = {
        "most": dates[ordered[-1]].isoformat() if len(ordered) else None,
        "least": dates[ordered[0]].isoformat() if len(ordered) else None,
        "variance_reduction": _plain(each.variance_reduction[-1]),
    }
    unit = "days" if each.metric is Metric.AVG_DAYS_IN_MILK else "head"
    return {"metric": each.metric.value, "unit": unit, "months": months, "summary": summary}


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
