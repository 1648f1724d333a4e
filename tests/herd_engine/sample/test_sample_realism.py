import json
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from herd_engine.sample import DEFAULT_FARM, Sample, make_sample
from tests.herd_engine.sample.farm_file import table

REPORT_DATE = date(2026, 3, 1)
CONSTANT_HAZARD = replace(
    DEFAULT_FARM,
    exit_rate_by_lactation=(0.35,),
    exit_by_days_in_milk=((0, 1.0),),
    pregnant_exit_factor=1.0,
    conception_rate_by_lactation=(0.40,),
    conception_factor_per_service=1.0,
    first_service_rate=0.6,
    service_rate=0.6,
    gestation_sd_days=0.01,
    early_dry_off_share=0.0,
    dry_off_weekdays=(0, 1, 2, 3, 4, 5, 6),
    given_up_stay_days=1.0,
)
"""A farm simple enough for closed forms."""


@pytest.fixture(scope="module")
def sample() -> Sample:
    return make_sample(animals=50_000, seed=3, report_date=REPORT_DATE)


@pytest.fixture(scope="module")
def rows(sample: Sample) -> pd.DataFrame:
    return table(sample.csv, REPORT_DATE)


@pytest.fixture(scope="module")
def present(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows.archive.isna()]


@pytest.fixture(scope="module")
def cows(present: pd.DataFrame) -> pd.DataFrame:
    return present[present.lactation > 0]


def closed_form(
    *, waiting: int, success: float, stop: int, gestation: int, dry_days: int, rate: float
) -> Any:
    """Return mean days in milk, share milking and share pregnant of cows with one constant hazard.

    Conception on day waiting + U{0…20} + 21k, k geometric; open cows leave on day ``stop``. Sums over
    days of survival × still milking (renewal theory; Cox 1962, Renewal Theory, chapter 5).
    """
    conceives = np.zeros(stop)
    for offset in range(21):
        days = np.arange(waiting + offset, stop, 21)[: (350 - waiting) // 21]
        conceives[days] += success * (1 - success) ** np.arange(len(days)) / 21
    alive = np.exp(-rate / 365.25 * np.arange(stop + gestation))
    open_still = np.append(1 - np.cumsum(conceives), np.zeros(gestation))
    lag = np.arange(stop + gestation)
    milking, pregnant = open_still.copy(), np.zeros_like(open_still)
    for day, chance in enumerate(conceives):
        carried = (lag >= day) & (lag < day + gestation)
        pregnant[carried] += chance
        milking[carried & (lag < day + gestation - dry_days)] += chance
    cow_days = alive * (open_still + pregnant)
    return (
        (lag * alive * milking).sum() / (alive * milking).sum(),
        (alive * milking).sum() / cow_days.sum(),
        (alive * pregnant).sum() / cow_days.sum(),
    )


@pytest.mark.parametrize("animals", [5_000, 50_000])
def test_the_herd_has_the_size_that_was_asked_for(animals: int) -> None:
    sample = make_sample(animals=animals, seed=8)
    on_farm = table(sample.csv, REPORT_DATE).archive.isna().sum()

    assert on_farm == animals
    assert sample.truth["on_report_date"]["animals_on_farm"] == animals


def test_days_in_milk_milking_and_pregnant_shares_match_renewal_theory() -> None:
    sample = make_sample(animals=50_000, seed=4, farm=CONSTANT_HAZARD)
    herd = sample.truth["on_report_date"]["true_state"]
    rows = table(sample.csv, REPORT_DATE)
    in_milk = rows[rows.archive.isna() & (rows.lactation > 0) & rows.dry_off.isna()]
    n_cows = herd["milking"] + herd["dry"]
    n_hidden = sum(rows.set_index("id").lactation.loc[_hidden_ids(sample)] > 0)
    n_pregnant = rows[rows.archive.isna() & (rows.lactation > 0)].conception.notna().sum() + n_hidden

    # 13 services, then one cycle, then a day or two until the cow leaves
    mean_dim, milking, pregnant = closed_form(
        waiting=70, success=0.24, stop=356, gestation=278, dry_days=58, rate=0.35
    )

    assert abs(in_milk.days_in_milk.mean() - mean_dim) < 4 * in_milk.days_in_milk.std() / np.sqrt(
        len(in_milk)
    )
    assert abs(len(in_milk) / n_cows - milking) < 4 * np.sqrt(milking * (1 - milking) / n_cows)
    assert abs(n_pregnant / n_cows - pregnant) < 4 * np.sqrt(pregnant * (1 - pregnant) / n_cows)


def _hidden_ids(sample: Sample) -> list[float]:
    return [float(item["id"]) for item in sample.truth["unconfirmed_pregnancies"]]


def test_littles_law_with_a_constant_hazard() -> None:
    """Cows = first calvings per year / yearly hazard, whatever the lactations look like."""
    farm = replace(
        CONSTANT_HAZARD, service_rate=1.0, first_service_rate=1.0, conception_rate_by_lactation=(0.8,)
    )
    truth = make_sample(animals=50_000, seed=5, farm=farm).truth
    n_cows = truth["on_report_date"]["true_state"]["milking"] + truth["on_report_date"]["true_state"]["dry"]
    first_calvings = truth["window"]["first_calvings"]

    expected = first_calvings / 730 * 365.25 / 0.35

    standard_error = expected * np.sqrt(1 / n_cows + 1 / first_calvings)
    assert abs(n_cows - expected) < 4 * standard_error


def test_littles_law_for_the_usual_farm(sample: Sample, cows: pd.DataFrame) -> None:
    """Cows = first calvings per day x mean herd life, the latter from a cohort lived to its end."""
    balance, first_calvings = sample.truth["equilibrium"], sample.truth["window"]["first_calvings"]
    herd_life, error = balance["mean_herd_life_days"], balance["mean_herd_life_standard_error_days"]

    expected = first_calvings / 730 * herd_life

    standard_error = expected * np.sqrt(1 / len(cows) + 1 / first_calvings + (error / herd_life) ** 2)
    assert abs(len(cows) - expected) < 4 * standard_error


def test_the_true_hazard_of_the_simple_farm_is_the_one_it_was_given() -> None:
    farm = replace(
        CONSTANT_HAZARD, service_rate=1.0, first_service_rate=1.0, conception_rate_by_lactation=(0.8,)
    )
    window = make_sample(animals=20_000, seed=6, farm=farm).truth["window"]

    for row in window["hazard_by_lactation"][1:]:
        expected = 0.35 / 365.25 * row["animal_days"]
        assert abs(row["exits"] - expected) < 4 * np.sqrt(expected)


def test_live_heifer_calves_replace_the_herd(sample: Sample) -> None:
    """Births follow from calvings: 48 % female, 9 % and 4.5 % stillborn (first, later calvings)."""
    window = sample.truth["window"]
    later = window["calvings"] - window["first_calvings"]

    expected = 0.48 * (window["first_calvings"] * 0.91 + later * 0.955)

    assert window["live_heifer_births"] == pytest.approx(expected, rel=0.03)


def test_the_herd_stays_as_it_is_in_the_year_to_come(sample: Sample) -> None:
    now = sample.truth["on_report_date"]["true_state"]
    future = pd.DataFrame(sample.truth["future"])

    assert future.date.tolist()[0] == "2026-04-01"
    assert future.date.tolist()[-1] == "2027-03-01"
    for stock in ("milking", "heifer", "pregnant_heifer", "average_days_in_milk"):
        assert future[stock].mean() == pytest.approx(now[stock], rel=0.03)


def test_turnover_is_that_of_commercial_herds(sample: Sample) -> None:
    """US herds lose 33-34 % a year, three farms that were looked at 30-48 %."""
    assert 0.30 <= sample.truth["window"]["cow_exits_per_cow_year"] <= 0.40


def test_exits_rise_with_lactation_as_published(sample: Sample) -> None:
    """Published Markov herd models: .208, .289, .386, .525 a year in lactations 1-4."""
    found = [row["exits_per_animal_year"] for row in sample.truth["window"]["hazard_by_lactation"][1:]]

    assert found[:4] == pytest.approx([0.208, 0.289, 0.386, 0.525], rel=0.20)
    assert found == sorted(found)


def test_a_quarter_to_four_tenths_of_cow_exits_come_by_day_60(rows: pd.DataFrame) -> None:
    left = rows[rows.archive.notna() & (rows.lactation > 0)]

    assert 0.25 <= (left.archive - left.calving <= 60).mean() <= 0.40


def test_the_last_lactations_alone_overstate_the_hazard(sample: Sample, rows: pd.DataFrame) -> None:
    """Completed lactations of survivors are not in the file: about twice the true rate appears."""
    seen = rows[rows.lactation > 0]
    naive = seen.archive.notna().sum() / (seen.archive.fillna(0) - seen.calving).sum() * 365.25

    assert 1.7 <= naive / sample.truth["window"]["cow_exits_per_cow_year"] <= 2.5


def test_milking_share_days_in_milk_and_young_stock_are_those_of_real_herds(
    present: pd.DataFrame, cows: pd.DataFrame
) -> None:
    in_milk = cows[cows.dry_off.isna()]

    assert 0.82 <= len(in_milk) / len(cows) <= 0.90
    assert 155 <= in_milk.days_in_milk.mean() <= 185
    assert 0.75 <= (len(present) - len(cows)) / len(cows) <= 1.1


def test_unconfirmed_pregnancies_are_8_to_12_percent_of_cows(sample: Sample, cows: pd.DataFrame) -> None:
    n_hidden = cows.id.isin(_hidden_ids(sample)).sum()

    assert 0.08 <= n_hidden / len(cows) <= 0.12


def test_first_calving_comes_at_22_to_25_months(rows: pd.DataFrame) -> None:
    first = rows[rows.lactation == 1]

    assert 22 <= (first.calving - first.birth).mean() / 30.44 <= 25


def test_days_open_are_105_to_140(sample: Sample) -> None:
    assert 105 <= sample.truth["window"]["mean_days_open"] <= 140


def test_planned_dry_periods_last_50_to_70_days(cows: pd.DataFrame) -> None:
    """91 % of herds average 50-70 days (Kuhn et al. 2005)."""
    dry = cows[cows.dry_off.notna()]

    assert 50 <= (dry.expected_calving - dry.dry_off).mean() <= 70


def test_calves_die_as_surveyed(rows: pd.DataFrame, sample: Sample) -> None:
    """5.0 % before weaning (Urie et al. 2018)."""
    left = rows[rows.archive.notna() & (rows.lactation == 0)]
    n_calves = ((left.archive - left.birth) <= 60).sum()

    assert n_calves / sample.truth["window"]["live_heifer_births"] == pytest.approx(0.05, abs=0.005)


def test_the_truth_is_fit_for_json_and_explains_itself(sample: Sample) -> None:
    truth = json.loads(json.dumps(sample.truth))

    assert set(truth["about"]) <= set(truth)
    assert all(entry["about"] for entry in truth["parameters"].values())
    assert truth["parameters"]["waiting_period_days"]["value"] == 70
