"""A forecast as an Excel workbook, in the language of whoever opens it."""

from collections.abc import Iterator

from openpyxl.chart import LineChart, Reference
from openpyxl.chart.axis import DateAxis
from openpyxl.worksheet.worksheet import Worksheet

from herd_engine.charts.table import LEVELS
from herd_engine.charts.theme import LIGHT
from herd_engine.exports.cells import COLUMN_STATISTICS, Cell, statistics_of
from herd_engine.exports.month_by_month import month_header, month_rows, period, period_header
from herd_engine.exports.provenance import Origin, provenance_rows
from herd_engine.exports.workbook import Sheet, add_sheet, new_workbook, workbook_bytes
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.forecast import EVENTS, Forecast, Metric

BAND_COLUMNS = (4, 6)
"""Of the first sheet: milking cows, and the ends of their band."""
LAST_DAY_COLUMN = 3


def forecast_xlsx(
    forecast: Forecast, *, language: str = ENGLISH, farm: str = "", fine_print: str = ""
) -> bytes:
    """Return the sheets Month by month (with a chart), Series, Events, Future, Parameters and Quality.

    Equal forecasts give equal bytes: no clock is read, timing is left out. Sheets without rows are left out.

    Parameters
    ----------
    forecast : Forecast
    language : str
        Of sheets, columns and everything that is said.
    farm : str
        What to call it; the herd file's name where it is empty.
    fine_print : str
        What else to say of where the numbers come from; it ends the parameters.
    """
    words, origin = wording(language), Origin(farm=farm, fine_print=fine_print)
    workbook = new_workbook(forecast.meta.report_date, forecast.meta.engine)
    months = add_sheet(workbook, _months(forecast, farm or forecast.meta.dataset_name, words))
    if months is not None:
        _add_chart(months, words)
    for sheet in _sheets(forecast, origin, words):
        add_sheet(workbook, sheet)
    return workbook_bytes(workbook)


def _months(forecast: Forecast, farm: str, words: Wording) -> Sheet:
    futures = words.futures(forecast.meta.scenario.confidence_central)
    return Sheet(
        title=words.text("sheet_months"),
        above=(
            farm,
            words.text("sheet_lead", day=forecast.meta.report_date, last=forecast.dates[-1]),
            words.text("sheet_note", futures=futures),
        ),
        header=month_header(words),
        rows=month_rows(forecast, words),
    )


def _sheets(forecast: Forecast, origin: Origin, words: Wording) -> Iterator[Sheet]:
    dates, wanted = range(len(forecast.dates)), forecast.meta.scenario.future_date
    levels = [words.text("date"), *_columns(LEVELS, words)]
    days = _columns((Metric.AVG_DAYS_IN_MILK,), words)
    rows = [[forecast.dates[point], *statistics_of(forecast, point, LEVELS)] for point in dates]
    yield Sheet(title=words.text("sheet_series"), header=levels, rows=rows, one_decimal=days)
    yield Sheet(
        title=words.text("sheet_events"),
        header=[*period_header(words), *_columns(EVENTS, words)],
        rows=([*period(forecast, i, words), *statistics_of(forecast, i, EVENTS)] for i in dates[1:]),
    )
    yield Sheet(
        title=words.text("sheet_future"),
        header=levels,
        rows=[row for row in rows if row[0] == wanted],
        one_decimal=days,
    )
    yield Sheet(
        title=words.text("sheet_parameters"),
        header=[words.text("parameter"), words.text("value")],
        rows=provenance_rows(forecast, words, origin),
    )
    yield _quality(forecast, words)


def _columns(metrics: tuple[Metric, ...], words: Wording) -> list[str]:
    """Return the names of every statistic of every metric."""
    return [
        words.text(f"column_{statistic}", metric=words.metric(metric, "name"))
        for metric in metrics
        for statistic in COLUMN_STATISTICS
    ]


def _add_chart(sheet: Worksheet, words: Wording) -> None:
    """Draw milking cows below the table: the median solid, the ends of the band dashed."""
    header = int(sheet.auto_filter.ref.partition(":")[0].lstrip("A"))
    first, last_row = BAND_COLUMNS[0], sheet.max_row
    chart = LineChart()
    chart.title = words.metric(Metric.MILKING_COUNT, "name")
    chart.title.overlay = chart.legend.overlay = False
    chart.height, chart.width = 10, 24
    chart.x_axis = DateAxis(crossAx=100)
    chart.x_axis.number_format = "mmm yyyy"
    chart.x_axis.majorTimeUnit = "months"
    chart.y_axis.crossAx = 500
    chart.y_axis.number_format = "0"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.legend.position = "b"
    values = Reference(sheet, min_col=first, max_col=BAND_COLUMNS[1], min_row=header, max_row=last_row)
    chart.add_data(values, titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=LAST_DAY_COLUMN, min_row=header + 1, max_row=last_row))
    for line, dash in zip(chart.series, ("solid", "sysDash", "sysDash"), strict=True):
        line.smooth = False
        line.graphicalProperties.line.solidFill = LIGHT.series[Metric.MILKING_COUNT].lstrip("#")
        line.graphicalProperties.line.dashStyle = dash
        line.graphicalProperties.line.width = 28_000 if dash == "solid" else 12_000  # EMU
    sheet.add_chart(chart, f"B{last_row + 3}")


def _quality(forecast: Forecast, words: Wording) -> Sheet:
    columns = (
        "quality.column_severity",
        "quality.column_what",
        "quality.column_rows",
        "quality.column_lines",
    )
    rows: list[list[Cell]] = [
        [
            words.text(f"severity_{issue.severity}"),
            words.issue(issue),
            issue.row_count,
            ", ".join(str(row) for row in issue.sample_rows),
            words.text("yes" if issue.blocking else "no"),
        ]
        for issue in forecast.meta.quality
    ]
    header = [*(words.text(column) for column in columns), words.text("sheet_blocking")]
    return Sheet(title=words.text("sheet_quality"), header=header, rows=rows)
