"""How many outcomes lie in their bands by chance alone, where forecasts are right but overlap."""

from collections.abc import Sequence

import numpy as np
from scipy.special import ndtri

from herd_engine.model.backtest import JUDGED_BAND, Fold
from herd_engine.model.forecast import Metric

DRAWS = 20_000
"""The ends of the range are then sure to a tenth of an outcome."""
ENDS = (0.1, 0.9)
"""Eight of ten right forecasts lie in the range."""


def inside_by_chance(folds: Sequence[Fold], metric: Metric) -> tuple[int, int]:
    """Return how few and how many outcomes of a stock the bands of right forecasts hold.

    Parameters
    ----------
    folds : sequence of Fold
        Of one herd; those of earlier origins hold the months of the later ones as well.
    metric : Metric
        A stock, such as the milking cows.

    Notes
    -----
    Outcomes of overlapping forecasts are not independent: what drives the herd off in June is in all that
    comes after it, and in each forecast that began before. The error of a forecast h months ahead is taken
    as the sum of h independent monthly shocks, the same ones for all origins. Months next to each other
    hang together a little more in simulated herds, so that the range is rather too narrow than too wide.
    """
    last = max(fold.months_back for fold in folds)
    shocks = np.random.default_rng(0).standard_normal((DRAWS, last))
    reach = ndtri((1 + JUDGED_BAND) / 2)
    held = np.zeros(DRAWS)
    for fold in folds:
        first = last - fold.months_back
        ahead = np.arange(1, fold.horizon + 1)
        errors = shocks[:, first : first + fold.horizon].cumsum(axis=1) / np.sqrt(ahead)
        held += (np.abs(errors) <= reach)[:, ~np.isnan(fold.happened[metric])].sum(axis=1)
    few, many = np.quantile(held, ENDS, method="lower")
    return int(few), int(many)
