"""A herd of the wanted size: births at a constant rate, lives until enough animals are on the farm."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import count

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.events import AnimalEvents, join_events, no_events
from herd_engine.model.farm_calendar import day_number, month_starts
from herd_engine.sample.breeding import Days
from herd_engine.sample.equilibrium import equilibrium
from herd_engine.sample.farm import SampleFarm
from herd_engine.sample.leaving import DAYS_PER_YEAR
from herd_engine.sample.lives import Calendar, Lactation, live
from herd_engine.sample.past import events_on_file
from herd_engine.sample.snapshot import Rows, join_rows, last_lactations
from herd_engine.sample.tally import Tally

FUTURE_MONTHS = 12
_LARGEST_BATCH = 32_768
"""Births lived at once: bounds the memory, whatever the size of the herd."""
_BIRTHS_PER_ANIMAL = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleHerd:
    """The rows of the export, by id, and what really happened.

    Attributes
    ----------
    rows : Rows
    ids : ndarray of int64, shape (n_rows,)
        Ascending.
    tally : Tally
        Counts on the report date and on the month starts after it.
    n_births : int
        Heifer calves born alive from the first day of history to the last month start.
    first_birth_day, last_day : int
    events : AnimalEvents
        All that is on file of the animals of ``rows``; none where they were not asked for.
    earlier : SampleHerd, optional
        The same animals as they were at an earlier date, days counted from it.
    """

    rows: Rows
    ids: np.ndarray[tuple[int], np.dtype[np.int64]]
    tally: Tally
    n_births: int
    first_birth_day: int
    last_day: int
    events: AnimalEvents = field(default_factory=no_events)
    earlier: "SampleHerd | None" = None

    @property
    def births_per_day(self) -> float:
        """Live heifer calves born per day."""
        return self.n_births / (self.last_day - self.first_birth_day + 1)


@dataclass(slots=True, kw_only=True)
class _Look:
    """The herd as it is seen on one date, while lives are made."""

    farm: SampleFarm
    report_date: date
    days_before: int
    with_events: bool
    tally: Tally = field(init=False)
    rows: list[Rows] = field(default_factory=list)
    past: list[AnimalEvents] = field(default_factory=list)
    lives: list[NDArray[np.int64]] = field(default_factory=list)

    def __post_init__(self) -> None:
        starts = (day_number(day, self.report_date) for day in month_starts(self.report_date, FUTURE_MONTHS))
        self.tally = Tally(days=(0, *starts))

    def add(self, lactations: list[Lactation], n_before: int, missing: int, batch: int) -> tuple[int, int]:
        """Add lives until ``missing`` animals are there; return how many lives that were, and animals."""
        weekday = self.report_date.weekday()
        rows = join_rows([last_lactations(self.farm, item, weekday) for item in lactations])
        kept = _lives_needed(rows, missing, batch)
        rows = rows.select(rows.animal < kept)
        for lactation in lactations:
            self.tally.add(lactation.select(lactation.animal < kept))
        if self.with_events:
            n_rows = sum(len(part.birth) for part in self.rows)
            self.past.append(_past(self.farm, lactations, weekday, rows, n_rows))
        self.rows.append(rows)
        self.lives.append(rows.animal + n_before)
        return kept, int(rows.is_on_farm.sum())

    def herd(self, ids: "_Ids", n_births: int, first_day: int, last_day: int) -> SampleHerd:
        """Return the herd, rows in order of birth."""
        rows, lives = join_rows(self.rows), np.concatenate(self.lives)
        by_birth = np.argsort(rows.birth, kind="stable")
        rows, lives = rows.select(by_birth), lives[by_birth]
        return SampleHerd(
            rows=rows,
            ids=ids.of(lives, rows.birth - self.days_before),
            tally=self.tally,
            n_births=n_births,
            first_birth_day=first_day,
            last_day=last_day,
            events=_moved(join_events(self.past), by_birth) if self.with_events else no_events(),
        )


def make_herd(
    farm: SampleFarm,
    animals: int,
    report_date: date,
    rng: np.random.Generator,
    with_events: bool = False,
    earlier_days: int = 0,
) -> SampleHerd:
    """Add lives in random order until exactly ``animals`` are on the farm on the report date.

    Births are uniform over history and the months to come, so any prefix of the lives is a farm
    at its equilibrium, only smaller: stopping at the wanted size does not disturb it.
    """
    look = _Look(farm=farm, report_date=report_date, days_before=0, with_events=with_events)
    before = _Look(
        farm=farm,
        report_date=report_date - timedelta(earlier_days),
        days_before=earlier_days,
        with_events=with_events,
    )
    calendar = Calendar(report_weekday=report_date.weekday(), last_day=look.tally.days[-1])
    first_day = -int(farm.history_years * DAYS_PER_YEAR)
    surplus_share = equilibrium(farm).surplus_share
    missing, n_births = animals, 0
    batch = min(_LARGEST_BATCH, animals * _BIRTHS_PER_ANIMAL)
    while missing:
        births = rng.integers(first_day, calendar.last_day + 1, batch, dtype=np.int32)
        lactations = list(live(farm, births, surplus_share, calendar, rng))
        kept, present = look.add(lactations, n_births, missing, batch)
        if earlier_days:
            needed = [item.select(item.animal < kept).seen(earlier_days) for item in lactations]
            before.add(needed, n_births, animals + batch, kept)
        missing -= present
        n_births += kept
    per_day = n_births / (calendar.last_day - first_day + 1) / farm.female_fraction
    ids = _Ids(per_day, first_day)
    herd = look.herd(ids, n_births, first_day, calendar.last_day)
    if not earlier_days:
        return herd
    return replace(herd, earlier=before.herd(ids, n_births, first_day, calendar.last_day))


def _past(
    farm: SampleFarm, lactations: list[Lactation], report_weekday: int, rows: Rows, n_before: int
) -> AnimalEvents:
    """Return the events of a batch; ``animal`` becomes the place among all rows, n_before of them first."""
    place = np.full(int(rows.animal.max(initial=0)) + 1, -1)
    place[rows.animal] = n_before + np.arange(len(rows.animal))
    parts = []
    for lactation in lactations:
        is_shown = lactation.animal < len(place)
        is_shown[is_shown] = place[lactation.animal[is_shown]] >= 0
        parts.append(events_on_file(farm, lactation.select(is_shown), report_weekday))
    events = join_events(parts)
    return AnimalEvents(animal=place[events.animal], kind=events.kind, day=events.day)


def _moved(events: AnimalEvents, order: np.ndarray[tuple[int], np.dtype[np.int64]]) -> AnimalEvents:
    """Return the events after rows were put into another order."""
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return AnimalEvents(animal=place[events.animal], kind=events.kind, day=events.day).ordered()


def _lives_needed(rows: Rows, missing: int, batch: int) -> int:
    """Return how many lives of the batch hold the missing animals."""
    present = np.sort(rows.animal[rows.is_on_farm])
    return int(present[missing - 1]) + 1 if len(present) >= missing else batch


class _Ids:
    """Numbers of animals in order of birth; bull calves, and animals long gone, took numbers too."""

    def __init__(self, births_per_day: float, first_day: int) -> None:
        self._per_day, self._first_day = births_per_day, first_day
        self._lives = np.zeros(0, np.int64)
        self._numbers = np.zeros(0, np.int64)

    def of(self, lives: NDArray[np.int64], birth: Days) -> NDArray[np.int64]:
        """Return a number for each life; a life keeps the one that it has.

        Parameters
        ----------
        lives : ndarray of int64, shape (n_rows,)
            Which of all births each animal is.
        birth : ndarray of int32, shape (n_rows,)
            From the report date, ascending.
        """
        numbers = np.zeros(len(lives), np.int64)
        known, here, there = np.intersect1d(lives, self._lives, return_indices=True)
        numbers[here] = self._numbers[there]
        is_new = ~np.isin(lives, known)
        wanted = 101 + np.floor((birth[is_new] - self._first_day) * self._per_day).astype(np.int64)
        numbers[is_new] = _free(wanted, self._numbers)
        self._lives = np.concatenate([self._lives, lives[is_new]])
        self._numbers = np.concatenate([self._numbers, numbers[is_new]])
        return numbers


def _free(wanted: NDArray[np.int64], taken: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ascending numbers from the wanted ones on, each once and none of those that are taken."""
    if not len(taken):
        order = np.arange(len(wanted))
        return np.maximum.accumulate(wanted - order) + order
    used = set(taken.tolist())
    numbers = []
    for number in wanted.tolist():
        free = next(one for one in count(number) if one not in used)
        used.add(free)
        numbers.append(free)
    return np.array(numbers, np.int64)
