"""Runs → means, quantiles and their Monte Carlo standard errors."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from herd_engine.model.forecast import COUNT_COLUMNS, EVENTS, Metric, Series, Simulation


def summarize(simulation: Simulation, levels: dict[str, float]) -> dict[Metric, Series]:
    """Summarize all runs of a simulation, metric by metric.

    Parameters
    ----------
    simulation : Simulation
    levels : dict of str to float
        Quantile levels of ``p_low``, ``p50`` and ``p_high``.

    Returns
    -------
    dict of Metric to Series
        Events are NaN at the report date; days in milk are NaN where no run has a milking cow.
    """
    return {metric: _series(_values(simulation, metric), levels) for metric in Metric}


def _values(simulation: Simulation, metric: Metric) -> NDArray[np.float64]:
    """Return one metric of all runs, shape (runs, months + 1); NaN where it is not defined."""
    if metric is Metric.AVG_DAYS_IN_MILK:
        milking = simulation.counts[:, :, COUNT_COLUMNS.index(Metric.MILKING_COUNT)]
        average = np.full(milking.shape, np.nan)
        np.divide(simulation.days_in_milk_sum, milking, out=average, where=milking > 0)
        return average
    values = simulation.counts[:, :, COUNT_COLUMNS.index(metric)].astype(np.float64)
    if metric in EVENTS:
        values[:, 0] = np.nan
    return values


def _series(values: NDArray[np.float64], levels: dict[str, float]) -> Series:
    columns = [_column(np.sort(column[~np.isnan(column)]), levels) for column in values.T]
    return Series(**{name: np.array([column[name] for column in columns]) for name in columns[0]})


def _column(ordered: NDArray[np.float64], levels: dict[str, float]) -> dict[str, float]:
    """Summarize the sorted values of one month."""
    n = len(ordered)
    if n == 0:
        names = ["mean", "mcse_mean", *levels, *(f"mcse_{name}" for name in levels)]
        return dict.fromkeys(names, np.nan)
    spread = ordered.std(ddof=1) if n > 1 else np.nan
    result = {"mean": float(ordered.mean()), "mcse_mean": float(spread / np.sqrt(n))}
    for name, level in levels.items():
        result[name] = float(np.quantile(ordered, level))
        result[f"mcse_{name}"] = quantile_standard_error(ordered, level)
    return result


def quantile_standard_error(ordered: NDArray[np.float64], level: float) -> float:
    """Return the Maritz-Jarrett standard error of a quantile.

    Parameters
    ----------
    ordered : ndarray of float64, shape (n,)
        Sorted.
    level : float
        Within 0 … 1.

    Returns
    -------
    float
        NaN for fewer than two values.

    References
    ----------
    .. [1] Maritz, J. S., Jarrett, R. G. (1978). A note on estimating the variance of the sample
       median. J. Am. Stat. Assoc. 73, 194-196. https://doi.org/10.1080/01621459.1978.10480027
    """
    n = len(ordered)
    if n < 2:
        return float("nan")
    rank = level * (n - 1) + 1  # of the quantile among the order statistics, as numpy interpolates
    weights = np.diff(betainc(rank, n - rank + 1, np.arange(n + 1) / n))
    centered = ordered - ordered[int(level * (n - 1))]
    first, second = weights @ centered, weights @ centered**2
    return float(np.sqrt(max(second - first**2, 0.0)))
