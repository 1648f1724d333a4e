"""Herd files that may be given away: nothing of the numbers and years stays, the forecast does."""

from datetime import date, timedelta

import numpy as np
import pytest

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.anonymous import (
    COLUMNS,
    DAYS_OF_FOUR_YEARS,
    anonymised_csv,
    days_earlier,
    first_day,
)
from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.forecasting.instant_preview import expectation
from herd_engine.model.animals import NO_DAY
from herd_engine.model.forecast import Metric
from herd_engine.model.scenario import Mode, ModelParameters, Scenario
from herd_engine.sample import make_sample

KEY = b"a secret of the home"


@pytest.fixture(scope="module")
def original() -> HerdFile:
    return read_herd_bytes(make_sample(animals=300, seed=3).csv, "farm.csv")


@pytest.fixture(scope="module")
def given(original: HerdFile) -> HerdFile:
    earlier = days_earlier(KEY, "farm", first_day(original.records))
    return read_herd_bytes(anonymised_csv(original.records, KEY, "farm", earlier), "export-1.csv")


def test_the_herd_is_the_same_by_other_numbers_in_other_years(original: HerdFile, given: HerdFile) -> None:
    assert given.herd.counts() == original.herd.counts()
    assert given.records.n_animals == original.records.n_animals
    moved = original.herd.report_date - given.herd.report_date
    assert moved >= timedelta(days=DAYS_OF_FOUR_YEARS)
    assert moved.days % DAYS_OF_FOUR_YEARS == 0
    assert not set(given.records.animal_ids) & set(original.records.animal_ids)
    for name in (*COLUMNS.values(), "lactation"):
        assert sorted(getattr(given.records, name)) == sorted(getattr(original.records, name))


def test_no_row_tells_where_it_stood(original: HerdFile, given: HerdFile) -> None:
    assert list(given.records.birth) != list(original.records.birth)


def test_what_is_expected_of_it_is_the_same(original: HerdFile, given: HerdFile) -> None:
    one, other = (expectation(file, Scenario(horizon_months=24)) for file in (original, given))

    assert one is not None
    assert other is not None
    for metric in (Metric.MILKING_COUNT, Metric.DRY_COUNT, Metric.CALVINGS, Metric.CULLS):
        # Earlier lactations are drawn by the animals' numbers, which are others: 0.2 % here.
        np.testing.assert_allclose(other.values[metric], one.values[metric], rtol=0.02)


def test_the_farms_rates_are_the_same(original: HerdFile, given: HerdFile) -> None:
    one, other = (
        calibrate(file.records, Mode.EMPIRICAL, ModelParameters()).service_period
        for file in (original, given)
    )

    np.testing.assert_allclose(one.probability, other.probability, rtol=1e-12)


def test_a_key_moves_a_farm_and_numbers_its_animals_always_alike() -> None:
    first = date(2010, 1, 1)
    moves = {days_earlier(key, farm, first) for key in (b"1", b"2", b"3", b"4") for farm in ("a", "b", "c")}

    assert len(moves) > 3
    assert days_earlier(KEY, "farm", first) == days_earlier(KEY, "farm", first)
    assert max(moves) <= (first - date(1951, 1, 1)).days
    assert days_earlier(KEY, "farm", date(1952, 1, 1)) == 0


def test_a_herd_without_a_day_has_its_report_date_as_the_first(original: HerdFile) -> None:
    assert first_day(original.records) < original.herd.report_date
    assert (original.records.birth[original.records.birth != NO_DAY] < 0).any()
