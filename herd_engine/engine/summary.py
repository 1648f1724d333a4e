"""Replicates → means, quantiles and their Monte Carlo standard errors."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc

from herd_engine.model.draws import metric_values
from herd_engine.model.forecast import Metric, Series, Simulation

_ROUNDING = 1e-12
"""A variance that is less than this part of the mean's square is rounding."""


def summarize(
    simulation: Simulation, levels: dict[str, float], *, in_pairs: bool = False
) -> dict[Metric, Series]:
    """Summarize all replicates of a simulation, metric by metric.

    Parameters
    ----------
    simulation : Simulation
    levels : dict of str to float
        Quantile levels of ``p_low``, ``p25``, ``p50``, ``p75`` and ``p_high``.
    in_pairs : bool
        Whether replicates 0 and 1, 2 and 3, … share their parameters.

    Returns
    -------
    dict of Metric to Series
        Events are NaN at the report date; days in milk are NaN where no replicate has a milking cow.
    """
    counts, sums = simulation.counts, simulation.days_in_milk_sum
    return {
        metric: series_of(metric_values(counts, sums, metric), levels, in_pairs=in_pairs) for metric in Metric
    }


def series_of(values: NDArray[np.float64], levels: dict[str, float], *, in_pairs: bool = False) -> Series:
    """Summarize one metric, shape (replicates, months + 1), over those in which it is known (not NaN).

    Replicates in pairs are less than independent: standard errors grow by the root of 1 + what pairs share.
    """
    ordered = np.sort(values, axis=0)  # NaN goes to the end
    known = np.count_nonzero(~np.isnan(values), axis=0)
    names = ("mean", *levels)
    result = {name: np.full(len(known), np.nan) for name in (*names, *(f"mcse_{name}" for name in names))}
    share = parameter_share(values) if in_pairs else np.full(len(known), np.nan)
    for n in np.unique(known[known > 0]):  # months with equally many known replicates together
        months = known == n
        block = ordered[:n, months]
        result["mean"][months] = block.mean(axis=0)
        if n > 1:
            result["mcse_mean"][months] = block.std(axis=0, ddof=1) / np.sqrt(n)
        for name, level in levels.items():
            result[name][months] = np.quantile(block, level, axis=0)
            result[f"mcse_{name}"][months] = quantile_standard_error(block, level)
    if in_pairs:
        for name in names:
            result[f"mcse_{name}"] *= np.sqrt(1 + np.nan_to_num(share))
    return Series(**result, parameter_share=share)


def parameter_share(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of the variance that two replicates of one draw of the parameters have in common.

    The variance over replicates is Var(E[x | parameters]) + E[Var(x | parameters)]; the first is the
    covariance of the two of a pair. An estimate below 0 is 0; NaN where nothing varies, or there are fewer
    than two pairs.

    Parameters
    ----------
    values : ndarray of float64, shape (replicates, columns)

    Returns
    -------
    ndarray of float64, shape (columns,)
    """
    n = len(values) // 2 * 2
    one, other = values[:n:2], values[1:n:2]
    known = ~(np.isnan(one) | np.isnan(other))
    pairs = np.count_nonzero(known, axis=0)
    enough = np.maximum(pairs, 1)
    mean = np.where(known, one + other, 0.0).sum(axis=0) / (2 * enough)
    a, b = (np.where(known, half - mean, 0.0) for half in (one, other))
    common, variance = (a * b).sum(axis=0) / enough, (a**2 + b**2).sum(axis=0) / (2 * enough)
    varies = (pairs >= 2) & (variance > _ROUNDING * np.maximum(mean**2, 1.0))
    share = np.divide(common, variance, out=np.full(len(variance), np.nan), where=varies)
    clipped: NDArray[np.float64] = np.clip(share, 0.0, 1.0)
    return clipped


def quantile_standard_error(ordered: NDArray[np.float64], level: float) -> NDArray[np.float64]:
    """Return the Maritz-Jarrett standard error of a quantile.

    Parameters
    ----------
    ordered : ndarray of float64, shape (n, columns)
        Sorted along the first axis.
    level : float
        Within 0 … 1.

    Returns
    -------
    ndarray of float64, shape (columns,)
        NaN for fewer than two values.

    References
    ----------
    .. [1] Maritz, J. S., Jarrett, R. G. (1978). A note on estimating the variance of the sample
       median. J. Am. Stat. Assoc. 73, 194-196. https://doi.org/10.1080/01621459.1978.10480027
    """
    n = len(ordered)
    if n < 2:
        return np.full(ordered.shape[1], np.nan)
    rank = level * (n - 1) + 1  # of the quantile among the order statistics, as numpy interpolates
    # Sums of products, not matrix products: those of BLAS differ in the last bit with its number of threads.
    weights = np.diff(betainc(rank, n - rank + 1, np.arange(n + 1) / n))[:, np.newaxis]
    centered = ordered - ordered[int(rank) - 1]
    variance: NDArray[np.float64] = (weights * centered**2).sum(axis=0) - (weights * centered).sum(
        axis=0
    ) ** 2
    return np.sqrt(np.maximum(variance, 0.0))
