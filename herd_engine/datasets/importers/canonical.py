"""Folded animals → the table of a herd, as a herd file would give it: our column names, our statuses."""

from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.columns import Column
from herd_engine.datasets.importers.folding import NOT_KNOWN, Days, Folded
from herd_engine.datasets.text_table import TextColumn, TextTable, cell_text

_STATUSES = [
    "dead", "moved", "sold", "bull", "cull_flagged", "dry", "pregnant", "ready_for_breeding", "inseminated",
    "heifer", "fresh",
]  # fmt: skip


def herd_table(
    folded: Folded,
    report_day: int,
    columns: Mapping[Column, TextColumn],
    lines: NDArray[np.int64],
    males: NDArray[np.bool_],
) -> TextTable:
    """Return a row an animal.

    Parameters
    ----------
    folded : Folded
    report_day : int
        Ordinal of the day on which the export was made.
    columns : mapping of Column to TextColumn
        What folding does not tell: animal id and birth date at least.
    lines : ndarray of int64, shape (n_animals,)
        Where in the file each animal is first named.
    males : ndarray of bool, shape (n_animals,)
    """
    last = np.where(folded.archive == NOT_KNOWN, report_day, folded.archive)
    milked_until = np.where(folded.dry_off == NOT_KNOWN, last, folded.dry_off)
    is_cow = (folded.lactation > 0) & (folded.calving != NOT_KNOWN)
    made = {
        Column.ARCHIVE_DATE: day_column(folded.archive),
        Column.LACTATION: number_column(folded.lactation),
        Column.LACTATION_START_DATE: day_column(folded.calving),
        Column.DAYS_IN_MILK: number_column(np.where(is_cow, milked_until - folded.calving, NOT_KNOWN)),
        Column.STATUS: status_column(folded, males),
        Column.INSEMINATION_DATE: day_column(folded.insemination),
        Column.SUCCESSFUL_INSEMINATION_DATE: day_column(folded.conception),
        Column.DAYS_PREGNANT: number_column(
            np.where(folded.conception == NOT_KNOWN, NOT_KNOWN, last - folded.conception)
        ),
        Column.DRYOFF_DATE: day_column(folded.dry_off),
    }
    cells = {**made, **columns}
    return TextTable(
        headers=tuple(column.value for column in Column if column in cells),
        columns=tuple(cells[column] for column in Column if column in cells),
        lines=lines,
    )


def status_column(folded: Folded, males: NDArray[np.bool_]) -> TextColumn:
    """Return the status of each animal in our words: the first that applies."""
    codes = np.select(
        [
            folded.is_dead,
            folded.is_moved,
            folded.is_gone,
            males,
            folded.is_flagged,
            folded.dry_off != NOT_KNOWN,
            folded.conception != NOT_KNOWN,
            folded.is_open_again,
            folded.insemination != NOT_KNOWN,
            folded.lactation == 0,
        ],
        range(len(_STATUSES) - 1),
        len(_STATUSES) - 1,
    )
    return TextColumn(distinct=list(_STATUSES), codes=codes.astype(np.int64))


def typed_days(column: TextColumn, days: NDArray[np.float64]) -> TextColumn:
    """Return a column of dates that are read already, as typed dates; texts that are none stay.

    Parameters
    ----------
    column : TextColumn
    days : ndarray of float64, shape (n_rows,)
        Ordinals; NaN where the text is no date.
    """
    day_of = np.full(len(column.distinct), np.nan)
    day_of[column.codes] = days
    texts = [
        text if np.isnan(day) else cell_text(date.fromordinal(int(day)))
        for text, day in zip(column.distinct, day_of, strict=True)
    ]
    return TextColumn(distinct=texts, codes=column.codes)


def day_column(days: Days) -> TextColumn:
    """Return days (ordinals, ``NOT_KNOWN``) as the texts of typed dates."""
    return _column(days, lambda day: cell_text(date.fromordinal(day)))


def number_column(numbers: Days) -> TextColumn:
    """Return whole numbers (``NOT_KNOWN``: none) as texts."""
    return _column(numbers, str)


def _column(values: Days, text: Callable[[int], str]) -> TextColumn:
    distinct, codes = np.unique(values, return_inverse=True)
    texts = ["" if value == NOT_KNOWN else text(int(value)) for value in distinct]
    return TextColumn(distinct=texts, codes=codes.astype(np.int64))
