"""Every kind of issue a herd file can have: severity and whether it blocks, in one table."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from herd_engine.errors import HerdDataError
from herd_engine.i18n.catalogue import ENGLISH, catalogue
from herd_engine.model.answers import Question
from herd_engine.model.quality import QualityIssue, Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
_SAMPLE_SIZE = 5
SHOWN_CHARACTERS = 60


class Bends(Enum):
    """Whether an issue bends the forecast itself, not only some rows of the file: a forecast repeats it."""

    NEVER = auto()
    FILE_MODES = auto()
    """The calibrated mode estimates what is missing."""
    ALWAYS = auto()


@dataclass(frozen=True, slots=True)
class IssueKind:
    """One kind of issue; ``code`` is set only where kinds share one (else it is the key in the table).

    Its text (``i18n/texts``, ``kinds``) says what is wrong, what comes of it (which rows are left out, which
    cells count as unknown), and what to do; it is filled from the issue's params.
    """

    severity: Severity
    blocking: bool = False
    code: str | None = None
    bends: Bends = Bends.NEVER


ISSUE_KINDS: dict[str, IssueKind] = {
    # The file as a whole: no forecast is possible.
    "file_unreadable": IssueKind(_ERROR, blocking=True),
    "empty_file": IssueKind(_ERROR, blocking=True),
    "unknown_file_format": IssueKind(_ERROR, blocking=True),
    "damaged_file": IssueKind(_ERROR, blocking=True),
    "file_too_large": IssueKind(_ERROR, blocking=True),
    "missing_columns": IssueKind(_ERROR, blocking=True),
    "required_by_farm": IssueKind(_ERROR, blocking=True),
    "column_map_unknown_header": IssueKind(_ERROR, blocking=True),
    "column_map_unknown_column": IssueKind(_ERROR, blocking=True),
    "column_map_ambiguous": IssueKind(_ERROR, blocking=True),
    "no_rows": IssueKind(_ERROR, blocking=True),
    "no_report_date": IssueKind(_ERROR, blocking=True),
    "report_date_contradicted": IssueKind(_ERROR, blocking=True),
    "no_animals_present": IssueKind(_ERROR, blocking=True),
    "no_conceptions_recorded": IssueKind(_ERROR, blocking=True),
    # Exports of other herd programs.
    "program_recognised": IssueKind(_INFO),
    "program_recognised_untried": IssueKind(_INFO),
    "importer_unusable": IssueKind(_WARNING),
    "several_tables": IssueKind(_ERROR, blocking=True),
    "tables_joined": IssueKind(_INFO),
    "leavers_joined": IssueKind(_INFO),
    "join_ambiguous": IssueKind(_ERROR, blocking=True),
    "tables_disagree": IssueKind(_ERROR, blocking=True),
    "leavers_dated": IssueKind(_WARNING),
    "tables_missing": IssueKind(_ERROR, blocking=True),
    "tables_not_used": IssueKind(_INFO),
    "no_events": IssueKind(_ERROR, blocking=True),
    "events_without_date": IssueKind(_ERROR),
    "events_not_used": IssueKind(_INFO),
    "events_after_report_date": IssueKind(_WARNING),
    "report_date_from_latest_event": IssueKind(_INFO),
    "returned_after_exit": IssueKind(_WARNING),
    "rows_without_animal": IssueKind(_WARNING),
    "table_without_animals": IssueKind(_ERROR, blocking=True),
    "keys_used_twice": IssueKind(_ERROR, blocking=True),
    "days_missing": IssueKind(_ERROR, blocking=True),
    "pages_missing": IssueKind(_ERROR, blocking=True),
    # Errors that cost rows or cells.
    "malformed_rows": IssueKind(_ERROR),
    "undecodable_characters": IssueKind(_WARNING),
    "duplicate_columns": IssueKind(_ERROR),
    "missing_animal_id": IssueKind(_ERROR),
    "duplicate_animal_id": IssueKind(_ERROR),
    "missing_birth_date": IssueKind(_ERROR),
    "unreadable_birth_date": IssueKind(_ERROR),
    "unreadable_archive_date": IssueKind(_ERROR),
    "missing_lactation": IssueKind(_ERROR),
    "invalid_lactation": IssueKind(_ERROR),
    "fractional_lactation": IssueKind(_ERROR),
    "negative_lactation": IssueKind(_ERROR),
    "implausible_lactation": IssueKind(_ERROR),
    "invalid_date_values": IssueKind(_WARNING),
    "invalid_number_values": IssueKind(_WARNING),
    "future_date": IssueKind(_ERROR),
    # What the reader asks, and what it did so that a file can be read.
    "ask_date_order": IssueKind(_ERROR, blocking=True),
    "ask_time_zone": IssueKind(_ERROR, blocking=True),
    "ask_status": IssueKind(_ERROR, blocking=True),
    "ask_sex": IssueKind(_ERROR, blocking=True),
    "ask_sheet": IssueKind(_ERROR, blocking=True),
    "ask_column": IssueKind(_ERROR, blocking=True),
    "sex_column_recognised": IssueKind(_INFO),
    "days_derived": IssueKind(_WARNING, bends=Bends.ALWAYS),
    "shared_rounded_ids": IssueKind(_ERROR, blocking=True),
    "ask_losses": IssueKind(_ERROR, blocking=True),
    "ask_cut_short": IssueKind(_ERROR, blocking=True),
    "answer_unknown": IssueKind(_ERROR, blocking=True),
    "mixed_date_orders": IssueKind(_ERROR, blocking=True),
    "dates_swapped": IssueKind(_ERROR, blocking=True),
    "dates_swapped_back": IssueKind(_WARNING),
    "dates_without_late_days": IssueKind(_ERROR, blocking=True),
    "calvings_swapped": IssueKind(_ERROR, blocking=True),
    "column_swapped": IssueKind(_ERROR, blocking=True),
    "serials_put_right": IssueKind(_WARNING),
    "serials_unclear": IssueKind(_ERROR, blocking=True),
    "serials_unproved": IssueKind(_WARNING, bends=Bends.ALWAYS),
    "answers_remembered": IssueKind(_INFO),
    "missing_markers": IssueKind(_INFO),
    "rows_no_animals": IssueKind(_INFO),
    "males_left_out": IssueKind(_INFO),
    "heifers_without_lactation": IssueKind(_INFO),
    "repeated_rows": IssueKind(_INFO),
    "earlier_lactations": IssueKind(_INFO),
    "reused_numbers": IssueKind(_WARNING),
    "rounded_animal_ids": IssueKind(_WARNING),
    "formulas_without_values": IssueKind(_WARNING),
    "hidden_sheets": IssueKind(_WARNING),
    # What to know about columns and the report date.
    "missing_optional_columns": IssueKind(_WARNING, bends=Bends.ALWAYS),
    "unknown_columns": IssueKind(_INFO),
    "other_sheets_ignored": IssueKind(_INFO),
    "report_date_from_latest_date": IssueKind(_WARNING, bends=Bends.ALWAYS),
    "report_date_disagreement": IssueKind(_WARNING, bends=Bends.ALWAYS),
    # Statuses.
    "missing_status": IssueKind(_WARNING),
    "unknown_status": IssueKind(_WARNING),
    "cull_flagged_animals": IssueKind(_INFO),
    "moved_animals": IssueKind(_INFO),
    "sold_without_archive_date": IssueKind(_WARNING, bends=Bends.ALWAYS),
    "dead_without_archive_date": IssueKind(_WARNING),
    "archived_with_present_status": IssueKind(_WARNING),
    "dry_status_mismatch": IssueKind(_WARNING),
    # Dates that contradict each other.
    "heifer_with_calving": IssueKind(_WARNING, code="inconsistent_lactation"),
    "cow_without_calving": IssueKind(_WARNING, code="inconsistent_lactation"),
    "conception_before_calving": IssueKind(_WARNING),
    "dry_off_before_calving": IssueKind(_WARNING),
    "heifer_dry_off": IssueKind(_WARNING),
    "implausible_expected_date": IssueKind(_WARNING),
    "archive_outside_730_days": IssueKind(_WARNING),
    "archive_before_birth": IssueKind(_WARNING),
    "archive_before_calving": IssueKind(_WARNING),
    "dry_off_without_conception": IssueKind(_WARNING),
    "dry_off_before_conception": IssueKind(_WARNING),
    "conception_differs_from_insemination": IssueKind(_INFO),
    "overdue_calving": IssueKind(_WARNING),
    "overlong_pregnancy": IssueKind(_WARNING),
    "overdue_dry_off": IssueKind(_INFO),
    # Ages and intervals.
    "implausible_age": IssueKind(_WARNING),
    "implausible_age_at_calving": IssueKind(_WARNING),
    "too_many_lactations_for_age": IssueKind(_WARNING),
    "early_heifer_conception": IssueKind(_INFO),
    "unusual_service_period": IssueKind(_INFO),
    "long_lactation": IssueKind(_INFO),
    "old_open_heifers": IssueKind(_INFO),
    # Columns that repeat what the dates say.
    "negative_days_in_milk": IssueKind(_WARNING),
    "days_in_milk_mismatch": IssueKind(_WARNING),
    "frozen_days_in_milk_mismatch": IssueKind(_INFO),
    "days_pregnant_mismatch": IssueKind(_INFO),
    # What the forecast will lack.
    "unconfirmed_inseminations": IssueKind(_WARNING, bends=Bends.FILE_MODES),
    "few_conceptions_recorded": IssueKind(_WARNING, bends=Bends.ALWAYS),
    "few_calving_dates": IssueKind(_WARNING, bends=Bends.ALWAYS),
    "few_heifer_conceptions": IssueKind(_WARNING, bends=Bends.ALWAYS),
    "few_inseminations_recorded": IssueKind(_WARNING, bends=Bends.ALWAYS),
    "few_calvings_recorded": IssueKind(_WARNING, bends=Bends.ALWAYS),
    "few_births_recorded": IssueKind(_WARNING, bends=Bends.ALWAYS),
    "exits_close_together": IssueKind(_WARNING, bends=Bends.ALWAYS),
    "small_herd": IssueKind(_INFO),
    "no_milking_cows": IssueKind(_WARNING),
    "no_exits_recorded": IssueKind(_WARNING, bends=Bends.ALWAYS),
    "few_days_of_exits": IssueKind(_WARNING, bends=Bends.ALWAYS),
    "no_heifer_conceptions": IssueKind(_WARNING),
    "no_service_periods": IssueKind(_WARNING),
    "no_dry_offs_recorded": IssueKind(_WARNING),
}


def make_issue(
    kind: str, lines: NDArray[np.int64] | None = None, **params: str | int | float | list[str]
) -> QualityIssue:
    """Return the issue of a kind, worded, with the lines of the file that have it."""
    entry = ISSUE_KINDS[kind]
    row_count = 0 if lines is None else len(lines)
    if entry.code is not None:
        params["kind"] = kind
    words = {name: _words(value) for name, value in params.items()}
    return QualityIssue(
        code=entry.code or kind,
        severity=entry.severity,
        message=catalogue(ENGLISH)["kinds"][kind].format(row_count=row_count, **words),
        params=params,
        row_count=row_count,
        sample_rows=() if lines is None else tuple(int(line) for line in lines[:_SAMPLE_SIZE]),
        blocking=entry.blocking,
    )


def question_issue(question: Question) -> QualityIssue:
    """Return the blocking issue that words a question."""
    issue = make_issue(
        question.code,
        subject=question.subject,
        choices=list(question.choices),
        samples=[": ".join(sample.values()) for sample in question.samples],
        option=question.option,
        rows=question.row_count,
    )
    return replace(issue, row_count=question.row_count, sample_rows=question.sample_rows)


def refusal(name: str, issues: Sequence[QualityIssue], questions: Sequence[Question] = ()) -> HerdDataError:
    """Return the error that says why no forecast can be made of the file ``name``, and what to answer."""
    worded = {issue.code for issue in issues}
    asked = [question_issue(question) for question in questions if question.code not in worded]
    ordered = by_severity([*issues, *asked])
    reasons = " ".join(issue.message for issue in ordered if issue.blocking)
    return HerdDataError(f"{name}: {reasons}", ordered, tuple(questions))


def by_severity(issues: Sequence[QualityIssue]) -> tuple[QualityIssue, ...]:
    """Return the issues with errors first, then by code."""
    severities = list(reversed(Severity))
    return tuple(sorted(issues, key=lambda issue: (severities.index(issue.severity), issue.code)))


def shown(text: str) -> str:
    """Return a text of a file fit for a message: printable and of bearable length."""
    start = "".join(letter if letter.isprintable() else "?" for letter in text[:SHOWN_CHARACTERS])
    return start if len(text) <= SHOWN_CHARACTERS else f"{start}…"


def _words(value: str | int | float | list[str]) -> str:
    """Return a parameter as it reads in a message; a dash for nothing."""
    return (", ".join(value) if isinstance(value, list) else str(value)) or "—"


def bends_forecast(issue: QualityIssue) -> bool:
    """Tell whether a forecast, of one mode at least, is another for what an issue says."""
    return ISSUE_KINDS[issue.said.kind].bends is not Bends.NEVER
