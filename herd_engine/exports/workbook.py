"""Excel workbooks: sheets that can be read, and equal bytes for equal content."""

import io
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as OpenpyxlCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from herd_engine.exports.cells import Cell, harmless

DATE_FORMAT = "YYYY-MM-DD"
DAYS_FORMAT = "0.0"
MIN_WIDTH, MAX_WIDTH = 10, 90
"""Characters; longer texts are wrapped."""
TITLE_POINTS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table of a workbook.

    Attributes
    ----------
    title : str
    header : list of str
    rows : iterable of rows
    above : tuple of str
        Lines above the table; the first is a title.
    one_decimal : collection of str
        Columns that show one decimal, however many they hold.
    """

    title: str
    header: list[str]
    rows: Iterable[Iterable[Cell]]
    above: tuple[str, ...] = ()
    one_decimal: Collection[str] = ()


def new_workbook(day: date, creator: str) -> Workbook:
    """Return a workbook without sheets that claims to be of the first moment of a day."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    workbook.properties.created = workbook.properties.modified = datetime.combine(day, datetime.min.time())
    workbook.properties.creator = creator
    return workbook


def workbook_bytes(workbook: Workbook) -> bytes:
    """Return a workbook as a file; equal ones give equal bytes."""
    content = io.BytesIO()
    ExcelWriter(workbook, _TimelessZip(content, "w")).save()
    return content.getvalue()


class _TimelessZip(ZipFile):
    """An archive whose members carry no time of writing."""

    def writestr(self, name: str, data: bytes | str) -> None:  # type: ignore[override]
        super().writestr(ZipInfo(name), data, ZIP_DEFLATED)

    def write(self, filename: str, arcname: str) -> None:  # type: ignore[override]
        self.writestr(arcname, Path(filename).read_bytes())


def add_sheet(workbook: Workbook, content: Sheet) -> Worksheet | None:
    """Add a table below a bold header that stays in view; no sheet where it has no rows."""
    rows = [[_readable(harmless(cell)) for cell in row] for row in content.rows]
    if not rows:
        return None
    sheet = workbook.create_sheet(content.title)
    for line, size in zip(content.above, (TITLE_POINTS, *[None] * len(content.above)), strict=False):
        sheet.append([_readable(harmless(line))])
        sheet.cell(sheet.max_row, 1).font = Font(bold=size is not None, size=size)
    top = len(content.above) + 1
    for row in [[_readable(harmless(name)) for name in content.header], *rows]:
        sheet.append(row)
    sheet.freeze_panes = f"B{top + 1}"
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(content.header))}{sheet.max_row}"
    for column in sheet.iter_cols(min_row=top, max_col=len(content.header)):
        _format(sheet, column, content.one_decimal)
    return sheet


def _format(sheet: Worksheet, column: tuple[OpenpyxlCell, ...], one_decimal: Collection[str]) -> None:
    """Make the header bold, dates and days readable, the column as wide as its longest text."""
    header, *cells = column
    header.font = Font(bold=True)
    for cell in cells:
        if isinstance(cell.value, date):
            cell.number_format = DATE_FORMAT
        elif isinstance(cell.value, float) and header.value in one_decimal:
            cell.number_format = DAYS_FORMAT
        cell.alignment = Alignment(vertical="top", wrap_text=len(str(cell.value)) > MAX_WIDTH)
    widest = max(len(str(header.value)) + 3, *(_width(cell.value) for cell in cells), MIN_WIDTH)
    sheet.column_dimensions[get_column_letter(header.column)].width = min(widest, MAX_WIDTH)


def _width(value: object) -> int:
    return 12 if isinstance(value, float | date) else len(str(value)) + 2


def _readable(cell: Cell) -> Cell:
    """Return the cell without control characters, which a workbook cannot hold."""
    return ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", cell) if isinstance(cell, str) else cell
