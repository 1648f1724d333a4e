"""Lactations that have ended, as the events on file tell them: nothing is drawn."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.animals import NO_DAY, AnimalRecords
from herd_engine.model.events import AnimalEvents, EventKind

Days = NDArray[np.int64]

GESTATION_DAYS = (250, 305)
"""A calving tells of the last insemination that lies so many days before it."""
_SPAN = 1 << 24
_FIRST_DAY = 1 << 23


@dataclass(frozen=True, slots=True, kw_only=True)
class PastLactations:
    """Lactations with a known beginning that ended in a calving; an element each, number 0 from birth on.

    Days count from the report date, ``NO_DAY`` where not known.

    Attributes
    ----------
    animal : ndarray of int64
        Row among the records.
    number, start, conception, dry_off, next_calving : ndarray of int64
    """

    animal: Days
    number: Days
    start: Days
    conception: Days
    dry_off: Days
    next_calving: Days

    def select(self, rows: NDArray[np.bool_]) -> "PastLactations":
        """Return some of them."""
        return PastLactations(**{item.name: getattr(self, item.name)[rows] for item in fields(self)})


def past_lactations(records: AnimalRecords) -> PastLactations:
    """Return the lactations before the current ones that the events on file tell; none without events."""
    animal, day = _calvings(records)
    last = np.append(animal[1:] != animal[:-1], True)[: len(animal)]
    first = np.append(True, animal[1:] != animal[:-1])[: len(animal)]
    ends = np.searchsorted(animal, animal, side="right")
    number = records.lactation[animal] - (ends - 1 - np.arange(len(animal)))
    began = np.flatnonzero(~last)
    heifers = np.flatnonzero(first & (number == 1) & (records.birth[animal] != NO_DAY))
    who = np.concatenate([animal[began], animal[heifers]])
    start = np.concatenate([day[began], records.birth[animal[heifers]].astype(np.int64)])
    next_calving = np.concatenate([day[began + 1], day[heifers]])
    services = records.events.of(EventKind.INSEMINATION)
    shortest, longest = GESTATION_DAYS
    conception = _last_within(
        services, who, np.maximum(start + 1, next_calving - longest), next_calving - shortest
    )
    dry_offs = records.events.of(EventKind.DRY_OFF)
    return PastLactations(
        animal=who,
        number=np.concatenate([number[began], number[heifers] - 1]),
        start=start,
        conception=conception,
        dry_off=_last_within(dry_offs, who, start + 1, next_calving - 1),
        next_calving=next_calving,
    )


def _calvings(records: AnimalRecords) -> tuple[Days, Days]:
    """Return animal and day of each calving, in order; the current lactation's as the record has it."""
    events = records.events.of(EventKind.CALVING)
    current = np.flatnonzero((records.lactation > 0) & (records.calving != NO_DAY))
    calving = np.where(records.calving == NO_DAY, NO_DAY, records.calving).astype(np.int64)
    earlier = events.only(events.day < calving[events.animal])
    if not len(earlier):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    animal = np.concatenate([earlier.animal, current])
    day = np.concatenate([earlier.day, calving[current]])
    order = np.argsort(_key(animal, day))
    return animal[order], day[order]


def _last_within(events: AnimalEvents, animal: Days, first: Days, last: Days) -> Days:
    """Return the day of each animal's last event on the days first … last; events are in order."""
    keys = _key(events.animal, events.day)
    place = np.searchsorted(keys, _key(animal, last), side="right") - 1
    owner = np.append(events.animal, -1)[place]
    day = np.append(events.day, NO_DAY)[place]
    return np.where((place >= 0) & (owner == animal) & (day >= first), day, NO_DAY)


def _key(animal: Days, day: Days) -> Days:
    return animal * _SPAN + day + _FIRST_DAY
