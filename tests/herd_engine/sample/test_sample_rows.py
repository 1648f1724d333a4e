from datetime import date

import numpy as np
import pandas as pd
import pytest

from herd_engine.sample import DEFAULT_FARM, Sample, make_sample
from tests.herd_engine.sample.farm_file import FACTS, table

REPORT_DATE = date(2026, 2, 26)
CONFIRMATION_LAG_DAYS = 35
CHECKS_EVERY_DAYS = 7


@pytest.fixture(scope="module")
def sample() -> Sample:
    return make_sample(animals=5000, seed=11, report_date=REPORT_DATE)


@pytest.fixture(scope="module")
def rows(sample: Sample) -> pd.DataFrame:
    return table(sample.csv, REPORT_DATE)


@pytest.fixture(scope="module")
def present(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows.archive.isna()]


def holds(claim: pd.Series) -> bool:
    """Tell whether a claim holds for all rows, of which there must be some."""
    return len(claim) > 0 and bool(claim.all())


def test_ids_are_unique_and_ascending(rows: pd.DataFrame) -> None:
    assert (np.diff(rows.id) > 0).all()


def test_no_fact_is_later_than_the_report_date(rows: pd.DataFrame) -> None:
    assert rows[FACTS].max().max() == 0


def test_nothing_left_more_than_730_days_ago(rows: pd.DataFrame) -> None:
    assert -730 <= rows.archive.min() < -720


def test_calving_follows_birth_at_a_possible_age(rows: pd.DataFrame) -> None:
    first = rows[rows.lactation == 1]
    later = rows[rows.lactation > 1]

    assert holds(first.calving - first.birth >= 390 + 255)
    assert holds(later.calving - later.birth >= 390 + 255 + (later.lactation - 1) * (70 + 255))


def test_heifers_have_no_calving_and_cows_have_one(rows: pd.DataFrame) -> None:
    assert holds((rows.lactation > 0) == rows.calving.notna())
    assert holds(rows.calving.notna() == rows.days_in_milk.notna())


def test_inseminations_come_after_the_waiting_period(rows: pd.DataFrame) -> None:
    cows = rows[rows.calving.notna() & rows.insemination.notna()]
    heifers = rows[rows.calving.isna() & rows.insemination.notna()]

    assert holds(cows.insemination - cows.calving >= 70)
    assert holds(heifers.insemination - heifers.birth >= 390)


def test_a_conception_is_the_last_insemination(rows: pd.DataFrame) -> None:
    known = rows[rows.conception.notna()]

    assert holds(known.conception == known.insemination)


def test_no_known_conception_is_younger_than_the_confirmation_lag(rows: pd.DataFrame) -> None:
    known = rows[rows.conception.notna()]
    age = known.archive.fillna(0) - known.conception

    assert CONFIRMATION_LAG_DAYS <= age.min() <= CONFIRMATION_LAG_DAYS + CHECKS_EVERY_DAYS


def test_dry_off_needs_a_conception_and_keeps_the_farms_weekdays_and_plan(rows: pd.DataFrame) -> None:
    dry = rows[rows.dry_off.notna()]
    weekday = (dry.dry_off + REPORT_DATE.weekday()) % 7

    assert holds(dry.conception.notna() & (dry.lactation > 0))
    assert set(weekday) == {0, 3}
    assert holds((dry.dry_off <= dry.expected_dry_off) & (dry.dry_off >= dry.expected_dry_off - 45 - 3))


def test_no_cow_in_milk_is_past_her_planned_dry_off_week(present: pd.DataFrame) -> None:
    in_milk = present[(present.lactation > 0) & present.dry_off.isna() & present.conception.notna()]

    assert holds(in_milk.expected_dry_off > 0)


def test_days_in_milk_stop_at_dry_off_exit_or_report(rows: pd.DataFrame) -> None:
    cows = rows[rows.lactation > 0]
    until = np.minimum(cows.dry_off.fillna(0), cows.archive.fillna(0))

    assert holds(cows.days_in_milk == until - cows.calving)
    assert holds(cows.days_in_milk >= 0)


def test_days_pregnant_run_to_exit_or_report(rows: pd.DataFrame) -> None:
    known = rows[rows.conception.notna()]

    assert holds(known.days_pregnant == known.archive.fillna(0) - known.conception)
    assert rows[rows.conception.isna()].days_pregnant.isna().all()


def test_expected_dates_are_constants_from_conception_heifers_included(rows: pd.DataFrame) -> None:
    known = rows[rows.conception.notna()]

    assert holds(known.expected_dry_off - known.conception == DEFAULT_FARM.dry_off_plan_days)
    assert holds(known.expected_calving - known.conception == DEFAULT_FARM.calving_plan_days)
    assert rows[rows.conception.isna()].expected_calving.isna().all()
    assert (known.lactation == 0).any()


def test_nobody_leaves_before_birth_or_calving(rows: pd.DataFrame) -> None:
    left = rows[rows.archive.notna()]

    assert holds(left.archive > left.calving.fillna(left.birth))


def test_no_pregnancy_is_longer_than_a_gestation(rows: pd.DataFrame) -> None:
    assert rows.days_pregnant.max() <= 300


def test_those_that_left_are_sold_or_dead_and_nobody_else_is(rows: pd.DataFrame) -> None:
    assert holds(rows.archive.notna() == rows.status.isin(["Продана", "Мертвое животное"]))


def test_flagged_animals_are_on_the_farm_and_not_pregnant(present: pd.DataFrame) -> None:
    flagged = present[present.status == "Брак"]

    assert holds(flagged.conception.isna())
    assert (flagged.lactation > 0).any()


def test_statuses_follow_from_the_dates(present: pd.DataFrame) -> None:
    healthy = present[present.status != "Брак"]
    pregnant, dry = healthy.conception.notna(), healthy.dry_off.notna()
    served, heifer = healthy.insemination.notna(), healthy.lactation == 0
    close = pregnant & (dry | heifer) & (healthy.expected_calving <= 21)
    recent = healthy.insemination > -(CONFIRMATION_LAG_DAYS + CHECKS_EVERY_DAYS)
    status = healthy.status

    assert ((status == "В позднем сухостое") == close).all()
    assert ((status == "В сухостое") == (dry & ~close)).all()
    assert ((status == "Стельная") == (pregnant & ~dry & ~close)).all()
    assert ((status == "Телка") == (heifer & ~served)).all()
    assert ((status == "Новотельное животное") == (~heifer & ~served)).all()
    assert (status.isin(["Осемененная", "Готова к осеменению"]) == (served & ~pregnant)).all()
    assert recent[status == "Осемененная"].all()


def test_close_up_holds_heifers_too(present: pd.DataFrame) -> None:
    assert (present[present.status == "В позднем сухостое"].lactation == 0).any()


def test_sales_happen_on_working_days(rows: pd.DataFrame) -> None:
    sold = rows[rows.status == "Продана"]

    assert set((sold.archive + REPORT_DATE.weekday()) % 7) == {0, 1, 2, 3, 4}


def test_unconfirmed_pregnancies_are_shown_as_inseminated_only(sample: Sample, present: pd.DataFrame) -> None:
    hidden = pd.DataFrame(sample.truth["unconfirmed_pregnancies"])
    shown = present.set_index("id").loc[hidden.id.astype(float)]
    conceived = [(date.fromisoformat(text) - REPORT_DATE).days for text in hidden.conception_date]

    assert holds(shown.status == "Осемененная")
    assert shown.conception.isna().all()
    assert shown.insemination.tolist() == conceived


def test_ids_rise_with_the_date_of_birth(rows: pd.DataFrame) -> None:
    assert (np.diff(rows.birth) >= 0).all()


def test_the_truth_counts_what_the_file_shows(sample: Sample, rows: pd.DataFrame) -> None:
    told = {status: n for status, n in sample.truth["on_report_date"]["status_in_file"].items() if n}

    assert told == rows.status.value_counts().to_dict()
    assert sample.truth["on_report_date"]["rows"] == len(rows)
