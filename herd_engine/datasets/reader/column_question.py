"""Which header is a column that must be there: asked where the file's own words do not say it."""

import re
from collections.abc import Callable, Iterator
from types import MappingProxyType

import numpy as np

from herd_engine.datasets.columns import REQUIRED_COLUMNS, Column, ColumnMatch, column_of, nearest_column
from herd_engine.datasets.issue_kinds import shown
from herd_engine.datasets.text_table import TextColumn, TextTable
from herd_engine.model.answers import Question

_SHOWN_HEADERS, _SHOWN_CELLS, _LOOKED_AT = 50, 3, 500
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.*")
_MOST_WORDS, _HIGHEST_LACTATION = 30, 20


def column_questions(table: TextTable, match: ColumnMatch) -> Iterator[Question]:
    """Yield a question for each column that must be there; none where the file has too few headers left."""
    missing = [column for column in REQUIRED_COLUMNS if column not in match.positions]
    taken = set(match.positions.values())
    free = {
        header: table.columns[place]
        for place, header in reversed([*enumerate(table.headers)])
        if header.strip() and place not in taken and column_of(header) is None
    }
    free = dict(reversed([*free.items()][-_SHOWN_HEADERS:]))
    if len(free) < len(missing) or not len(table.lines):
        return
    guesses = _guesses(missing, free)
    samples = tuple({"header": header, "cells": _cells(column)} for header, column in free.items())
    for column in missing:
        guess = guesses.get(column, "")
        yield Question(
            code="missing_columns",
            field="columns",
            subject=column.value,
            choices=tuple(free),
            guess=guess,
            samples=samples,
            row_count=len(table.lines),
            option=f'--map "{shown(guess or next(iter(free)))}={column.value}"',
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
