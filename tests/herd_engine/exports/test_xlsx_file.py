import io
import re
import time
import zipfile
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest

from herd_engine.exports.xlsx_file import forecast_xlsx
from herd_engine.model.scenario import Mode, ModelParameters
from tests.herd_engine.charts.hand_made import long_forecast, small_forecast

DAY = datetime(2026, 2, 26)  # noqa: DTZ001 - a workbook knows no time zones


def read(forecast, **wishes):
    return openpyxl.load_workbook(io.BytesIO(forecast_xlsx(forecast, **wishes)))


def column(sheet, name, header=1):
    (found,) = (cell for cell in sheet[header] if cell.value == name)
    return [c[0] for c in sheet.iter_rows(min_row=header + 1, min_col=found.column, max_col=found.column)]


def values(sheet, name, header=1):
    return [cell.value for cell in column(sheet, name, header)]


def test_the_workbook_opens_on_what_a_person_reads():
    names = ["Month by month", "Series", "Events", "Future", "Parameters", "Quality"]

    assert read(small_forecast()).sheetnames == names


def test_months_stand_under_their_own_names_with_the_days_that_they_count():
    sheet = read(small_forecast())["Month by month"]

    assert values(sheet, "Month", 4) == ["Report date", "February 2026 (part)", "March 2026", "April 2026"]
    assert [str(day)[:10] for day in values(sheet, "First day", 4)] == [
        "None", "2026-02-27", "2026-03-02", "2026-04-02",
    ]  # fmt: skip
    assert [str(day)[:10] for day in values(sheet, "Last day", 4)] == [
        "2026-02-26", "2026-03-01", "2026-04-01", "2026-05-01",
    ]  # fmt: skip
    # Record 2 of the hand-made forecast closes March: 106.25 calvings.
    assert values(sheet, "Calvings", 4) == [None, 6, 106, 128]


def test_months_are_told_in_whole_numbers_with_the_farm_and_without_names_of_machines():
    sheet = read(small_forecast(), farm="North Meadow")["Month by month"]
    cells = [cell for row in sheet.iter_rows(min_row=5, min_col=4, values_only=True) for cell in row]
    words = [cell for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str)]

    assert sheet["A1"].value == "North Meadow"
    assert all(isinstance(cell, int) for cell in cells if cell is not None)
    assert values(sheet, "Milking cows, low", 4) == [1277, 1262, 1201, 1062]
    assert [word for word in words if "_" in word] == []


def test_a_workbook_speaks_the_language_that_is_asked_for():
    book = read(small_forecast(), language="ru", farm="Луговое")
    texts = [
        cell
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if isinstance(cell, str)
    ]
    own = {"North Meadow.csv", "ab" * 32, "Records describe the future.", "Few culls in February.",
           "A calving lies after the report date.", "17, 203, 590"}  # fmt: skip

    assert book.sheetnames == ["По месяцам", "Поголовье", "События", "На дату", "Исходные данные",
                               "Качество данных"]  # fmt: skip
    assert values(book["По месяцам"], "Месяц", 4)[2] == "Март 2026"
    latin = [text for text in texts if re.search("[A-Za-z]{2}", text) and text not in own]
    assert latin == ["Отпечаток файла (SHA-256)", "herd-workbench 1.2.3, philox"]


def test_dates_are_dates_and_shown_as_iso():
    dates = column(read(small_forecast())["Series"], "Date")

    assert dates[0].value == DAY
    assert {cell.number_format for cell in dates} == {"YYYY-MM-DD"}
    assert column(read(small_forecast())["Events"], "Last day")[0].is_date


def test_counts_are_whole_and_days_in_milk_keep_their_precision():
    sheet = read(small_forecast())["Series"]

    assert values(sheet, "Milking cows, low") == [1277, 1262, 1201, 1062]
    assert values(sheet, "Days in milk, median") == [181.152, 181.675, 183.599, 180.345]
    assert {cell.number_format for cell in column(sheet, "Days in milk, median")} == {"0.0"}


@pytest.mark.parametrize("name", ["Series", "Events", "Future", "Parameters", "Quality"])
def test_headers_are_bold_stay_in_view_and_can_be_filtered(name):
    sheet = read(small_forecast())[name]

    assert all(cell.font.bold for cell in sheet[1])
    assert not sheet["A2"].font.bold
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == sheet.dimensions
    assert sheet.column_dimensions["A"].width >= 10


def test_milking_cows_are_drawn_with_their_band_below_the_months():
    (chart,) = read(long_forecast(36))["Month by month"]._charts

    months = "'Month by month'!"
    assert [series.val.numRef.f for series in chart.series] == [
        f"{months}${name}$5:${name}$41" for name in "DEF"
    ]
    assert {series.cat.numRef.f for series in chart.series} == {f"{months}$C$5:$C$41"}


def test_the_future_sheet_holds_the_row_of_its_date():
    assert values(read(small_forecast())["Future"], "Date") == [datetime(2026, 4, 1)]  # noqa: DTZ001


def test_sheets_without_rows_are_left_out():
    scenario = replace(small_forecast().meta.scenario, future_date=None)

    assert "Future" not in read(small_forecast(scenario=scenario)).sheetnames
    assert "Quality" not in read(small_forecast(quality=())).sheetnames


def test_parameters_tell_provenance_scenario_assumptions_and_warnings():
    sheet = read(small_forecast(), farm="North Meadow")["Parameters"]
    told = {name.value: value.value for name, value in sheet.iter_rows(min_row=2)}

    assert told["Farm"] == "North Meadow"
    assert told["Fingerprint of the file (SHA-256)"] == "ab" * 32
    assert told["Strength of culling"] == 0.5
    assert told["Planned purchases"] == "20 head on 15 Mar 2026, calving on 1 Jun 2026"
    assert told["Number of the draw"] == 9007199254740991
    assert told["Warning"] == "Few culls in February."


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("mode", Mode)
def test_every_setting_that_a_mode_reads_has_a_name(mode, language):
    scenario = replace(small_forecast().meta.scenario, mode=mode, model=ModelParameters())
    sheet = list(read(small_forecast(scenario=scenario), language=language))[4]
    names = [str(row[0].value) for row in sheet.iter_rows(min_row=2)]

    assert [name for name in names if "_" in name or name.startswith("model")] == []
    assert len(names) == len(set(names))


def test_fine_print_ends_the_parameters():
    last = list(read(small_forecast(), fine_print="within 10 days of the past")["Parameters"])[-2:]

    assert "Check" in [row[0].value for row in last]
    assert "Check" not in [row[0].value for row in read(small_forecast())["Parameters"]]


def test_quality_lists_the_issues():
    row = [cell.value for cell in read(small_forecast())["Quality"][2]]

    assert row == ["Warning", "A calving lies after the report date.", 3, "17, 203, 590", "no"]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-x", "@a", "\t=1"])
def test_text_that_a_spreadsheet_would_run_is_defused(name):
    sheet = read(small_forecast(dataset_name=name))["Parameters"]
    (cell,) = (value for key, value in sheet.iter_rows(min_row=2) if key.value == "Herd file")

    assert cell.value == f"'{name}"
    assert cell.data_type == "s"


def test_control_characters_are_replaced():
    sheet = read(small_forecast(dataset_name="a\x00b\x1f"))["Parameters"]

    assert "a\ufffdb\ufffd" in [value.value for _, value in sheet.iter_rows()]


def test_equal_forecasts_give_equal_bytes_at_any_time(monkeypatch):
    first = forecast_xlsx(small_forecast())
    monkeypatch.setattr(time, "time", lambda: 2_000_000_000.0)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(2_000_000_000))

    assert forecast_xlsx(replace(small_forecast(), timing={"engine": 9.0})) == first


def test_nothing_in_the_archive_carries_a_time_of_writing():
    archive = zipfile.ZipFile(io.BytesIO(forecast_xlsx(small_forecast())))

    assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert {item.compress_type for item in archive.infolist()} == {zipfile.ZIP_DEFLATED}
    assert b"2026-02-26T00:00:00Z" in archive.read("docProps/core.xml")
