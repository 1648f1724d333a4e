"""Several exports of one farm: what changed from each to the next, and all that they tell together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.model.animals import NO_DAY, AnimalRecords, Presence
from herd_engine.model.changes import Changes, Correction, Export, History
from herd_engine.model.events import AnimalEvents, EventKind, join_events, no_events

SAME_ANIMAL_DAYS = 30
"""A birth date may be corrected by so much; further apart, the number was given to another animal."""
LATE_DAYS = 60
"""Calves are registered up to so long after birth: one of that age is born here, not bought."""
_EXITS = (Presence.SOLD, Presence.DEAD, Presence.MOVED)

Mask = NDArray[np.bool_]
Days = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Two exports, row by row: ``new_row[i]`` is the row of old animal i in the newer one, or -1.

    Days of both count from the newer report date.
    """

    old: AnimalRecords
    new: AnimalRecords
    shift: int
    new_row: Days
    old_row: Days
    reused: Mask

    def both(self) -> tuple[Days, Days]:
        """Return the rows of animals that both have, in either."""
        old = np.flatnonzero(self.new_row >= 0)
        return old, self.new_row[old]

    def old_days(self, name: str) -> Days:
        """Return days of the older export, counted from the newer report date."""
        days = getattr(self.old, name).astype(np.int64)
        return np.where(days == NO_DAY, NO_DAY, days - self.shift)

    def new_days(self, name: str) -> Days:
        """Return days of the newer export."""
        days: Days = getattr(self.new, name).astype(np.int64)
        return days


def changes(old: HerdFile, new: HerdFile) -> Changes:
    """Compare two exports of one farm; the older one first."""
    return record_changes(old.records, new.records)


def record_changes(old: AnimalRecords, new: AnimalRecords) -> Changes:
    """Compare the records of two exports of one farm.

    Parameters
    ----------
    old, new : AnimalRecords
        ``new`` of the same report date or a later one.

    Raises
    ------
    ValueError
        ``new`` is older than ``old``.
    """
    pair = _paired(old, new)
    here_old, here_new = _is_here(old), _is_here(new)
    left = _left(pair, here_old, here_new)
    entered = _entered(pair, here_old, here_new)
    return Changes(
        from_date=old.report_date,
        to_date=new.report_date,
        before=int(here_old.sum()),
        after=int(here_new.sum()),
        shared=int((here_old & (pair.new_row >= 0)).sum()),
        id_reused=_ids(old, pair.reused),
        **left,
        **entered,
        **_happened(pair, here_old, here_new),
        corrected=_corrections(pair),
    )


def history(files: Sequence[HerdFile]) -> History:
    """Return what the exports of a farm tell together; in any order."""
    ordered = sorted(files, key=lambda file: file.herd.report_date)
    exports = [_export(file, None) for file in ordered[:1]]
    exports += [_export(new, changes(old, new)) for old, new in pairwise(ordered)]
    events = joined_events([file.records for file in ordered]) if ordered else no_events()
    return History(exports=tuple(exports), events=events)


def joined_events(exports: Sequence[AnimalRecords]) -> AnimalEvents:
    """Return the dated facts of all exports, oldest first, of the animals of the last one.

    Notes
    -----
    An export tells each animal's current lactation only: the exports before it tell of services that failed,
    of pregnancies that were lost, and when earlier lactations began. A pregnancy is known from the first
    export that has it, an emptiness from the first that has the pregnancy no more.
    """
    *earlier, last = exports
    facts = [_facts(last, np.arange(last.n_animals), 0), last.events]
    for records in earlier:
        pair = _paired(records, last)
        facts.append(_facts(records, pair.new_row, pair.shift))
        facts.append(records.events.of_animals(pair.new_row).counted_from(pair.shift))
    for old, new in pairwise(exports):
        facts.append(_losses(old, new, last))
    return join_events(facts).ordered()


def _paired(old: AnimalRecords, new: AnimalRecords) -> _Pair:
    shift = (new.report_date - old.report_date).days
    if shift < 0:
        message = f"{new.report_date} is before {old.report_date}: the older export comes first"
        raise ValueError(message)
    row_of = {number: row for row, number in enumerate(new.animal_ids.tolist())}
    row = np.array([row_of.get(number, -1) for number in old.animal_ids.tolist()], np.int64)
    births = np.append(new.birth.astype(np.int64), 0)[row]
    reused = (row >= 0) & (np.abs(births - (old.birth.astype(np.int64) - shift)) > SAME_ANIMAL_DAYS)
    new_row = np.where(reused, -1, row)
    old_row = np.full(new.n_animals, -1)
    old_row[new_row[new_row >= 0]] = np.flatnonzero(new_row >= 0)
    return _Pair(old=old, new=new, shift=shift, new_row=new_row, old_row=old_row, reused=reused)


def _is_here(records: AnimalRecords) -> Mask:
    here: Mask = (records.archive == NO_DAY) & ~records.has_presence(*_EXITS)
    return here


def _ids(records: AnimalRecords, rows: Mask | Days) -> tuple[str, ...]:
    return tuple(records.animal_ids[rows].tolist())


def _left(pair: _Pair, here_old: Mask, here_new: Mask) -> dict[str, tuple[str, ...]]:
    """Return who left, by how."""
    row = pair.new_row
    gone = here_old & (row >= 0) & ~np.append(here_new, False)[row]
    how = {presence.value: np.append(pair.new.has_presence(presence), False)[row] for presence in _EXITS}
    by_word = {name: gone & told for name, told in how.items()}
    return {
        **{name: _ids(pair.old, rows) for name, rows in by_word.items()},
        "left": _ids(pair.old, gone & ~np.any([*how.values()], axis=0)),
        "undated": _ids(pair.old, gone & (np.append(pair.new.archive, 0)[row] == NO_DAY)),
        "vanished": _ids(pair.old, here_old & (row < 0)),
    }


def _entered(pair: _Pair, here_old: Mask, here_new: Mask) -> dict[str, tuple[str, ...]]:
    """Return who came, by whence."""
    row = pair.old_row
    unknown = row < 0
    young = pair.new.birth > -pair.shift - LATE_DAYS
    return {
        "born": _ids(pair.new, here_new & unknown & young),
        "bought": _ids(pair.new, here_new & unknown & ~young),
        "reappeared": _ids(pair.new, here_new & ~unknown & ~np.append(here_old, False)[row]),
        "came_and_left": _ids(pair.new, ~here_new & unknown & (pair.new.archive > -pair.shift)),
    }


def _happened(pair: _Pair, here_old: Mask, here_new: Mask) -> dict[str, tuple[str, ...]]:
    """Return what happened to animals of the older herd."""
    rows, new_rows = pair.both()
    was_here, is_here = here_old[rows], here_new[new_rows]
    steps = pair.new.lactation[new_rows] - pair.old.lactation[rows]
    same = was_here & is_here & (steps == 0)
    old_conception, new_conception = _current(pair, "conception", rows, new_rows)
    old_service, new_service = _current(pair, "insemination", rows, new_rows)
    old_dry, new_dry = _current(pair, "dry_off", rows, new_rows)
    was_flagged = pair.old.has_presence(Presence.CULL_FLAGGED)[rows]
    is_flagged = pair.new.has_presence(Presence.CULL_FLAGGED)[new_rows]
    conceived = same & (old_conception == NO_DAY) & (new_conception != NO_DAY)
    told = {
        "calved": was_here & is_here & (steps == 1),
        "calved_and_left": was_here & ~is_here & (steps == 1),
        "skipped": was_here & (steps > 1),
        "conceived": conceived,
        "lost": same & (old_conception != NO_DAY) & (new_conception == NO_DAY),
        "served": same & ~conceived & (new_service != NO_DAY) & (new_service > old_service),
        "dried_off": same & (old_dry == NO_DAY) & (new_dry != NO_DAY),
        "flagged": same & ~was_flagged & is_flagged,
        "unflagged": same & was_flagged & ~is_flagged,
    }
    return {name: _ids(pair.old, rows[wanted]) for name, wanted in told.items()}


def _current(pair: _Pair, name: str, rows: Days, new_rows: Days) -> tuple[Days, Days]:
    """Return days of both exports as far as they are of the current lactation."""
    old = np.where(_is_earlier(pair.old, name), NO_DAY, pair.old_days(name))[rows]
    new = np.where(_is_earlier(pair.new, name), NO_DAY, pair.new_days(name))[new_rows]
    return old, new


def _is_earlier(records: AnimalRecords, name: str) -> Mask:
    earlier: Mask = (records.lactation > 0) & (getattr(records, name) < records.calving)
    return earlier


def _corrections(pair: _Pair) -> tuple[Correction, ...]:
    """Return facts that are told otherwise now."""
    rows, new_rows = pair.both()
    steps = pair.new.lactation[new_rows] - pair.old.lactation[rows]
    found: list[Correction] = []
    day0 = pair.new.report_date
    for name, wanted in (("birth", steps >= 0), ("calving", steps == 0), ("conception", steps == 0)):
        old, new = pair.old_days(name)[rows], pair.new_days(name)[new_rows]
        changed = wanted & (old != new) & (old != NO_DAY) & (new != NO_DAY)
        found += [
            Correction(animal=number, field=name, old=_iso(day0, before), new=_iso(day0, after))
            for number, before, after in zip(
                _ids(pair.old, rows[changed]), old[changed].tolist(), new[changed].tolist(), strict=True
            )
        ]
    for row, new_row in zip(rows[steps < 0].tolist(), new_rows[steps < 0].tolist(), strict=True):
        numbers = str(pair.old.lactation[row]), str(pair.new.lactation[new_row])
        found.append(
            Correction(animal=pair.old.animal_ids[row], field="lactation", old=numbers[0], new=numbers[1])
        )
    return tuple(found)


def _iso(report_date: date, day: int) -> str:
    return (report_date + timedelta(days=day)).isoformat()


def _export(file: HerdFile, since: Changes | None) -> Export:
    return Export(name=file.name, report_date=file.herd.report_date, counts=file.herd.counts(), changes=since)


def _facts(records: AnimalRecords, row: Days, shift: int) -> AnimalEvents:
    """Return the dated facts of an export; ``row`` is that of each animal in the last one."""
    is_cow = records.lactation > 0
    dead, moved = records.has_presence(Presence.DEAD), records.has_presence(Presence.MOVED)
    known = records.conception != NO_DAY
    gone = records.archive != NO_DAY
    until = np.where(gone, records.archive, 0)
    parts = [
        _events(EventKind.CALVING, records.calving, is_cow, row),
        _events(EventKind.INSEMINATION, records.insemination, True, row),
        _events(EventKind.INSEMINATION, records.conception, True, row),
        _events(EventKind.PREGNANT, until, known & ~_is_earlier(records, "conception"), row),
        _events(EventKind.DRY_OFF, records.dry_off, is_cow, row),
        _events(EventKind.DEAD, records.archive, dead, row),
        _events(EventKind.MOVED, records.archive, moved, row),
        _events(EventKind.SOLD, records.archive, ~dead & ~moved, row),
    ]
    return join_events(parts).counted_from(shift)


def _events(kind: EventKind, days: NDArray[np.int32], wanted: Mask | bool, row: Days) -> AnimalEvents:
    chosen = np.flatnonzero((days != NO_DAY) & wanted & (row >= 0))
    return AnimalEvents(
        animal=row[chosen], kind=np.full(len(chosen), kind, np.int8), day=days[chosen].astype(np.int64)
    )


def _losses(old: AnimalRecords, new: AnimalRecords, last: AnimalRecords) -> AnimalEvents:
    """Return pregnancies of ``old`` that ``new`` has no more: found empty by its day at the latest."""
    pair = _paired(old, new)
    rows, new_rows = pair.both()
    before, after = _current(pair, "conception", rows, new_rows)
    same = pair.new.lactation[new_rows] == pair.old.lactation[rows]
    lost = np.zeros(old.n_animals, bool)
    lost[rows] = same & (before != NO_DAY) & (after != before)
    to_last = _paired(old, last)
    days = np.full(old.n_animals, pair.shift, np.int32)
    return _events(EventKind.EMPTY, days, lost, to_last.new_row).counted_from(to_last.shift)
