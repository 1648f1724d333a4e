"""Every kind of issue a herd file can have: severity, whether it blocks, and its words, in one table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herd_engine.errors import HerdDataError
from herd_engine.model.quality import QualityIssue, Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
_SAMPLE_SIZE = 5
SHOWN_CHARACTERS = 60
_MAP_HINT = 'Rename the column, or say which one is meant with --map "their name=our name".'


@dataclass(frozen=True, slots=True)
class IssueKind:
    """One kind of issue; ``code`` is set only where kinds share one (else it is the key in the table).

    ``message`` says what is wrong, what comes of it (which rows are left out, which cells count as
    unknown), and what to do; it is filled from the issue's params.
    """

    severity: Severity
    message: str
    blocking: bool = False
    code: str | None = None


ISSUE_KINDS: dict[str, IssueKind] = {
    # The file as a whole: no forecast is possible.
    "file_unreadable": IssueKind(
        _ERROR, "The file cannot be opened: {reason}. Check its path and your permissions.", blocking=True
    ),
    "empty_file": IssueKind(_ERROR, "The file is empty. Export the herd again.", blocking=True),
    "unknown_file_format": IssueKind(
        _ERROR,
        "The file is neither text nor an XLSX workbook nor Parquet ({reason}). "
        "Save it as CSV (UTF-8) or as .xlsx.",
        blocking=True,
    ),
    "damaged_file": IssueKind(
        _ERROR,
        "The file looks like {format} but cannot be read ({reason}). Export it again.",
        blocking=True,
    ),
    "file_too_large": IssueKind(
        _ERROR,
        "Unpacked, the file holds {size}; the limit is {limit}. Export only the herd's table.",
        blocking=True,
    ),
    "missing_columns": IssueKind(
        _ERROR,
        f"Required columns are missing: {{columns}}. Found: {{found}}. {_MAP_HINT} "
        "Likely: {suggestions}. If the columns look run together, check the delimiter (; , or tab).",
        blocking=True,
    ),
    "column_map_unknown_header": IssueKind(
        _ERROR,
        "The column map names the header {header}, which the file does not have. Nearest: {nearest}.",
        blocking=True,
    ),
    "column_map_unknown_column": IssueKind(
        _ERROR,
        "The column map gives {name}, which is not one of our columns. Nearest: {nearest}.",
        blocking=True,
    ),
    "column_map_ambiguous": IssueKind(
        _ERROR,
        "The column map uses the header {header} or our column {name} twice. Give each once.",
        blocking=True,
    ),
    "no_rows": IssueKind(_ERROR, "The file has a header but no animals. Export it again.", blocking=True),
    "no_report_date": IssueKind(
        _ERROR,
        "No report date can be derived: no usable row has a date. See the other issues.",
        blocking=True,
    ),
    "no_animals_present": IssueKind(
        _ERROR,
        "No animal is on the farm on the report date: every row is left out ({excluded}). "
        "See the other issues, and check statuses and archive dates.",
        blocking=True,
    ),
    "no_conceptions_recorded": IssueKind(
        _ERROR,
        "Cows that calved 200 to 330 days ago: {cows}; with a successful insemination on file: {pregnant}. "
        "In any herd that breeds its cows many are in calf by then, and a forecast from these records would "
        "have next to no calvings. Export the dates of successful inseminations. If the file has them under "
        'another name, say which with --map "their name=our name".',
        blocking=True,
    ),
    # Errors that cost rows or cells.
    "malformed_rows": IssueKind(
        _ERROR,
        "Rows whose number of cells is not that of the header ({expected}), or with an unclosed quote, are "
        "left out. Correct them.",
    ),
    "undecodable_characters": IssueKind(
        _WARNING, "Rows hold characters that cannot be decoded; they read as \ufffd. Save the file as UTF-8."
    ),
    "duplicate_columns": IssueKind(
        _ERROR,
        "Columns appear twice: {columns}. The first of each counts. Remove the others, or choose with "
        '--map "their name=our name".',
    ),
    "missing_animal_id": IssueKind(
        _ERROR, "Rows without an animal number are left out. Fill in the numbers."
    ),
    "duplicate_animal_id": IssueKind(
        _ERROR,
        "Animal numbers repeat. The first row of each counts, {left_out} others are left out. "
        "Remove the wrong ones.",
    ),
    "missing_birth_date": IssueKind(_ERROR, "Rows without a birth date are left out. Fill in the dates."),
    "unreadable_birth_date": IssueKind(
        _ERROR, "Rows whose birth date cannot be read are left out of the herd. Correct the dates."
    ),
    "unreadable_archive_date": IssueKind(
        _ERROR,
        "Rows whose archive date cannot be read are left out: the animals left on a day that is not known. "
        "Correct the dates.",
    ),
    "missing_lactation": IssueKind(
        _ERROR, "Rows without a lactation number are left out. Fill in the numbers (0 for a heifer)."
    ),
    "invalid_lactation": IssueKind(
        _ERROR, "Rows whose lactation is not a number are left out. Write a whole number (0 for a heifer)."
    ),
    "fractional_lactation": IssueKind(
        _ERROR, "Rows with a fractional lactation are left out. Write the number of calvings."
    ),
    "negative_lactation": IssueKind(
        _ERROR, "Rows with a negative lactation are left out. Write the number of calvings."
    ),
    "implausible_lactation": IssueKind(
        _ERROR, "Rows with a lactation above {limit} are left out. Write the number of calvings."
    ),
    "invalid_date_values": IssueKind(
        _WARNING,
        "Column {column} holds values that are not dates from 1950 to 2100 written {format}, such as "
        "{example}. They count as unknown; a row with an unreadable birth or archive date is left out. "
        "Correct the dates.",
    ),
    "mixed_date_formats": IssueKind(
        _ERROR,
        "Column {column} is written {format}, but some dates are in another format, such as {example}: "
        "day and month may be swapped. They count as unknown; a row with such a birth or archive date is "
        "left out. Write all dates of the column alike.",
    ),
    "invalid_number_values": IssueKind(
        _WARNING,
        "Column {column} holds values that are not whole numbers of up to four digits, such as {example}. "
        "They count as unknown. Correct them.",
    ),
    "future_date": IssueKind(
        _ERROR,
        "Column {column} holds dates after the report date {report_date}. They count as unknown: an "
        "animal archived later counts as still on the farm, one born later is left out. Correct the dates, "
        "or export the herd again.",
    ),
    # What to know about columns and the report date.
    "missing_optional_columns": IssueKind(
        _WARNING,
        "Columns are missing: {columns}. Their values count as unknown, which makes the forecast poorer. "
        f"{_MAP_HINT} Likely: {{suggestions}}.",
    ),
    "unknown_columns": IssueKind(_INFO, "Columns that mean nothing to the forecast are ignored: {columns}."),
    "other_sheets_ignored": IssueKind(
        _INFO, "Only the first sheet of the workbook is read; ignored: {sheets}."
    ),
    "report_date_from_latest_date": IssueKind(
        _WARNING,
        "No cow in milk has both a calving date and days in milk, so the report date is the latest date "
        "recorded: {report_date}. Check the rows shown.",
    ),
    "report_date_disagreement": IssueKind(
        _WARNING,
        "Calving dates and days in milk say {report_date}, but the latest date recorded is {latest_date} "
        "({difference_days} days apart). The former counts. Check the rows shown, and when the herd was "
        "exported.",
    ),
    # Statuses.
    "missing_status": IssueKind(
        _WARNING, "Rows without a status count as present unless archived. Fill in the statuses."
    ),
    "unknown_status": IssueKind(
        _WARNING, "Statuses are not known: {statuses}. Such rows count as present unless archived."
    ),
    "cull_flagged_animals": IssueKind(
        _INFO,
        "Marked for culling but not archived: {row_count}. They are still on the farm and counted, are not "
        "bred, and leave soon.",
    ),
    "moved_animals": IssueKind(
        _INFO, "Moved to another farm without an archive date: {row_count}. They are left out."
    ),
    "sold_without_archive_date": IssueKind(
        _WARNING,
        "Sold animals without an archive date are left out, and their leaving is not counted in the culling "
        "rate. Fill in the dates.",
    ),
    "dead_without_archive_date": IssueKind(
        _WARNING,
        "Dead animals without an archive date are left out, and their death is not counted in the culling "
        "rate. Fill in the dates.",
    ),
    "archived_with_present_status": IssueKind(
        _WARNING,
        "Animals with an archive date still carry the status of a living animal. They are left out. Check "
        "which is right.",
    ),
    "dry_status_mismatch": IssueKind(
        _WARNING,
        "Cows on the farm whose status and dry-off date disagree about being dry; the date counts. Correct "
        "the one that is wrong.",
    ),
    # Dates that contradict each other.
    "heifer_with_calving": IssueKind(
        _WARNING,
        "Rows with lactation 0 carry a calving date; it is ignored and they count as heifers. Correct the "
        "lactation or the date.",
        code="inconsistent_lactation",
    ),
    "cow_without_calving": IssueKind(
        _WARNING,
        "Rows with lactation 1 or more lack the calving date; those on the farm are treated as calved on "
        "the report date. Fill in the dates.",
        code="inconsistent_lactation",
    ),
    "conception_before_calving": IssueKind(
        _WARNING,
        "The successful insemination is before the current calving, so it is not of this lactation; it is "
        "ignored and the cow counts as open. Correct the dates.",
    ),
    "dry_off_before_calving": IssueKind(
        _WARNING,
        "The dry-off is before the current calving, so it is not of this lactation; it is ignored. Correct "
        "the dates.",
    ),
    "heifer_dry_off": IssueKind(
        _WARNING,
        "Rows with lactation 0 carry a dry-off date; the animals count as heifers. Correct the rows.",
    ),
    "implausible_expected_date": IssueKind(
        _WARNING,
        "Column {column} holds dates that no pregnancy on the farm can lead to (before conception or the "
        "current calving, or more than {limit} days after the report date). They are ignored and the date "
        "is drawn. Correct them.",
    ),
    "archive_outside_730_days": IssueKind(
        _WARNING,
        "Animals archived more than 730 days before the report date are in the file; they count in the "
        "culling rate. Leave them out if the farm was run differently then.",
    ),
    "archive_before_birth": IssueKind(
        _WARNING, "The archive date is before the birth; such a leaving is not counted. Correct the dates."
    ),
    "archive_before_calving": IssueKind(
        _WARNING,
        "The archive date is before the current calving; such a leaving is not counted. Correct the dates.",
    ),
    "dry_off_without_conception": IssueKind(
        _WARNING,
        "Cows were dried off without a known successful insemination; a cow on the farm calves by her plan "
        "or the farm's usual interval. Fill in the dates.",
    ),
    "dry_off_before_conception": IssueKind(
        _WARNING, "The dry-off is before the successful insemination; the cow counts as dry. Check the dates."
    ),
    "conception_differs_from_insemination": IssueKind(
        _INFO, "The successful insemination is not the last one; the successful one counts."
    ),
    "overdue_calving": IssueKind(
        _WARNING,
        "Pregnant animals on the farm should have calved before the report date (up to {days_late} days "
        "ago). They calve in the first days of the forecast. Check whether they calved, aborted or left.",
    ),
    "overlong_pregnancy": IssueKind(
        _WARNING,
        "Animals on the farm are pregnant for more than 300 days (up to {days}). They calve at once. Check "
        "whether they calved, aborted or left.",
    ),
    "overdue_dry_off": IssueKind(
        _INFO,
        "Cows in milk should have been dried off before the report date. They dry off on the first day of "
        "the forecast.",
    ),
    # Ages and intervals.
    "implausible_age": IssueKind(
        _WARNING,
        "Animals on the farm are older than 25 years. Check their birth dates and whether they left.",
    ),
    "implausible_age_at_calving": IssueKind(
        _WARNING, "Cows were younger than 540 days at their current calving. Check birth and calving dates."
    ),
    "too_many_lactations_for_age": IssueKind(
        _WARNING,
        "Cows have more lactations than fit their age (540 days to the first calving, 300 days for each "
        "other). Check birth date and lactation.",
    ),
    "early_heifer_conception": IssueKind(
        _INFO, "Heifers conceived before 365 days of age; these ages are in the forecast's distribution."
    ),
    "unusual_service_period": IssueKind(
        _INFO, "Cows conceived less than 50 or more than 350 days after calving. Check the dates."
    ),
    "long_lactation": IssueKind(_INFO, "Cows in milk for more than 350 days: {row_count}."),
    "old_open_heifers": IssueKind(
        _INFO, "Heifers on the farm that are older than 500 days and not pregnant: {row_count}."
    ),
    # Columns that repeat what the dates say.
    "negative_days_in_milk": IssueKind(
        _WARNING, "Days in milk are negative; they are not used. Check archive and calving dates."
    ),
    "days_in_milk_mismatch": IssueKind(
        _WARNING,
        "Days in milk of cows in milk are not report date − calving date. The dates count. Check the dates, "
        "and when the herd was exported.",
    ),
    "frozen_days_in_milk_mismatch": IssueKind(
        _INFO,
        "Days in milk of dry cows or of animals that left do not end with the dry-off or the leaving. The "
        "dates count.",
    ),
    "days_pregnant_mismatch": IssueKind(
        _INFO, "Days pregnant are not the days since the successful insemination. The dates count."
    ),
    # What the forecast will lack.
    "unconfirmed_inseminations": IssueKind(
        _WARNING,
        "Inseminated in the last seven weeks without a result yet: {row_count}. The calibrated mode "
        "estimates how many of them are pregnant; the other modes count them as not pregnant, and calvings "
        "nine to ten months ahead come out too low.",
    ),
    "few_conceptions_recorded": IssueKind(
        _WARNING,
        "Cows that calved 200 to 330 days ago: {cows}; with a successful insemination on file: {pregnant}, "
        "less than half of what is usual. Conceptions look incomplete; if dates are missing, forecasts of "
        "calvings come out too low. Export the dates of all successful inseminations.",
    ),
    "few_calving_dates": IssueKind(
        _WARNING,
        "Cows on the farm: {cows}; with a date of their current calving: {dated}. The others are treated as "
        "calved on the report date, and the forecast tells little of this herd. Export the calving dates.",
    ),
    "few_heifer_conceptions": IssueKind(
        _WARNING,
        "Heifers that are within {limit} days of the age at which heifers of this farm calve ({age} days), "
        "or older: {heifers}; with a successful insemination on file: {pregnant}. Heifers' conceptions look "
        "incomplete; if dates are missing, forecasts of first calvings come out too low. Export the dates of "
        "heifers' successful inseminations too.",
    ),
    "few_inseminations_recorded": IssueKind(
        _WARNING,
        "Pregnant animals: {pregnant}; with a date of insemination on file: {dated}. Inseminations seem to "
        "be missing. Those of the last weeks, not confirmed yet, cannot be seen, and calvings nine to ten "
        "months ahead come out too low. Export the date of the last insemination of every animal.",
    ),
    "few_calvings_recorded": IssueKind(
        _WARNING,
        "Heifer calves born in the last eleven months: {births}; calvings on file in that time: {calvings}. "
        "So few calvings cannot have borne so many. Calvings seem to be missing, or calves were bought; the "
        "calibrated mode takes the usual share of heifer calves. Export all cows with their calving dates.",
    ),
    "few_births_recorded": IssueKind(
        _WARNING,
        "Calvings in the last eleven months: {calvings}; heifer calves born in that time: {births}. The "
        "calibrated mode forecasts as few heifer calves, so that hardly any heifer follows. Export all "
        "heifer calves; if others rear them, plan those that come back as purchases.",
    ),
    "exits_close_together": IssueKind(
        _WARNING,
        "The archive dates of all animals that left ({exits}) lie within {limit} days, of which no yearly "
        "rate can be told. The calibrated mode takes rates that are usual for herds; the other modes count "
        "these exits. Export the days on which animals really left, of the last two years.",
    ),
    "small_herd": IssueKind(
        _INFO,
        "The herd is small (animals on the farm: {animals}), so the bands will be wide. The forecast "
        "works all the same.",
    ),
    "no_milking_cows": IssueKind(
        _WARNING, "No cow is in milk on the report date: mean days in milk is not known."
    ),
    "no_exits_recorded": IssueKind(
        _WARNING,
        "No animal of the file has an archive date, so nothing is known about leaving. The calibrated mode "
        "takes rates that are usual for herds; in the other modes nobody is culled but by rule. Export "
        "archived animals too.",
    ),
    "few_days_of_exits": IssueKind(
        _WARNING,
        "Animals that left are on file for the last {days} days only. Rates of leaving that so short a time "
        "shows may be far off. Export the archived animals of the last two years.",
    ),
    "no_heifer_conceptions": IssueKind(
        _WARNING,
        "No age at first conception is known (no pregnant heifer, no first-lactation cow with a calving "
        "date): the list of ages is empty and a forecast that draws from it will stop.",
    ),
    "no_service_periods": IssueKind(
        _WARNING,
        "No cow has both a calving and a later successful insemination: the list of service periods is "
        "empty and a forecast that draws from it will stop.",
    ),
    "no_dry_offs_recorded": IssueKind(
        _WARNING,
        "No cow has both a successful insemination and a later dry-off: the list of days from conception "
        "to dry-off is empty and a forecast in empirical mode will stop. Use theoretical mode.",
    ),
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
        message=entry.message.format(row_count=row_count, **words),
        params=params,
        row_count=row_count,
        sample_rows=() if lines is None else tuple(int(line) for line in lines[:_SAMPLE_SIZE]),
        blocking=entry.blocking,
    )


def refusal(name: str, issues: Sequence[QualityIssue]) -> HerdDataError:
    """Return the error that says why no forecast can be made of the file ``name``."""
    ordered = by_severity(issues)
    reasons = " ".join(issue.message for issue in ordered if issue.blocking)
    return HerdDataError(f"{name}: {reasons}", ordered)


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
