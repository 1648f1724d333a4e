"""A herd file as columns of text, before anything is understood of it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from herd_engine.datasets.issue_kinds import shown
from herd_engine.model.quality import QualityIssue

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True)
class TextColumn:
    """One column: its distinct texts, and which of them each row holds.

    A herd repeats its dates and statuses, so whatever is done per distinct text is done rarely.

    Attributes
    ----------
    distinct : list of str
        Without spaces around; empty for an empty cell.
    codes : ndarray of int32, shape (n_rows,)
        Positions in ``distinct``.
    """

    distinct: list[str]
    codes: NDArray[np.int32]

    def each(self, function: Callable[[str], object], dtype: type[Scalar]) -> NDArray[Scalar]:
        """Return ``function(text)`` of every row as an array of ``dtype``, shape (n_rows,)."""
        return np.array([function(text) for text in self.distinct], dtype)[self.codes]

    @property
    def is_blank(self) -> NDArray[np.bool_]:
        """Rows with an empty cell, shape (n_rows,)."""
        return np.array([not text for text in self.distinct], bool)[self.codes]

    def first(self, wanted: NDArray[np.bool_]) -> str:
        """Return the first text for which ``wanted`` holds, fit for a message."""
        return shown(self.distinct[self.codes[np.argmax(wanted)]])


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTable:
    """The rows of a file that could be cut into cells.

    Attributes
    ----------
    headers : tuple of str
        As in the file.
    columns : tuple of TextColumn
        As many as headers.
    lines : ndarray of int64, shape (n_rows,)
        Line number of each row; the header is line 1 unless blank lines precede it.
    is_1904 : bool
        Serial numbers of days are counted from 1904, as old workbooks of the Mac do.
    n_malformed : int
        Rows left out because they could not be cut into cells.
    malformed_lines : tuple of int
        Their lines, where the table is one file's.
    is_cut : bool
        The file ends in the middle of a row.
    issues : tuple of QualityIssue
    """

    headers: tuple[str, ...]
    columns: tuple[TextColumn, ...]
    lines: NDArray[np.int64]
    is_1904: bool = False
    n_malformed: int = 0
    malformed_lines: tuple[int, ...] = ()
    is_cut: bool = False
    issues: tuple[QualityIssue, ...] = ()


def text_column(cells: pa.Array | pa.ChunkedArray) -> TextColumn:
    """Return cells of any type as texts; equal texts get one code."""
    whole = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    if pa.types.is_nested(whole.type):
        whole = pa.array([cell_text(value) for value in whole.to_pylist()], pa.string())
    encoded = whole if pa.types.is_dictionary(whole.type) else whole.dictionary_encode("encode")
    values = encoded.dictionary.to_pylist()
    is_text = pa.types.is_string(encoded.dictionary.type) and None not in values
    texts = ["", *map(str.strip, values if is_text else map(cell_text, values))]
    distinct = list(dict.fromkeys(texts))
    if len(distinct) == len(texts):  # as the numbers of animals are: nothing to look up
        codes = np.arange(1, len(texts), dtype=np.int32)
    else:
        code_of = {text: code for code, text in enumerate(distinct)}
        codes = np.array([code_of[text] for text in texts[1:]], np.int32)
    indices = encoded.indices
    if indices.null_count:
        indices = indices.fill_null(len(codes))
    # DLPack: pyarrow's own to_numpy imports pandas, which takes longer than reading a herd.
    positions = np.from_dlpack(indices)
    return TextColumn(distinct=distinct, codes=np.append(codes, np.int32(0))[positions])


def column_of_cells(values: Sequence[object]) -> TextColumn:
    """Return the cells of a workbook's column as texts; equal texts get one code."""
    code_of_value: dict[object, int] = {}
    codes = np.array([code_of_value.setdefault(value, len(code_of_value)) for value in values], np.int64)
    code_of: dict[str, int] = {"": 0}
    text_codes = [code_of.setdefault(cell_text(value).strip(), len(code_of)) for value in code_of_value]
    return TextColumn(distinct=list(code_of), codes=np.array([*text_codes, 0], np.int32)[codes])


def cell_text(value: object) -> str:
    """Return the text of a typed cell: whole numbers without decimals, moments as ISO dates with T.

    Examples
    --------
    >>> cell_text(128.0), cell_text(datetime(2025, 12, 1, 14, 30)), cell_text(None)
    ('128', '2025-12-01T', '')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else "" if math.isnan(value) else str(value)
    if isinstance(value, datetime):
        return f"{value.date().isoformat()}T"
    return f"{value.isoformat()}T" if isinstance(value, date) else str(value)
