import csv
from dataclasses import replace

import pytest

from herd_engine.exports.csv_file import forecast_csv
from tests.herd_engine.charts.hand_made import small_forecast

LEVELS = ["milking_count", "dry_count", "heifer_count", "pregnant_heifer_count", "avg_days_in_milk"]
EVENTS = ["calvings", "dryoffs", "culls", "purchases_in", "heifer_intros"]


def blocks(content, delimiter=","):
    """Split a file at its empty lines: title → rows, read by the csv module."""
    parts = content.split("\n\n")
    rows = [list(csv.reader(part.splitlines(), delimiter=delimiter)) for part in parts]
    return {block[0][0]: block[1:] for block in rows}


def with_statistics(metrics):
    return [f"{m}_{statistic}" for m in metrics for statistic in ("p_low", "p50", "p_high", "mean")]


def test_the_file_has_four_blocks_with_an_empty_line_between():
    text = forecast_csv(small_forecast()).decode("utf-8")

    assert list(blocks(text)) == ["[META]", "[SERIES]", "[EVENTS]", "[FUTURE]"]
    assert text.count("\n\n") == 3
    assert "\r" not in text
    assert text.endswith("\n")


def test_columns_name_their_statistic():
    found = blocks(forecast_csv(small_forecast()).decode())

    assert found["[SERIES]"][0] == ["date", *with_statistics(LEVELS)]
    assert found["[EVENTS]"][0] == [
        "month",
        *with_statistics(EVENTS),
        "period_start",
        "partial",
        "period_end",
    ]
    assert found["[FUTURE]"][0] == ["date", *with_statistics(LEVELS)]


def test_counts_are_rounded_half_to_even_and_days_in_milk_are_not():
    found = blocks(forecast_csv(small_forecast()).decode())
    rows = [dict(zip(found["[SERIES]"][0], row, strict=True)) for row in found["[SERIES]"][1:]]

    assert [row["date"] for row in rows] == ["2026-02-26", "2026-03-01", "2026-04-01", "2026-05-01"]
    assert rows[1]["milking_count_p_low"] == "1262"  # 1262.5
    assert rows[2]["milking_count_p50"] == "1218"  # 1218.5
    assert rows[2]["heifer_count_p_low"] == "871"  # 871.45
    assert rows[2]["avg_days_in_milk_p50"] == "183.599"


def test_events_have_a_row_for_every_month_but_the_report_date():
    found = blocks(forecast_csv(small_forecast()).decode())
    rows = [dict(zip(found["[EVENTS]"][0], row, strict=True)) for row in found["[EVENTS]"][1:]]

    assert [row["month"] for row in rows] == ["2026-03-01", "2026-04-01", "2026-05-01"]
    assert rows[1]["culls_p_high"] == "150"  # 149.55
    assert rows[1]["calvings_mean"] == "106.25"


def test_what_is_not_known_is_empty():
    forecast = small_forecast()
    unknown = {
        metric: replace(series, p50=series.p50 * float("nan")) for metric, series in forecast.series.items()
    }
    found = blocks(forecast_csv(replace(forecast, series=unknown)).decode())

    assert found["[SERIES]"][1][2] == ""


def test_the_future_block_holds_the_row_of_its_date():
    found = blocks(forecast_csv(small_forecast()).decode())

    assert found["[FUTURE]"][1:] == [found["[SERIES]"][3]]


def test_without_a_future_date_the_block_is_empty():
    scenario = replace(small_forecast().meta.scenario, future_date=None)

    assert forecast_csv(small_forecast(scenario=scenario)).decode().endswith("\n\n[FUTURE]\n")


def test_meta_is_complete_and_flat():
    meta = dict(blocks(forecast_csv(small_forecast()).decode())["[META]"])

    assert meta["seed"] == "9007199254740991"
    assert meta["scenario.model.gestation_lo"] == "275"
    assert meta["scenario.purchases.1.date_in"] == "2026-03-15"
    assert meta["scenario.model.max_days_in_milk"] == ""
    assert meta["excluded.sold"] == "812"
    assert meta["assumptions.1"] == "Records describe the future."
    assert meta["first_period_start"] == "2026-02-27"
    assert meta["first_period_partial"] == "yes"


def test_excel_gets_a_byte_order_mark_and_semicolons():
    plain, excel = forecast_csv(small_forecast()), forecast_csv(small_forecast(), excel=True)

    assert plain[:6] == b"[META]"
    assert excel[:9] == b"\xef\xbb\xbf[META]"
    assert blocks(excel.decode("utf-8-sig"), ";") == blocks(plain.decode())


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-x", "@a", "\t=1", "\tb", "  =1"])
def test_text_that_a_spreadsheet_would_run_is_defused(name):
    meta = dict(blocks(forecast_csv(small_forecast(dataset_name=name)).decode())["[META]"])

    assert meta["dataset.name"] == f"'{name}"


@pytest.mark.parametrize(
    ("name", "cell"), [("\r=1", "' =1"), ("\n=1", "' =1"), ("\r\n\n=1", "'  =1"), ("a\r\nb", "a b")]
)
def test_a_line_break_cannot_open_a_new_row(name, cell):
    meta = dict(blocks(forecast_csv(small_forecast(dataset_name=name)).decode())["[META]"])

    assert meta["dataset.name"] == cell


@pytest.mark.parametrize("name", ["North-Meadow.csv", "a=b", "", "'quoted"])
def test_harmless_text_stays_as_it_is(name):
    assert (
        dict(blocks(forecast_csv(small_forecast(dataset_name=name)).decode())["[META]"])["dataset.name"]
        == name
    )


def test_equal_forecasts_give_equal_bytes_whatever_the_time_took():
    assert forecast_csv(small_forecast()) == forecast_csv(replace(small_forecast(), timing={"engine": 9.0}))


def test_events_say_which_days_they_count_and_which_period_is_short():
    found = blocks(forecast_csv(small_forecast()).decode())
    rows = [dict(zip(found["[EVENTS]"][0], row, strict=True)) for row in found["[EVENTS]"][1:]]

    assert [(row["period_start"], row["month"], row["partial"]) for row in rows] == [
        ("2026-02-27", "2026-03-01", "yes"),
        ("2026-03-02", "2026-04-01", "no"),
        ("2026-04-02", "2026-05-01", "no"),
    ]


def test_events_say_the_first_and_the_last_day_that_they_count():
    found = blocks(forecast_csv(small_forecast()).decode())
    rows = [dict(zip(found["[EVENTS]"][0], row, strict=True)) for row in found["[EVENTS]"][1:]]

    assert [(row["period_start"], row["period_end"]) for row in rows] == [
        ("2026-02-27", "2026-03-01"),
        ("2026-03-02", "2026-04-01"),
        ("2026-04-02", "2026-05-01"),
    ]


def test_plain_is_one_table_without_a_block_of_parameters():
    header, *rows = csv.reader(forecast_csv(small_forecast(), plain=True).decode().splitlines())
    told = [dict(zip(header, row, strict=True)) for row in rows]

    assert header == ["date", *with_statistics([*LEVELS, *EVENTS]), "period_start", "partial", "period_end"]
    assert [row["date"] for row in told] == ["2026-02-26", "2026-03-01", "2026-04-01", "2026-05-01"]
    assert told[0]["calvings_mean"] == told[0]["period_start"] == ""
    assert (told[2]["milking_count_p50"], told[2]["calvings_mean"]) == ("1218", "106.25")
    assert told[2]["period_end"] == "2026-04-01"
