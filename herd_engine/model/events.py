"""What happened to animals, event by event: what one snapshot of a herd hides."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray


class EventKind(IntEnum):
    """Kinds of events, in the order in which those of one day happen."""

    CALVING = 0
    EMPTY = 1
    """A check that found no pregnancy."""
    ABORTION = 2
    INSEMINATION = 3
    PREGNANT = 4
    """A check that found a pregnancy."""
    DRY_OFF = 5
    DO_NOT_BREED = 6
    MOVED = 7
    SOLD = 8
    DEAD = 9


EXIT_KINDS = (EventKind.MOVED, EventKind.SOLD, EventKind.DEAD)
LOSS_KINDS = (EventKind.EMPTY, EventKind.ABORTION)
"""After which an animal is open."""

_KINDS_OF_A_DAY = 16
_DAYS_OF_AN_ANIMAL = 1 << 24
_FIRST_DAY = 1 << 23


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnimalEvents:
    """Events of many animals; an element of each array is one event. Equal to itself alone.

    Attributes
    ----------
    animal : ndarray of int64, shape (n_events,)
        Row of the animal among the records (or in the table) that the events go with.
    kind : ndarray of int8, shape (n_events,)
        ``EventKind``.
    day : ndarray of int64, shape (n_events,)
        Counted from the report date (while a file is read: ordinals, ``date.toordinal``).
    """

    animal: NDArray[np.int64]
    kind: NDArray[np.int8]
    day: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.animal)

    def only(self, wanted: NDArray[np.bool_]) -> Self:
        """Return the events for which ``wanted`` holds."""
        return type(self)(animal=self.animal[wanted], kind=self.kind[wanted], day=self.day[wanted])

    def of(self, *kinds: EventKind) -> Self:
        """Return the events of some kinds."""
        return self.only(self.is_of(*kinds))

    def is_of(self, *kinds: EventKind) -> NDArray[np.bool_]:
        """Tell which events are of some kinds, shape (n_events,)."""
        wanted = np.zeros(_KINDS_OF_A_DAY, bool)
        wanted[list(kinds)] = True
        return wanted[self.kind]

    def of_animals(self, place: NDArray[np.int64]) -> Self:
        """Return the events, in order, of animals at their new places; those at -1 are left out."""
        kept = place[self.animal] >= 0
        moved = type(self)(animal=place[self.animal[kept]], kind=self.kind[kept], day=self.day[kept])
        return moved.ordered()

    def counted_from(self, day: int) -> Self:
        """Return the events with ``day`` as day 0."""
        return type(self)(animal=self.animal, kind=self.kind, day=self.day - day)

    def ordered(self) -> Self:
        """Return each event once, by animal, day and kind: whatever the order and the copies in files.

        Days lie within ± 8 million.
        """
        key = (self.animal * _DAYS_OF_AN_ANIMAL + (self.day + _FIRST_DAY)) * _KINDS_OF_A_DAY + self.kind
        key.sort()  # np.unique hashes, which takes ten times as long
        key = key[np.diff(key, prepend=-1) != 0]
        rest, kind = np.divmod(key, _KINDS_OF_A_DAY)
        animal, day = np.divmod(rest, _DAYS_OF_AN_ANIMAL)
        return type(self)(animal=animal, kind=kind.astype(np.int8), day=day - _FIRST_DAY)


def no_events() -> AnimalEvents:
    """Return the events of a file that has none."""
    empty = np.zeros(0, np.int64)
    return AnimalEvents(animal=empty, kind=empty.astype(np.int8), day=empty)


def join_events(parts: list[AnimalEvents]) -> AnimalEvents:
    """Put events one after the other."""
    if not parts:
        return no_events()
    return AnimalEvents(
        animal=np.concatenate([part.animal for part in parts]),
        kind=np.concatenate([part.kind for part in parts]),
        day=np.concatenate([part.day for part in parts]),
    )
