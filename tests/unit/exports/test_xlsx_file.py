import io
import time
import zipfile
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest

from herd_engine.runs.exports.xlsx_file import forecast_xlsx
from tests.unit.figures.hand_made import long_forecast, small_forecast


def read(forecast):
    return openpyxl.load_workbook(io.BytesIO(forecast_xlsx(forecast)))


def column(sheet, name):
    (header,) = (cell for cell in sheet[1] if cell.value == name)
    return [cell[0] for cell in sheet.iter_rows(min_row=2, min_col=header.column, max_col=header.column)]


def test_the_workbook_has_five_sheets():
    assert read(small_forecast()).sheetnames == ["Series", "Events", "Future", "Parameters", "Quality"]


def test_dates_are_dates_and_shown_as_iso():
    dates = column(read(small_forecast())["Series"], "date")

    assert dates[0].value == datetime(2026, 2, 26)  # noqa: DTZ001 - a workbook knows no time zones
    assert {cell.number_format for cell in dates} == {"YYYY-MM-DD"}
    assert column(read(small_forecast())["Events"], "month")[0].is_date


def test_counts_are_whole_and_days_in_milk_keep_their_precision():
    sheet = read(small_forecast())["Series"]

    assert [cell.value for cell in column(sheet, "milking_count_p_low")] == [1277, 1262, 1201, 1062]
    assert [cell.value for cell in column(sheet, "avg_days_in_milk_p50")] == [
        181.152,
        181.675,
        183.599,
        180.345,
    ]
    assert {cell.number_format for cell in column(sheet, "avg_days_in_milk_p50")} == {"0.0"}


@pytest.mark.parametrize("name", ["Series", "Events", "Future", "Parameters", "Quality"])
def test_headers_are_bold_stay_in_view_and_can_be_filtered(name):
    sheet = read(small_forecast())[name]

    assert all(cell.font.bold for cell in sheet[1])
    assert not sheet["A2"].font.bold
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == sheet.dimensions
    assert sheet.column_dimensions["A"].width >= 10


def test_milking_cows_are_drawn_with_their_band():
    (chart,) = read(long_forecast(36))["Series"]._charts

    values = [series.val.numRef.f for series in chart.series]
    assert values == ["'Series'!$B$2:$B$38", "'Series'!$C$2:$C$38", "'Series'!$D$2:$D$38"]
    assert {series.cat.numRef.f for series in chart.series} == {"'Series'!$A$2:$A$38"}


def test_the_future_sheet_holds_the_row_of_its_date():
    sheet = read(small_forecast())["Future"]

    assert [cell.value for cell in column(sheet, "date")] == [datetime(2026, 4, 1)]  # noqa: DTZ001


def test_without_a_future_date_its_sheet_is_empty():
    scenario = replace(small_forecast().meta.scenario, future_date=None)

    assert read(small_forecast(scenario=scenario))["Future"]["A1"].value is None


def test_parameters_tell_provenance_scenario_assumptions_and_warnings():
    sheet = read(small_forecast())["Parameters"]
    values = {name.value: value.value for name, value in sheet.iter_rows(min_row=2)}

    assert values["dataset.sha256"] == "ab" * 32
    assert values["scenario.model.population_regulation"] == 0.5
    assert values["warnings.1"] == "Few culls in February."


def test_fine_print_ends_the_parameters():
    workbook = openpyxl.load_workbook(
        io.BytesIO(forecast_xlsx(small_forecast(), "within 10 days of the past"))
    )

    assert [cell.value for cell in list(workbook["Parameters"])[-1]] == [
        "check",
        "within 10 days of the past",
    ]
    assert "check" not in [row[0].value for row in read(small_forecast())["Parameters"]]


def test_quality_lists_the_issues():
    row = [cell.value for cell in read(small_forecast())["Quality"][2]]

    assert row == ["future_date", "warning", "no", 3, "17, 203, 590", "A calving lies after the report date."]


def test_a_herd_without_issues_has_a_header_only():
    assert read(small_forecast(quality=()))["Quality"].max_row == 1


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-x", "@a", "\t=1"])
def test_text_that_a_spreadsheet_would_run_is_defused(name):
    sheet = read(small_forecast(dataset_name=name))["Parameters"]
    (cell,) = (value for key, value in sheet.iter_rows(min_row=2) if key.value == "dataset.name")

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
