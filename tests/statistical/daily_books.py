"""The herd on every day of one run, rebuilt from the events of its animals; an illegal event is refused."""

import numpy as np

from herd_engine.engine.kernel.random_numbers import file_animal_key
from herd_engine.model.animals import AnimalState, Herd
from tests.followed_run import FollowedRun

HEIFER, PREGNANT_HEIFER, OPEN, PREGNANT, DRY = AnimalState
ABSENT = None
EXITS = ("culled", "flag_exit", "non_conceiver", "cap_exit")
MAY_HAPPEN_IN = {
    "conception": (HEIFER, OPEN),
    "dry_off": (PREGNANT,),
    "calving": (PREGNANT_HEIFER, PREGNANT, DRY),
    "birth": (ABSENT,),
    "purchase": (ABSENT,),
    "culled": tuple(AnimalState),
    "flag_exit": tuple(AnimalState),
    "non_conceiver": (OPEN,),
    "cap_exit": (OPEN,),
}
BECOMES = {"dry_off": DRY, "calving": OPEN, "birth": HEIFER, "purchase": PREGNANT_HEIFER}
MOST_LACTATIONS = 40


class Animal:
    """One animal while the books are kept."""

    def __init__(self, state: AnimalState, lactation: int, calving: int, *, flagged: bool = False) -> None:
        self.state, self.lactation, self.calving, self.flagged = state, lactation, calving, flagged
        self.last_event = (-1, "")

    @property
    def is_milking(self) -> bool:
        return self.state in (OPEN, PREGNANT)


class DailyBooks:
    """Stocks and flows of one run.

    Attributes
    ----------
    stocks : ndarray of int, shape (last_day + 1, 5)
        Animals by ``AnimalState`` at the end of each day.
    by_lactation : ndarray of int, shape (last_day + 1, 40)
    days_in_milk : ndarray of int, shape (last_day + 1,)
        Sum over milking cows.
    taken_along : ndarray of int, shape (last_day + 1,)
        Days in milk that cows leaving milk would have had at the end of the day.
    happened : dict of str to ndarray of int, shape (last_day + 1,)
        Events by kind.
    first_calvings : ndarray of int, shape (last_day + 1,)
    conceptions : ndarray of int, shape (last_day + 1, 2)
        Of heifers, of cows.
    lost : ndarray of int, shape (last_day + 1, 5)
        Exits by the state that the animal left from.
    calving_gaps, first_calving_ages : list of int
        Of animals whose last calving, or birth, lies within the run as well.
    """

    def __init__(self, herd: Herd, followed: FollowedRun, last_day: int, cap: int | None = None) -> None:
        self._change = np.zeros((last_day + 1, len(AnimalState)), int)
        self._lactation_change = np.zeros((last_day + 1, MOST_LACTATIONS), int)
        self._milk_change = np.zeros((last_day + 1, 2), int)
        self.taken_along = np.zeros(last_day + 1, int)
        self.happened = {kind: np.zeros(last_day + 1, int) for kind in MAY_HAPPEN_IN}
        self.first_calvings = np.zeros(last_day + 1, int)
        self.conceptions = np.zeros((last_day + 1, 2), int)
        self.lost = np.zeros((last_day + 1, len(AnimalState)), int)
        self.calving_gaps: list[int] = []
        self.first_calving_ages: list[int] = []
        self._births: dict[int, int] = {}
        self._animals: dict[int, Animal] = {}
        for key, animal in starting_animals(herd, cap).items():
            self._count(animal, 0, +1)
            self._animals[key] = animal
        for event in sorted(followed.events, key=lambda event: event[1]):
            self._enter(*event)
        self.stocks = self._change.cumsum(axis=0)
        self.by_lactation = self._lactation_change.cumsum(axis=0)
        number, calving_days = self._milk_change.cumsum(axis=0).T
        self.milking = number
        self.days_in_milk = number * np.arange(last_day + 1) - calving_days

    def _count(self, animal: Animal, day: int, sign: int) -> None:
        self._change[day, animal.state] += sign
        self._lactation_change[day, animal.lactation] += sign
        if animal.is_milking:
            self._milk_change[day] += (sign, sign * animal.calving)

    def _enter(self, key: int, day: int, kind: str, lactation: int) -> None:
        animal = self._animals.get(key)
        state = ABSENT if animal is None else animal.state
        assert state in MAY_HAPPEN_IN[kind], (key, day, kind, state)
        self.happened[kind][day] += 1
        if animal is None:
            newcomer = self._animals[key] = Animal(BECOMES[kind], 0, 0)
            newcomer.last_event = (day, kind)
            if kind == "birth":
                self._births[key] = day
            self._count(newcomer, day, +1)
            return
        assert animal.last_event[0] < day or (animal.last_event == (day, "purchase")), (key, day, kind)
        assert animal.flagged == (kind == "flag_exit"), (key, day, kind)
        assert lactation == animal.lactation + (kind == "calving"), (key, day, kind)
        self._count(animal, day, -1)
        if animal.is_milking and kind != "conception":
            self.taken_along[day] += day - animal.calving
        animal.last_event = (day, kind)
        if kind in EXITS:
            self.lost[day, animal.state] += 1
            del self._animals[key]
            return
        if kind == "calving":
            self._note_calving(key, animal, day)
        is_cow = animal.lactation > 0
        self.conceptions[day, int(is_cow)] += kind == "conception"
        animal.state = BECOMES.get(kind, PREGNANT if is_cow else PREGNANT_HEIFER)
        self._count(animal, day, +1)

    def _note_calving(self, key: int, animal: Animal, day: int) -> None:
        if animal.lactation == 0 and key in self._births:
            self.first_calving_ages.append(day - self._births[key])
        elif animal.lactation > 0 and animal.calving > 0:
            self.calving_gaps.append(day - animal.calving)
        self.first_calvings[day] += animal.lactation == 0
        animal.lactation, animal.calving = animal.lactation + 1, day

    def record(self, day: int, since: int) -> dict[str, int]:
        """Return what a record of ``day`` must hold, with the events after ``since``."""
        heifer, pregnant_heifer, is_open, pregnant, dry = self.stocks[day].tolist()

        def events(*kinds: str) -> int:
            return sum(int(self.happened[kind][since + 1 : day + 1].sum()) for kind in kinds)

        return {
            "milking_count": is_open + pregnant,
            "dry_count": dry,
            "heifer_count": heifer,
            "pregnant_heifer_count": pregnant_heifer,
            "calvings": events("calving"),
            "dryoffs": events("dry_off"),
            "culls": events(*EXITS),
            "purchases_in": events("purchase"),
            "heifer_intros": int(self.first_calvings[since + 1 : day + 1].sum()),
            "heifer_births": events("birth"),
            "days_in_milk_sum": int(self.days_in_milk[day]),
        }


def starting_animals(herd: Herd, cap: int | None) -> dict[int, Animal]:
    """Return the herd after the cap on days in milk: open cows above it are gone, pregnant ones dry."""
    animals: dict[int, Animal] = {}
    for i, name in enumerate(herd.animal_ids):
        calving = int(herd.calving[i])
        animal = Animal(
            AnimalState(herd.state[i]), int(herd.lactation[i]), calving, flagged=bool(herd.is_flagged[i])
        )
        if cap is not None and animal.is_milking and not animal.flagged and -calving > cap:
            if animal.state == OPEN:
                continue
            animal.state = DRY
        animals[file_animal_key(name)] = animal
    return animals
