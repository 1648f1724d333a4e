"""When there are replicates enough: another seed would hardly move the bands of any month.

The question is asked after fixed numbers of replicates, of the first n alone; so the answer, and with it the
result, is the same on any number of threads or workers.
"""

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.summary import series_of
from herd_engine.model.draws import metric_values
from herd_engine.model.forecast import Metric, Simulation

FIRST_CHECK = 200
CONFIDENCE = 1.96
"""Standard errors of the half width: 95 of 100 other seeds give a quantile within it."""
OF_LEVEL, OF_SD = 0.005, 0.1
ONE_ANIMAL = 1.0
"""A count cannot be told more finely: where a quantile lies between two counts, it goes on falling on one
or the other however many the replicates are. Without this, 20,000 are not enough for any herd tried."""
JUDGED = ("p_low", "p50", "p_high")


def checkpoints(most: int) -> tuple[int, ...]:
    """Return after how many replicates it is asked whether there are enough: 200, 400, 800 … and the most.

    Examples
    --------
    >>> checkpoints(1000)
    (200, 400, 800, 1000)
    """
    doubled = [FIRST_CHECK]
    while doubled[-1] < most:
        doubled.append(2 * doubled[-1])
    return (*(n for n in doubled if n < most), most)


def count_unsettled(simulation: Simulation, levels: dict[str, float], *, in_pairs: bool = False) -> int:
    """Return how many numbers of a forecast are not stable: ends and middles of bands, by metric and month.

    Parameters
    ----------
    simulation : Simulation
    levels : dict of str to float
    in_pairs : bool
        As of ``summarize``.
    """
    counts, sums = simulation.counts, simulation.days_in_milk_sum
    return sum(
        int(
            is_unsettled(
                metric_values(counts, sums, metric), levels, is_count=is_count, in_pairs=in_pairs
            ).sum()
        )
        for metric in Metric
        for is_count in (metric is not Metric.AVG_DAYS_IN_MILK,)
    )


def is_unsettled(
    values: NDArray[np.float64], levels: dict[str, float], *, is_count: bool, in_pairs: bool = False
) -> NDArray[np.bool_]:
    """Tell which quantiles of a metric another seed may still move.

    Parameters
    ----------
    values : ndarray of float64, shape (replicates, months + 1)
        NaN where nothing is known.
    levels : dict of str to float
    is_count : bool
        Whether the metric counts animals.
    in_pairs : bool
        As of ``series_of``.

    Returns
    -------
    ndarray of bool, shape (len(JUDGED), months + 1)
        True where the half width, 1.96 Monte Carlo standard errors, is neither within 0.5 % of the quantile
        nor within 0.1 standard deviations of the metric, nor, of a count, below one animal.
    """
    series = series_of(values, levels, in_pairs=in_pairs)
    known = np.count_nonzero(~np.isnan(values), axis=0)
    by_pairs = np.sqrt(1 + np.nan_to_num(series.parameter_share))
    deviation = series.mcse_mean * np.sqrt(known) / by_pairs
    unsettled = []
    for name in JUDGED:
        quantile = getattr(series, name)
        half_width = CONFIDENCE * getattr(series, f"mcse_{name}")
        allowed = np.maximum(OF_LEVEL * np.abs(quantile), OF_SD * deviation)
        # Between two counts the standard error is half an animal at most, but for what pairs share.
        settled = (half_width <= allowed) | (is_count & (half_width < ONE_ANIMAL * by_pairs))
        unsettled.append(~settled & ~np.isnan(quantile))
    return np.array(unsettled)
