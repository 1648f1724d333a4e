"""The animals of a farm: all rows of a herd file, and the herd that is present on the report date."""

from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.events import AnimalEvents, no_events

NO_DAY = int(np.iinfo(np.int32).min)
"""Stands in day arrays for a date that is not known."""


class AnimalState(IntEnum):
    """Reproductive state of an animal at the end of a day."""

    HEIFER = 0
    PREGNANT_HEIFER = 1
    OPEN = 2
    PREGNANT = 3
    DRY = 4


class Presence(StrEnum):
    """What the file's status says about an animal's presence."""

    ON_FARM = "on_farm"
    CULL_FLAGGED = "cull_flagged"
    SOLD = "sold"
    DEAD = "dead"
    MOVED = "moved"


PRESENCE_CODES: tuple[Presence, ...] = tuple(Presence)
"""``AnimalRecords.presence`` holds positions in this tuple."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnimalRecords:
    """Every usable row of a herd file, animals that left included; equal to itself alone.

    All arrays have shape (n_animals,). Days are int32, counted from the report date (past days are
    negative); ``NO_DAY`` where the file gives none.

    Attributes
    ----------
    report_date : date
        Day 0.
    animal_ids : ndarray of str
        Unique.
    birth, archive, calving, conception, dry_off : ndarray of int32
        Day of birth, of leaving, of the current lactation's calving, of the successful
        insemination, of the current lactation's dry-off.
    insemination : ndarray of int32
        Day of the last insemination, successful or not.
    expected_dry_off, expected_calving : ndarray of int32
        The herd software's plan.
    lactation : ndarray of int32
        Number of calvings, ≥ 0.
    presence : ndarray of int8
        Positions in ``PRESENCE_CODES``.
    events : AnimalEvents
        What happened to these animals, by animal and day, where the file tells; days as above.
    complete_from : int
        Day from which on events are complete: lactations that ended since are on file. 1 where a file shows
        current lactations only.
    """

    report_date: date
    animal_ids: NDArray[np.object_]
    birth: NDArray[np.int32]
    archive: NDArray[np.int32]
    calving: NDArray[np.int32]
    conception: NDArray[np.int32]
    dry_off: NDArray[np.int32]
    insemination: NDArray[np.int32]
    expected_dry_off: NDArray[np.int32]
    expected_calving: NDArray[np.int32]
    lactation: NDArray[np.int32]
    presence: NDArray[np.int8]
    events: AnimalEvents = field(default_factory=no_events)
    complete_from: int = 1

    @property
    def n_animals(self) -> int:
        """Number of rows."""
        return len(self.lactation)

    def only(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "AnimalRecords":
        """Return some rows, in the given order, with what happened to these animals."""
        chosen = np.arange(self.n_animals)[rows]
        place = np.full(self.n_animals, -1)
        place[chosen] = np.arange(len(chosen))
        columns = {
            item.name: getattr(self, item.name)[rows]
            for item in fields(self)
            if item.name not in ("report_date", "events", "complete_from")
        }
        return replace(self, events=self.events.of_animals(place), **columns)

    def has_presence(self, *wanted: Presence) -> NDArray[np.bool_]:
        """Tell for every row whether its status means one of ``wanted``; shape (n_animals,)."""
        return np.isin(self.presence, [PRESENCE_CODES.index(p) for p in wanted])


@dataclass(frozen=True, slots=True, kw_only=True)
class Herd:
    """The animals present on the report date, one array per attribute, shape (n_animals,).

    Days are int32 counted from the report date, ``NO_DAY`` where not known. The rows' order carries
    no meaning: results do not depend on it.

    Attributes
    ----------
    report_date : date
        Day 0.
    animal_ids : ndarray of str
        Unique; the key of each animal's random numbers.
    state : ndarray of int8
        ``AnimalState``.
    is_flagged : ndarray of bool
        Cull-flagged: kept and milked, not bred.
    lactation : ndarray of int32
        Number of calvings.
    birth, calving, conception, dry_off : ndarray of int32
        ``calving`` is known for every cow (an unknown one is set to the report date).
    expected_dry_off, expected_calving : ndarray of int32
        The animal's plan; never used for a heifer's dry-off.
    insemination : ndarray of int32
        Day of the last insemination of the current lactation.
    excluded : dict of str to int
        Rows left out of the herd by reason.
    """

    report_date: date
    animal_ids: NDArray[np.object_]
    state: NDArray[np.int8]
    is_flagged: NDArray[np.bool_]
    lactation: NDArray[np.int32]
    birth: NDArray[np.int32]
    calving: NDArray[np.int32]
    conception: NDArray[np.int32]
    dry_off: NDArray[np.int32]
    expected_dry_off: NDArray[np.int32]
    expected_calving: NDArray[np.int32]
    insemination: NDArray[np.int32]
    excluded: dict[str, int]

    @property
    def n_animals(self) -> int:
        """Number of animals present."""
        return len(self.state)

    @property
    def is_milking(self) -> NDArray[np.bool_]:
        """Cows in milk, shape (n_animals,)."""
        return np.isin(self.state, [AnimalState.OPEN, AnimalState.PREGNANT])

    @property
    def mean_days_in_milk(self) -> float | None:
        """Mean of report date − calving over cows in milk; None without any."""
        milking = self.is_milking
        return float(-self.calving[milking].mean(dtype=np.float64)) if milking.any() else None

    def counts(self) -> dict[str, int]:
        """Return the number of milking, dry, heifer and pregnant heifer animals."""
        by_state = np.bincount(self.state, minlength=len(AnimalState))
        return {
            "milking": int(by_state[AnimalState.OPEN] + by_state[AnimalState.PREGNANT]),
            "dry": int(by_state[AnimalState.DRY]),
            "heifer": int(by_state[AnimalState.HEIFER]),
            "pregnant_heifer": int(by_state[AnimalState.PREGNANT_HEIFER]),
        }
