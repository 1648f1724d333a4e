"""What calibration hands to the engine: distributions over whole days, and daily probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class DayDistribution:
    """A distribution over whole days ``first_day … first_day + len(probability) - 1``.

    Attributes
    ----------
    first_day : int
        ≥ 0.
    probability : ndarray of float64
        Sums to 1.
    n_observed : int
        Records behind it; 0 for an assumption.
    """

    first_day: int
    probability: NDArray[np.float64]
    n_observed: int

    @property
    def days(self) -> NDArray[np.int64]:
        """The support, shape (len(probability),)."""
        return self.first_day + np.arange(len(self.probability))

    @property
    def mean(self) -> float:
        """Expected value in days."""
        return float((self.days * self.probability).sum())

    @property
    def sd(self) -> float:
        """Standard deviation in days."""
        return float(np.sqrt(((self.days - self.mean) ** 2 * self.probability).sum()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Everything that the engine knows of a farm besides the animals themselves.

    Attributes
    ----------
    age_at_conception, service_period, conception_to_dry_off, gestation : DayDistribution
        In days; the first counts from birth, the second from calving, the others from conception.
    lactation_hazard : ndarray of float64, shape (highest lactation seen + 1,)
        Daily probability of leaving by lactation number (`p_l`).
    month_hazard : ndarray of float64, shape (12,)
        Daily probability of leaving by calendar month, January first (`p_m`).
    flagged_hazard : ndarray of float64, shape (2,)
        Daily probability of leaving of cull-flagged heifers and cows (`p_f`).
    """

    age_at_conception: DayDistribution
    service_period: DayDistribution
    conception_to_dry_off: DayDistribution
    gestation: DayDistribution
    lactation_hazard: NDArray[np.float64]
    month_hazard: NDArray[np.float64]
    flagged_hazard: NDArray[np.float64]
