"""Lives of animals, lactation by lactation, many animals at once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from herd_engine.sample.breeding import (
    NEVER,
    Breeding,
    Days,
    breed_cows,
    breed_heifers,
    dry_offs,
    gestations,
)
from herd_engine.sample.farm import SampleFarm
from herd_engine.sample.leaving import WaysOut, cow_exits, heifer_exits


@dataclass(frozen=True, slots=True, kw_only=True)
class Lactation:
    """The same lactation number of many animals; number 0 is life before the first calving.

    Days count from the report date, ``NEVER`` for what does not happen. What would have come
    after the exit is still there: use `end`.

    Attributes
    ----------
    number : int
    animal : ndarray of int64, shape (n_animals,)
        Position of the animal among the births of its batch.
    birth, start, conception, dry_off, next_calving, exit, flag : ndarray of int32, shape (n_animals,)
        ``start`` is the calving, or the birth for number 0.
    services : ndarray of int32, shape (n_animals, n_cycles)
    is_death : ndarray of bool, shape (n_animals,)
        How the animal leaves, if it does.
    """

    number: int
    animal: NDArray[np.int64]
    birth: Days
    start: Days
    services: Days
    conception: Days
    dry_off: Days
    next_calving: Days
    exit: Days
    flag: Days
    is_death: NDArray[np.bool_]

    @property
    def calves_again(self) -> NDArray[np.bool_]:
        """Whether the lactation ends in a calving; who leaves on that very day does not calve."""
        return self.next_calving < self.exit

    @property
    def end(self) -> Days:
        """Day on which the lactation ends, by the next calving or by the exit."""
        return np.minimum(self.next_calving, self.exit)

    def select(self, rows: NDArray[np.bool_]) -> "Lactation":
        """Return the lactations of some of the animals."""
        names = [name for name in self.__dataclass_fields__ if name != "number"]
        return replace(self, **{name: getattr(self, name)[rows] for name in names})

    def seen(self, days: int) -> "Lactation":
        """Return the lactations with days counted from so many days before the report date."""
        shifted: dict[str, Any] = {}
        for name in ("birth", "start", "services", "conception", "dry_off", "next_calving", "exit", "flag"):
            of_name = getattr(self, name)
            shifted[name] = np.where(of_name == NEVER, NEVER, of_name + days).astype(np.int32)
        return replace(self, **shifted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Where days lie: the weekday of day 0 and the last day that matters."""

    report_weekday: int
    last_day: int


def live(
    farm: SampleFarm, births: Days, surplus_share: float, calendar: Calendar, rng: np.random.Generator
) -> Iterator[Lactation]:
    """Yield lactation 0, 1, 2 … of the animals born on the given days, until none starts another in time."""
    current = _heifers(farm, births, surplus_share, calendar, rng)
    yield current
    while True:
        mothers = current.select(current.calves_again & (current.next_calving <= calendar.last_day))
        if not len(mothers.animal):
            return
        current = _cows(farm, mothers, calendar, rng)
        yield current


def _heifers(
    farm: SampleFarm, births: Days, surplus_share: float, calendar: Calendar, rng: np.random.Generator
) -> Lactation:
    breeding = breed_heifers(farm, len(births), rng)
    weekday = (births + calendar.report_weekday) % 7
    exits = heifer_exits(farm, breeding, surplus_share, weekday, rng)
    gestation = gestations(farm, len(births), rng, is_first=True)
    dry_off = np.full_like(births, NEVER)
    animal = np.arange(len(births))
    return _lactation(0, (animal, births, births), breeding, exits, (gestation, dry_off))


def _cows(farm: SampleFarm, mothers: Lactation, calendar: Calendar, rng: np.random.Generator) -> Lactation:
    number, start = mothers.number + 1, mothers.next_calving
    breeding = breed_cows(farm, len(start), number, rng)
    weekday = (start + calendar.report_weekday) % 7
    exits = cow_exits(farm, breeding, number, weekday, rng)
    gestation = gestations(farm, len(start), rng, is_first=False)
    dry_off = dry_offs(farm, _later(start, breeding.conception), calendar.report_weekday, rng)
    return _lactation(number, (mothers.animal, mothers.birth, start), breeding, exits, (gestation, dry_off))


def _lactation(
    number: int,
    who: tuple[NDArray[np.int64], Days, Days],
    breeding: Breeding,
    exits: WaysOut,
    pregnancy: tuple[Days, Days],
) -> Lactation:
    """Turn days since the start into days from the report date."""
    animal, birth, start = who
    gestation, dry_off = pregnancy
    conception = _later(start, breeding.conception)
    return Lactation(
        number=number,
        animal=animal,
        birth=birth,
        start=start,
        services=_later(start[:, None], breeding.services),
        conception=conception,
        dry_off=dry_off,
        next_calving=_later(conception, np.where(conception == NEVER, NEVER, gestation)),
        exit=start + exits.day,
        flag=_later(start, exits.flag),
        is_death=exits.is_death,
    )


def _later(start: Days, after: Days) -> Days:
    """Return ``start + after`` where ``after`` happens at all."""
    return np.where(after == NEVER, NEVER, start + after).astype(np.int32)
