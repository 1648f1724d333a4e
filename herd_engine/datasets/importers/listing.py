"""Lists with a row an animal: another program's headers and codes for the columns of a herd file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.columns import Column
from herd_engine.datasets.importers.interface import Imported, Reading, column_named, has_headers
from herd_engine.datasets.spellings import normal_form
from herd_engine.datasets.text_table import TextColumn, TextTable

Headers = Mapping[Column, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ListImporter:
    """A list with a row an animal; see ``Importer``.

    Attributes
    ----------
    key, title, is_tried
        As in ``Importer``.
    signature : tuple of tuple of str
        Of each group at least one header must be there; together they tell the program.
    headers : mapping of Column to tuple of str
        Headers of a column, the best first.
    statuses : mapping of str to str
        Status in the file (normal form) → our word; others stay as they are.
    amend : function or None
        What remains to be done to the table.
    """

    key: str
    title: str
    is_tried: bool
    signature: tuple[tuple[str, ...], ...]
    headers: Headers
    statuses: Mapping[str, str] = field(default_factory=dict)
    amend: Callable[[TextTable, Reading], TextTable] | None = None

    def part(self, headers: Sequence[str]) -> str | None:
        """Return ``list`` for headers that have the signature."""
        is_ours = all(any(has_headers(headers, [name]) for name in group) for group in self.signature)
        return "list" if is_ours else None

    def lacks(self, parts: frozenset[str]) -> tuple[str, ...]:
        """Return nothing: a list is whole."""
        return ()

    def convert(self, parts: Mapping[str, TextTable], reading: Reading) -> Imported:
        """Return the list under our column names and with our statuses."""
        table = renamed(parts["list"], self.headers)
        status = column_named(table, Column.STATUS)
        if status is not None and self.statuses:
            told = reading.statuses
            words = [
                text if normal_form(text) in told else self.statuses.get(normal_form(text), text)
                for text in status.distinct
            ]
            table = with_column(table, Column.STATUS, TextColumn(distinct=words, codes=status.codes))
        amended = self.amend(table, reading) if self.amend else table
        return Imported(table=amended, headers=parts["list"].headers)


def renamed(table: TextTable, headers: Headers) -> TextTable:
    """Return the table under our column names; of several headers of a column the best gets the name."""
    place_of = {normal_form(header): place for place, header in reversed([*enumerate(table.headers)])}
    names = list(table.headers)
    for column, spellings in headers.items():
        if normal_form(column.value) in place_of:
            continue
        place = next(
            (place_of[normal_form(name)] for name in spellings if normal_form(name) in place_of), None
        )
        if place is not None:
            names[place] = column.value
    return replace(table, headers=tuple(names))


def with_column(table: TextTable, column: Column, cells: TextColumn) -> TextTable:
    """Return the table with other cells in one column."""
    columns = [
        cells if normal_form(header) == normal_form(column.value) else old
        for header, old in zip(table.headers, table.columns, strict=True)
    ]
    return replace(table, columns=tuple(columns))


def emptied(column: TextColumn, rows: NDArray[np.bool_]) -> TextColumn:
    """Return the column with some cells empty."""
    codes = np.where(rows, len(column.distinct), column.codes)
    return TextColumn(distinct=[*column.distinct, ""], codes=codes)
