import re
from dataclasses import replace
from datetime import date

import pytest

from herd_engine.errors import ParameterError
from herd_engine.sample import DEFAULT_FARM, SampleFarm, make_sample
from tests.herd_engine.sample.farm_file import HEADERS, cells

HEADER_LINE = ";".join(f'"{name}"' for name in HEADERS)


def test_the_file_is_utf8_with_a_byte_order_mark_and_lf_between_lines() -> None:
    data = make_sample(animals=200).csv

    assert data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\xef\xbb\xbf") == 1
    assert b"\r" not in data
    assert not data.endswith(b"\n")


def test_the_header_is_the_one_of_the_farm_software() -> None:
    first_line = make_sample(animals=200).csv.decode("utf-8-sig").split("\n")[0]

    assert first_line == HEADER_LINE


def test_every_line_has_thirteen_quoted_values() -> None:
    lines = make_sample(animals=200).csv.decode("utf-8-sig").split("\n")

    assert all(re.fullmatch(r'"[^";]*"(;"[^";]*"){12}', line) for line in lines)


def test_numbers_have_no_decimals_and_dates_are_day_month_year() -> None:
    number, day = re.compile(r"\d*"), re.compile(r"(\d\d\.\d\d\.\d{4})?")
    rows = cells(make_sample(animals=500).csv)[1:]

    assert all(number.fullmatch(row[column]) for row in rows for column in (0, 3, 5, 9))
    assert all(day.fullmatch(row[column]) for row in rows for column in (1, 2, 4, 7, 8, 10, 11, 12))


def test_only_words_of_the_farm_software_are_statuses() -> None:
    statuses = {row[6] for row in cells(make_sample(animals=2000).csv)[1:]}

    assert statuses == {
        "Продана",
        "Стельная",
        "Телка",
        "Осемененная",
        "Новотельное животное",
        "В сухостое",
        "В позднем сухостое",
        "Готова к осеменению",
        "Брак",
        "Мертвое животное",
    }


@pytest.mark.parametrize("problems", [False, True])
def test_the_same_arguments_give_the_same_bytes_and_truth(*, problems: bool) -> None:
    one, two = (make_sample(animals=700, seed=5, problems=problems) for _ in range(2))

    assert one.csv == two.csv
    assert one.truth == two.truth


def test_another_seed_gives_another_farm() -> None:
    assert make_sample(animals=100, seed=1).csv != make_sample(animals=100, seed=2).csv


@pytest.mark.parametrize("report_date", [date(2024, 2, 29), date(2031, 7, 16)])
def test_the_report_date_is_calving_plus_days_in_milk_of_cows_in_milk(report_date: date) -> None:
    rows = cells(make_sample(animals=400, report_date=report_date).csv)[1:]
    in_milk = [row for row in rows if row[4] and not row[2] and not row[10]]

    for row in in_milk:
        day, month, year = (int(part) for part in row[4].split("."))
        assert (report_date - date(year, month, day)).days == int(row[5])
    assert len(in_milk) > 100


@pytest.mark.parametrize("animals", [10, 30, 100])
def test_small_farms_give_a_file_with_exactly_the_animals_asked_for(animals: int) -> None:
    rows = cells(make_sample(animals=animals).csv)[1:]

    assert sum(not row[2] for row in rows) == animals


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"animals": 9}, "`animals` must be a whole number within 10 … 1000000; got 9."),
        ({"animals": 10.5}, "`animals` must be a whole number"),
        ({"animals": True}, "`animals` must be a whole number"),
        ({"seed": -1}, "`seed` must be a whole number within 0"),
        ({"report_date": date(1900, 1, 1)}, "`report_date` must lie within 1970 … 2200"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=re.escape(message)):
        make_sample(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"service_rate": 1.5},
        {"conception_rate_by_lactation": ()},
        {"conception_rate_by_lactation": (1.1,)},
        {"exit_rate_by_lactation": (0.3, 0.0)},
        {"dry_off_weekdays": (7,)},
        {"exit_by_days_in_milk": ((30, 1.0), (0, 2.0))},
        {"exit_by_days_in_milk": ((0, 1.0), (100, 0.0))},
        {"breeding_stop_days": 150, "waiting_period_days": 140},
        {"surplus_sale_age_days": (600, 450)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_impossible_farms_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        SampleFarm(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"waiting_period_days": 90},
        {"first_service_rate": 0.5},
        {"service_rate": 0.4},
        {"cycle_days": 23},
        {"conception_rate_by_lactation": (0.3,)},
        {"conception_factor_per_service": 0.8},
        {"breeding_stop_days": 250},
        {"heifer_first_service_age_days": 420},
        {"heifer_service_rate": 0.5},
        {"heifer_conception_rate": 0.4},
        {"heifer_cycles": 4},
        {"gestation_mean_days": 282.0},
        {"gestation_sd_days": 2.0},
        {"gestation_lo_days": 265},
        {"gestation_hi_days": 290},
        {"heifer_gestation_shift_days": 3.0},
        {"calving_plan_days": 280},
        {"dry_off_plan_days": 211},
        {"dry_off_weekdays": (1,)},
        {"early_dry_off_share": 0.4},
        {"early_dry_off_most_days": 20},
        {"close_up_days": 10},
        {"confirmation_lag_days": 60},
        {"check_weekday": 4},
        {"exit_rate_by_lactation": (0.3, 0.4)},
        {"exit_by_days_in_milk": ((0, 1.0),)},
        {"pregnant_exit_factor": 0.9},
        {"early_death_share": 0.9},
        {"later_death_share": 0.9},
        {"flagged_sale_share": 0.1},
        {"flag_to_sale_mean_days": 30.0},
        {"given_up_stay_days": 30.0},
        {"female_fraction": 0.6},
        {"stillbirth_first_calving": 0.3},
        {"stillbirth_later_calving": 0.3},
        {"calf_loss_by_day_60": 0.2},
        {"calf_loss_first_week_share": 0.9},
        {"heifer_death_rate": 0.2},
        {"heifer_sale_rate": 0.2},
        {"surplus_sale_age_days": (200, 300)},
        {"history_years": 20},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_parameter_of_the_farm_moves_the_file(change: dict[str, object]) -> None:
    usual = make_sample(animals=300).csv

    assert make_sample(animals=300, farm=replace(DEFAULT_FARM, **change)).csv != usual  # type: ignore[arg-type]
