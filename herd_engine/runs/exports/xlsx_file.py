"""A forecast as an Excel workbook."""

import io
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.cell import Cell as OpenpyxlCell
from openpyxl.chart import LineChart, Reference
from openpyxl.chart.axis import DateAxis
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from herd_engine.figures.table import LEVELS
from herd_engine.figures.theme import LIGHT
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.runs.exports.cells import (
    Cell,
    columns,
    event_columns,
    event_rows,
    future_rows,
    harmless,
    parameter_rows,
    series_rows,
)

DATE_FORMAT = "YYYY-MM-DD"
DAYS_FORMAT = "0.0"
MAX_WIDTH = 90
"""Characters; longer texts are wrapped."""
QUALITY_COLUMNS = ["code", "severity", "blocking", "row_count", "sample_rows", "message"]


def forecast_xlsx(forecast: Forecast, fine_print: str = "") -> bytes:
    """Return the sheets Series (with a chart), Events, Future, Parameters and Quality.

    ``fine_print``, what else to say of where the numbers come from, ends the parameters. Equal forecasts
    give equal bytes: no clock is read, timing is left out.
    """
    workbook = new_workbook(forecast.meta.report_date, forecast.meta.engine)
    level_columns, future = columns("date", LEVELS), future_rows(forecast)
    series = add_sheet(workbook, "Series", level_columns, series_rows(forecast))
    _add_chart(series)
    add_sheet(workbook, "Events", event_columns(), event_rows(forecast))
    add_sheet(workbook, "Future", level_columns if future else [], future)
    more = [["check", fine_print]] if fine_print else []
    add_sheet(workbook, "Parameters", ["parameter", "value"], [*parameter_rows(forecast), *more])
    add_sheet(workbook, "Quality", QUALITY_COLUMNS, _quality_rows(forecast))
    return workbook_bytes(workbook)


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


def add_sheet(workbook: Workbook, title: str, header: list[str], rows: Iterable[Iterable[Cell]]) -> Worksheet:
    """Add a table below a bold header that stays in view; nothing at all without a header."""
    sheet = workbook.create_sheet(title)
    if not header:
        return sheet
    for row in [header, *rows]:
        sheet.append([_readable(harmless(cell)) for cell in row])
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    for column in sheet.columns:
        _format(sheet, column)
    return sheet


def _format(sheet: Worksheet, column: tuple[OpenpyxlCell, ...]) -> None:
    """Make the header bold, dates and days readable, the column as wide as its longest text."""
    header, *cells = column
    header.font = Font(bold=True)
    for cell in cells:
        if isinstance(cell.value, date):
            cell.number_format = DATE_FORMAT
        elif isinstance(cell.value, float) and str(header.value).startswith(Metric.AVG_DAYS_IN_MILK):
            cell.number_format = DAYS_FORMAT
        cell.alignment = Alignment(vertical="top", wrap_text=len(str(cell.value)) > MAX_WIDTH)
    widest = max(len(str(header.value)) + 3, *(_width(cell.value) for cell in cells), 0)
    sheet.column_dimensions[get_column_letter(header.column)].width = min(widest, MAX_WIDTH)


def _width(value: object) -> int:
    return 12 if isinstance(value, float | date) else len(str(value)) + 2


def _readable(cell: Cell) -> Cell:
    """Return the cell without control characters, which a workbook cannot hold."""
    return ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", cell) if isinstance(cell, str) else cell


def _add_chart(sheet: Worksheet) -> None:
    """Draw milking cows below the table: the median solid, the edges of the band dashed."""
    last = sheet.max_row
    chart = LineChart()
    chart.title = "Milking cows"
    chart.title.overlay = chart.legend.overlay = False
    chart.height, chart.width = 10, 24
    chart.x_axis = DateAxis(crossAx=100)
    chart.x_axis.number_format = "mmm yyyy"
    chart.x_axis.majorTimeUnit = "months"
    chart.y_axis.crossAx = 500
    chart.y_axis.number_format = "0"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.legend.position = "b"
    chart.add_data(Reference(sheet, min_col=2, max_col=4, min_row=1, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=last))
    for line, dash in zip(chart.series, ("sysDash", "solid", "sysDash"), strict=True):
        line.smooth = False
        line.graphicalProperties.line.solidFill = LIGHT.series[Metric.MILKING_COUNT].lstrip("#")
        line.graphicalProperties.line.dashStyle = dash
        line.graphicalProperties.line.width = 28_000 if dash == "solid" else 12_000  # EMU
    sheet.add_chart(chart, f"B{last + 3}")


def _quality_rows(forecast: Forecast) -> list[list[Cell]]:
    return [
        [
            issue.code,
            issue.severity.value,
            "yes" if issue.blocking else "no",
            issue.row_count,
            ", ".join(str(row) for row in issue.sample_rows),
            issue.message,
        ]
        for issue in forecast.meta.quality
    ]
