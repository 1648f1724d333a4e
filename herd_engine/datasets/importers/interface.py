"""What an importer is: it knows the export of one herd program, and turns it into a herd's table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.issue_kinds import make_issue
from herd_engine.datasets.spellings import normal_form
from herd_engine.datasets.text_table import TextColumn, TextTable
from herd_engine.model.answers import Question
from herd_engine.model.events import AnimalEvents, no_events
from herd_engine.model.quality import QualityIssue

DateReader = Callable[[Sequence[TextColumn]], list[NDArray[np.float64]]]
"""Columns of dates → ordinals (``date.toordinal``), NaN where none; one order of day and month for all."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Imported:
    """An export of a herd program as a herd's table.

    Attributes
    ----------
    table : TextTable
        A row an animal; headers are our names (``Column``), or the program's own where it means nothing.
    events : AnimalEvents
        What happened to the animals; ``animal`` is a row of ``table``, days are ordinals.
    issues : tuple of QualityIssue
        What is remarkable, beside what the table shows by itself.
    headers : tuple of str
        What the columns of ``table`` are called in the file; empty where they are not the file's.
    joined : tuple of str
        Headers of tables that were joined to it; what people say of them was used for that.
    questions : tuple of Question
        What must be answered before this is a herd.
    words : tuple of str
        Words of the file, beside those in ``table``, of which people may say what they mean.
    lost : mapping of str to int
        Animals of which what tables say does not fit together, by reason.
    """

    table: TextTable
    events: AnimalEvents = field(default_factory=no_events)
    issues: tuple[QualityIssue, ...] = ()
    headers: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    words: tuple[str, ...] = ()
    lost: Mapping[str, int] = field(default_factory=dict)

    def under_new_names(self, column_map: Sequence[tuple[str, str]]) -> dict[str, str]:
        """Return what people say of the file's headers as said of those of ``table``."""
        names = zip(self.headers, self.table.headers, strict=False)
        new = {normal_form(old): header for old, header in names}
        used = set(map(normal_form, self.joined)) - set(map(normal_form, self.table.headers))
        return {
            new.get(normal_form(header), header): ours
            for header, ours in column_map
            if normal_form(header) not in used
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the reader reads this file.

    Attributes
    ----------
    dates : DateReader
    report_day : int or None
        Ordinal of the day of the export, where somebody said it; else the importer finds it.
    is_1904 : bool
        Serial numbers of days are counted from 1904.
    time_zone : str
        IANA name of the farm's zone; empty where nobody said it.
    sheet : str
        Sheet, member or herd to read, where somebody chose it.
    statuses, sexes : mapping of str to str
        Word (normal form) → the status or sex of the contract that people say it means.
    """

    dates: DateReader
    report_day: int | None = None
    is_1904: bool = False
    time_zone: str = ""
    sheet: str = ""
    statuses: Mapping[str, str] = field(default_factory=dict)
    sexes: Mapping[str, str] = field(default_factory=dict)


@runtime_checkable
class Importer(Protocol):
    """Knows one form of export."""

    @property
    def key(self) -> str:
        """As in `herd sample --as`, such as ``dc305-events``."""

    @property
    def title(self) -> str:
        """The program, as people call it."""

    @property
    def is_tried(self) -> bool:
        """Whether it has read a real file; if not, it was made from published descriptions, and says so."""

    def part(self, headers: Sequence[str]) -> str | None:
        """Return which of the program's tables has these headers; None: it is not the program's."""

    def lacks(self, parts: frozenset[str]) -> tuple[str, ...]:
        """Return the tables without which these parts make no herd."""

    def convert(self, parts: Mapping[str, TextTable], reading: Reading) -> Imported:
        """Return the herd's table; ``parts`` holds what ``part`` names, several files of one joined."""


def strange_rows(name: str, table: TextTable, is_strange: NDArray[np.bool_]) -> QualityIssue:
    """Report rows of a table whose animal no other table has."""
    lines = table.lines[is_strange]
    return make_issue("rows_without_animal", lines, table=name, of=len(table.lines))


def has_headers(headers: Sequence[str], wanted: Sequence[str]) -> bool:
    """Tell whether all ``wanted`` are among the headers, however they are spelled."""
    return {normal_form(name) for name in wanted} <= {normal_form(header) for header in headers}


def column_named(table: TextTable, *names: str) -> TextColumn | None:
    """Return the first column with one of these headers, in the order of ``names``; None without any."""
    position = {normal_form(header): place for place, header in reversed([*enumerate(table.headers)])}
    for name in names:
        if normal_form(name) in position:
            return table.columns[position[normal_form(name)]]
    return None


def column_or_blank(table: TextTable, *names: str) -> TextColumn:
    """Return the first column with one of these headers; without any, a column of empty cells."""
    column = column_named(table, *names)
    return blank_column(len(table.lines)) if column is None else column


def blank_column(n_rows: int) -> TextColumn:
    """Return a column of empty cells."""
    return TextColumn(distinct=[""], codes=np.zeros(n_rows, np.int64))


def rows_of_column(column: TextColumn, rows: NDArray[np.int64]) -> TextColumn:
    """Return some rows of a column, in the given order; row -1 is empty."""
    distinct = [*column.distinct, ""]
    codes = np.append(column.codes, len(column.distinct))
    return TextColumn(distinct=distinct, codes=codes[rows])


def joined_tables(tables: Sequence[TextTable]) -> TextTable:
    """Return the rows of several tables of one kind as one; a column that one lacks is empty there.

    Line numbers of each table go on where the one before ends, so that every row has its own.
    """
    if len(tables) == 1:
        return tables[0]
    headers = list(dict.fromkeys(header for table in tables for header in table.headers))
    return TextTable(
        headers=tuple(headers),
        columns=tuple(
            _stacked([(table, column_named(table, header)) for table in tables]) for header in headers
        ),
        lines=np.concatenate(_lines(tables)),
        is_1904=any(table.is_1904 for table in tables),
        n_malformed=sum(table.n_malformed for table in tables),
        is_cut=any(table.is_cut for table in tables),
        issues=tuple(issue for table in tables for issue in table.issues),
    )


def _lines(tables: Sequence[TextTable]) -> list[NDArray[np.int64]]:
    ends = np.cumsum([0, *(int(table.lines.max(initial=0)) for table in tables)])
    return [table.lines + end for table, end in zip(tables, ends[:-1], strict=True)]


def _stacked(parts: Sequence[tuple[TextTable, TextColumn | None]]) -> TextColumn:
    code_of: dict[str, int] = {"": 0}
    codes = []
    for table, column in parts:
        if column is None:
            codes.append(np.zeros(len(table.lines), np.int64))
        else:
            places = [code_of.setdefault(text, len(code_of)) for text in column.distinct]
            codes.append(np.array(places, np.int64)[column.codes])
    return TextColumn(distinct=list(code_of), codes=np.concatenate(codes))
