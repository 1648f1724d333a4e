"""What a comparison of forecasts returns."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.forecast import Metric, Series

MORE_IS_BETTER: dict[Metric, bool] = {
    Metric.MILKING_COUNT: True,
    Metric.CULLS: False,
    Metric.PURCHASES_IN: False,
}
"""Metrics of which every farm would say so; more of the others is just more."""
DIFFERENCE_LEVELS = {"p_low": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p_high": 0.95}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How much more of one metric a run has than the base, by date; shape (dates,) each.

    NaN where a date has no such number, or where the two runs count events over unlike periods.

    Attributes
    ----------
    series : Series
        Mean and quantiles (``DIFFERENCE_LEVELS``) of the difference over replicates, in the metric's
        unit, with Monte Carlo standard errors.
    more, less : ndarray of float64
        Share of replicates in which the run has more, or less; in the rest the two are equal.
    mcse_more, mcse_less : ndarray of float64
        Monte Carlo standard errors of these shares.
    variance_reduction : ndarray of float64
        (Var run + Var base) / Var difference: how many times more replicates the same precision would
        take without common random numbers. NaN where the difference never varies.
    """

    series: Series
    more: NDArray[np.float64]
    less: NDArray[np.float64]
    mcse_more: NDArray[np.float64]
    mcse_less: NDArray[np.float64]
    variance_reduction: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedRun:
    """One run against the base.

    Attributes
    ----------
    key : str
    is_paired : bool
        Whether replicate r of both is the same luck: same herd file, seed and random scheme. Otherwise
        the two are compared as independent samples, and the bands of the differences are wide.
    n_replicates : int
        Of the smaller of the two.
    differences : dict of Metric to Difference
        All metrics.
    """

    key: str
    is_paired: bool
    n_replicates: int
    differences: dict[Metric, Difference]

    def better(self, metric: Metric) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the share of replicates in which this run is better than the base, and its error.

        Of a metric without a better (``MORE_IS_BETTER``): in which it has more.
        """
        difference = self.differences[metric]
        if MORE_IS_BETTER.get(metric, True):
            return difference.more, difference.mcse_more
        return difference.less, difference.mcse_less


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Runs of one farm against one of them.

    Attributes
    ----------
    base : str
        Key of the base.
    dates : tuple of date
        Record dates that all the runs share.
    runs : tuple of ComparedRun
        The others, in the order given.
    """

    base: str
    dates: tuple[date, ...]
    runs: tuple[ComparedRun, ...]
