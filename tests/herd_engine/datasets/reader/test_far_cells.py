"""Small workbooks that would become enormous tables are refused before they are unpacked."""

import io
import struct
import zipfile

import pytest

from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.datasets.reader.far_cells import Extent, extents_of_ods, extents_of_xls
from herd_engine.errors import HerdDataError

ODS = "application/vnd.oasis.opendocument.spreadsheet"
CELL = '<table:table-cell office:value-type="string"><text:p>1</text:p></table:table-cell>'
WIDE = CELL.replace("<table:table-cell ", '<table:table-cell table:number-columns-repeated="9000" ')


def content(*rows: str) -> bytes:
    return f'<table:table table:name="a">{"".join(rows)}</table:table>'.encode()


def row(cells: str, times: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{times}">{cells}</table:table-row>'


def ods(*rows: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", ODS)
        archive.writestr("content.xml", content(*rows))
    return file.getvalue()


def xls(*cells: tuple[int, int]) -> bytes:
    """Return an OLE2 file (MS-CFB, version 3) whose stream holds one sheet with numbers in some cells."""
    numbers = b"".join(struct.pack("<HHHHHd", 0x0203, 14, r, c, 0, 1.0) for r, c in cells)
    stream = struct.pack("<HHHH", 0x0809, 4, 0x0600, 0x0010) + numbers
    stream = stream.ljust(4096, b"\0")  # a shorter one would lie in the mini stream
    end, free, table = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    n_sectors = len(stream) // 512
    fat = [table, end, *range(3, n_sectors + 2), end]
    fat_sector = struct.pack("<128I", *fat, *([free] * (128 - len(fat))))

    def entry(name: str, kind: int, start: int, size: int, child: int) -> bytes:
        text = (name + "\0").encode("utf-16-le")
        return (
            text.ljust(64, b"\0")
            + struct.pack("<HBBIII", len(text), kind, 1, free, free, child)
            + b"\0" * 36
            + struct.pack("<IQ", start, size)
        )

    folder = entry("Root Entry", 5, end, 0, 1) + entry("Workbook", 2, 2, len(stream), free) + b"\0" * 256
    head = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 16
    head += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0)
    return head + struct.pack("<109I", 0, *([free] * 108)) + fat_sector + folder + stream


def test_extents_are_counted_with_their_repetitions() -> None:
    found = list(extents_of_ods(content(row(CELL, 3), row("<table:table-cell/>", 100), row(CELL + WIDE, 2))))

    assert found == [Extent(n_cells=3 + 2 * 9001, last_row=105, last_column=9001, most_repeated=9000)]


def test_an_old_workbook_is_measured_by_its_records() -> None:
    *_, sheet = extents_of_xls(xls((0, 0), (65_535, 255)))

    assert (sheet.n_cells, sheet.last_row, sheet.last_column) == (2, 65_536, 256)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(xls((0, 0), (65_535, 255)), id="far cell, xls"),
        pytest.param(
            ods(row(CELL), row("<table:table-cell/>", 1_000_000), row(CELL * 20)), id="far cell, ods"
        ),
        pytest.param(ods(row(CELL * 3, 1_000_000)), id="a row a million times"),
        pytest.param(ods(row(WIDE, 9000)), id="wide times many"),
    ],
)
def test_what_would_become_enormous_is_refused(data: bytes) -> None:
    with pytest.raises(HerdDataError) as refused:
        read_herd_bytes(data, "bomb")

    assert [issue.code for issue in refused.value.issues] == ["file_too_large"]
