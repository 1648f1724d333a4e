"""Delimited text (CSV): bytes of any usual encoding and delimiter → a table of texts."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from herd_engine.datasets.contract.vocabulary import Vocabulary, vocabulary
from herd_engine.datasets.issue_kinds import make_issue, refusal
from herd_engine.datasets.reader.header_search import Header, find_header
from herd_engine.datasets.reader.quotes import TextLines, joined_lines
from herd_engine.datasets.reader.text_encoding import as_utf8
from herd_engine.datasets.text_table import TextTable, text_column
from herd_engine.model.quality import QualityIssue

NO_NAMES: Mapping[str, str] = MappingProxyType({})
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_EXCEL_HINT = re.compile(rb'"?sep=.?"?\n?')
"""First line by which Excel tells itself the delimiter."""
_REPLACEMENT = "\ufffd"
_NOTHING = '";,\t| '
_HEAD_BYTES = 1 << 18
_ROWS_BELOW_HEAD = 100
_FEWEST_OF_A_ROW = 3
"""Filled cells that make the beginning of a row, rather than a total or a remark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """How a text is cut: its head, and how many cells the rows below have (trailing ones may be empty)."""

    header: Header
    delimiter: str
    n_lines: int
    width: int


@dataclass(slots=True, kw_only=True)
class _Rows:
    """Rows cut into cells, and the positions of those that are blank or cannot be cut."""

    table: pa.Table
    places: NDArray[np.int64]
    malformed: list[int]


def read_delimited_text(data: bytes, name: str, column_map: Mapping[str, str] = NO_NAMES) -> TextTable:
    """Cut delimited text into cells.

    A cell may span lines where its quotes leave no other reading. A line with another number of cells than
    the header (but for empty ones at its end), or with a quote that it does not close, is left out and
    reported.
    """
    words = vocabulary()
    limits = words.contract.limits
    text = as_utf8(data, words)
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    last = text[text.rfind(b"\n") + 1 :]  # empty where the text ends as lines do
    if last:
        text += b"\n"
    if _BINARY.search(text[:4096]):
        raise refusal(name, [make_issue("unknown_file_format", reason="binary content")])
    n_lines = text.count(b"\n")
    if n_lines > limits.rows:
        size, limit = f"{n_lines:,} lines", f"{limits.rows:,} lines"
        raise refusal(name, [make_issue("file_too_large", size=size, limit=limit)])
    head = _head(text, name, words, column_map)
    lines = joined_lines(text, head.n_lines, head.delimiter, len(head.header.names))
    rows, numbers = _cut(lines, head, name), lines.numbers
    del text, lines  # the cells are a copy
    table = _table(rows, numbers, head.header.names)
    return replace(table, is_cut=_is_cut(last, head))


def _table(rows: _Rows, line_numbers: NDArray[np.int64], names: tuple[str, ...]) -> TextTable:
    """Return the rows that are not blank; ``rows`` is empty afterwards."""
    blank = _blank_rows(rows.table)
    if blank.any():
        rows.table = rows.table.filter(pa.array(~blank))
    numbers = line_numbers[rows.places[~blank]]
    malformed = np.sort(line_numbers[np.array(rows.malformed, np.int64)])
    issues = tuple(_issues(rows.table, numbers, malformed, len(names)))
    cells = rows.table.columns[: len(names)]
    rows.table = rows.table.slice(0, 0)
    # The cells of a column go as soon as its codes are there: a large file is held once.
    columns = tuple(text_column(cells.pop(0)) for _ in names)
    pa.default_memory_pool().release_unused()
    return TextTable(
        headers=names,
        columns=columns,
        lines=numbers,
        n_malformed=len(malformed),
        malformed_lines=tuple(malformed.tolist()),
        issues=issues,
    )


def _head(text: bytes, name: str, words: Vocabulary, column_map: Mapping[str, str]) -> _Head:
    """Find the head and the delimiter by which it names the most columns."""
    limits, dialect = words.contract.limits, words.contract.dialect
    start = text[:_HEAD_BYTES]
    if len(text) > _HEAD_BYTES:
        start = start[: start.rfind(b"\n") + 1] or text[: text.find(b"\n") + 1] or text
    hint = _EXCEL_HINT.match(start.split(b"\n", 1)[0])
    decoded = start.decode("utf-8", "replace")
    best: _Head | None = None
    for delimiter in sorted(dialect.delimiters, key=lambda one: -_first_line(decoded).count(one)):
        if best is not None and best.header.is_whole:
            break
        try:
            records = _records(decoded, delimiter, dialect.header_rows + _ROWS_BELOW_HEAD, bool(hint))
        except csv.Error as error:
            raise refusal(name, [make_issue("unknown_file_format", reason=str(error))]) from error
        header = find_header([cells for cells, _ in records], words, column_map)
        if header is None:
            continue
        if len(header.names) > limits.columns:
            reason = f"{len(header.names)} columns"
            raise refusal(name, [make_issue("unknown_file_format", reason=reason)])
        if best is None or header.score > best.header.score:
            below = Counter(len(cells) for cells, _ in records[header.row + 1 :] if any(cells))
            usual = below.most_common(1)[0][0] if below else 0
            best = _Head(
                header=header,
                delimiter=delimiter,
                n_lines=records[header.row][1],
                width=max(usual, len(header.names)),
            )
    if best is None:
        raise refusal(name, [make_issue("empty_file")])
    return best


def _is_cut(last: bytes, head: _Head) -> bool:
    """Tell whether a last line without an end is the beginning of a row; a row of totals has few cells."""
    cells = last.split(head.delimiter.encode())
    n_filled = sum(bool(cell.strip(b' "')) for cell in cells)
    return n_filled >= _FEWEST_OF_A_ROW and len(cells) < len(head.header.names)


def _first_line(text: str) -> str:
    return next((line for line in text.split("\n") if line.strip(_NOTHING)), "")


def _records(text: str, delimiter: str, n_filled: int, has_hint: bool) -> list[tuple[list[str], int]]:
    """Return the first records with the number of lines that end with each; blank ones too."""
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter)
    records = []
    filled = 0
    for cells in reader:
        is_hint = has_hint and reader.line_num == 1
        records.append(([] if is_hint else cells, reader.line_num))
        filled += any(cell.strip() for cell in cells)
        if filled >= n_filled:
            break
    return records


def _cut(lines: TextLines, head: _Head, name: str) -> _Rows:
    """Cut the lines below the head into cells."""
    odd: list[tuple[int, str]] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        odd.append((row.number - 1, row.text or ""))
        return "skip"

    names = [str(place) for place in range(max(head.width, 1))]
    table = pa.table({column: pa.array([], pa.string()) for column in names})
    if len(lines.numbers):
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(lines.text),
                # Rows are numbered only without threads; a line must fit into a block.
                read_options=arrow_csv.ReadOptions(
                    use_threads=False, column_names=names, block_size=max(1 << 22, 2 * lines.longest)
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=head.delimiter, ignore_empty_lines=False, invalid_row_handler=skip
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
                ),
            )
        except pa.ArrowInvalid as error:
            raise refusal(name, [make_issue("damaged_file", format="CSV", reason=str(error))]) from error
    if table.num_rows + len(odd) != len(lines.numbers):
        reason = "a quote is opened and not closed in its line"
        raise refusal(name, [make_issue("damaged_file", format="CSV", reason=reason)])
    places = np.delete(np.arange(len(lines.numbers)), [place for place, _ in odd])
    return _with_odd_rows(_Rows(table=table, places=places, malformed=[]), odd, head, lines)


def _with_odd_rows(rows: _Rows, odd: list[tuple[int, str]], head: _Head, lines: TextLines) -> _Rows:
    """Put rows back that only lack, or only have, empty cells at their end; report the others."""
    n_columns = len(head.header.names)
    surplus = ~_blank_rows(rows.table.select(range(n_columns, rows.table.num_columns)))
    if surplus.any():
        rows.malformed += [int(place) for place in rows.places[surplus]]
        rows.table, rows.places = rows.table.filter(pa.array(~surplus)), rows.places[~surplus]
    mended: list[list[str]] = []
    mended_places: list[int] = []
    for place, text in odd:
        if not text.strip(_NOTHING) and place not in lines.unclosed:
            continue  # a blank line
        cells = next(csv.reader([text], delimiter=head.delimiter), [])
        if place in lines.unclosed or len(cells) < n_columns or any(map(str.strip, cells[n_columns:])):
            rows.malformed.append(place)
        else:
            mended.append(cells[:n_columns])
            mended_places.append(place)
    if mended:
        blank = [""] * (rows.table.num_columns - n_columns)
        columns = zip(*([*cells, *blank] for cells in mended), strict=True)
        more = pa.table(
            {
                name: pa.array(cells, pa.string())
                for name, cells in zip(rows.table.column_names, columns, strict=True)
            }
        )
        places = np.concatenate([rows.places, np.array(mended_places, np.int64)])
        order = np.argsort(places, kind="stable")
        rows.table = pa.concat_tables([rows.table, more]).take(pa.array(order))
        rows.places = places[order]
    return rows


def _blank_rows(table: pa.Table) -> NDArray[np.bool_]:
    """Tell which rows hold nothing but spaces."""
    blank = np.ones(table.num_rows, bool)
    for column in table.columns:
        if not blank.any():
            break
        empty = pc.equal(pc.utf8_trim_whitespace(column), "")
        blank &= np.from_dlpack(empty.combine_chunks().cast(pa.uint8())).astype(bool)
    return blank


def _issues(
    table: pa.Table, lines: NDArray[np.int64], malformed: NDArray[np.int64], n_columns: int
) -> Iterator[QualityIssue]:
    """Report rows that were left out and characters that were lost."""
    if len(malformed):
        yield make_issue("malformed_rows", malformed, expected=n_columns)
    damaged = np.zeros(len(lines), bool)
    for column in table.columns:
        has_loss = pc.match_substring(column, _REPLACEMENT)
        if pc.any(has_loss).as_py():  # to_numpy imports pandas, which takes longer than reading a herd
            damaged |= has_loss.to_numpy()
    if damaged.any():
        yield make_issue("undecodable_characters", lines[damaged])
