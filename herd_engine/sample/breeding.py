"""Services, conception, gestation and dry-off, drawn for many animals at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from herd_engine.sample.farm import SampleFarm

Days = NDArray[np.int32]

NEVER = 1_000_000
"""Day of what does not happen: later than any day of a sample."""

_HEAT_JITTER_DAYS = 1
"""A heat comes up to a day early or late, so two are 19-23 days apart: within the 18-24 of textbooks."""


_DAYS_TO_GIVE_UP = 21
"""An animal is given up when the last heat that was to be served is a cycle ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breeding:
    """What breeding came to, counted in days from calving or birth.

    Attributes
    ----------
    services : ndarray of int32, shape (n_animals, n_cycles)
        Day of the service in each cycle; ``NEVER`` where there was none.
    conception : ndarray of int32, shape (n_animals,)
        The last service, if it held; else ``NEVER``.
    given_up : ndarray of int32, shape (n_animals,)
        Day on which breeding ends for good; ``NEVER`` for those that conceived.
    """

    services: Days
    conception: Days
    given_up: Days


def breed_cows(farm: SampleFarm, n_cows: int, lactation: int, rng: np.random.Generator) -> Breeding:
    """Serve cows from the waiting period to the day they are given up; days count from calving."""
    n_cycles = (farm.breeding_stop_days - farm.waiting_period_days) // farm.cycle_days
    service_rates = np.full(n_cycles, farm.service_rate)
    service_rates[0] = farm.first_service_rate
    factors = farm.conception_factor_per_service ** np.arange(n_cycles)
    chances = farm.of_lactation(farm.conception_rate_by_lactation, lactation) * factors
    return _breed(
        _heats(farm, farm.waiting_period_days, (n_cows, n_cycles), rng), service_rates, chances, rng
    )


def breed_heifers(farm: SampleFarm, n_heifers: int, rng: np.random.Generator) -> Breeding:
    """Serve heifers from the farm's age at first service; days count from birth."""
    n_cycles = farm.heifer_cycles
    service_rates = np.full(n_cycles, farm.heifer_service_rate)
    chances = farm.heifer_conception_rate * farm.conception_factor_per_service ** np.arange(n_cycles)
    heats = _heats(farm, farm.heifer_first_service_age_days, (n_heifers, n_cycles), rng)
    return _breed(heats, service_rates, chances, rng)


def _heats(farm: SampleFarm, waiting_days: int, shape: tuple[int, int], rng: np.random.Generator) -> Days:
    """Return days of heats: where in its cycle an animal is when waiting ends is anybody's guess."""
    first = waiting_days + rng.integers(0, farm.cycle_days, shape[0], dtype=np.int32)
    heats: Days = first[:, None] + farm.cycle_days * np.arange(shape[1], dtype=np.int32)
    shift: Days = rng.integers(-_HEAT_JITTER_DAYS, _HEAT_JITTER_DAYS + 1, heats[:, 1:].shape, dtype=np.int32)
    heats[:, 1:] += shift
    return heats


def _breed(
    heats: Days,
    service_rates: NDArray[np.float64],
    chances: NDArray[np.floating],
    rng: np.random.Generator,
) -> Breeding:
    """Serve some heats, by cycle, and let some services hold, by number of the service."""
    served = rng.random(heats.shape, dtype=np.float32) < service_rates.astype(np.float32)
    earlier = np.maximum(np.cumsum(served, axis=1, dtype=np.int32) - 1, 0)
    held = served & (rng.random(heats.shape, dtype=np.float32) < chances.astype(np.float32)[earlier])
    conceives = held.any(axis=1)
    at_success = heats[np.arange(len(heats)), held.argmax(axis=1)]
    conception = np.where(conceives, at_success, NEVER).astype(np.int32)
    services = np.where(served & (heats <= conception[:, None]), heats, NEVER).astype(np.int32)
    given_up = np.where(conceives, NEVER, heats[:, -1] + _DAYS_TO_GIVE_UP).astype(np.int32)
    return Breeding(services=services, conception=conception, given_up=given_up)


def gestations(farm: SampleFarm, n_animals: int, rng: np.random.Generator, *, is_first: bool) -> Days:
    """Draw whole days from the normal law between the farm's bounds (inverse of its distribution)."""
    mean = farm.gestation_mean_days + (farm.heifer_gestation_shift_days if is_first else 0.0)
    bounds = np.array([farm.gestation_lo_days, farm.gestation_hi_days])
    low, high = ndtr((bounds - mean) / farm.gestation_sd_days)
    scores = ndtri(low + (high - low) * rng.random(n_animals))
    days: Days = np.rint(mean + farm.gestation_sd_days * scores).astype(np.int32)
    return days


def dry_offs(farm: SampleFarm, conception: Days, report_weekday: int, rng: np.random.Generator) -> Days:
    """Return each cow's day of dry-off: the farm's last dry-off weekday that is not after her plan."""
    early = rng.random(len(conception)) < farm.early_dry_off_share
    days_early = np.where(early, rng.integers(1, farm.early_dry_off_most_days + 1, len(conception)), 0)
    planned = conception + farm.dry_off_plan_days - days_early
    weekday = (planned + report_weekday) % 7
    back = [min((day - dry_day) % 7 for dry_day in farm.dry_off_weekdays) for day in range(7)]
    return np.where(conception == NEVER, NEVER, planned - np.array(back)[weekday]).astype(np.int32)


def confirmations(farm: SampleFarm, service: Days, report_weekday: int) -> Days:
    """Return the day on which the farm learns what became of each service: a check day past the lag."""
    earliest = service + farm.confirmation_lag_days
    wait = (farm.check_weekday - earliest - report_weekday) % 7
    return (earliest + wait).astype(np.int32)
