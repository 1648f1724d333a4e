"""The herd on the report date: which day that is, who is present, and in what state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.animal_rows import FACTS, PLANS, AnimalRows
from herd_engine.datasets.issue_kinds import make_issue
from herd_engine.model.animals import NO_DAY, AnimalRecords, AnimalState, Herd, Presence
from herd_engine.model.quality import QualityIssue

_TOLERATED_DAYS = 3
_GONE = (Presence.SOLD, Presence.DEAD, Presence.MOVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDate:
    """Day 0 (None: no row has a date) and what is remarkable about it."""

    day: date | None
    issues: tuple[QualityIssue, ...] = ()


def find_report_date(rows: AnimalRows, told: date | None = None) -> ReportDate:
    """Return the most frequent calving + days in milk of cows in milk, else the latest date recorded.

    Parameters
    ----------
    rows : AnimalRows
        Days as ordinals.
    told : date, optional
        What people say: it counts where no cow proves the day; where cows prove another one, or facts are
        of later days, that is an error.

    Notes
    -----
    Days in milk stand still at dry-off and at leaving, hence cows in milk only. Of equally frequent
    days the latest is taken.
    """
    facts = np.vstack([getattr(rows, name) for name in FACTS])
    if not np.isfinite(facts).any():
        return ReportDate(day=told)
    latest = int(np.nanmax(facts))
    lines = rows.lines[(facts == latest).any(axis=0)]
    observed = (rows.calving + rows.days_in_milk)[rows.is_milking & (rows.days_in_milk >= 0)]
    days, counts = np.unique(observed[np.isfinite(observed)], return_counts=True)
    if told is not None:
        proved = int(days[counts == counts.max()].max()) if len(days) else max(latest, told.toordinal())
        return _told(told, date.fromordinal(proved), lines)
    if not len(days):
        day = date.fromordinal(latest)
        issue = make_issue("report_date_from_latest_date", lines, report_date=day.isoformat())
        return ReportDate(day=day, issues=(issue,))
    day = date.fromordinal(int(days[counts == counts.max()].max()))
    difference = abs(latest - day.toordinal())
    if difference <= _TOLERATED_DAYS:
        return ReportDate(day=day)
    issue = make_issue(
        "report_date_disagreement",
        lines,
        report_date=day.isoformat(),
        latest_date=date.fromordinal(latest).isoformat(),
        difference_days=difference,
    )
    return ReportDate(day=day, issues=(issue,))


def _told(told: date, proved: date, lines: NDArray[np.int64]) -> ReportDate:
    if abs((told - proved).days) <= _TOLERATED_DAYS:
        return ReportDate(day=told)
    facts = {"report_date": told.isoformat(), "proved": proved.isoformat()}
    return ReportDate(day=told, issues=(make_issue("report_date_contradicted", lines, **facts),))


def animal_records(rows: AnimalRows, report_date: date) -> AnimalRecords:
    """Return the rows, days counted from the report date, as records."""
    days: dict[str, Any] = {name: _whole_days(getattr(rows, name)) for name in (*FACTS, *PLANS)}
    return AnimalRecords(
        report_date=report_date,
        animal_ids=rows.animal_ids,
        lactation=rows.lactation.astype(np.int32),
        presence=rows.presence,
        **days,
    )


def _whole_days(days: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.where(np.isnan(days), NO_DAY, days).astype(np.int32)


def herd_on_report_date(records: AnimalRecords, excluded: Mapping[str, int]) -> Herd:
    """Return the animals present, each in its state.

    Parameters
    ----------
    records : AnimalRecords
    excluded : mapping of str to int
        Rows of the file that did not even become records, by reason.
    """
    absences = _absences(records)
    is_present = ~np.any([*absences.values()], axis=0)
    state = _states(records)
    is_heifer = records.lactation == 0
    calving = np.where(records.calving == NO_DAY, 0, records.calving)
    columns: dict[str, Any] = {
        "animal_ids": records.animal_ids,
        "state": state,
        "is_flagged": records.has_presence(Presence.CULL_FLAGGED),
        "lactation": records.lactation,
        "birth": records.birth,
        "calving": np.where(is_heifer, NO_DAY, calving).astype(np.int32),
        "conception": records.conception,
        "dry_off": np.where(state == AnimalState.DRY, records.dry_off, NO_DAY).astype(np.int32),
        "expected_dry_off": np.where(is_heifer, NO_DAY, records.expected_dry_off).astype(np.int32),
        "expected_calving": records.expected_calving,
        "insemination": _of_this_lactation(records, records.insemination),
    }
    return Herd(
        report_date=records.report_date,
        excluded={**excluded, **{reason: int(rows.sum()) for reason, rows in absences.items() if rows.any()}},
        **{name: values[is_present] for name, values in columns.items()},
    )


def _of_this_lactation(records: AnimalRecords, days: NDArray[np.int32]) -> NDArray[np.int32]:
    earlier = (records.lactation > 0) & (days < records.calving)
    return np.where(earlier, NO_DAY, days).astype(np.int32)


def _absences(records: AnimalRecords) -> dict[str, NDArray[np.bool_]]:
    """Tell which animals are gone, by reason; a status that says so goes before an archive date."""
    gone = {presence.value: records.has_presence(presence) for presence in _GONE}
    return {**gone, "left": (records.archive != NO_DAY) & ~records.has_presence(*_GONE)}


def _states(records: AnimalRecords) -> NDArray[np.int8]:
    """Return every animal's state; a date before the current calving says nothing of this lactation.

    ``NO_DAY`` is before every day, so an unknown calving rules nothing out.
    """
    is_cow = records.lactation > 0
    is_pregnant = (records.conception != NO_DAY) & (~is_cow | (records.conception >= records.calving))
    is_dry = is_cow & (records.dry_off != NO_DAY) & (records.dry_off >= records.calving)
    heifer = np.where(is_pregnant, AnimalState.PREGNANT_HEIFER, AnimalState.HEIFER)
    cow = np.where(is_pregnant, AnimalState.PREGNANT, AnimalState.OPEN)
    return np.where(is_dry, AnimalState.DRY, np.where(is_cow, cow, heifer)).astype(np.int8)
