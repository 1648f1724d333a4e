"""Forecasts judged by a later export: what happened is counted from the rows of that export."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from herd_engine.calibration.habits import habits_of
from herd_engine.calibration.lactations import rebuild_lactations
from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.errors import ConflictError
from herd_engine.forecasting.backtest.rewind import rewind
from herd_engine.forecasting.forecast import make_forecast
from herd_engine.forecasting.judgement import judge_forecast
from herd_engine.model.animals import NO_DAY
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.scenario import Scenario
from herd_engine.sample import make_sample

MADE, NOW = date(2025, 12, 1), date(2026, 3, 1)


@pytest.fixture(scope="module")
def newer() -> HerdFile:
    return read_herd_bytes(make_sample(animals=400, seed=5, report_date=NOW).csv, "march.csv")


@pytest.fixture(scope="module")
def older(newer: HerdFile) -> HerdFile:
    """Return the herd as it was known three months before."""
    habits = habits_of(newer.records)
    then = rewind(newer.records, MADE, rebuild_lactations(newer.records, habits), habits)
    return replace(newer, name="december.csv", records=then.records, herd=then.herd)


@pytest.fixture(scope="module")
def forecast(older: HerdFile) -> Forecast:
    return make_forecast(older, Scenario(horizon_months=12), 200, 1)


def test_what_happened_is_what_the_newer_rows_say(
    forecast: Forecast, older: HerdFile, newer: HerdFile
) -> None:
    verdicts = judge_forecast(forecast, older, newer)
    days = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    told = {(one.metric, one.day): one for one in verdicts}

    assert sorted({one.day for one in verdicts}) == days
    archive = newer.records.archive.astype(int)
    for first, last in zip([MADE, *days], days, strict=False):
        ends = ((first - NOW).days, (last - NOW).days)
        left = ((archive != NO_DAY) & (archive > ends[0]) & (archive <= ends[1])).sum()
        assert told[Metric.CULLS, last].happened == left
    here = newer.herd
    assert told[Metric.MILKING_COUNT, NOW].happened == here.counts()["milking"]
    assert told[Metric.DRY_COUNT, NOW].happened == here.counts()["dry"]
    assert (Metric.PURCHASES_IN, NOW) not in told


def test_band_and_median_are_those_of_the_forecast(
    forecast: Forecast, older: HerdFile, newer: HerdFile
) -> None:
    one = next(v for v in judge_forecast(forecast, older, newer) if v.metric is Metric.CALVINGS)
    series = forecast.series[Metric.CALVINGS]

    assert (one.p50, one.low, one.high) == (series.p50[1], series.p_low[1], series.p_high[1])
    assert one.pit is None


def test_most_of_what_a_fitting_forecast_says_comes_true(
    forecast: Forecast, older: HerdFile, newer: HerdFile
) -> None:
    verdicts = judge_forecast(forecast, older, newer)

    assert sum(v.is_inside for v in verdicts) > 0.6 * len(verdicts)


def test_without_a_month_between_nothing_is_judged(forecast: Forecast, older: HerdFile) -> None:
    assert judge_forecast(forecast, older, older) == ()


def test_leavers_without_a_day_make_the_past_untold(
    forecast: Forecast, older: HerdFile, newer: HerdFile
) -> None:
    records = replace(newer.records, archive=np.full_like(newer.records.archive, NO_DAY))

    with pytest.raises(ConflictError, match="gone without a day") as refused:
        judge_forecast(forecast, older, replace(newer, records=records))
    assert refused.value.case == "past_untold"
