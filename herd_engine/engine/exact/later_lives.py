"""What becomes of an animal after its next calving, and of calves: laws that all animals of a group share."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.exact.expected_lives import Lives, Whole

Numbers = NDArray[np.float64]
HEIFER, IN_CALF, MILKING, DRY = np.arange(4)
"""Columns of whoever is there."""


class LaterLives(NamedTuple):
    """Laws by days since a birth (group 0) or a calving.

    Attributes
    ----------
    there : ndarray of float64, shape (groups, days + 1, 4)
        How surely an animal is in each state at the end of a day, all its lactations to come included.
    heifers : ndarray of float64, shape (groups, days + 1)
        Heifer calves that it has on a day.
    """

    there: Numbers
    heifers: Numbers


def later_lives(lives: Lives, whole: Whole, heifer_calf: Numbers, days: int) -> LaterLives:
    """Return what follows a birth or a calving for so many days.

    Parameters
    ----------
    lives : Lives
    whole : Whole
        Of these lives.
    heifer_calf : ndarray of float64, shape (2,)
        Heifer calves of a first, of a later calving.
    days : int
    """
    groups, span = len(lives.open), slice(days + 1)
    waiting = lives.open[:, span] * lives.waits[:, span]
    waiting[1:, lives.cap + 1 :] = 0.0
    there, calves = np.zeros((groups, days + 1, 5)), whole.calves[:, span]
    there[0, :, HEIFER], there[0, :, IN_CALF] = waiting[0] + whole.first[0, span], whole.second[0, span]
    there[1:, :, MILKING] = waiting[1:] + whole.first[1:, span]
    there[1:, :, DRY] = whole.second[1:, span]
    there[0, :, -1], there[1:, :, -1] = calves[0] * heifer_calf[0], calves[1:] * heifer_calf[1]
    there[-1] = renewed(there[-1], calves[-1])
    for group in range(groups - 2, -1, -1):
        there[group] += followed(calves[group], there[group + 1])
    return LaterLives(there[:, :, :4], there[:, :, 4])


def followed(first: Numbers, then: Numbers) -> Numbers:
    """Return the convolution over days of an event with what follows it, shape (days, columns)."""
    columns = [np.convolve(first, column)[: len(then)] for column in then.T]
    return np.stack(columns, axis=1)


def renewed(once: Numbers, again: Numbers) -> Numbers:
    """Return what ``once`` comes to if everything begins anew with ``again``, by day; shape of ``once``."""
    total = once.copy()
    for day in range(1, len(once)):
        total[day] += (again[day:0:-1, np.newaxis] * total[:day]).sum(axis=0)
    return total


def summed(by_day: Numbers, law: Numbers) -> Numbers:
    """Return for each animal the sum over days of its share times a law's row, shape (n, columns).

    Day by day: a product of matrices would leave its last bits to the number of threads.
    """
    total = np.zeros((len(by_day), law.shape[1]))
    for day in np.flatnonzero(by_day[:, : len(law)].any(axis=0)):
        total += by_day[:, day, np.newaxis] * law[day]
    return total
