"""Columns of a farm's own: found by the farm's words, kept with their types beside the canonical ones."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.columns import Column
from herd_engine.datasets.contract.model import Contract, ContractColumn
from herd_engine.datasets.contract.vocabulary import Vocabulary, Words
from herd_engine.datasets.issue_kinds import make_issue
from herd_engine.datasets.text_table import TextColumn, TextTable
from herd_engine.model.quality import QualityIssue

Own = Mapping[str, NDArray[Any]]
"""Name → a value a row: numbers and ordinals as float64, NaN where unknown; texts, empty where unknown."""
_NUMBER = re.compile(r"-?\d{1,12}(?:[.,]\d{1,9})?", re.ASCII)
_CANONICAL = frozenset(column.value for column in Column)


def own_columns(contract: Contract) -> tuple[ContractColumn, ...]:
    """Return the columns that a farm's contract has beyond those that every herd file may have."""
    return tuple(column for column in contract.columns if column.name not in _CANONICAL)


def own_headers(headers: Sequence[str], contract: Contract) -> dict[str, str]:
    """Return by name of a farm's own column the first header that means it."""
    words = Words((column.name, (column.name, *column.aliases)) for column in own_columns(contract))
    found: dict[str, str] = {}
    for header in headers:
        name = words.meaning(header)
        if name is not None:
            found.setdefault(name, header)
    return found


def own_cells(table: TextTable, contract: Contract) -> dict[ContractColumn, TextColumn]:
    """Return the cells of the farm's own columns that a table has."""
    header_of = own_headers(table.headers, contract)
    return {
        column: table.columns[table.headers.index(header_of[column.name])]
        for column in own_columns(contract)
        if column.name in header_of
    }


def lacking_own(headers: Sequence[str], contract: Contract) -> list[QualityIssue]:
    """Report own columns that a farm's files must have and this one has not."""
    found = own_headers(headers, contract)
    absent = [
        f"{column.name} ({column.aliases[0]})"
        for column in own_columns(contract)
        if column.required and column.name not in found
    ]
    return [make_issue("required_by_farm", columns=absent)] if absent else []


def read_own(
    cells: Mapping[ContractColumn, TextColumn],
    days: Mapping[str, NDArray[np.float64]],
    lines: NDArray[np.int64],
    words: Vocabulary,
) -> tuple[Own, list[QualityIssue]]:
    """Read a farm's own columns.

    Parameters
    ----------
    cells : mapping of ContractColumn to TextColumn
    days : mapping of str to ndarray of float64
        Ordinals of those that hold dates: they are read with the other dates of the file.
    lines : ndarray of int64, shape (n_rows,)
    words : Vocabulary
    """
    own: dict[str, NDArray[Any]] = {}
    issues = []
    for column, texts in cells.items():
        is_none = texts.each(lambda text: not text or words.is_missing(text, in_dates=False), np.bool_)
        if column.type == "text":
            own[column.name] = np.where(is_none, "", texts.each(str, np.object_))
        elif column.type == "date":
            own[column.name] = days[column.name]
        else:
            own[column.name] = texts.each(_number, np.float64)
            wrong = np.isnan(own[column.name]) & ~is_none
            if wrong.any():
                example = texts.first(wrong)
                told = {"column": column.name, "example": example}
                issues.append(make_issue("invalid_number_values", lines[wrong], **told))
    return own, issues


def _number(text: str) -> float:
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else np.nan
