"""How the pace of conceptions varies from month to month: heat, semen, people, luck that a herd shares."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.conceptions import ConceptionFit
from herd_engine.calibration.months import VARIANCES, month_variances
from herd_engine.calibration.priors import PACE_SD

MONTH_DAYS = 30
_NEXT_TO_NONE = 1e-9
"""Conceptions; of a month without any expected there is nothing to learn."""

Numbers = NDArray[np.float64]


def pace_variances(fit: ConceptionFit) -> tuple[Numbers, Numbers]:
    """Compare the conceptions of each month with those expected of the animals that were open.

    Returns
    -------
    variances : ndarray of float64, shape (2, VARIANCES)
        Of a month's factor for all heifers, for all cows: equally likely values.
    months : ndarray of float64, shape (2,)
        How many there were to compare, at least 1.
    """
    open_ = fit.intervals
    until = np.minimum(open_.conception, open_.last_known)
    conceives = open_.conception <= open_.last_known
    hazard = -np.log1p(-fit.daily_probability(fit.first_day))
    summed = np.cumsum(hazard, axis=1)
    variances, months = np.zeros((2, VARIANCES)), np.ones(2)
    for kind in (0, 1):
        rows = (open_.class_ > 0) == kind
        class_, start = open_.class_[rows], open_.start[rows]
        first, last = open_.enters[rows], np.minimum(until[rows], summed.shape[1] - 1)
        edges = _edges(start + first, start + last)
        observed = np.histogram((start + until[rows])[conceives[rows]], edges)[0]
        expected = np.zeros(len(edges) - 1)
        for month, (begin, end) in enumerate(pairwise(edges)):
            low, high = np.maximum(first, begin - start), np.minimum(last, end - 1 - start)
            before = np.minimum(low, summed.shape[1]) - 1  # who enters beyond the table has no day in it
            within = np.maximum(summed[class_, np.maximum(high, 0)] - summed[class_, before], 0.0)
            expected[month] = float(within[high >= low].sum())
        observed_or_not = observed.astype(np.float64), np.maximum(expected, _NEXT_TO_NONE)
        variances[kind] = month_variances(*observed_or_not, PACE_SD)
        months[kind] = max(1, int((expected > 0).sum()))
    return variances, months


def _edges(first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where months begin that the file knows in full, from the report date; the last one ends."""
    if not len(first):
        return np.array([-MONTH_DAYS, 0], np.int64)
    end, begin = int(last.max()) + 1, int(first.min())
    months = max(1, (end - begin) // MONTH_DAYS)
    return end - MONTH_DAYS * np.arange(months, -1, -1, dtype=np.int64)
