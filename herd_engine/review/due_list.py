"""Which animals are due to calve or to be dried off, by the herd software's plan or our own estimate."""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from herd_engine.exports.cells import harmless
from herd_engine.model.animals import NO_DAY, AnimalState, Herd
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.tables import Tables

MONTHS = 9
"""A pregnancy: later calvings are of animals that are not pregnant yet."""
_NEVER = np.iinfo(np.int64).max


class Due(StrEnum):
    """What is due."""

    COW_CALVING = "cow_calving"
    HEIFER_CALVING = "heifer_calving"
    DRY_OFF = "dry_off"


@dataclass(frozen=True, slots=True, kw_only=True)
class DueAnimal:
    """One animal and what is due; ``is_planned``: the day is the file's own, not our estimate."""

    animal_id: str
    lactation: int
    due: Due
    day: date
    is_planned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DueList:
    """What is due within nine months, by day; what should have happened before the report date included.

    Attributes
    ----------
    report_date : date
    month_starts : tuple of date
        The first of each month that follows the report date.
    animals : tuple of DueAnimal
        By day, then by animal.
    """

    report_date: date
    month_starts: tuple[date, ...]
    animals: tuple[DueAnimal, ...]

    def count(self, due: Due, first: date, end: date) -> int:
        """Return how many are due on ``first`` or later and before ``end``."""
        return sum(animal.due is due and first <= animal.day < end for animal in self.animals)

    def between(self, first: date, end: date) -> tuple[DueAnimal, ...]:
        """Return the animals that are due on ``first`` or later and before ``end``."""
        return tuple(animal for animal in self.animals if first <= animal.day < end)

    def csv(self, *, excel: bool = False) -> bytes:
        """Return the whole list as CSV; with a byte order mark and semicolons for spreadsheets."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";" if excel else ",", lineterminator="\n")
        writer.writerow(["animal_id", "lactation", "due", "date", "source"])
        for animal in self.animals:
            source = "plan" if animal.is_planned else "estimate"
            cells = (animal.animal_id, animal.lactation, str(animal.due), animal.day.isoformat(), source)
            writer.writerow([harmless(cell) for cell in cells])
        return text.getvalue().encode("utf-8-sig" if excel else "utf-8")


def due_list(herd: Herd, tables: Tables) -> DueList:
    """Return what is due in a herd.

    Parameters
    ----------
    herd : Herd
    tables : Tables
        Mean gestation and mean days from conception to dry-off stand where the file has no plan.

    Notes
    -----
    Cull-flagged animals that are pregnant count: they calve as long as they are there. Calvings more than
    nine months ahead, by a plan that cannot be, are left out.
    """
    gestation = round(tables.gestation.mean)
    pregnant = np.isin(herd.state, [AnimalState.PREGNANT, AnimalState.PREGNANT_HEIFER, AnimalState.DRY])
    calving = _planned_or(herd.expected_calving, herd.conception, gestation, pregnant)
    milking = herd.state == AnimalState.PREGNANT
    dry_off = _planned_or(
        herd.expected_dry_off, herd.conception, round(tables.conception_to_dry_off.mean), milking
    )
    starts = month_starts(herd.report_date, MONTHS)
    end = (starts[-1] - herd.report_date).days
    animals = [
        *_due(herd, calving, herd.expected_calving, end, calvings=True),
        *_due(herd, dry_off, herd.expected_dry_off, end, calvings=False),
    ]
    animals.sort(key=lambda animal: (animal.day, animal.animal_id, animal.due))
    return DueList(report_date=herd.report_date, month_starts=tuple(starts), animals=tuple(animals))


def _planned_or(
    plan: NDArray[np.int32], conception: NDArray[np.int32], days: int, applies: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return the planned day, else conception and so many days; ``_NEVER`` where neither is known."""
    known = np.where(conception == NO_DAY, _NEVER, conception.astype(np.int64) + days)
    return np.where(applies, np.where(plan == NO_DAY, known, plan.astype(np.int64)), _NEVER)


def _due(
    herd: Herd, days: NDArray[np.int64], plan: NDArray[np.int32], end: int, *, calvings: bool
) -> list[DueAnimal]:
    return [
        DueAnimal(
            animal_id=str(herd.animal_ids[i]),
            lactation=int(herd.lactation[i]),
            due=_kind(int(herd.lactation[i])) if calvings else Due.DRY_OFF,
            day=herd.report_date + timedelta(days=int(days[i])),
            is_planned=bool(plan[i] != NO_DAY),
        )
        for i in np.flatnonzero(days < end)
    ]


def _kind(lactation: int) -> Due:
    return Due.COW_CALVING if lactation else Due.HEIFER_CALVING
