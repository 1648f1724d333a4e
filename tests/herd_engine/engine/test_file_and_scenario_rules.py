"""What is right about files, scenarios and exports (table of faults in `test_model_rules.py`).

The farm, written as the farm software writes it, was seen on 26 February 2026.
"""

import inspect
import json
import math
from dataclasses import replace
from datetime import date

import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.errors import ParameterError, UnknownParameterError
from herd_engine.exports.csv_file import forecast_csv
from herd_engine.exports.document import forecast_json
from herd_engine.forecasting.forecast import make_forecast
from herd_engine.model.animals import AnimalState
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.scenario import Mode, ModelParameters, Purchase, Scenario, from_mapping
from herd_engine.workbench import Workbench

HEADER = (
    "Номер животного;Дата рождения;Дата архива;Лактация;Дата начала тек.лакт;Дни в доении;Статус коровы;"
    "Дата осеменения;Дата успешного осеменения;Дни стельности;Дата запуска тек.лакт;"
    "Дата ожидаемого запуска;Дата ожидаемого отела"
)
FARM = {
    "1": "1;01.01.2022;;1;01.12.2025;87;Новотельное животное;;;;;;",
    "2": "2;01.06.2021;;2;01.07.2025;240;Стельная;01.10.2025;01.10.2025;148;;09.05.2026;08.07.2026",
    "3": "3;01.01.2020;;3;01.03.2025;337;В сухостое;01.06.2025;01.06.2025;270;01.02.2026;;08.03.2026",
    "4": "4;01.05.2025;;0;;;Телка;;;;;;",
    "5": "5;01.09.2024;;0;;;Стельная;01.12.2025;01.12.2025;87;;09.07.2026;07.09.2026",
    "6": "6;01.01.2021;25.02.2026;2;01.09.2025;177;Продана;;;;;;",
}
MONTHS = 6


def as_csv(*more: str, encoding: str = "utf-8-sig", **changes: str) -> bytes:
    """Write the farm; ``r2="..."`` replaces row 2, an empty text leaves it out."""
    rows = {number: changes.get(f"r{number}", row) for number, row in FARM.items()}
    return "\n".join([HEADER, *filter(None, rows.values()), *more, ""]).encode(encoding)


def read(*more: str, **changes: str) -> HerdFile:
    return read_herd_bytes(as_csv(*more, **changes), "farm.csv")


def codes(herd_file: HerdFile) -> set[str]:
    return {issue.code for issue in herd_file.issues}


def forecast_of(herd_file: HerdFile, runs: int = 20, **scenario: object) -> Forecast:
    return make_forecast(
        herd_file, Scenario(**({"horizon_months": MONTHS, "mode": Mode.EMPIRICAL} | scenario)), runs, seed=5
    )


def numbers(forecast: Forecast) -> str:
    """Return all points of a forecast as text."""
    return json.dumps(json.loads(forecast_json(forecast))["points"])


def test_q1_the_report_date_is_the_most_frequent_calving_plus_days_in_milk() -> None:
    # Cows 1 and 2 say 26 February; days in milk of cows 3 (dry) and 6 (left) stand still.
    herd_file = read()

    assert herd_file.herd.report_date == date(2026, 2, 26)
    assert forecast_of(herd_file).dates[:2] == (date(2026, 2, 26), date(2026, 3, 1))


def test_q1_a_latest_date_that_differs_by_more_than_days_is_told() -> None:
    herd_file = read(r6="6;01.01.2021;25.03.2026;2;01.09.2025;177;Продана;;;;;;")

    assert herd_file.herd.report_date == date(2026, 2, 26)
    assert "report_date_disagreement" in codes(herd_file)
    assert "report_date_disagreement" not in codes(read())


@pytest.mark.parametrize("day", [date(2026, 2, 25), date(2026, 8, 2)])
def test_q3_a_purchase_outside_the_forecast_is_refused(day: date) -> None:
    # Six months from 26 February end on 1 August.
    with pytest.raises(
        ParameterError, match=r"`purchases\.date_in` must lie within the forecast, 2026-02-26"
    ):
        forecast_of(read(), purchases=(Purchase(date_in=day, count=1, days_pregnant=9),))


def test_q3_a_purchase_on_the_last_day_of_the_forecast_is_made() -> None:
    last = Purchase(date_in=date(2026, 8, 1), count=4, days_pregnant=9)

    forecast = forecast_of(read(), purchases=(last,))

    assert forecast.value(Metric.PURCHASES_IN, "p_low", MONTHS) == 4


def test_q4_a_purchase_says_exactly_one_of_days_pregnant_and_expected_calving() -> None:
    day = date(2026, 3, 5)

    with pytest.raises(ParameterError, match="give exactly one of days_pregnant, expected_calving_date"):
        Purchase(date_in=day, count=1)
    with pytest.raises(ParameterError, match="give exactly one of days_pregnant, expected_calving_date"):
        Purchase(date_in=day, count=1, days_pregnant=3, expected_calving_date=day)


def test_q5_a_number_with_another_birth_date_is_another_animal() -> None:
    herd_file = read(FARM["4"].replace("01.05.2025", "01.06.2025"))

    assert herd_file.herd.animal_ids.tolist().count("4") == 1
    assert "reused_numbers" in codes(herd_file)
    assert herd_file.herd.n_animals == 6


def test_q15_an_overdue_calving_is_told() -> None:
    herd_file = read(r3=FARM["3"].replace("08.03.2026", "08.02.2026"))

    assert "overdue_calving" in codes(herd_file)
    assert "overdue_calving" not in codes(read())
    assert herd_file.herd.expected_calving[2] == -18


@pytest.mark.parametrize("status", ["Перемещена", "Продана", "Мертвое животное"])
def test_q16_an_animal_that_moved_away_or_left_is_not_in_the_herd(status: str) -> None:
    herd_file = read(r4=FARM["4"].replace("Телка", status))

    assert "4" not in herd_file.herd.animal_ids
    assert herd_file.herd.n_animals == 4


def test_q17_a_cull_flagged_animal_is_present_in_her_state() -> None:
    herd_file = read(r1=FARM["1"].replace("Новотельное животное", "Брак"))
    herd = herd_file.herd

    assert herd.n_animals == 5
    assert (herd.is_flagged.tolist(), herd.state[0]) == ([True] + [False] * 4, AnimalState.OPEN)
    assert herd.mean_days_in_milk == (87 + 240) / 2
    assert "cull_flagged_animals" in codes(herd_file)


def test_q18_a_dry_cow_without_conception_is_told() -> None:
    herd_file = read(r3="3;01.01.2020;;3;01.03.2025;337;В сухостое;;;;01.02.2026;;")

    assert herd_file.herd.state[2] == AnimalState.DRY
    assert "dry_off_without_conception" in codes(herd_file)


def test_q24_days_in_milk_of_no_cows_are_unknown_in_json_and_csv() -> None:
    # Heifers alone, no purchases: the pregnant one calves in September, after the last month.
    everything = read()
    herd = read(r1="", r2="", r3="", r6=FARM["6"]).herd
    forecast = forecast_of(replace(everything, herd=herd))

    assert herd.mean_days_in_milk is None
    assert all(math.isnan(value) for value in forecast.series[Metric.AVG_DAYS_IN_MILK].mean)
    points = json.loads(forecast_json(forecast))["points"]
    assert [point["p50"]["avg_days_in_milk"] for point in points] == [None] * (MONTHS + 1)
    assert [point["p50"]["milking_count"] for point in points] == [0] * (MONTHS + 1)
    header, first = forecast_csv(forecast).decode().partition("[SERIES]\n")[2].splitlines()[:2]
    row = dict(zip(header.split(","), first.split(","), strict=True))
    assert row["avg_days_in_milk_p50"] == ""
    assert row["milking_count_p50"] == "0"


def test_q24_a_month_without_cows_in_one_run_does_not_pull_the_mean_to_zero() -> None:
    # One cow on day 240 who is milked until 9 May: she leaves in some runs; in the others her days are known.
    herd = read(r1="", r3="", r4="", r5="").herd
    forecast = forecast_of(replace(read(), herd=herd), runs=200)

    milking = forecast.series[Metric.MILKING_COUNT].mean
    days = forecast.series[Metric.AVG_DAYS_IN_MILK]

    assert 0 < milking[3] < 1
    assert days.mean[1:4] == pytest.approx([240 + 3, 240 + 34, 240 + 64])


def test_q25_a_windows_1251_file_gives_the_same_forecast() -> None:
    utf8 = read_herd_bytes(as_csv(), "farm.csv")
    windows = read_herd_bytes(as_csv(encoding="cp1251"), "farm.csv")

    assert utf8.sha256 != windows.sha256
    assert utf8.status_counts == windows.status_counts
    assert numbers(forecast_of(utf8)) == numbers(forecast_of(windows))


def test_q26_a_date_means_the_same_everywhere_in_a_file() -> None:
    # 2025-05-01 in a column of DD.MM.YYYY is 1 May, as anywhere: this form cannot be misread.
    iso, points = read(r4=FARM["4"].replace("01.05.2025", "2025-05-01")), read()

    assert iso.herd.birth.tolist() == points.herd.birth.tolist()


def test_q26_a_file_of_iso_dates_gives_the_same_forecast() -> None:
    iso = "\n".join(
        ";".join(".".join(cell.split(".")[::-1]).replace(".", "-") if cell.count(".") == 2 else cell
                 for cell in row.split(";"))
        for row in FARM.values()
    )  # fmt: skip
    herd_file = read_herd_bytes(f"{HEADER}\n{iso}\n".encode(), "farm.csv")

    assert numbers(forecast_of(herd_file)) == numbers(forecast_of(read()))


@pytest.mark.parametrize("day", [date(2026, 9, 1), date(2026, 2, 1)])
def test_q27_a_date_of_interest_outside_the_forecast_is_refused_at_once(day: date) -> None:
    with pytest.raises(ParameterError, match="`future_date` must lie within the forecast"):
        forecast_of(read(), future_date=day)


def test_q27_a_date_of_interest_is_a_first_of_a_month() -> None:
    with pytest.raises(ParameterError, match="`future_date` must be the first of a month"):
        Scenario(future_date=date(2026, 5, 2))


@pytest.mark.parametrize("mean", [274.0, 281.0])
def test_q29_a_mean_gestation_outside_its_bounds_is_refused(mean: float) -> None:
    with pytest.raises(ParameterError, match="`gestation_mu` must lie within gestation_lo … gestation_hi"):
        ModelParameters(gestation_mu=mean)


def test_q30_culling_is_as_observed_by_default_wherever_a_forecast_starts() -> None:
    # The other modes halve what they count, because their exposure is too short.
    assert Scenario().mode is Mode.CALIBRATED
    assert (ModelParameters().culling_intensity, ModelParameters().population_regulation) == (1.0, 0.5)
    assert Scenario().model == ModelParameters()
    assert from_mapping(ModelParameters, {}) == ModelParameters()
    assert inspect.signature(Workbench.forecast).parameters["scenario"].default is None
    assert Workbench.open().forecast(read(), runs=1).meta.scenario == Scenario()


def test_an_unknown_parameter_is_refused_with_a_suggestion() -> None:
    with pytest.raises(UnknownParameterError, match=r"Did you mean `population_regulation`\?"):
        from_mapping(ModelParameters, {"population_regulaton": 1.0})


def test_q31_the_same_bytes_under_another_name_give_the_same_forecast() -> None:
    one, other = (read_herd_bytes(as_csv(), name) for name in ("a.csv", "b.csv"))

    first, second = forecast_of(one), forecast_of(other)

    assert numbers(first) == numbers(second)
    assert replace(second.meta, dataset_name="a.csv") == first.meta


def test_q31_another_content_under_the_same_name_gives_another_forecast() -> None:
    other = as_csv(r4="")

    assert numbers(forecast_of(read())) != numbers(forecast_of(read_herd_bytes(other, "farm.csv")))
