"""The three purchase policies: which pregnant heifers arrive on a day, before anything else happens.

Readings of the page that are ours:

- In the projection an open cow leaves on the day on which she would exceed the DIM cap, unless she
  conceives before that day; a pregnant one is then dry. The cap counts in the projected new lactation too.
- A purchase whose expected calving is not after its arrival calves on the day of arrival.
"""

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from herd_engine.engine.kernel.random_numbers import bought_key
from herd_engine.model.animals import AnimalState
from herd_engine.model.scenario import Purchase, PurchasePolicy, Scenario
from tests.plain_model.plans import FIRST_DAY, Animal, Plans, is_due

POLICY_CODES = {
    PurchasePolicy.MANUAL: 0,
    PurchasePolicy.AUTO_COUNTER: 1,
    PurchasePolicy.AUTO_FORECAST: 2,
}
MOST_BOUGHT = 10_000
GESTATION_NOT_YET_DRAWN = 278


def bought_heifer(policy: PurchasePolicy, period: int, ordinal: int) -> Animal:
    """Return a pregnant heifer whose calving is not planned yet."""
    key = bought_key(np.uint64(POLICY_CODES[policy]), np.uint64(period), np.uint64(ordinal))
    return Animal(key=int(key), state=AnimalState.PREGNANT_HEIFER, lactation=0)


class ManualPurchases:
    """The scenario's own list."""

    def __init__(self, entries: Sequence[Purchase], plans: Plans, day_of: Callable, last_day: int) -> None:
        for entry in entries:
            if not 0 <= day_of(entry.date_in) <= last_day:
                raise ValueError(f"The purchase on {entry.date_in} lies outside the forecast.")
        self.arrivals = [(max(FIRST_DAY, day_of(entry.date_in)), entry) for entry in entries]
        self.plans = plans
        self.day_of = day_of

    def arriving(self, day: int) -> list[Animal]:
        """Return the heifers that arrive on a day: several entries add up."""
        entries = [entry for arrival, entry in self.arrivals if arrival == day]
        heifers = []
        for entry in entries:
            for _ in range(entry.count):
                heifer = bought_heifer(PurchasePolicy.MANUAL, day, len(heifers))
                if entry.expected_calving_date is not None:
                    heifer.calving_due = self.day_of(entry.expected_calving_date)
                else:
                    heifer.calving_due = self.plans.calving_day(heifer, day - entry.days_pregnant, day)
                heifers.append(heifer)
        return heifers


def bought_automatically(n: int, day: int, period: int, scenario: Scenario, plans: Plans) -> list[Animal]:
    """Return n heifers of an automatic policy, calving uniformly within the allowed days."""
    lo, hi = scenario.model.purchased_days_to_calving_lo, scenario.model.purchased_days_to_calving_hi
    if scenario.purchase_policy is PurchasePolicy.AUTO_FORECAST:
        hi = min(hi, scenario.lead_time_days)
    heifers = [bought_heifer(scenario.purchase_policy, period, ordinal) for ordinal in range(n)]
    for heifer in heifers:
        u = plans.uniforms.conception(heifer.key, 0)
        heifer.calving_due = day + lo + math.floor(u * (hi - lo + 1))
    return heifers


def shortfall(
    animals: Iterable[Animal],
    target: int,
    target_day: int,
    max_days_in_milk: int | None,
    chance_of_staying: Callable[[Animal], float],
) -> int:
    """Return how many heifers `auto_forecast` buys."""
    milking = (animal for animal in animals if is_milking_on(animal, target_day, max_days_in_milk))
    still_there = sum(chance_of_staying(animal) for animal in milking)
    return min(max(0, target - math.floor(still_there)), MOST_BOUGHT)


def is_milking_on(animal: Animal, day: int, max_days_in_milk: int | None) -> bool:
    """Project an animal's state to a day from what is already planned."""
    if animal.is_flagged:
        return animal.is_milking
    cap_day = None
    if animal.is_milking and max_days_in_milk is not None:
        cap_day = animal.calved + max_days_in_milk + 1
    is_capped = is_due(cap_day, day)
    is_open = animal.state is AnimalState.OPEN
    if is_open and is_capped and not is_due(animal.conception_due, cap_day - 1):
        return False
    calving = animal.calving_due
    if calving is None and animal.conception_due is not None:
        calving = animal.conception_due + GESTATION_NOT_YET_DRAWN
    if is_due(calving, day):
        return max_days_in_milk is None or day - calving <= max_days_in_milk
    return animal.is_milking and not is_capped and not is_due(animal.dry_off_due, day)
