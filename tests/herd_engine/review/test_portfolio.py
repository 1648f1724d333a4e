"""Sums of farms are made inside each replicate."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.engine.simulate import simulate
from herd_engine.errors import ConflictError, ParameterError
from herd_engine.forecasting.forecast import forecast_of
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import EVENTS, STATISTICS, Metric
from herd_engine.model.scenario import Scenario
from herd_engine.review.changes import changes_since
from herd_engine.review.portfolio import PortfolioFarm, farm_seed, total
from herd_engine.sample import make_sample

RUNS = 200


def member(seed: int, *, animals: int = 120, months: int = 12, confidence: float = 0.9) -> PortfolioFarm:
    herd_file = read_herd_bytes(make_sample(animals=animals, seed=2).csv, "farm.csv")
    scenario = Scenario(horizon_months=months, confidence_central=confidence)
    tables = calibrate(herd_file.records, scenario.mode, scenario.model)
    simulation = simulate(herd_file.herd, tables, scenario, RUNS, seed)
    forecast = forecast_of(herd_file, scenario, seed, simulation)
    return PortfolioFarm(forecast=forecast, draws=Draws.of(simulation, forecast.dates))


@pytest.fixture(scope="module")
def north() -> PortfolioFarm:
    return member(farm_seed(42, "North"))


@pytest.fixture(scope="module")
def south() -> PortfolioFarm:
    return member(farm_seed(42, "South"))


def test_a_portfolio_of_one_farm_is_that_farm(north):
    whole = total({"North": north}, "1 farm", 42)

    assert whole.dates == north.forecast.dates
    for metric in Metric:
        for statistic in STATISTICS:
            expected = getattr(north.forecast.series[metric], statistic)
            np.testing.assert_array_equal(getattr(whole.series[metric], statistic), expected)


def test_quantiles_are_of_sums_not_sums_of_quantiles(north, south):
    whole = total({"North": north, "South": south}, "2 farms", 42)
    milking = Metric.MILKING_COUNT

    by_hand = north.draws.values(milking)[:, 12] + south.draws.values(milking)[:, 12]
    assert whole.value(milking, "p_high", 12) == np.quantile(by_hand, 0.95)
    assert whole.value(milking, "mean", 12) == pytest.approx(by_hand.mean())
    parts = [each.forecast.value(milking, "p_high", 12) for each in (north, south)]
    assert whole.value(milking, "p_high", 12) < sum(parts)
    days = [each.draws.days_in_milk_sum[:, 12] for each in (north, south)]
    assert whole.value(Metric.AVG_DAYS_IN_MILK, "mean", 12) == pytest.approx((sum(days) / by_hand).mean())


def test_farms_do_not_share_their_luck_though_their_animals_have_the_same_numbers(north, south):
    # The same file twice: with one seed every future would be the same in both.
    apart = north.draws.values(Metric.MILKING_COUNT)[:, 12], south.draws.values(Metric.MILKING_COUNT)[:, 12]

    assert abs(np.corrcoef(*apart)[0, 1]) < 4 / np.sqrt(RUNS)
    assert farm_seed(42, "North") == farm_seed(42, "north")
    assert len({farm_seed(seed, farm) for seed in (1, 2) for farm in ("a", "b")}) == 4


def shifted(one: PortfolioFarm, days: tuple[date, ...]) -> PortfolioFarm:
    meta = replace(one.forecast.meta, report_date=days[0])
    return PortfolioFarm(
        forecast=replace(one.forecast, meta=meta, dates=days), draws=replace(one.draws, dates=days)
    )


def test_files_of_different_days_are_added_up_on_the_months_that_all_have(north, south):
    dates = north.forecast.dates
    earlier = shifted(south, (dates[0] - timedelta(days=10), *dates[1:]))
    whole = total({"North": north, "South": earlier}, "2 farms", 42)

    assert whole.dates == dates
    counts = [each.forecast.meta.herd_counts["milking"] for each in (north, south)]
    assert whole.value(Metric.MILKING_COUNT, "p50", 0) == sum(counts)
    assert all(whole.value(metric, "mean", 1) is None for metric in EVENTS)
    assert all(whole.value(metric, "mean", 2) is not None for metric in EVENTS)


def test_what_cannot_be_added_up_is_refused(north):
    years = tuple(day.replace(year=day.year + 20) for day in north.forecast.dates)

    with pytest.raises(ParameterError, match="name one farm or more"):
        total({}, "none", 42)
    with pytest.raises(ConflictError, match="no month in common"):
        total({"a": north, "b": shifted(north, years)}, "2 farms", 42)
    with pytest.raises(ConflictError, match="bands of different widths"):
        total({"a": north, "b": member(1, confidence=0.8)}, "2 farms", 42)


def test_changes_since_the_forecast_before_are_told_with_their_reasons(north):
    dates = north.forecast.dates
    # The later forecast begins in the middle of the second month of the earlier one.
    middle = dates[2] + (dates[3] - dates[2]) / 2
    now = shifted(
        north, (middle, *dates[3:], *(day.replace(year=day.year + 1) for day in dates[1:3]))
    ).forecast

    found = changes_since(now, north.forecast, {"seed": 2}, {"seed": 1})

    p50 = north.forecast.series[Metric.MILKING_COUNT].p50
    check = next(item for item in found.checks if item.metric is Metric.MILKING_COUNT)
    share = (middle - dates[2]) / (dates[3] - dates[2])
    assert check.before == pytest.approx(p50[2] + share * (p50[3] - p50[2]))
    assert check.now == p50[0]
    shift = next(item for item in found.shifts if item.metric is Metric.MILKING_COUNT)
    assert (shift.day, shift.before, shift.now) == (dates[3], p50[3], p50[1])
    assert [(item.path, item.a, item.b) for item in found.settings] == [("seed", 1, 2)]
    assert (found.version, found.new_issues, found.gone_issues) == (None, (), ())
