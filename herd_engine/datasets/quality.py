"""What is remarkable about the rows of a herd file: one line of a table per check.

A new check is a line in ``CHECKS`` (or in ``CORRECTIONS``, if the forecast must not see the date) and
its words in ``ISSUE_KINDS``. Days are counted from the report date; a comparison with an unknown day
does not hold.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.animal_rows import FACTS, PLANS, AnimalRows
from herd_engine.datasets.issue_kinds import make_issue
from herd_engine.model.animals import Presence
from herd_engine.model.quality import QualityIssue

Mask = NDArray[np.bool_]

ARCHIVE_WINDOW_DAYS = 730
LONGEST_PLAN_DAYS = 330
"""Latest plan that is believed, after the report date; assumption: well above any gestation (280 days)."""
CONFIRMATION_DAYS = 49
"""Youngest pregnancy that farms have recorded: 28 to 47 days, rounded up to weeks."""
SMALL_HERD = 100

_AGE_AT_FIRST_CALVING, _CALVING_INTERVAL = 540, 300
"""Shortest that are usual: days from birth to the first calving, and between calvings."""
_GESTATION = 278


@dataclass(frozen=True, slots=True)
class Check:
    """A kind of issue, which rows have it, and the number whose largest value the message tells."""

    kind: str
    find: Callable[[AnimalRows], Mask]
    param: str = ""
    number: Callable[[AnimalRows], NDArray[np.float64]] = lambda rows: rows.birth


@dataclass(frozen=True, slots=True)
class UnknownDays:
    """A kind of issue, which rows have it, and the day of theirs that is then taken as unknown."""

    kind: str
    find: Callable[[AnimalRows], Mask]
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedRows:
    """Rows without the days that cannot be, and the issues that tell which they were."""

    rows: AnimalRows
    issues: tuple[QualityIssue, ...]


def _is_after_report_date(day: str) -> Callable[[AnimalRows], Mask]:
    def find(rows: AnimalRows) -> Mask:
        days: NDArray[np.float64] = getattr(rows, day)
        return days > 0

    return find


def _is_no_plan(day: str) -> Callable[[AnimalRows], Mask]:
    def find(rows: AnimalRows) -> Mask:
        plan: NDArray[np.float64] = getattr(rows, day)
        return (plan < rows.conception) | (plan <= rows.calving) | (plan > LONGEST_PLAN_DAYS)

    return find


def _is_bred(rows: AnimalRows) -> Mask:
    return rows.is_present & ~rows.has_presence(Presence.CULL_FLAGGED)


def _is_known(days: NDArray[np.float64]) -> Mask:
    return np.isfinite(days)


def _gone_unrecorded(presence: Presence) -> Callable[[AnimalRows], Mask]:
    return lambda rows: rows.has_presence(presence) & ~_is_known(rows.archive)


def _differ(recorded: NDArray[np.float64], counted: NDArray[np.float64]) -> Mask:
    return np.abs(recorded - counted) > 0


def _end_of_milking(rows: AnimalRows) -> NDArray[np.float64]:
    """Return the day on which days in milk stood still; NaN for a cow in milk."""
    return np.fmin(rows.archive, np.where(rows.is_dry, rows.dry_off, np.nan))


def _is_unconfirmed(rows: AnimalRows) -> Mask:
    is_recent = (rows.insemination >= -CONFIRMATION_DAYS) & ~(rows.insemination < rows.calving)
    return _is_bred(rows) & ~_is_known(rows.conception) & is_recent


CORRECTIONS = (
    *(UnknownDays("future_date", _is_after_report_date(day), day) for day in FACTS),
    UnknownDays(
        "heifer_with_calving", lambda rows: (rows.lactation == 0) & _is_known(rows.calving), "calving"
    ),
    UnknownDays("conception_before_calving", lambda rows: rows.conception < rows.calving, "conception"),
    UnknownDays("dry_off_before_calving", lambda rows: rows.dry_off < rows.calving, "dry_off"),
    *(UnknownDays("implausible_expected_date", _is_no_plan(day), day) for day in PLANS),
)
"""In this order: the forecast, and every later check, takes these days as unknown."""

CHECKS = (
    Check("heifer_dry_off", lambda rows: (rows.lactation == 0) & _is_known(rows.dry_off)),
    # Who is on the farm.
    Check("cull_flagged_animals", lambda rows: rows.is_present & ~_is_bred(rows)),
    Check("moved_animals", _gone_unrecorded(Presence.MOVED)),
    Check("dead_without_archive_date", _gone_unrecorded(Presence.DEAD)),
    Check("sold_without_archive_date", _gone_unrecorded(Presence.SOLD)),
    Check(
        "archived_with_present_status",
        lambda rows: (
            _is_known(rows.archive) & rows.has_presence(Presence.ON_FARM) & ~rows.has_status("unknown")
        ),
    ),
    Check(
        "dry_status_mismatch",
        lambda rows: (
            _is_bred(rows)
            & (rows.lactation > 0)
            & ~rows.has_status("unknown")
            & (rows.has_status("dry", "late_dry") != rows.is_dry)
        ),
    ),
    Check("unconfirmed_inseminations", _is_unconfirmed),
    # Dates that contradict each other.
    Check("cow_without_calving", lambda rows: (rows.lactation > 0) & ~_is_known(rows.calving)),
    Check("archive_outside_730_days", lambda rows: rows.archive < -ARCHIVE_WINDOW_DAYS),
    Check("archive_before_birth", lambda rows: rows.archive < rows.birth),
    Check(
        "archive_before_calving", lambda rows: (rows.archive < rows.calving) & (rows.archive >= rows.birth)
    ),
    Check("dry_off_without_conception", lambda rows: rows.is_dry & ~_is_known(rows.conception)),
    Check("dry_off_before_conception", lambda rows: rows.dry_off < rows.conception),
    Check("conception_differs_from_insemination", lambda rows: _differ(rows.conception, rows.insemination)),
    Check(
        "overdue_calving",
        lambda rows: _is_bred(rows) & (rows.expected_calving < 0),
        "days_late",
        lambda rows: -rows.expected_calving,
    ),
    Check(
        "overlong_pregnancy",
        lambda rows: _is_bred(rows) & (rows.conception < -300),
        "days",
        lambda rows: -rows.conception,
    ),
    Check(
        "overdue_dry_off",
        lambda rows: (
            _is_bred(rows) & rows.is_milking & _is_known(rows.conception) & (rows.expected_dry_off < 0)
        ),
    ),
    # Ages and intervals.
    Check("implausible_age", lambda rows: rows.is_present & (rows.birth < -25 * 365.25)),
    Check("implausible_age_at_calving", lambda rows: rows.calving - rows.birth < _AGE_AT_FIRST_CALVING),
    Check(
        "too_many_lactations_for_age",
        lambda rows: (
            rows.calving - rows.birth < _AGE_AT_FIRST_CALVING + _CALVING_INTERVAL * (rows.lactation - 1)
        ),
    ),
    Check(
        "early_heifer_conception",
        lambda rows: (rows.lactation == 0) & (rows.conception - rows.birth < 365),
    ),
    Check(
        "unusual_service_period",
        lambda rows: (rows.conception - rows.calving < 50) | (rows.conception - rows.calving > 350),
    ),
    Check("long_lactation", lambda rows: rows.is_milking & (rows.calving < -350)),
    Check(
        "old_open_heifers",
        lambda rows: (
            _is_bred(rows) & (rows.lactation == 0) & ~_is_known(rows.conception) & (rows.birth < -500)
        ),
    ),
    # Columns that repeat what the dates say.
    Check("negative_days_in_milk", lambda rows: rows.days_in_milk < 0),
    Check("days_in_milk_mismatch", lambda rows: rows.is_milking & _differ(rows.days_in_milk, -rows.calving)),
    Check(
        "frozen_days_in_milk_mismatch",
        lambda rows: _differ(rows.days_in_milk, _end_of_milking(rows) - rows.calving),
    ),
    Check(
        "days_pregnant_mismatch",
        lambda rows: _differ(rows.days_pregnant, np.fmin(rows.archive, 0) - rows.conception),
    ),
)


def correct_rows(rows: AnimalRows, report_date: date) -> CorrectedRows:
    """Take the days that cannot be as unknown, and report them."""
    issues = []
    for correction in CORRECTIONS:
        wrong = correction.find(rows)
        if wrong.any():
            params = _correction_params(correction, report_date)
            issues.append(make_issue(correction.kind, rows.lines[wrong], **params))
            rows = rows.without(correction.day, wrong)
    return CorrectedRows(rows=rows, issues=tuple(issues))


def _correction_params(correction: UnknownDays, report_date: date) -> dict[str, str | int]:
    """Return what the message of a correction tells beside its rows."""
    column = (FACTS | PLANS)[correction.day].value
    if correction.kind == "future_date":
        return {"column": column, "report_date": report_date.isoformat()}
    if correction.kind == "implausible_expected_date":
        return {"column": column, "limit": LONGEST_PLAN_DAYS}
    return {}


def row_issues(rows: AnimalRows) -> Iterator[QualityIssue]:
    """Report what ``CHECKS`` find."""
    for check in CHECKS:
        found = check.find(rows)
        if found.any():
            params = {check.param: int(check.number(rows)[found].max())} if check.param else {}
            yield make_issue(check.kind, rows.lines[found], **params)


def herd_issues(rows: AnimalRows) -> Iterator[QualityIssue]:
    """Report what the forecast will lack; which of its lists (model page) will be empty."""
    n_present = int(rows.is_present.sum())
    if n_present < SMALL_HERD:
        yield make_issue("small_herd", animals=n_present)
    age = np.where(
        rows.lactation == 0,
        rows.conception - rows.birth,
        np.where(rows.lactation == 1, rows.calving - rows.birth - _GESTATION, np.nan),
    )
    for kind, known in {
        "no_milking_cows": rows.is_milking,
        "no_exits_recorded": _is_known(rows.archive),
        "no_heifer_conceptions": age > 0,
        "no_service_periods": rows.conception - rows.calving > 0,
        "no_dry_offs_recorded": rows.dry_off - rows.conception > 0,
    }.items():
        if not known.any():
            yield make_issue(kind)
