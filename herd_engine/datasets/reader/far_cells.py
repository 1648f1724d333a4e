"""How far apart the cells of a sheet are: a stray one far away makes a small file an enormous table."""

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import olefile

_EMPTY_CELLS_PER_CELL, _EMPTY_CELLS = 4, 500_000
"""How many empty cells a sheet may hold between others."""
_SHEET_BEGINS = 0x0809
_CELLS = frozenset({0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E})
"""Records that begin with row and column: formula, runs of numbers, texts, numbers, truth values."""
_HEAD, _PLACE = struct.Struct("<HH"), struct.Struct("<HH")
_RUN = re.compile(rb'number-(rows|columns)-repeated="(\d+)"')


@dataclass(slots=True)
class Extent:
    """The filled cells of a sheet: how many, the farthest row and column, counted from 1, and repetitions."""

    n_cells: int = 0
    last_row: int = 0
    last_column: int = 0
    most_repeated: int = 1

    @property
    def area(self) -> int:
        """Cells of the table that holds them all."""
        return self.last_row * self.last_column

    @property
    def is_scattered(self) -> bool:
        """Whether the table would be nearly empty, and large."""
        return self.area > _EMPTY_CELLS_PER_CELL * self.n_cells + _EMPTY_CELLS

    def __str__(self) -> str:
        return f"{self.n_cells:,} cells up to row {self.last_row:,} and column {self.last_column:,}"


def extents_of_xls(data: bytes) -> Iterator[Extent]:
    """Yield the extent of each sheet of an old workbook (BIFF8 in an OLE2 file).

    Raises
    ------
    OSError
        The file is damaged.
    """
    with olefile.OleFileIO(io.BytesIO(data)) as file:
        stream = next((name for name in ("Workbook", "Book") if file.exists(name)), None)
        records = file.openstream(stream).read() if stream else b""
    found, place = Extent(), 0
    while place + _HEAD.size <= len(records):
        kind, length = _HEAD.unpack_from(records, place)
        place += _HEAD.size
        if kind == _SHEET_BEGINS:
            yield found
            found = Extent()
        elif kind in _CELLS and place + _PLACE.size <= len(records):
            row, column = _PLACE.unpack_from(records, place)
            found.n_cells += 1
            found.last_row, found.last_column = (
                max(found.last_row, row + 1),
                max(found.last_column, column + 1),
            )
        place += length
    yield found


def extents_of_ods(content: bytes) -> Iterator[Extent]:
    """Yield the extent of each sheet of an OpenDocument, repeated rows and cells counted as often."""
    for table in content.split(b"<table:table ")[1:]:
        found, row_number = Extent(), 0
        for row in table.split(b"<table:table-row")[1:]:
            times = _repeated(row[: row.find(b">")], b"rows")
            row_number += times
            column = filled = last = 0
            for cell in re.split(rb"<table:(?:covered-)?table-cell", row)[1:]:
                width = _repeated(cell[: cell.find(b">")], b"columns")
                column += width
                if b"value-type" in cell:
                    filled, last = filled + width, column
                    found.most_repeated = max(found.most_repeated, width, times)
            if filled:
                found.n_cells += times * filled
                found.last_row, found.last_column = row_number, max(found.last_column, last)
        yield found


def _repeated(tag: bytes, what: bytes) -> int:
    return next((int(number) for kind, number in _RUN.findall(tag) if kind == what), 1)
