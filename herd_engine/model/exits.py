"""Who of the animals that leave are cows, from what a forecast counts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.forecast import Forecast, Metric


@dataclass(frozen=True, slots=True)
class Exits:
    """Mean numbers of animals that leave in each period, shape (records,) each; NaN at the report date."""

    cows: NDArray[np.float64]
    young: NDArray[np.float64]


def exits(forecast: Forecast) -> Exits:
    """Return the means of all that leave, cows and young stock apart.

    A herd gains cows by first calvings alone, for all that is bought is pregnant with its first calf, and
    loses them by exits alone: cows that leave = first calvings - (cows after - cows before). Means obey that
    as each single future does; medians would not.
    """
    means = {metric: forecast.series[metric].mean for metric in Metric}
    cows = means[Metric.MILKING_COUNT] + means[Metric.DRY_COUNT]
    left = means[Metric.HEIFER_INTROS] - np.diff(cows, prepend=np.nan)
    left = np.clip(left, 0, means[Metric.CULLS])  # kept forecasts are rounded
    return Exits(cows=left, young=means[Metric.CULLS] - left)
