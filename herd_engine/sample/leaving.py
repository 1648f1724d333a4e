"""How and when animals leave: exits by days in milk and pregnancy, flags, deaths and sales."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from herd_engine.sample.breeding import NEVER, Breeding, Days
from herd_engine.sample.farm import SampleFarm

DAYS_PER_YEAR = 365.25
_FAR_DAYS = 20_000.0
_EARLY_DAYS = 60
_GAMMA_SHAPE = 2.0
_DAYS_TO_TRANSPORT = np.array([0, 0, 0, 0, 0, 2, 2], dtype=np.int32)
"""Nothing is sold on a weekend: by weekday, days until the lorry comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaysOut:
    """Each animal's way out, in days from the start of its lactation (or birth), shape (n_animals,).

    Attributes
    ----------
    day : ndarray of int32
        Day of leaving, ≥ 1, if the animal does not calve before.
    flag : ndarray of int32
        Day on which it is flagged "do not breed"; ``NEVER`` for most.
    is_death : ndarray of bool
    """

    day: Days
    flag: Days
    is_death: NDArray[np.bool_]


def cow_exits(
    farm: SampleFarm, breeding: Breeding, lactation: int, start_weekday: Days, rng: np.random.Generator
) -> WaysOut:
    """Draw exits of cows that calved on day 0.

    The hazard is the lactation's yearly rate, shaped by days in milk and lowered by pregnancy; a cow
    given up for not conceiving leaves a while later. Time to an exit is the day on which the hazard,
    accumulated, reaches a unit exponential.
    """
    knots, cumulative = _unit_hazard(farm)
    rate = farm.of_lactation(farm.exit_rate_by_lactation, lactation) / DAYS_PER_YEAR
    threshold = rng.standard_exponential(len(breeding.conception)) / (rate * hazard_scale(farm, lactation))
    at_conception = np.interp(breeding.conception, knots, cumulative)
    beyond = np.maximum(threshold - at_conception, 0.0) / farm.pregnant_exit_factor
    target = np.minimum(threshold, at_conception) + beyond
    drawn = 1 + np.floor(np.interp(target, cumulative, knots)).astype(np.int32)
    share = np.where(drawn <= _EARLY_DAYS, farm.early_death_share, farm.later_death_share)
    is_death = rng.random(len(drawn)) < share
    return _with_flags(farm, breeding, drawn, is_death, start_weekday, rng)


def heifer_exits(
    farm: SampleFarm, breeding: Breeding, surplus_share: float, birth_weekday: Days, rng: np.random.Generator
) -> WaysOut:
    """Draw exits of heifers born on day 0: losses as calves, later deaths and sales, surplus, given up."""
    n = len(breeding.conception)
    total = -np.log1p(-farm.calf_loss_by_day_60)
    cumulative = np.array([0.0, farm.calf_loss_first_week_share * total, total])
    yearly = farm.heifer_death_rate + farm.heifer_sale_rate
    cumulative = np.append(cumulative, total + yearly / DAYS_PER_YEAR * (_FAR_DAYS - _EARLY_DAYS))
    knots = np.array([0.0, 7.0, _EARLY_DAYS, _FAR_DAYS])
    drawn = 1 + np.floor(np.interp(rng.standard_exponential(n), cumulative, knots)).astype(np.int32)
    is_sale = (drawn > _EARLY_DAYS) & (rng.random(n) * yearly < farm.heifer_sale_rate)
    first, last = farm.surplus_sale_age_days
    surplus = np.where(rng.random(n) < surplus_share, rng.integers(first, last, n, dtype=np.int32), NEVER)
    is_death = ~is_sale & (drawn <= surplus)
    return _with_flags(
        farm, breeding, np.minimum(drawn, surplus).astype(np.int32), is_death, birth_weekday, rng
    )


@lru_cache(maxsize=64)
def hazard_scale(farm: SampleFarm, lactation: int) -> float:
    """Return the factor on the relative hazard that makes exits per cow-year equal the lactation's rate.

    For a typical lactation: open until the mean day of conception (first heat in mid cycle, then a
    geometric number of cycles), then one gestation. Exits and days are counted over survivors.
    """
    rate = farm.of_lactation(farm.exit_rate_by_lactation, lactation) / DAYS_PER_YEAR
    conception = farm.of_lactation(farm.conception_rate_by_lactation, lactation)
    failed_cycles = (1 - farm.first_service_rate * conception) / (farm.service_rate * conception)
    days_open = farm.waiting_period_days + farm.cycle_days * (0.5 + failed_cycles)
    days = np.arange(days_open + farm.gestation_mean_days)
    until_day, until_conception = (np.interp(at, *_unit_hazard(farm)) for at in (days, days_open))
    beyond = np.maximum(until_day - until_conception, 0.0)
    accumulated = np.minimum(until_day, until_conception) + farm.pregnant_exit_factor * beyond

    def excess(log_scale: float) -> float:
        surviving = np.exp(-np.exp(log_scale) * rate * accumulated)
        return float(1 - surviving[-1] - rate * surviving.sum())

    return float(np.exp(brentq(excess, -10.0, 10.0)))


def _unit_hazard(farm: SampleFarm) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return days in milk and the relative hazard accumulated up to them."""
    knots = np.array([start for start, _ in farm.exit_by_days_in_milk] + [_FAR_DAYS])
    levels = np.array([level for _, level in farm.exit_by_days_in_milk])
    return knots, np.append(0.0, np.cumsum(np.diff(knots) * levels))


def _with_flags(
    farm: SampleFarm,
    breeding: Breeding,
    drawn: Days,
    is_death: NDArray[np.bool_],
    start_weekday: Days,
    rng: np.random.Generator,
) -> WaysOut:
    """Add those given up, move sales off the weekend, and flag some of the sales beforehand.

    Only an animal that is open when it leaves can have been flagged: flagged animals are not bred. A fresh
    cow that is sold goes at once.
    """
    n = len(drawn)
    stay = 1 + rng.gamma(_GAMMA_SHAPE, farm.given_up_stay_days / _GAMMA_SHAPE, n).astype(np.int32)
    given_up_exit = np.where(breeding.given_up < NEVER, breeding.given_up + stay, NEVER)
    is_death = is_death & (drawn <= given_up_exit)
    day = np.minimum(drawn, given_up_exit)
    day = day + np.where(is_death, 0, _DAYS_TO_TRANSPORT[(start_weekday + day) % 7])
    ahead = 1 + (farm.flag_to_sale_mean_days * rng.standard_exponential(n)).astype(np.int32)
    chosen = (
        ~is_death
        & (day > _EARLY_DAYS)
        & (day < breeding.conception)
        & (rng.random(n) < farm.flagged_sale_share)
    )
    flag = np.where(chosen, np.maximum(day - ahead, 0), NEVER)
    return WaysOut(
        day=day.astype(np.int32),
        flag=np.minimum(flag, np.where(day > breeding.given_up, breeding.given_up, NEVER)).astype(np.int32),
        is_death=is_death,
    )
