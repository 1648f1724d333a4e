"""Lists and formulas become distributions over whole days."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from herd_engine.model.tables import DayDistribution

PEAK_FROM_DAYS = 200
"""Conception → dry-off: values from here on form the planned peak, earlier ones the tail."""


def empirical(values: NDArray[np.int64]) -> DayDistribution:
    """Return the distribution of a uniform pick from a list of positive days."""
    first = int(values.min())
    counts = np.bincount(values - first)
    return DayDistribution(first_day=first, probability=counts / len(values), n_observed=len(values))


def log_normal(values: NDArray[np.int64]) -> DayDistribution:
    """Return the log-normal of a list's mean and variance, rounded, clamped to its minimum … maximum.

    Notes
    -----
    s² = ln(1 + var / mean²) with the n - 1 variance, m = ln(mean) - s² / 2. The mass beyond the ends
    goes to the ends. A list without spread gives its single value.
    """
    mean, low, high = values.mean(), int(values.min()), int(values.max())
    if low == high:
        return empirical(values)
    sigma = float(np.sqrt(np.log1p(values.var(ddof=1) / mean**2)))
    mu = float(np.log(mean)) - sigma**2 / 2
    z = (np.log(np.arange(low, high) + 0.5) - mu) / sigma
    return _between_edges(z.astype(np.float64), low, len(values))


def rounded_normal(mean: float, sd: float, low: int, high: int) -> DayDistribution:
    """Return normal(mean, sd) rounded to whole days and clamped to low … high."""
    z = (np.arange(low, high) + 0.5 - mean) / sd
    return _between_edges(z.astype(np.float64), low, 0)


def truncated_normal(mean: float, sd: float, low: int, high: int) -> DayDistribution:
    """Return normal(mean, sd) in whole days, restricted to low … high: nothing heaps at the ends."""
    z = (np.arange(low, high + 2) - 0.5 - mean) / sd
    probability = np.diff(ndtr(z))
    return DayDistribution(first_day=low, probability=probability / probability.sum(), n_observed=0)


def dry_off_mixture(values: NDArray[np.int64]) -> DayDistribution:
    """Return the two-part distribution of conception → dry-off.

    With the observed share of values ≥ 200: a normal of their mean and standard deviation (≥ 1),
    clamped to their range; else a whole day uniform between the tail's minimum and min(199, its
    maximum). Without any values: normal(220, 10) clamped to 34 … 239 (an assumption).
    """
    if not len(values):
        return rounded_normal(220.0, 10.0, 34, 239)
    peak, tail = values[values >= PEAK_FROM_DAYS], values[values < PEAK_FROM_DAYS]
    probability = np.zeros(int(values.max()) + 1)
    if len(peak):
        sd = max(1.0, float(peak.std(ddof=1))) if len(peak) > 1 else 1.0
        part = rounded_normal(float(peak.mean()), sd, int(peak.min()), int(peak.max()))
        probability[part.days] += part.probability * len(peak) / len(values)
    if len(tail):
        low, high = int(tail.min()), int(tail.max())
        probability[low : high + 1] += len(tail) / len(values) / (high - low + 1)
    first = int(np.flatnonzero(probability)[0])
    return DayDistribution(first_day=first, probability=probability[first:], n_observed=len(values))


def _between_edges(z: NDArray[np.float64], low: int, n_observed: int) -> DayDistribution:
    """Return the standard normal mass between edges, the tails at the ends; precise in both tails."""
    lower = np.concatenate([[-np.inf], z])
    upper = np.concatenate([z, [np.inf]])
    probability = np.where(lower > 0, ndtr(-lower) - ndtr(-upper), ndtr(upper) - ndtr(lower))
    return DayDistribution(first_day=low, probability=probability, n_observed=n_observed)
