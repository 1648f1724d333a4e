"""Which header is which column: asked where the file's own words do not say it."""

import re
from collections.abc import Callable, Iterator
from types import MappingProxyType

import numpy as np

from herd_engine.datasets.columns import REQUIRED_COLUMNS, Column, ColumnMatch, column_of, nearest_column
from herd_engine.datasets.issue_kinds import shown
from herd_engine.datasets.text_table import TextColumn, TextTable
from herd_engine.model.answers import NOTHING, Question

_SHOWN_HEADERS, _SHOWN_CELLS, _LOOKED_AT = 50, 3, 500
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.*")
_MOST_WORDS, _HIGHEST_LACTATION = 30, 20
_ASKED_WHERE_LIKELY = (
    Column.LACTATION_START_DATE,
    Column.SUCCESSFUL_INSEMINATION_DATE,
    Column.DRYOFF_DATE,
    Column.ARCHIVE_DATE,
)
"""Columns without which a herd is another one."""
_TOLD_ONCE = {
    *_ASKED_WHERE_LIKELY,
    Column.BIRTH_DATE,
    Column.LACTATION,
    Column.INSEMINATION_DATE,
}
"""Columns of which two may not differ: animals have several numbers, and statuses of several kinds."""


def column_questions(table: TextTable, match: ColumnMatch) -> Iterator[Question]:
    """Yield a question for each column that must be there, or may be, or that several headers name."""
    if not len(table.lines):
        return
    free: dict[str, TextColumn] = {}
    for place in match.free[:_SHOWN_HEADERS]:
        free.setdefault(table.headers[place], table.columns[place])
    missing = [column for column in REQUIRED_COLUMNS if column not in match.positions]
    if len(missing) <= len(free):
        guesses = _guesses(missing, free)
        for column in missing:
            yield _question("missing_columns", column, free, guesses.get(column, ""))
        free = {header: cells for header, cells in free.items() if header not in guesses.values()}
    yield from _likely([column for column in _ASKED_WHERE_LIKELY if column not in match.positions], free)
    yield from _rivals(table, match)


def _likely(absent: list[Column], free: dict[str, TextColumn]) -> Iterator[Question]:
    """Yield a question for each column that may be there under a name that is nearly known."""
    nearest = {
        header: nearest_column(header, [*Column])
        for header, cells in free.items()
        if column_of(header) is None and _is_dates(cells)
    }
    for column in absent:
        headers = {header: free[header] for header, near in nearest.items() if near is column}
        if headers:
            yield _question("ask_column", column, headers, next(iter(headers)), NOTHING)


def _rivals(table: TextTable, match: ColumnMatch) -> Iterator[Question]:
    """Yield a question for each column that two headers name and that differ below them."""
    for column, places in match.rivals.items():
        first = match.positions[column]
        named = {table.headers[place]: table.columns[place] for place in (first, *places)}
        differ = any(_differ(table.columns[first], table.columns[place]) for place in places)
        if differ and column in _TOLD_ONCE:
            yield _question("ask_column", column, named, "")


def _differ(one: TextColumn, other: TextColumn) -> bool:
    """Tell whether two columns tell different things of a row."""
    texts = {text: code for code, text in enumerate(one.distinct)}
    of_one = np.array([texts.get(text, -1) for text in other.distinct], np.int64)[other.codes]
    both = ~one.is_blank & ~other.is_blank
    return bool((both & (of_one != one.codes)).any())


def _question(
    code: str, column: Column, headers: dict[str, TextColumn], guess: str, *others: str
) -> Question:
    return Question(
        code=code,
        field="columns",
        subject=column.value,
        choices=(*headers, *others),
        guess=guess,
        samples=tuple({"header": header, "cells": _cells(cells)} for header, cells in headers.items()),
        row_count=max(len(cells.codes) for cells in headers.values()),
        option=f'--map "{shown(guess or next(iter(headers)))}={column.value}"',
    )


def _guesses(missing: list[Column], free: dict[str, TextColumn]) -> dict[Column, str]:
    """Return the likely header of columns: by its name, else by what stands below it; each header once."""
    guesses: dict[Column, str] = {}
    left = dict(free)
    for column in missing:
        named = next((header for header in left if nearest_column(header, [column]) is column), None)
        alike = (header for header, cells in left.items() if _LOOKS[column](cells))
        found = named or next(alike, None)
        if found is not None:
            guesses[column] = found
            del left[found]
    return guesses


def _texts(column: TextColumn) -> list[str]:
    counts = np.bincount(column.codes, minlength=len(column.distinct))
    texts = (text for text, n in zip(column.distinct, counts, strict=True) if n and text.strip())
    return [text for text, _ in zip(texts, range(_LOOKED_AT), strict=False)]


def _cells(column: TextColumn) -> str:
    return ", ".join(shown(text) for text in _texts(column)[:_SHOWN_CELLS])


def _is_id(column: TextColumn) -> bool:
    texts = _texts(column)
    n_filled = int((~column.is_blank).sum())
    return len(texts) >= min(n_filled, _LOOKED_AT) > 0 and not any(map(_DATE.fullmatch, texts))


def _is_dates(column: TextColumn) -> bool:
    texts = _texts(column)
    return 2 * sum(_DATE.fullmatch(text) is not None for text in texts) > len(texts)


def _is_birth(column: TextColumn) -> bool:
    texts = _texts(column)
    return bool(texts) and not column.is_blank.any() and all(map(_DATE.fullmatch, texts))


def _is_lactation(column: TextColumn) -> bool:
    texts = _texts(column)
    return bool(texts) and all(text.isdecimal() and int(text) <= _HIGHEST_LACTATION for text in texts)


def _is_status(column: TextColumn) -> bool:
    texts = _texts(column)
    return 0 < len(texts) <= _MOST_WORDS and not any(letter.isdigit() for text in texts for letter in text)


_LOOKS: MappingProxyType[Column, Callable[[TextColumn], bool]] = MappingProxyType(
    {
        Column.ANIMAL_ID: _is_id,
        Column.BIRTH_DATE: _is_birth,
        Column.LACTATION: _is_lactation,
        Column.STATUS: _is_status,
    }
)
