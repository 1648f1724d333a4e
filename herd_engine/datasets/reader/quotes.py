"""Lines of a text: a cell that spans lines becomes one line; a quote that is not closed is told."""

import csv
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST_LINES_OF_A_CELL = 100
_QUOTE, _NEWLINE, _SPACE = ord('"'), ord("\n"), ord(" ")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TextLines:
    """The rows of a text, one line each.

    Attributes
    ----------
    text : bytes or memoryview
    numbers : ndarray of int64, shape (n_lines,)
        Line of the file on which each begins.
    longest : int
        Bytes of the longest.
    unclosed : frozenset of int
        Positions of lines with a quote that is not closed; their text is blank.
    """

    text: bytes | memoryview
    numbers: NDArray[np.int64]
    longest: int
    unclosed: frozenset[int]


def joined_lines(text: bytes, n_head: int, delimiter: str, n_columns: int) -> TextLines:
    """Return the lines below the head of a text that ends with a line break.

    A line break inside quotes is part of a cell only if all this holds: the joined lines have as many cells
    as the head, nothing but a delimiter follows a closing quote, and no cell has swallowed as many
    delimiters as a row has. Anything else is a lost quote of one line.
    """
    start = 0
    for _ in range(n_head):
        start = text.find(b"\n", start) + 1 or len(text)
    body = memoryview(text)[start:]  # a large file is not copied
    letters = np.frombuffer(body, np.uint8)
    ends = np.flatnonzero(letters == _NEWLINE)
    numbers = np.arange(n_head + 1, n_head + 1 + len(ends))
    longest = int(np.diff(ends, prepend=-1).max(initial=0))
    if text.find(b'"', start) < 0:
        return TextLines(text=body, numbers=numbers, longest=longest, unclosed=frozenset())
    quotes = np.bitwise_xor.reduceat((letters == _QUOTE).view(np.uint8), np.append(0, ends[:-1] + 1))
    odd = np.flatnonzero(quotes)
    if not len(odd):
        return TextLines(text=body, numbers=numbers, longest=longest, unclosed=frozenset())
    changed = bytearray(body)
    is_start, unclosed = _repair(changed, ends, odd, delimiter, n_columns)
    place_of = np.cumsum(is_start) - 1
    return TextLines(
        text=bytes(changed),
        numbers=numbers[is_start],
        longest=longest * (1 + _MOST_LINES_OF_A_CELL),
        unclosed=frozenset(int(place_of[line]) for line in unclosed),
    )


def _repair(
    text: bytearray, ends: NDArray[np.int64], odd: NDArray[np.int64], delimiter: str, n_columns: int
) -> tuple[NDArray[np.bool_], list[int]]:
    """Join lines in place; return which lines begin a row, and lines that were blanked."""
    is_start = np.ones(len(ends), bool)
    unclosed = []
    starts = np.concatenate([[0], ends[:-1] + 1])
    opening = f'{delimiter}"'.encode()
    place = 0
    while place < len(odd):
        first = int(odd[place])
        line = bytes(text[starts[first] : ends[first]])
        last = int(odd[place + 1]) if place + 1 < len(odd) else first
        place += 1
        if not (line.startswith(b'"') or opening in line):
            continue  # a quote within a cell without quotes is a letter
        whole = bytes(text[starts[first] : ends[last]])
        if 0 < last - first <= _MOST_LINES_OF_A_CELL and _is_one_row(whole, delimiter, n_columns):
            for line_end in ends[first:last]:
                text[line_end] = _SPACE
            is_start[first + 1 : last + 1] = False
            place += 1
        else:
            text[starts[first] : ends[first]] = b" " * int(ends[first] - starts[first])
            unclosed.append(first)
    return is_start, unclosed


def _is_one_row(whole: bytes, delimiter: str, n_columns: int) -> bool:
    try:
        rows = list(
            csv.reader(
                whole.decode("utf-8", "replace").splitlines(keepends=True), delimiter=delimiter, strict=True
            )
        )
    except csv.Error:
        return False
    if len(rows) != 1 or len(rows[0]) < n_columns or any(map(str.strip, rows[0][n_columns:])):
        return False
    return all(cell.count(delimiter) < n_columns - 1 for cell in rows[0] if "\n" in cell)
