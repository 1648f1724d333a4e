"""The daily sheet: which animals to breed, to check, to dry off, to calve, to look at, to sell."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import numpy as np

from herd_engine.calibration.habits import GESTATION
from herd_engine.model.animals import AnimalRecords
from herd_engine.model.targets import FarmTargets
from herd_engine.review.detective.findings import Findings, findings
from herd_engine.review.detective.rules import open_cows, open_heifers
from herd_engine.review.kpis.filed_lives import FAR, Days, FiledLives, Rows, filed_lives

_LOOK_AT = (
    "OPEN_PAST_LIMIT", "LONG_DAYS_OPEN", "CALVING_OVERDUE", "HEIFER_LATE", "DRIED_EARLY",
)  # fmt: skip


class WorkListName(StrEnum):
    """What is to be done with the animals of a list, in the order of the sheet."""

    BREED = "breed"
    CHECK = "check"
    DRY_OFF = "dry_off"
    CALVE = "calve"
    LOOK = "look"
    SELL = "sell"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """One animal of a list.

    Attributes
    ----------
    list : WorkListName
    animal : str
    lactation : int
    days : int or None
        Days in milk of a cow, age in days of a heifer; None where not known.
    reason : str
        Code; its text is under ``work.<code>``.
    measured : int
        The days that the reason tells.
    day : date or None
        When it is due; None where there is no such day.
    """

    list: WorkListName
    animal: str
    lactation: int
    days: int | None
    reason: str
    measured: int
    day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DailySheet:
    """What is to be done from a report date on.

    Attributes
    ----------
    as_of : date
    days : int
        So far ahead.
    rows : tuple of WorkRow
        By list, the most urgent first, then by animal.
    """

    as_of: date
    days: int
    rows: tuple[WorkRow, ...]

    def of(self, name: WorkListName) -> tuple[WorkRow, ...]:
        """Return one list."""
        return tuple(row for row in self.rows if row.list is name)

    def only(self, names: frozenset[WorkListName]) -> "DailySheet":
        """Return the sheet with some lists; all where none is named."""
        rows = tuple(row for row in self.rows if not names or row.list in names)
        return DailySheet(as_of=self.as_of, days=self.days, rows=rows)

    def document(self) -> dict[str, object]:
        """Return it as plain values: ``herd-sheet/1``."""
        return {
            "schema": "herd-sheet/1",
            "as_of": self.as_of.isoformat(),
            "days": self.days,
            "counts": {str(name): len(self.of(name)) for name in WorkListName},
            "rows": [
                {
                    "list": str(row.list), "animal": row.animal, "lactation": row.lactation, "days": row.days,
                    "reason": row.reason, "measured": row.measured,
                    "day": None if row.day is None else row.day.isoformat(),
                }
                for row in self.rows
            ],
        }  # fmt: skip


def daily_sheet(records: AnimalRecords, stated: FarmTargets, days: int) -> DailySheet:
    """Return the work lists of a herd file.

    Parameters
    ----------
    records : AnimalRecords
    stated : FarmTargets
        As the farm has set them.
    days : int
        How far ahead.

    Notes
    -----
    Without prices nothing says which animal is worth selling: the last list holds those that the farm
    itself has marked, so that what was decided is done.
    """
    lives, found = filed_lives(records), findings(records, stated)
    desk = _Desk(lives, records.report_date)
    rows = (
        *_breed(desk, found.targets, days),
        *_check(desk),
        *_due(desk, found.targets, days),
        *_look(desk, found),
        *_sell(desk),
    )
    order = list(WorkListName)
    ranked = sorted(rows, key=lambda each: (order.index(each[1].list), -each[0], each[1].animal))
    return DailySheet(as_of=records.report_date, days=days, rows=tuple(row for _, row in ranked))


_Ranked = tuple[int, WorkRow]
"""A row, and how urgent it is."""


@dataclass(frozen=True)
class _Desk:
    """Writes rows of a sheet."""

    lives: FiledLives
    as_of: date

    def rows(
        self, name: WorkListName, reason: str, wanted: Rows, measured: Days, due: Days | None = None
    ) -> Iterator[_Ranked]:
        """Yield a row for each wanted animal; the longest overdue, or with most days, is most urgent."""
        for place in np.flatnonzero(wanted).tolist():
            day = None if due is None else self.as_of + timedelta(days=int(due[place]))
            urgency = int(measured[place] if due is None else -due[place])
            yield urgency, self.row(place, name, reason, int(measured[place]), day)

    def row(self, place: int, name: WorkListName, reason: str, measured: int, day: date | None) -> WorkRow:
        """Return the row of one animal."""
        lives = self.lives
        since = int(lives.calving[place] if lives.lactation[place] else lives.birth[place])
        return WorkRow(
            list=name,
            animal=str(lives.ids[place]),
            lactation=int(lives.lactation[place]),
            days=None if since == FAR else -since,
            reason=reason,
            measured=measured,
            day=day,
        )


def _breed(desk: _Desk, targets: FarmTargets, days: int) -> Iterator[_Ranked]:
    """Yield who has never been inseminated in this lactation, from the day on that the farm begins."""
    lives, never = desk.lives, desk.lives.served == -FAR
    from_day = lives.calving + (targets.vwp or lives.wait)
    wanted = open_cows(lives) & never & (from_day <= days)
    yield from desk.rows(WorkListName.BREED, "breed_cow", wanted, -lives.calving, from_day)
    if targets.heifer_first_service is not None:
        from_day = lives.birth + targets.heifer_first_service
        wanted = open_heifers(lives) & never & (from_day <= days)
        yield from desk.rows(WorkListName.BREED, "breed_heifer", wanted, -lives.birth, from_day)


def _check(desk: _Desk) -> Iterator[_Ranked]:
    """Yield who was inseminated as long ago as the farm needs to know, and nothing is known."""
    lives = desk.lives
    wanted = (open_cows(lives) | open_heifers(lives)) & (lives.served > -FAR) & (lives.served <= -lives.lag)
    yield from desk.rows(WorkListName.CHECK, "check", wanted, -lives.served, lives.served + lives.lag)


def _due(desk: _Desk, targets: FarmTargets, days: int) -> Iterator[_Ranked]:
    lives = desk.lives
    in_calf = lives.on_farm & (lives.conceived < FAR)
    calving = np.where(lives.due < FAR, lives.due, lives.conceived + round(GESTATION.mean))
    by_habit = calving - (targets.dry_min + targets.dry_max) // 2
    dry_off = np.where(lives.dry_off_due < FAR, lives.dry_off_due, by_habit)
    milked = in_calf & (lives.lactation > 0) & (lives.dried == FAR)
    yield from desk.rows(WorkListName.DRY_OFF, "dry_off", milked & (dry_off <= days), -dry_off, dry_off)
    yield from desk.rows(WorkListName.CALVE, "calve", in_calf & (calving <= days), -calving, calving)


def _look(desk: _Desk, found: Findings) -> Iterator[_Ranked]:
    place = {str(name): row for row, name in enumerate(desk.lives.ids.tolist())}
    for hit in found.of(*_LOOK_AT):
        yield (
            hit.excess,
            desk.row(place[hit.animal], WorkListName.LOOK, f"look_{hit.rule}", hit.measured, None),
        )


def _sell(desk: _Desk) -> Iterator[_Ranked]:
    """Yield who is marked and still there; those in calf are told apart."""
    lives = desk.lives
    in_calf = lives.conceived < FAR
    here = lives.flagged & lives.on_farm
    since = np.where(lives.lactation > 0, lives.calving, lives.birth)
    known = np.where(np.abs(since) < FAR, -since, 0)
    yield from desk.rows(WorkListName.SELL, "marked", here & ~in_calf & (lives.lactation > 0), known)
    yield from desk.rows(WorkListName.SELL, "marked_heifer", here & ~in_calf & (lives.lactation == 0), known)
    yield from desk.rows(WorkListName.SELL, "marked_in_calf", here & in_calf, -lives.conceived)
