"""What calibration hands to the engine: distributions over whole days, and daily probabilities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CYCLES = 5
"""The first, second and third cycle (21 days) after the waiting period, the next four, and all later ones.

By these a farm's rhythm is known, each from its own conceptions: first services at a fixed day or by heat,
services repeated at once or after a check.
"""


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
class ExitRates:
    """Posterior yearly rates of leaving: Gamma(``shape``, ``years``) in each cell.

    Attributes
    ----------
    shape, years : ndarray of float64, shape (groups, 2, bands)
        Heifers, then cows in lactation 1, 2, 3, 4, 5 and more; open or confirmed pregnant; band. The
        mean rate is ``shape / years``.
    edges : ndarray of int64, shape (2, bands + 1)
        Where bands begin and end, heifers by age and cows by days in milk.
    flagged_shape, flagged_years : ndarray of float64, shape (2,)
        The same of cull-flagged heifers and cows.
    kinds : ndarray of int64, shape (groups, 2, bands)
        Which exits come together: young heifers, older open ones, pregnant ones, cows by mishap, cows by
        decision.
    flagged_kinds : tuple of int
        The same of cull-flagged heifers and cows.
    season : ndarray of float64, shape (kinds, 12)
        Factor by kind and calendar month, January first; averages 1.
    month_variance : ndarray of float64, shape (kinds, values)
        How much more than by chance exits vary from month to month (animals go by the lorry): the
        variance of a factor with mean 1 that is common to all exits of the kind in a month. What is known
        of it stands in equally likely values.
    level_variance : ndarray of float64, shape (kinds,)
        Of the factor by which the level itself may be off, because such months are few.
    year_variance : ndarray of float64, shape (kinds, values)
        Of the factor by which the years to come may differ from those of the file: equally likely values.
    confirmation_lag : int
        Days from conception until an animal counts as pregnant.
    heifer_death_share : ndarray of float64, shape (bands,)
        Of the heifers' rate in each band, what is not a sale.
    """

    shape: NDArray[np.float64]
    years: NDArray[np.float64]
    edges: NDArray[np.int64]
    kinds: NDArray[np.int64]
    flagged_kinds: tuple[int, int]
    flagged_shape: NDArray[np.float64]
    flagged_years: NDArray[np.float64]
    season: NDArray[np.float64]
    month_variance: NDArray[np.float64]
    level_variance: NDArray[np.float64]
    year_variance: NDArray[np.float64]
    confirmation_lag: int
    heifer_death_share: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conceptions:
    """Hazards of a conception that lasts, and what is known of those not confirmed yet.

    Attributes
    ----------
    daily_probability : ndarray of float64, shape (4, days)
        Heifers by age; cows in lactation 1, 2, 3 and more by days since calving.
    events : ndarray of float64, shape (4, CYCLES)
        Conceptions behind each cycle's hazard, the prior's included: how well it is known.
    cycle_starts : ndarray of int64, shape (4, CYCLES)
        First day of each cycle; nobody conceives before the first.
    pace_variance : ndarray of float64, shape (2, values)
        How much more than by chance conceptions of heifers, of cows, vary from month to month: the variance
        of a factor with mean 1 that is common to all of them. Equally likely values.
    pace_months : ndarray of float64, shape (2,)
        Months behind the hazards, each of which had such a factor.
    hidden : ndarray of float64, shape (2, days)
        Probability that a heifer, a cow inseminated so many days ago, and not confirmed, is pregnant.
    hidden_log_odds_sd : ndarray of float64, shape (2,)
        How well these are known.
    heifer_loss, cow_loss : DayDistribution
        Day of a pregnancy on which it is lost; the last day stands for never.
    """

    daily_probability: NDArray[np.float64]
    events: NDArray[np.float64]
    cycle_starts: NDArray[np.int64]
    pace_variance: NDArray[np.float64]
    pace_months: NDArray[np.float64]
    hidden: NDArray[np.float64]
    hidden_log_odds_sd: NDArray[np.float64]
    heifer_loss: DayDistribution
    cow_loss: DayDistribution


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """What the calibrated mode knows besides ``Tables``.

    Attributes
    ----------
    exits : ExitRates
    conceptions : Conceptions
    heifer_calf : ndarray of float64, shape (2,)
        Probability that a first, a later calving gives a heifer calf that joins the herd.
    calvings : float
        Calvings behind what the file shows of it, the prior's included.
    is_uncertain : bool
        Whether runs draw their parameters, or all take the means.
    carried_calf : ndarray of float64, shape (2,), optional
        What the file shows, where a scenario states ``heifer_calf``: calves that were conceived by the report
        date are such still. None: all are alike.
    """

    exits: ExitRates
    conceptions: Conceptions
    heifer_calf: NDArray[np.float64]
    calvings: float
    is_uncertain: bool
    carried_calf: NDArray[np.float64] | None = None


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
    calibrated : Calibrated, optional
        In the calibrated mode only: hazards that take the place of the three above, of the age at
        conception and of the service period; those then only describe what follows from them.
    """

    age_at_conception: DayDistribution
    service_period: DayDistribution
    conception_to_dry_off: DayDistribution
    gestation: DayDistribution
    lactation_hazard: NDArray[np.float64]
    month_hazard: NDArray[np.float64]
    flagged_hazard: NDArray[np.float64]
    calibrated: Calibrated | None = None
