"""A herd of the wanted size: births at a constant rate, lives until enough animals are on the farm."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from herd_engine.model.events import AnimalEvents, join_events, no_events
from herd_engine.model.farm_calendar import day_number, month_starts
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
    """

    rows: Rows
    ids: np.ndarray[tuple[int], np.dtype[np.int64]]
    tally: Tally
    n_births: int
    first_birth_day: int
    last_day: int
    events: AnimalEvents = field(default_factory=no_events)

    @property
    def births_per_day(self) -> float:
        """Live heifer calves born per day."""
        return self.n_births / (self.last_day - self.first_birth_day + 1)


def make_herd(
    farm: SampleFarm, animals: int, report_date: date, rng: np.random.Generator, *, with_events: bool = False
) -> SampleHerd:
    """Add lives in random order until exactly ``animals`` are on the farm on the report date.

    Births are uniform over history and the months to come, so any prefix of the lives is a farm
    at its equilibrium, only smaller: stopping at the wanted size does not disturb it.
    """
    starts = tuple(day_number(day, report_date) for day in month_starts(report_date, FUTURE_MONTHS))
    calendar = Calendar(report_weekday=report_date.weekday(), last_day=starts[-1])
    first_day = -int(farm.history_years * DAYS_PER_YEAR)
    surplus_share = equilibrium(farm).surplus_share
    tally, missing, n_births = Tally(days=(0, *starts)), animals, 0
    parts: list[Rows] = []
    past: list[AnimalEvents] = []
    batch = min(_LARGEST_BATCH, animals * _BIRTHS_PER_ANIMAL)
    while missing:
        births = rng.integers(first_day, calendar.last_day + 1, batch, dtype=np.int32)
        lactations = list(live(farm, births, surplus_share, calendar, rng))
        rows = join_rows([last_lactations(farm, item, calendar.report_weekday) for item in lactations])
        kept = _lives_needed(rows, missing, batch)
        rows = rows.select(rows.animal < kept)
        _count(tally, lactations, kept)
        if with_events:
            past.append(_past(farm, lactations, calendar, rows, sum(len(part.birth) for part in parts)))
        parts.append(rows)
        missing -= int(rows.is_on_farm.sum())
        n_births += kept
    rows = join_rows(parts)
    by_birth = np.argsort(rows.birth, kind="stable")
    rows = rows.select(by_birth)
    per_day = n_births / (calendar.last_day - first_day + 1)
    return SampleHerd(
        rows=rows,
        ids=_ids(farm, rows, per_day, first_day),
        tally=tally,
        n_births=n_births,
        first_birth_day=first_day,
        last_day=calendar.last_day,
        events=_moved(join_events(past), by_birth) if with_events else no_events(),
    )


def _past(
    farm: SampleFarm, lactations: list[Lactation], calendar: Calendar, rows: Rows, n_before: int
) -> AnimalEvents:
    """Return the events of a batch; ``animal`` becomes the place among all rows, n_before of them first."""
    place = np.full(int(rows.animal.max(initial=0)) + 1, -1)
    place[rows.animal] = n_before + np.arange(len(rows.animal))
    parts = []
    for lactation in lactations:
        is_shown = lactation.animal < len(place)
        is_shown[is_shown] = place[lactation.animal[is_shown]] >= 0
        parts.append(events_on_file(farm, lactation.select(is_shown), calendar.report_weekday))
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


def _count(tally: Tally, lactations: list[Lactation], kept: int) -> None:
    for lactation in lactations:
        tally.add(lactation.select(lactation.animal < kept))


def _ids(
    farm: SampleFarm, rows: Rows, births_per_day: float, first_day: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Number animals in order of birth; bull calves, and animals long gone, took numbers too."""
    order = np.arange(len(rows.birth))
    per_day = births_per_day / farm.female_fraction
    numbers = 101 + np.floor((rows.birth - first_day) * per_day).astype(np.int64)
    return np.maximum.accumulate(numbers - order) + order
