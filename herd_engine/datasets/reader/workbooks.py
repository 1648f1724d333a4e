"""Workbooks (XLSX, XLS, ODS) → sheets, measured before anything of them is unpacked."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import python_calamine as calamine

from herd_engine.datasets.contract.model import Limits
from herd_engine.datasets.issue_kinds import make_issue, refusal
from herd_engine.datasets.reader.far_cells import Extent, extents_of_ods, extents_of_xls
from herd_engine.datasets.reader.sheets import ReadSheet
from herd_engine.model.quality import QualityIssue

_CHUNK = 1 << 20
_LONGEST_TAG = 1 << 16
_CELL = re.compile(rb'<(?:\w+:)?c (?:[^>]*? )?r="([A-Z]{1,3})(\d{1,7})"(?:[^>]*[^/>])?>')
_STRING_CELL = re.compile(rb't="s"[^>]*>\s*<(?:\w+:)?v>(\d{1,9})<')
_EMPTY_FORMULA = re.compile(
    rb'<(?:\w+:)?c (?:[^>]*? )?r="([A-Z]{1,3}\d{1,7})"[^>]*><(?:\w+:)?f(?:/>|[ >][^<]*</(?:\w+:)?f>)'
    rb"(?:<(?:\w+:)?v ?/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_1904 = re.compile(rb'date1904="(?:1|true)"')
_OLE2 = bytes.fromhex("D0CF11E0A1B11AE1")
_MOST_REPEATED = 10_000
_CELL_BYTES = 32
"""Of a cell that is unpacked."""


@dataclass(slots=True, kw_only=True)
class Workbook:
    """What a workbook holds."""

    sheets: list[ReadSheet]
    is_1904: bool = False
    issues: list[QualityIssue] = field(default_factory=list)


def read_workbook(data: bytes, name: str, limits: Limits) -> Workbook:
    """Return the sheets of a workbook.

    Raises
    ------
    HerdDataError
        It unpacks to more than the contract allows.
    """
    book = Workbook(sheets=[])
    if data.startswith(b"PK"):
        _measure(data, name, limits, book)
    elif data.startswith(_OLE2):
        _refuse_any_beyond(extents_of_xls(data), name, limits)
    with calamine.load_workbook(io.BytesIO(data)) as source:
        for meta in source.sheets_metadata:
            if meta.typ is not calamine.SheetTypeEnum.WorkSheet:
                continue
            rows = source.get_sheet_by_name(meta.name).to_python(skip_empty_area=False)
            if len(rows) > limits.rows:
                raise _too_large(name, f"{len(rows):,} rows", f"{limits.rows:,} rows")
            is_hidden = meta.visible is not calamine.SheetVisibleEnum.Visible
            book.sheets.append(ReadSheet(name=meta.name, rows=rows, is_hidden=is_hidden))
    return book


def members(archive: zipfile.ZipFile, name: str, limits: Limits) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield the members of an archive in chunks; it is refused as soon as it unpacks to too much."""
    left = int(limits.decoded_mb * (1 << 20))
    if sum(entry.file_size for entry in archive.infolist()) > left:
        raise _too_large(name, "more", f"{limits.decoded_mb:g} MiB")

    def chunks(entry: zipfile.ZipInfo) -> Iterator[bytes]:
        nonlocal left
        with archive.open(entry) as member:
            while chunk := member.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise _too_large(name, "more", f"{limits.decoded_mb:g} MiB")
                yield chunk

    for entry in archive.infolist():
        yield entry.filename, chunks(entry)


def _measure(data: bytes, name: str, limits: Limits, book: Workbook) -> None:
    """Read a workbook's archive once in pieces, and refuse what would grow beyond measure."""
    lengths = np.zeros(0, np.int64)
    strings = []
    formulas = 0
    example = ""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member, chunks in members(archive, name, limits):
            if member.endswith("sharedStrings.xml"):
                lengths = np.array([len(part) for part in b"".join(chunks).split(b"<si")[1:]], np.int64)
            elif member == "xl/workbook.xml":
                book.is_1904 = _1904.search(b"".join(chunks)) is not None
            elif "worksheets/" in member:
                sheet = _measured_sheet(chunks, name, limits)
                strings.append(sheet.strings)
                formulas += sheet.formulas
                example = example or sheet.first_formula
            elif member == "content.xml":
                _refuse_any_beyond(extents_of_ods(b"".join(chunks)), name, limits)
            else:
                for _ in chunks:
                    pass  # only how much it is
    if len(lengths) and strings:
        shared = np.concatenate(strings)
        total = int(lengths[shared[shared < len(lengths)]].sum())
        if total > limits.decoded_mb * (1 << 20):
            raise _too_large(name, f"{total >> 20:,} MiB of text", f"{limits.decoded_mb:g} MiB")
    if formulas:
        book.issues.append(make_issue("formulas_without_values", cells=formulas, example=example))


@dataclass(slots=True)
class _MeasuredSheet:
    strings: np.ndarray
    formulas: int = 0
    first_formula: str = ""


def _measured_sheet(chunks: Iterator[bytes], name: str, limits: Limits) -> _MeasuredSheet:
    """Count the cells of a sheet and tell how far away the farthest is."""
    extent = Extent()
    strings: list[bytes] = []
    found = _MeasuredSheet(np.zeros(0, np.int64))
    for piece in _pieces(chunks):
        cells = _CELL.findall(piece)
        if cells:
            columns, rows = zip(*cells, strict=True)
            extent.n_cells += len(cells)
            extent.last_row = max(extent.last_row, *map(int, set(rows)))
            extent.last_column = max(extent.last_column, *map(_column_number, set(columns)))
        strings += _STRING_CELL.findall(piece)
        # Looking for formulas among a million cells is a pass of its own.
        empty = _EMPTY_FORMULA.findall(piece) if b"<f" in piece or b":f" in piece else []
        found.formulas += len(empty)
        found.first_formula = found.first_formula or (empty[0].decode() if empty else "")
    _refuse_beyond(extent, name, limits)
    found.strings = np.array(strings).astype(np.int64) if strings else found.strings
    return found


def _pieces(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a text in pieces that end between cells."""
    rest = b""
    for chunk in chunks:
        piece = rest + chunk
        cut = piece.rfind(b"</row>") + 1 or piece.rfind(b"</c>") + 1
        if not cut and len(piece) < _CHUNK + _LONGEST_TAG:
            rest = piece
            continue
        yield piece[: cut or len(piece)]
        rest = piece[cut or len(piece) :]
    yield rest


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _refuse_any_beyond(extents: Iterable[Extent], name: str, limits: Limits) -> None:
    for extent in extents:
        _refuse_beyond(extent, name, limits)


def _refuse_beyond(extent: Extent, name: str, limits: Limits) -> None:
    """Refuse a sheet whose cells are far apart, or more than memory should hold."""
    if extent.is_scattered:
        raise _too_large(name, str(extent), "a table without far cells")
    if extent.most_repeated > _MOST_REPEATED:
        raise _too_large(name, f"a cell repeated {extent.most_repeated:,} times", f"{_MOST_REPEATED:,}")
    most = int(limits.decoded_mb * (1 << 20)) // _CELL_BYTES
    if extent.area > most:
        raise _too_large(name, f"{extent.area:,} cells", f"{most:,} cells; save it as CSV")


def _too_large(name: str, size: str, limit: str) -> Exception:
    return refusal(name, [make_issue("file_too_large", size=size, limit=limit)])
