"""Tables of no known program that tell of the same animals → one table, a row as in the herd's own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.animal_rows import FACTS, PLANS
from herd_engine.datasets.cells import read_numbers
from herd_engine.datasets.columns import REQUIRED_COLUMNS, Column, match_columns
from herd_engine.datasets.importers.interface import (
    Imported,
    Reading,
    joined_tables,
    rows_of_column,
    strange_rows,
)
from herd_engine.datasets.importers.recognition import SourceTable
from herd_engine.datasets.issue_kinds import make_issue, refusal, shown
from herd_engine.datasets.reader.leavers_table import has_only_leavers, is_of_leavers
from herd_engine.datasets.reader.sheets import which_sheet
from herd_engine.datasets.spellings import normal_form, plain_number
from herd_engine.datasets.text_table import TextColumn
from herd_engine.model.answers import Question
from herd_engine.model.quality import QualityIssue

Rows = NDArray[np.int64]
_DATES = {*FACTS.values(), *PLANS.values()}
_OF_LEAVERS = {Column.ARCHIVE_DATE, Column.STATUS}
"""What a table of animals that left says of them goes before what the herd's says."""
_FEWEST_KNOWN = 0.5
"""Of the animals of a table so many at least must be of the herd: else its numbers are others."""
_SAME_NUMBERS = 0.8
"""A column that holds so many of the herd's numbers may be the animals' number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """One table, and where its columns are."""

    source: SourceTable
    positions: Mapping[Column, int]
    free: tuple[int, ...]

    def cells(self, column: Column) -> TextColumn:
        return self.source.table.columns[self.positions[column]]

    @property
    def name(self) -> str:
        return shown(self.source.name)

    @property
    def has_only_leavers(self) -> bool:
        """Whether nearly all rows say when their animal left."""
        return has_only_leavers(self.source.table, self.positions)

    @property
    def numbers(self) -> list[str]:
        """Numbers of the animals, a row each, without what programs add to them."""
        cells = self.cells(Column.ANIMAL_ID)
        plain = [plain_number(text) for text in cells.distinct]
        return [plain[code] for code in cells.codes]


def is_whole(headers: Sequence[str], column_map: Mapping[str, str]) -> bool:
    """Tell whether headers name all columns that a herd must have."""
    return set(REQUIRED_COLUMNS) <= match_columns(headers, column_map).positions.keys()


def join(
    sources: Sequence[SourceTable], reading: Reading, column_map: Mapping[str, str], name: str
) -> Imported:
    """Return the table of the herd with the columns that other tables add, joined by the animals' number.

    Parameters
    ----------
    sources : sequence of SourceTable
    reading : Reading
    column_map : mapping of str to str
        Header → our name, as people say.
    name : str
        Of what was brought, for messages.

    Raises
    ------
    HerdDataError
        It is not clear which animals rows tell of, or tables tell different things of one animal.
    """
    tables = [_known(source, column_map) for source in sources]
    leavers = [one for one in tables if is_of_leavers(one.source.table, column_map)]
    leavers = leavers if len(leavers) < len(tables) else []
    present = [one for one in tables if one not in leavers]
    main = max(present, key=lambda one: len(one.positions.keys() & set(REQUIRED_COLUMNS)))
    leavers = [one for one in leavers if _are_others(main, one, reading)]
    others = [one for one in tables if one is not main and one not in leavers]
    adding = _adding(main, others, name)
    unjoined = [one for one in others if one not in adding]
    if not all(one.source.is_beside for one in unjoined):
        names = [one.source.name for one in tables if is_whole(one.source.table.headers, column_map)]
        asked = [which_sheet(names)] if len(names) > 1 else []
        several = make_issue("several_tables", tables=[one.name for one in tables])
        raise refusal(name, [several], asked)
    issues, joined = [], main
    for one in adding:
        joined, found = _with(joined, one, reading, name)
        issues += found
    for one in leavers:
        joined = _below(joined, one, column_map)
        lines = joined.source.table.lines[-len(one.source.table.lines) :]
        issues.append(make_issue("leavers_joined", lines, table=one.name, main=main.name))
    issues += [issue for one in unjoined for issue in _animals_ignored(main, one)]
    if unjoined:
        issues.append(make_issue("other_sheets_ignored", sheets=[one.name for one in unjoined]))
    headers = tuple(header for one in (*adding, *leavers) for header in one.source.table.headers)
    return Imported(table=joined.source.table, issues=tuple(issues), joined=headers)


def _animals_ignored(main: _Table, other: _Table) -> Iterator[QualityIssue]:
    """Report animals of a list that is not read, and that the herd's table does not have."""
    if not all({Column.ANIMAL_ID, Column.BIRTH_DATE} <= one.positions.keys() for one in (main, other)):
        return
    own = {*main.numbers}
    is_strange = np.array([number not in own for number in other.numbers], bool)
    if is_strange.any():
        yield strange_rows(other.name, other.source.table, is_strange)


def _are_others(main: _Table, leavers: _Table, reading: Reading) -> bool:
    """Tell whether animals that left are not among the herd's, by number (and birth date)."""
    if Column.ANIMAL_ID not in main.positions:
        return False
    keys, others = map(set, _keys(main, leavers, reading))
    return len(keys & others) <= _FEWEST_KNOWN * len(others)


def _below(main: _Table, leavers: _Table, column_map: Mapping[str, str]) -> _Table:
    """Return the herd's table with the rows of animals that left below its own."""
    table, own = leavers.source.table, main.source.table
    names = [*table.headers]
    for column, place in leavers.positions.items():
        names[place] = own.headers[main.positions[column]] if column in main.positions else column.value
    both = joined_tables([own, replace(table, headers=tuple(names))])
    return _known(SourceTable(name=main.source.name, table=both), {
        header: name for header, name in column_map.items() if header in both.headers
    })  # fmt: skip


def _adding(main: _Table, others: Sequence[_Table], name: str) -> list[_Table]:
    """Return the tables that tell more of the herd's animals; ask where their number stands."""
    adding = [
        one
        for one in others
        if len(one.source.table.lines)
        and (one.positions.keys() - main.positions.keys() or one.has_only_leavers)
    ]
    lacking = [one for one in (main, *adding) if Column.ANIMAL_ID not in one.positions]
    known = {number for one in (main, *adding) if one not in lacking for number in one.numbers}
    questions = [_which_number(one, known) for one in lacking]
    asked = [question for question in questions if question is not None]
    if asked:
        raise refusal(name, [], asked)
    return [one for one in adding if one not in lacking and main not in lacking]


def _known(source: SourceTable, column_map: Mapping[str, str]) -> _Table:
    match = match_columns(source.table.headers, column_map)
    return _Table(source=source, positions=match.positions, free=match.free)


def _which_number(table: _Table, known: set[str]) -> Question | None:
    shares = {}
    for place in table.free:
        column = table.source.table.columns[place]
        texts = {plain_number(text) for text in column.distinct if text}
        if texts and (share := len(texts & known) / len(texts)) >= _SAME_NUMBERS:
            shares[table.source.table.headers[place]] = share
    if not shares:
        return None
    headers = tuple(sorted(shares, key=lambda header: -shares[header]))
    return Question(
        code="ask_column",
        field="columns",
        subject=Column.ANIMAL_ID.value,
        choices=headers,
        guess=headers[0],
        row_count=len(table.source.table.lines),
        option=f'--map "{shown(headers[0])}={Column.ANIMAL_ID.value}"',
    )


def _with(main: _Table, other: _Table, reading: Reading, name: str) -> tuple[_Table, list[QualityIssue]]:
    """Return the herd's table with the columns of another one, and what is remarkable about it."""
    keys, other_keys = _keys(main, other, reading)
    if _is_unclear(main, other, keys, other_keys):
        raise _not_joined("join_ambiguous", main, other, name)
    rows = _Grouped(keys, other_keys, other, reading)
    columns, headers = [*main.source.table.columns], [*main.source.table.headers]
    positions, free = dict(main.positions), [*main.free]
    exits = _exits(main, other, rows, reading)
    for column, told in exits.items():
        columns[main.positions[column]] = told
    for column, place in other.positions.items():
        cells = rows.cells(column)
        if column is Column.ANIMAL_ID or column in exits:
            continue
        if cells is None or (
            column in main.positions and _differ(main.cells(column), cells, column, reading)
        ):
            raise _not_joined("tables_disagree", main, other, name, column.value)
        if column not in main.positions:
            positions[column] = len(columns)
            headers.append(other.source.table.headers[place])
            columns.append(cells)
    taken = set(map(normal_form, headers))
    for place in other.free:
        header, own = other.source.table.headers[place], rows.free_cells(place)
        if own is not None and normal_form(header) not in taken:
            free.append(len(columns))
            headers.append(header)
            columns.append(own)
    source = other.source.table
    table = replace(
        main.source.table,
        headers=tuple(headers),
        columns=tuple(columns),
        n_malformed=main.source.table.n_malformed + source.n_malformed,
        is_cut=main.source.table.is_cut or source.is_cut,
        issues=(*main.source.table.issues, *source.issues),
    )
    issues = [_joined(main, other)]
    if rows.is_strange.any():
        issues.append(strange_rows(other.name, source, rows.is_strange))
    joined = SourceTable(name=main.source.name, table=table)
    return _Table(source=joined, positions=positions, free=tuple(free)), issues


def _joined(main: _Table, other: _Table) -> QualityIssue:
    added = [column.value for column in other.positions if column not in main.positions]
    return make_issue("tables_joined", table=other.name, main=main.name, columns=added)


def _not_joined(kind: str, main: _Table, other: _Table, name: str, column: str = "") -> Exception:
    return refusal(name, [make_issue(kind, tables=[main.name, other.name], column=column)])


def _keys(main: _Table, other: _Table, reading: Reading) -> tuple[Sequence[object], Sequence[object]]:
    """Return what tells animals apart in each table: number, with birth date where both have it."""
    both = (main, other)
    if not all(Column.BIRTH_DATE in one.positions for one in both):
        return main.numbers, other.numbers
    births = reading.dates([one.cells(Column.BIRTH_DATE) for one in both])
    days = [np.nan_to_num(one).tolist() for one in births]
    return [*zip(main.numbers, days[0], strict=True)], [*zip(other.numbers, days[1], strict=True)]


def _is_unclear(main: _Table, other: _Table, keys: Sequence[object], other_keys: Sequence[object]) -> bool:
    """Tell whether rows cannot be said to be of the same animals."""
    own, others = {*keys}, {*other_keys}
    if len(own) < len(keys) and len(others) < len(other_keys):
        return True
    strange = others - own
    if len(strange) > (1 - _FEWEST_KNOWN) * len(others):
        return True
    if Column.BIRTH_DATE not in main.positions:
        return False
    if Column.BIRTH_DATE in other.positions:  # a number that both have, with two births
        numbers = {*main.numbers}
        return any(
            number in numbers for number, key in zip(other.numbers, other_keys, strict=True) if key in strange
        )
    births: dict[str, set[int]] = {}
    for number, birth in zip(main.numbers, main.cells(Column.BIRTH_DATE).codes.tolist(), strict=True):
        births.setdefault(number, set()).add(birth)
    return any(len(births.get(number, ())) > 1 for number in {*other.numbers})


class _Grouped:
    """The rows of a table by animal of the herd: of several, the latest date and the highest number."""

    def __init__(
        self, keys: Sequence[object], other_keys: Sequence[object], other: _Table, reading: Reading
    ) -> None:
        self._other, self._reading = other, reading
        code_of = {key: code for code, key in enumerate(dict.fromkeys(keys))}
        self._animal = np.array([code_of.get(key, -1) for key in other_keys], np.int64)
        self._of_row = np.array([code_of[key] for key in keys], np.int64)
        self._n = len(code_of)
        self._is_unique = len({*other_keys}) == len(other_keys)
        self.is_strange = self._animal < 0

    def cells(self, column: Column) -> TextColumn | None:
        """Return a column as the herd's table has it; None where rows of an animal differ in it."""
        cells = self._other.cells(column)
        if self._is_unique:
            return self._placed(cells, np.zeros(len(cells.codes)))
        if column in _DATES:
            (days,) = self._reading.dates([cells])
            return self._placed(cells, np.nan_to_num(days))
        if column is Column.LACTATION:
            return self._placed(cells, np.nan_to_num(read_numbers(cells)))
        return self._agreed(cells)

    def free_cells(self, place: int) -> TextColumn | None:
        """Return a column of which nothing is known."""
        cells = self._other.source.table.columns[place]
        return self._placed(cells, np.zeros(len(cells.codes))) if self._is_unique else self._agreed(cells)

    def _agreed(self, cells: TextColumn) -> TextColumn | None:
        """Return the one text of each animal; None where it has several."""
        filled = ~cells.is_blank & (self._animal >= 0)
        pairs = np.unique(np.stack([self._animal[filled], cells.codes[filled]]), axis=1)
        return (
            None if len(np.unique(pairs[0])) < pairs.shape[1] else self._placed(cells, filled.astype(float))
        )

    def _placed(self, cells: TextColumn, rank: NDArray[np.float64]) -> TextColumn:
        """Return the cell of highest rank of each animal, the last of equal ones."""
        row = np.full(self._n + 1, -1)
        order = np.lexsort((np.arange(len(rank)), rank))
        row[self._animal[order]] = order
        row[-1] = -1
        return rows_of_column(cells, row[self._of_row])


def _exits(main: _Table, other: _Table, rows: "_Grouped", reading: Reading) -> dict[Column, TextColumn]:
    """Return the herd's columns of which a table of animals that left says more; no other table does."""
    if not other.has_only_leavers:
        return {}
    found = {}
    for column in _OF_LEAVERS & main.positions.keys() & other.positions.keys():
        cells = rows.cells(column)
        if cells is not None and (
            column is Column.STATUS or not _contradict(main.cells(column), cells, reading)
        ):
            found[column] = _laid_over(main.cells(column), cells)
    return found


def _laid_over(main: TextColumn, other: TextColumn) -> TextColumn:
    """Return the other column's cells, and where it has none the herd's."""
    codes = np.where(other.is_blank, main.codes, other.codes + len(main.distinct))
    return TextColumn(distinct=[*main.distinct, *other.distinct], codes=codes)


def _contradict(main: TextColumn, other: TextColumn, reading: Reading) -> bool:
    """Tell whether two columns of days say different days of an animal."""
    own, others = reading.dates([main, other])
    return bool((np.isfinite(own) & np.isfinite(others) & (own != others)).any())


def _differ(main: TextColumn, other: TextColumn, column: Column, reading: Reading) -> bool:
    """Tell whether two tables say different things, or the other one a fact that the herd's lacks."""
    texts = [np.array(one.distinct, object)[one.codes] for one in (main, other)]
    filled = ~other.is_blank
    if column not in _DATES:
        alike = texts[0] == texts[1]
        return bool((filled & ~main.is_blank & ~alike).any())
    own, others = reading.dates([main, other])
    known = filled & np.isfinite(others)
    return bool((known & ~(own == others)).any())
