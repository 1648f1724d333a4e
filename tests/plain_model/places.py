"""Places: who is sold on the evening of a month's first, one after the other, and how many may be bought.

Readings of the page that are ours:

- Animals are sold at the end of the day, after its births and before it is recorded: what a record says is
  then within the places, where there was somebody to sell.
- A heifer takes no place of a cow in milk: none is sold for want of those.
- A marked heifer in calf will not calve here: she counts as due last of all.
- Every purchase stops where a place of either kind is wanting, in the morning before it arrives.
"""

from collections.abc import Sequence

from herd_engine.model.animals import AnimalState
from herd_engine.model.scenario import Scenario
from tests.plain_model.plans import Animal

NOT_DUE_HERE = 10**9


def free_places(animals: Sequence[Animal], scenario: Scenario) -> int | None:
    """Return how many heifers may be bought; None: as many as one likes."""
    free = []
    if scenario.places_head is not None:
        free.append(scenario.places_head - len(animals))
    if scenario.places_milking is not None:
        free.append(scenario.places_milking - sum(animal.is_milking for animal in animals))
    return max(0, min(free)) if free else None


def next_to_leave(animals: Sequence[Animal], scenario: Scenario) -> Animal | None:
    """Return the animal that is sold next, None where nobody is too many or nobody may be sold."""
    head, cows = scenario.places_head, scenario.places_milking
    too_many = head is not None and len(animals) > head
    too_many_cows = cows is not None and sum(animal.is_milking for animal in animals) > cows

    def those_in(state: AnimalState) -> list[Animal]:
        return [animal for animal in animals if animal.state is state]

    if too_many and (heifers := those_in(AnimalState.HEIFER)):
        return min(heifers, key=lambda animal: (-animal.birth, animal.key))
    if too_many and scenario.sell_pregnant and (in_calf := those_in(AnimalState.PREGNANT_HEIFER)):
        return min(in_calf, key=lambda animal: (-_due(animal), animal.key))
    if (too_many or too_many_cows) and scenario.cull_cows and (open_cows := those_in(AnimalState.OPEN)):
        return min(open_cows, key=lambda animal: (animal.calved, animal.key))
    return None


def _due(animal: Animal) -> int:
    return NOT_DUE_HERE if animal.calving_due is None else animal.calving_due
