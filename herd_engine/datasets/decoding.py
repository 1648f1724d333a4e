"""Bytes of a herd file → a table of texts; the format is told by the content, not by the file's name."""

import io
import warnings
import zipfile
from collections.abc import Iterator

import numpy as np
import openpyxl
import pyarrow as pa
from openpyxl.worksheet.worksheet import Worksheet
from pyarrow import parquet

from herd_engine.datasets.delimited_text import read_delimited_text
from herd_engine.datasets.issue_kinds import make_issue, refusal
from herd_engine.datasets.text_table import TextTable, cell_text, text_column
from herd_engine.errors import HerdDataError

_MAX_UNPACKED_BYTES = 2 << 30
_MAX_ROWS = 20_000_000
_MAX_SHEET_ROWS = 1_048_576
_MAX_SHEET_COLUMNS = 1000
_ZIP, _PARQUET, _OLE = b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0"


def read_table(data: bytes, name: str) -> TextTable:
    """Return the cells of a herd file: CSV, XLSX or Parquet.

    Raises
    ------
    HerdDataError
        The content is none of these, is damaged, or is absurdly large.
    """
    if data.startswith(_OLE):
        reason = "an old .xls workbook, or one with a password"
        raise refusal(name, [make_issue("unknown_file_format", reason=reason)])
    if not data.startswith((_ZIP, _PARQUET)):
        return read_delimited_text(data, name)
    label, read = (
        ("an XLSX workbook", _read_workbook) if data.startswith(_ZIP) else ("Parquet", _read_parquet)
    )
    try:
        return read(data, name)
    except HerdDataError:
        raise
    except Exception as error:  # a damaged file makes openpyxl and pyarrow fail in any way
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise refusal(name, [make_issue("damaged_file", format=label, reason=reason)]) from error


def _read_workbook(data: bytes, name: str) -> TextTable:
    """Read the first sheet; the first row that holds anything is the header."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        _refuse_above_limit(sum(entry.file_size for entry in archive.infolist()), name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know hold no data
        workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet, *others = workbook.worksheets
        sheet.reset_dimensions()  # some programs declare a sheet smaller than it is
        top, headers = next(_filled_rows(sheet, 1, _MAX_SHEET_COLUMNS), (0, ()))
        if not headers:
            raise refusal(name, [make_issue("empty_file")])
        width = max(position for position, header in enumerate(headers, 1) if header)
        rows = list(_filled_rows(sheet, top + 1, width))
    columns = zip(*(texts for _, texts in rows), strict=True) if rows else [()] * width
    sheets = [other.title for other in others]
    return TextTable(
        headers=headers[:width],
        columns=tuple(text_column(pa.array(texts, pa.string())) for texts in columns),
        lines=np.array([number for number, _ in rows], np.int64),
        issues=(make_issue("other_sheets_ignored", sheets=sheets),) if sheets else (),
    )


def _filled_rows(sheet: Worksheet, first: int, width: int) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield number and texts of each row of a sheet that is not blank."""
    rows = sheet.iter_rows(min_row=first, max_row=_MAX_SHEET_ROWS, max_col=width, values_only=True)
    for number, values in enumerate(rows, first):
        if any(value not in (None, "") for value in values):
            yield number, tuple(map(cell_text, values))


def _read_parquet(data: bytes, name: str) -> TextTable:
    """Read all columns; row 1 of the table is line 2, as if under a header."""
    file = parquet.ParquetFile(pa.BufferReader(data))
    metadata = file.metadata
    _refuse_above_limit(
        sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups)), name
    )
    if metadata.num_rows > _MAX_ROWS:
        size, limit = f"{metadata.num_rows} rows", f"{_MAX_ROWS} rows"
        raise refusal(name, [make_issue("file_too_large", size=size, limit=limit)])
    table = file.read()
    return TextTable(
        headers=tuple(table.column_names),
        columns=tuple(map(text_column, table.columns)),
        lines=np.arange(2, table.num_rows + 2),
    )


def _refuse_above_limit(n_bytes: int, name: str) -> None:
    if n_bytes > _MAX_UNPACKED_BYTES:
        size, limit = (f"{count / (1 << 30):.1f} GiB" for count in (n_bytes, _MAX_UNPACKED_BYTES))
        raise refusal(name, [make_issue("file_too_large", size=size, limit=limit)])
