"""Comparisons of runs: replicate by replicate, on shared dates, with numbers worked out elsewhere."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes, read_herd_file
from herd_engine.engine.simulate import simulate
from herd_engine.errors import ConflictError, ParameterError
from herd_engine.forecasting.comparison import Candidate, compare, difference_of
from herd_engine.forecasting.forecast import forecast_of
from herd_engine.model.comparison import ComparedRun
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import COUNT_COLUMNS, STATISTICS, Metric
from herd_engine.model.scenario import ModelParameters, PurchasePolicy, Scenario
from herd_engine.sample import make_sample
from tests.herd_engine.charts.hand_made import forecast_of as forecast_by_hand

NAN = float("nan")
MANUAL, REPLACE = (
    Scenario(horizon_months=12),
    Scenario(horizon_months=12, purchase_policy=PurchasePolicy.AUTO_COUNTER),
)


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float64)[:, None]


def by_hand(milking: list[list[int]], culls: list[list[int]], report_date: date, **meta: object) -> Candidate:
    """Return a run of these counts, a row a replicate, on the report date and the month starts after it."""
    counts = np.zeros((len(milking), len(milking[0]), len(COUNT_COLUMNS)), np.int32)
    counts[:, :, 0] = milking
    counts[:, :, COUNT_COLUMNS.index(Metric.CULLS)] = culls
    forecast = forecast_by_hand([0.0] * counts.shape[1], report_date)
    forecast = replace(forecast, meta=replace(forecast.meta, **meta))
    draws = Draws(dates=forecast.dates, counts=counts, days_in_milk_sum=np.zeros(counts.shape[:2], np.int64))
    return Candidate(forecast=forecast, draws=draws)


def simulated(herd_file: HerdFile, scenario: Scenario, runs: int = 100, seed: int = 3) -> Candidate:
    tables = calibrate(herd_file.records, scenario.mode, scenario.model)
    simulation = simulate(herd_file.herd, tables, scenario, runs, seed)
    forecast = forecast_of(herd_file, scenario, seed, simulation)
    return Candidate(forecast=forecast, draws=Draws.of(simulation, forecast.dates))


@pytest.fixture(scope="module")
def farm() -> HerdFile:
    return read_herd_bytes(make_sample(animals=300, seed=4).csv, "farm.csv")


def test_differences_are_taken_replicate_by_replicate() -> None:
    found = difference_of(column(11, 22, 33, 40), column(10, 20, 30, 40), is_paired=True)

    # 1, 2, 3, 0: sorted 0 1 2 3, quantile q lies at position 3 q.
    assert [getattr(found.series, name)[0] for name in STATISTICS] == pytest.approx(
        [1.5, 0.15, 0.75, 1.5, 2.25, 2.85]
    )
    assert found.series.mcse_mean[0] == pytest.approx(stats.sem([0, 1, 2, 3]))
    assert (found.more[0], found.less[0]) == (0.75, 0.0)  # the fourth is equal
    assert found.mcse_more[0] == pytest.approx(np.sqrt(0.75 * 0.25 / 4))
    # Var(11, 22, 33, 40) = 485/3, Var(10, 20, 30, 40) = 500/3, Var(0, 1, 2, 3) = 5/3.
    assert found.variance_reduction[0] == pytest.approx((485 + 500) / 5)


def test_independent_samples_are_not_paired_by_their_number() -> None:
    found = difference_of(column(11, 22, 33), column(10, 20, 30), is_paired=False)

    # 11 - 20, 22 - 30, 33 - 10
    assert found.series.mean[0] == pytest.approx(2)
    assert found.series.p50[0] == -8
    assert found.less[0] == pytest.approx(2 / 3)


def test_replicates_without_a_number_are_left_out() -> None:
    found = difference_of(column(5, NAN, 9, NAN), column(1, 2, NAN, NAN), is_paired=True)

    assert found.series.p50[0] == 4
    assert found.more[0] == 1
    assert np.isnan(found.series.mcse_mean[0])  # of one replicate


def test_nothing_known_gives_nothing() -> None:
    found = difference_of(column(NAN, NAN), column(1, 2), is_paired=True)

    for values in (found.series.p50, found.more, found.less, found.mcse_more, found.variance_reduction):
        assert np.isnan(values[0])


def test_the_chance_of_better_speaks_of_what_is_better() -> None:
    base = by_hand([[10, 10], [10, 10], [10, 10]], [[0, 5], [0, 5], [0, 5]], date(2026, 3, 1))
    other = by_hand([[10, 12], [10, 13], [10, 9]], [[0, 5], [0, 4], [0, 7]], date(2026, 3, 1))

    (run,) = compare({"base": base, "other": other}, "base").runs

    share = {metric: run.better(metric)[0] for metric in Metric}
    assert share[Metric.MILKING_COUNT][1] == pytest.approx(2 / 3)  # more cows in milk
    assert share[Metric.CULLS][1] == pytest.approx(1 / 3)  # fewer that leave
    assert run.better(Metric.CULLS)[1][1] == pytest.approx(np.sqrt(1 / 3 * 2 / 3 / 3))
    assert share[Metric.DRY_COUNT][1] == 0  # more dry cows: never
    assert np.isnan(share[Metric.CULLS][0])


def test_runs_of_one_file_and_seed_are_paired_others_are_not() -> None:
    base = by_hand([[1, 1]], [[0, 0]], date(2026, 3, 1))
    meta = base.forecast.meta
    others = {
        "same": base,
        "seed": replace(base, forecast=replace(base.forecast, meta=replace(meta, seed=1))),
        "file": replace(base, forecast=replace(base.forecast, meta=replace(meta, dataset_sha256="cd" * 32))),
        "scheme": replace(base, forecast=replace(base.forecast, meta=replace(meta, random_scheme="other"))),
    }

    runs = compare({"base": base, **others}, "base").runs

    assert {run.key: run.is_paired for run in runs} == {
        "same": True, "seed": False, "file": False, "scheme": False,
    }  # fmt: skip


def test_runs_are_aligned_by_date_and_periods_by_their_length() -> None:
    early = by_hand([[10, 11, 12, 13]], [[0, 1, 2, 3]], date(2026, 2, 1))  # records 1 Feb … 1 May
    late = by_hand([[20, 30, 40]], [[0, 7, 9]], date(2026, 2, 26), seed=1)  # 26 Feb, 1 Mar, 1 Apr

    comparison = compare({"early": early, "late": late}, "early")

    assert comparison.dates == (date(2026, 3, 1), date(2026, 4, 1))
    differences = comparison.runs[0].differences
    np.testing.assert_array_equal(differences[Metric.MILKING_COUNT].series.p50, [30 - 11, 40 - 12])
    # Until 1 March one run counts a month, the other three days.
    np.testing.assert_array_equal(differences[Metric.CULLS].series.p50, [NAN, 9 - 2])


def test_the_smaller_run_says_how_many_replicates_there_are() -> None:
    many = by_hand([[1, 1]] * 5, [[0, 0]] * 5, date(2026, 3, 1))
    few = by_hand([[1, 4]] * 3, [[0, 0]] * 3, date(2026, 3, 1))

    (run,) = compare({"many": many, "few": few}, "many").runs

    assert run.n_replicates == 3
    assert run.differences[Metric.MILKING_COUNT].series.mean[1] == 3


def test_runs_without_a_common_date_cannot_be_compared() -> None:
    one = by_hand([[1, 1]], [[0, 0]], date(2024, 3, 1))
    other = by_hand([[1, 1]], [[0, 0]], date(2026, 3, 1))

    with pytest.raises(ConflictError, match="no date in common"):
        compare({"one": one, "other": other}, "one")


@pytest.mark.parametrize("n", [1, 7])
def test_two_to_six_runs_can_be_compared(n: int) -> None:
    run = by_hand([[1, 1]], [[0, 0]], date(2026, 3, 1))

    with pytest.raises(ParameterError, match=r"must be 2 … 6 different runs"):
        compare({str(i): run for i in range(n)}, "0")


def test_the_base_is_one_of_the_runs() -> None:
    run = by_hand([[1, 1]], [[0, 0]], date(2026, 3, 1))

    with pytest.raises(ParameterError, match="`base` must be one of a, b"):
        compare({"a": run, "b": run}, "c")


def assert_no_difference(run: ComparedRun) -> None:
    for metric in Metric:
        series = run.differences[metric].series
        for name in STATISTICS:
            values = getattr(series, name)
            assert set(values[~np.isnan(values)]) == {0.0}, metric


def test_equal_scenarios_differ_by_exactly_nothing(farm: HerdFile) -> None:
    (run,) = compare({"a": simulated(farm, MANUAL), "b": simulated(farm, MANUAL)}, "a").runs

    assert run.is_paired
    assert_no_difference(run)


@pytest.mark.slow
def test_equal_scenarios_differ_by_exactly_nothing_on_a_real_herd(data_dir: Path) -> None:
    herd_file = read_herd_file(data_dir / "ds1.csv")
    vary = Scenario(horizon_months=36, model=ModelParameters(waiting_period_change=20))
    same = simulated(herd_file, Scenario(horizon_months=36), runs=200)

    runs = compare({"a": same, "b": simulated(herd_file, Scenario(horizon_months=36), runs=200),
                    "c": simulated(herd_file, vary, runs=200)}, "a").runs  # fmt: skip

    assert_no_difference(runs[0])
    # Shared luck: what 200 pairs tell would take ten times as many runs without it.
    assert np.nanmin(runs[1].differences[Metric.MILKING_COUNT].variance_reduction[1:]) > 10


def test_the_mean_difference_is_the_difference_of_the_means(farm: HerdFile) -> None:
    a, b = simulated(farm, MANUAL), simulated(farm, REPLACE)

    (run,) = compare({"a": a, "b": b}, "a").runs

    for metric in (Metric.MILKING_COUNT, Metric.CALVINGS, Metric.PURCHASES_IN):
        expected = b.forecast.series[metric].mean - a.forecast.series[metric].mean
        np.testing.assert_allclose(run.differences[metric].series.mean, expected, atol=1e-9)


def test_independent_seeds_give_bands_as_wide_as_theory_says(farm: HerdFile) -> None:
    a, b = simulated(farm, MANUAL, runs=400), simulated(farm, MANUAL, runs=400, seed=99)

    (run,) = compare({"a": a, "b": b}, "a").runs
    difference = run.differences[Metric.MILKING_COUNT]

    spread = np.hypot(*(c.draws.values(Metric.MILKING_COUNT)[:, 12].std(ddof=1) for c in (a, b)))
    assert not run.is_paired
    # 90 % of a normal difference lie within ±1.645 sd; of 400 the width is sure to some 6 %.
    width = difference.series.p_high[12] - difference.series.p_low[12]
    assert width == pytest.approx(2 * 1.645 * spread, rel=0.2)
    assert difference.variance_reduction[12] == pytest.approx(1, abs=0.25)


def test_replicates_in_pairs_are_half_as_many_witnesses_where_pairs_agree() -> None:
    once = np.array([[3.0], [-1.0], [4.0], [-2.0], [5.0], [1.0], [-3.0], [2.0]])
    twice = np.repeat(once, 2, axis=0)
    base = np.zeros_like(twice)

    alone = difference_of(once, np.zeros_like(once), is_paired=True)
    pairs = difference_of(twice, base, is_paired=True, in_pairs=True)

    assert pairs.more == alone.more
    assert pairs.mcse_more == pytest.approx(alone.mcse_more)
    assert pairs.series.parameter_share == pytest.approx(1.0)


def test_independent_runs_in_pairs_are_compared_with_another_pair() -> None:
    values = np.repeat(np.array([[1.0], [2.0], [3.0]]), 2, axis=0)

    apart = difference_of(values, values, is_paired=False, in_pairs=True)

    assert apart.more == pytest.approx(1 / 3)  # 1 - 2, 2 - 3, 3 - 1, each twice
    assert apart.less == pytest.approx(2 / 3)
