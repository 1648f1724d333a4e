"""Two plans of one herd with the same luck in both: what differs is the plan."""

from collections.abc import Callable
from datetime import date

import numpy as np
from numpy.typing import NDArray

from herd_engine.forecasting.comparison import difference_of
from herd_engine.model.comparison import MORE_IS_BETTER
from herd_engine.model.draws import metric_values
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.forecast import Metric, Simulation
from herd_engine.model.scenario import Scenario
from herd_engine.model.whatif import QUANTILES, ChangedLever, MovedMetric, WhatIf

Simulate = Callable[[Scenario], Simulation]


def what_if(
    simulate: Simulate,
    report_date: date,
    seed: int,
    base: Scenario,
    other: Scenario,
    levers: tuple[ChangedLever, ...],
) -> WhatIf:
    """Return what another plan changes, future by future.

    Parameters
    ----------
    simulate : callable
        Returns the futures of a plan: the same luck for every plan.
    report_date : date
    seed : int
        Of that luck.
    base, other : Scenario
        Of one horizon.
    levers : tuple of ChangedLever
        What was said to come from the one to the other.
    """
    one, two = simulate(base), simulate(other)
    in_pairs = base.draws_parameters or other.draws_parameters
    return WhatIf(
        as_of=report_date,
        dates=(report_date, *month_starts(report_date, base.horizon_months)),
        runs=len(one.counts),
        seed=seed,
        levers=levers,
        bought=sum(each.count for each in other.purchases) - sum(each.count for each in base.purchases),
        metrics=tuple(_moved(metric, one, two, in_pairs=in_pairs) for metric in Metric),
    )


def _moved(metric: Metric, one: Simulation, two: Simulation, *, in_pairs: bool) -> MovedMetric:
    before, after = (metric_values(each.counts, each.days_in_milk_sum, metric) for each in (one, two))
    found = difference_of(after, before, is_paired=True, in_pairs=in_pairs)
    return MovedMetric(
        metric=metric,
        base=_quantiles(before),
        scenario=_quantiles(after),
        delta=_quantiles(after - before),
        mean=found.series.mean,
        se=found.series.mcse_mean,
        better=found.more if MORE_IS_BETTER.get(metric, True) else found.less,
        variance_reduction=found.variance_reduction,
        is_moved=bool(np.nan_to_num(after - before).any()),
    )


def _quantiles(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``QUANTILES`` by date, shape (3, dates); NaN where a date has a future without the number."""
    found: NDArray[np.float64] = np.quantile(values, list(QUANTILES.values()), axis=0)
    return found
