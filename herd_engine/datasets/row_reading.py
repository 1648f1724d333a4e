"""Cells → rows: every cell is understood or reported, and rows that cannot be used are left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.animal_rows import FACTS, PLANS, AnimalRows
from herd_engine.datasets.cells import DateCells, read_dates, read_numbers
from herd_engine.datasets.columns import Column
from herd_engine.datasets.issue_kinds import make_issue, shown
from herd_engine.datasets.statuses import UNKNOWN, status_code
from herd_engine.datasets.text_table import TextColumn, TextTable
from herd_engine.model.quality import QualityIssue

HIGHEST_LACTATION = 30
"""No cow calves more often; a typing error would make the culling table as long as its number."""

_SHOWN_STATUSES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRows:
    """What came of the cells of a file.

    Attributes
    ----------
    rows : AnimalRows
        The usable ones: each has an id of its own, a birth date and a lactation.
    excluded : dict of str to int
        Rows left out by reason.
    issues : tuple of QualityIssue
    status_counts : dict of str to int
        Status text as in the file → rows.
    """

    rows: AnimalRows
    excluded: dict[str, int]
    issues: tuple[QualityIssue, ...]
    status_counts: dict[str, int]


def read_rows(table: TextTable, positions: Mapping[Column, int]) -> ReadRows:
    """Understand every cell, report what cannot be, and leave out rows that cannot be used."""
    absent = TextColumn(distinct=[""], codes=np.zeros(len(table.lines), np.int64))
    texts = {column: table.columns[positions[column]] if column in positions else absent for column in Column}
    dates = {name: read_dates(texts[column]) for name, column in (FACTS | PLANS).items()}
    rows = AnimalRows(
        lines=table.lines,
        animal_ids=texts[Column.ANIMAL_ID].each(str, np.object_),
        status=texts[Column.STATUS].each(status_code, np.int8),
        lactation=read_numbers(texts[Column.LACTATION]),
        days_in_milk=_whole(read_numbers(texts[Column.DAYS_IN_MILK])),
        days_pregnant=_whole(read_numbers(texts[Column.DAYS_PREGNANT])),
        **{name: cells.days for name, cells in dates.items()},
    )
    excluded, usable = _sift(rows, texts)
    status = texts[Column.STATUS]
    per_status = np.bincount(status.codes, minlength=len(status.distinct))
    return ReadRows(
        rows=rows.only(usable),
        excluded=excluded,
        issues=(
            *_row_issues(rows, texts),
            *_date_issues(dates, texts, rows.lines),
            *_count_issues(rows, texts),
            *_status_issues(rows, status),
        ),
        status_counts={text: int(n) for text, n in zip(status.distinct, per_status, strict=True) if n},
    )


def _whole(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(numbers % 1 == 0, numbers, np.nan)


def _sift(rows: AnimalRows, texts: Mapping[Column, TextColumn]) -> tuple[dict[str, int], NDArray[np.bool_]]:
    """Return how many rows are left out by reason (the first that applies), and which are usable."""
    lactation = rows.lactation
    faults = {
        "no_animal_id": texts[Column.ANIMAL_ID].is_blank,
        "duplicate_animal_id": texts[Column.ANIMAL_ID].is_repeated,
        "no_birth_date": np.isnan(rows.birth),
        # The animal left on a day that is not known.
        "unreadable_archive_date": np.isnan(rows.archive) & ~texts[Column.ARCHIVE_DATE].is_blank,
        "no_lactation": ~((lactation >= 0) & (lactation <= HIGHEST_LACTATION) & (lactation % 1 == 0)),
    }
    usable = np.ones(len(rows.lines), bool)
    excluded = {}
    for reason, is_faulty in faults.items():
        excluded[reason] = int((usable & is_faulty).sum())
        usable &= ~is_faulty
    return {reason: n for reason, n in excluded.items() if n}, usable


def _row_issues(rows: AnimalRows, texts: Mapping[Column, TextColumn]) -> Iterator[QualityIssue]:
    """Report rows that are left out."""
    ids, no_lactation = texts[Column.ANIMAL_ID], texts[Column.LACTATION].is_blank
    for kind, is_faulty in {
        "missing_animal_id": ids.is_blank,
        "missing_birth_date": texts[Column.BIRTH_DATE].is_blank,
        "unreadable_birth_date": np.isnan(rows.birth) & ~texts[Column.BIRTH_DATE].is_blank,
        "unreadable_archive_date": np.isnan(rows.archive) & ~texts[Column.ARCHIVE_DATE].is_blank,
        "missing_lactation": no_lactation,
        "invalid_lactation": np.isnan(rows.lactation) & ~no_lactation,
        "fractional_lactation": rows.lactation % 1 > 0,
        "negative_lactation": rows.lactation < 0,
    }.items():
        if is_faulty.any():
            yield make_issue(kind, rows.lines[is_faulty])
    too_high = rows.lactation > HIGHEST_LACTATION
    if too_high.any():
        yield make_issue("implausible_lactation", rows.lines[too_high], limit=HIGHEST_LACTATION)
    repeated = ids.is_repeated & ~ids.is_blank
    if repeated.any():
        copies = np.isin(ids.codes, ids.codes[repeated])
        yield make_issue("duplicate_animal_id", rows.lines[copies], left_out=int(repeated.sum()))


def _date_issues(
    dates: Mapping[str, DateCells], texts: Mapping[Column, TextColumn], lines: NDArray[np.int64]
) -> Iterator[QualityIssue]:
    """Report, column by column, cells that are no dates and cells in another format."""
    for name, column in (FACTS | PLANS).items():
        cells = dates[name]
        for kind, wrong in (
            ("invalid_date_values", cells.is_invalid),
            ("mixed_date_formats", cells.is_other_format),
        ):
            if wrong.any():
                example = texts[column].first(wrong)
                yield make_issue(
                    kind, lines[wrong], column=column.value, format=cells.format, example=example
                )


def _count_issues(rows: AnimalRows, texts: Mapping[Column, TextColumn]) -> Iterator[QualityIssue]:
    """Report cells of the columns that repeat what the dates say."""
    for column in (Column.DAYS_IN_MILK, Column.DAYS_PREGNANT):
        wrong = np.isnan(getattr(rows, column.value)) & ~texts[column].is_blank
        if wrong.any():
            example = texts[column].first(wrong)
            yield make_issue("invalid_number_values", rows.lines[wrong], column=column.value, example=example)


def _status_issues(rows: AnimalRows, status: TextColumn) -> Iterator[QualityIssue]:
    """Report rows whose status says nothing."""
    if status.is_blank.any():
        yield make_issue("missing_status", rows.lines[status.is_blank])
    unknown = (rows.status == UNKNOWN) & ~status.is_blank
    if unknown.any():
        texts = [shown(status.distinct[code]) for code in np.unique(status.codes[unknown])]
        yield make_issue("unknown_status", rows.lines[unknown], statuses=texts[:_SHOWN_STATUSES])
