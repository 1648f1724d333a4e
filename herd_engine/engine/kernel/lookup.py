"""Inverse distribution functions and exit times as table look-ups."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.kernel.compiled import inlined
from herd_engine.model.tables import DayDistribution

FAR = np.int64(2**30)
"""A day that never comes."""

_GUIDE_BINS = 1024


class DayLookup(NamedTuple):
    """A distribution over whole days, ready for conditional inversion.

    Attributes
    ----------
    at_least : ndarray of float64, shape (last_day + 2,)
        ``at_least[d]`` = P(X >= d), from exactly 1 down to exactly 0: precise in the upper tail, where
        animals that are overdue look.
    guide : ndarray of int32, shape (bins + 1,)
        ``guide[i]`` = smallest day d with P(X > d) < (i + 1) / bins: where a search may start.
    """

    at_least: NDArray[np.float64]
    guide: NDArray[np.int32]


def day_lookup(distribution: DayDistribution) -> DayLookup:
    """Tabulate a distribution for ``draw_at_least``."""
    left = np.cumsum(distribution.probability[::-1])[::-1]
    at_least = np.concatenate([np.ones(distribution.first_day), left / left[0], [0.0]])
    bins = np.arange(1, _GUIDE_BINS + 2) / _GUIDE_BINS
    guide = np.searchsorted(-at_least[1:], -bins, side="right")
    return DayLookup(at_least, np.minimum(guide, len(at_least) - 2).astype(np.int32))


@inlined
def draw_at_least(lookup, bound, u):
    """Return the day at uniform ``u`` of the distribution restricted to days >= bound; -1 if none is left."""
    if bound > lookup.at_least.shape[0] - 2 or lookup.at_least[bound] == 0.0:
        return np.int64(-1)
    # The smallest day d with P(X > d) < (1 - u) P(X >= bound).
    target = (1.0 - u) * lookup.at_least[bound]
    day = max(np.int64(lookup.guide[int(target * _GUIDE_BINS)]), bound)
    while lookup.at_least[day + 1] >= target:
        day += 1
    return day


class ExitClock(NamedTuple):
    """Cumulative hazards by class (lactation numbers, then flagged heifers, flagged cows).

    Attributes
    ----------
    cumulative : ndarray of float64, shape (classes, last_day + 1)
        Sum of -ln(1 - p) over the days 1 … t.
    guide : ndarray of int32, shape (classes, bins + 2)
        ``guide[c, i]`` = smallest day with cumulative hazard >= i / scale.
    scale : ndarray of float64, shape (classes,)
        Bins per unit of hazard.
    """

    cumulative: NDArray[np.float64]
    guide: NDArray[np.int32]
    scale: NDArray[np.float64]


CERTAIN_HAZARD = 64.0
"""-ln(1 - p) of a certain exit: beyond the longest patience that 32 bits can give (22.9)."""


def cumulative_hazard(daily_probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the running sum of -ln(1 - p), starting with 0 for day 0.

    Parameters
    ----------
    daily_probability : ndarray of float64, shape (classes, n_days)
        Of leaving, day 1 first.

    Returns
    -------
    ndarray of float64, shape (classes, n_days + 1)
    """
    almost_certain = np.minimum(daily_probability, 1 - np.exp(-30.0))
    hazard = np.where(daily_probability < 1, -np.log1p(-almost_certain), CERTAIN_HAZARD)
    return np.pad(np.cumsum(hazard, axis=1), ((0, 0), (1, 0)))


def exit_clock(daily_probability: NDArray[np.float64]) -> ExitClock:
    """Tabulate daily probabilities of leaving for ``exit_day``; shape (classes, n_days), day 1 first."""
    cumulative = cumulative_hazard(daily_probability)
    bins = cumulative.shape[1]
    total = cumulative[:, -1]
    scale = np.divide(bins, total, out=np.zeros_like(total), where=total > 0)
    guide = np.zeros((len(cumulative), bins + 2), np.int32)
    for row, steps, k in zip(cumulative, guide, scale, strict=True):
        if k > 0:
            steps[:] = np.searchsorted(row, np.arange(bins + 2) / k, side="left")
    return ExitClock(cumulative, np.minimum(guide, bins - 1), scale)


@inlined
def exit_day(clock, class_, since, until, patience):
    """Return the first day in since + 1 … until on which the hazard uses up the patience; FAR if none.

    ``until`` must not pass the last tabulated day.
    """
    return day_of_hazard(clock, class_, until, clock.cumulative[class_, since] + patience)


@inlined
def day_of_hazard(clock, class_, until, target):
    """Return the first day on which the hazard since day 0 reaches ``target``; FAR if not by ``until``."""
    if clock.cumulative[class_, until] < target:
        return FAR
    day = np.int64(clock.guide[class_, int(target * clock.scale[class_])])
    while clock.cumulative[class_, day] < target:
        day += 1
    return day
