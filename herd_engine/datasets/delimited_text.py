"""Delimited text (CSV): bytes of any usual encoding and delimiter → a table of texts."""

import codecs
import csv
import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from herd_engine.datasets.issue_kinds import make_issue, refusal
from herd_engine.datasets.text_table import TextTable, text_column
from herd_engine.model.quality import QualityIssue

_DELIMITERS = ";,\t"
_MAX_COLUMNS = 1000
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_EXCEL_HINT = re.compile(rb'"?sep=.?"?')
"""First line by which Excel tells itself the delimiter."""
_REPLACEMENT = "\ufffd"


def read_delimited_text(data: bytes, name: str) -> TextTable:
    """Cut delimited text into cells; a line is a row.

    A line with another number of cells than the header, or with a quote that it does not close, is
    left out and reported: a cell that spans lines cannot be told from a lost quote.
    """
    text = _as_utf8(data)
    if _BINARY.search(text[:4096]):
        raise refusal(name, [make_issue("unknown_file_format", reason="binary content, or UTF-16 unmarked")])
    every_line = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    kept = [
        number
        for number, line in enumerate(every_line, 1)
        if line.strip(b'";,\t ') and not (number == 1 and _EXCEL_HINT.fullmatch(line))
    ]
    if not kept:
        raise refusal(name, [make_issue("empty_file")])
    header = every_line[kept[0] - 1].decode()
    delimiter = max(_DELIMITERS, key=header.count)
    headers = _cells(header, delimiter, name)
    opening = b'%c"' % ord(delimiter)
    unclosed = [number for number in kept[1:] if _has_unclosed_quote(every_line[number - 1], opening)]
    lines = np.setdiff1d(kept, unclosed)
    table, ragged = _parse([every_line[number - 1] for number in lines], delimiter, len(headers), name)
    malformed = np.sort(np.concatenate([lines[ragged], unclosed])).astype(np.int64)
    lines = np.delete(lines, [0, *ragged])
    return TextTable(
        headers=tuple(headers),
        columns=tuple(map(text_column, table.columns)),
        lines=lines,
        n_malformed=len(malformed),
        issues=tuple(_issues(table, lines, malformed, len(headers))),
    )


def _as_utf8(data: bytes) -> bytes:
    """Return text as UTF-8 without byte order mark; a character that cannot be decoded becomes U+FFFD.

    What is not valid UTF-8 is cp1251, unless its first line is proof of UTF-8: Cyrillic cp1251 is
    not valid UTF-8 but by rare chance.
    """
    if data.startswith(_UTF16_MARKS):
        return data.decode("utf-16", "replace").encode("utf-8")
    bare = data.removeprefix(codecs.BOM_UTF8)
    if _is_utf8(bare):
        return bare
    first_line = bare.split(b"\n", 1)[0]
    is_damaged_utf8 = bare is not data or (not first_line.isascii() and _is_utf8(first_line))
    return bare.decode("utf-8" if is_damaged_utf8 else "cp1251", "replace").encode("utf-8")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _cells(header: str, delimiter: str, name: str) -> list[str]:
    """Cut the header line into cells."""
    try:
        cells = next(csv.reader([header], delimiter=delimiter))
    except csv.Error as error:
        raise refusal(name, [make_issue("unknown_file_format", reason=str(error))]) from error
    if len(cells) > _MAX_COLUMNS:
        raise refusal(name, [make_issue("unknown_file_format", reason=f"{len(cells)} columns")])
    return cells


def _has_unclosed_quote(line: bytes, opening: bytes) -> bool:
    return line.count(b'"') % 2 == 1 and (line.startswith(b'"') or opening in line)


def _parse(
    lines: list[bytes], delimiter: str, n_columns: int, name: str
) -> tuple[pa.Table, NDArray[np.int64]]:
    """Return the rows below the first line as columns of text, and the positions of ragged lines."""
    ragged: list[int] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        ragged.append(row.number - 1)
        return "skip"

    names = [str(position) for position in range(n_columns)]
    data = b"\n".join([*lines, b""])
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(data),
            # Rows are numbered only without threads; a line must fit into a block.
            read_options=arrow_csv.ReadOptions(
                use_threads=False,
                column_names=names,
                skip_rows=1,
                block_size=max(1 << 22, 2 * max(map(len, lines))),
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, ignore_empty_lines=False, invalid_row_handler=skip
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise refusal(name, [make_issue("damaged_file", format="CSV", reason=str(error))]) from error
    if table.num_rows + len(ragged) + 1 != len(lines):
        reason = "a quote is opened and not closed in its line"
        raise refusal(name, [make_issue("damaged_file", format="CSV", reason=reason)])
    return table, np.array(ragged, np.int64)


def _issues(
    table: pa.Table, lines: NDArray[np.int64], malformed: NDArray[np.int64], n_columns: int
) -> list[QualityIssue]:
    """Report rows that were left out and characters that were lost."""
    issues = []
    if len(malformed):
        issues.append(make_issue("malformed_rows", malformed, expected=n_columns))
    damaged = np.zeros(len(lines), bool)
    for column in table.columns:
        has_loss = pc.match_substring(column, _REPLACEMENT)
        if pc.any(has_loss).as_py():  # to_numpy imports pandas, which takes longer than reading a herd
            damaged |= has_loss.to_numpy()
    if damaged.any():
        issues.append(make_issue("undecodable_characters", lines[damaged]))
    return issues
