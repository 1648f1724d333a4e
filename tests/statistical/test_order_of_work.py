"""Recipe T6: order, threads, batches, resuming and the horizon change nothing."""

from datetime import date

import numpy as np
import pytest

from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.engine.simulate import simulate
from herd_engine.forecasting.forecast import make_forecast
from herd_engine.model.scenario import Mode, PurchasePolicy, Scenario
from tests.statistical.sample_farm import (
    SAMPLE,
    SEED,
    assert_same,
    bought,
    chosen,
    sample_farm,
    simulated,
    without,
)


@pytest.mark.parametrize("policy", PurchasePolicy)
def test_t6_the_order_of_animals_does_not_matter(policy: PurchasePolicy) -> None:
    herd = sample_farm()[0].herd
    shuffled = chosen(herd, np.random.default_rng(1).permutation(herd.n_animals))

    assert_same(simulated(purchase_policy=policy), simulated(herd=shuffled, purchase_policy=policy))


def test_t6_the_order_of_purchases_does_not_matter() -> None:
    plan = (bought(3, date(2026, 9, 1)), bought(2, date(2026, 5, 5), 100), bought(4, date(2026, 11, 30)))

    assert_same(simulated(purchases=plan), simulated(purchases=plan[::-1]))


@pytest.mark.parametrize("mode", Mode)
def test_t6_the_order_of_rows_in_the_file_does_not_matter(mode: Mode) -> None:
    header, *rows = SAMPLE.decode("utf-8-sig").splitlines()
    np.random.default_rng(2).shuffle(rows)
    shuffled = read_herd_bytes("\n".join([header, *rows]).encode("utf-8-sig"), "sample.csv")
    scenario = Scenario(horizon_months=12, mode=mode)

    one = make_forecast(sample_farm()[0], scenario, 20, SEED)
    other = make_forecast(shuffled, scenario, 20, SEED)

    for metric, series in one.series.items():
        for name in ("mean", "p_low", "p50", "p_high", "mcse_mean"):
            expected, found = getattr(series, name), getattr(other.series[metric], name)
            assert np.array_equal(expected, found, equal_nan=True), (metric, name)


@pytest.mark.parametrize("policy", PurchasePolicy)
@pytest.mark.parametrize("threads", [2, 3])
def test_t6_threads_do_not_matter(threads: int, policy: PurchasePolicy) -> None:
    assert_same(simulated(100, purchase_policy=policy), simulated(100, threads, purchase_policy=policy))


@pytest.mark.parametrize("cut", [1, 50, 99, 137])
def test_t6_runs_resumed_after_any_of_them_are_what_all_at_once_give(cut: int) -> None:
    whole = simulated(200, horizon_months=12)
    parts = [simulated(part, 2, horizon_months=12) for part in (range(cut), range(cut, 200))]

    assert np.array_equal(np.concatenate([part.counts for part in parts]), whole.counts)
    assert np.array_equal(np.concatenate([part.days_in_milk_sum for part in parts]), whole.days_in_milk_sum)


def test_t6_other_runs_and_other_seeds_are_other_futures() -> None:
    herd_file, herd_tables = sample_farm()
    whole = simulate(herd_file.herd, herd_tables, Scenario(horizon_months=12), 100, SEED)
    other = simulate(herd_file.herd, herd_tables, Scenario(horizon_months=12), 100, SEED + 1)

    futures = {run.tobytes() for run in (*whole.counts, *other.counts)}

    assert len(futures) == 200


@pytest.mark.parametrize("policy", PurchasePolicy)
def test_t6_the_first_year_of_three_is_a_forecast_of_one_year(policy: PurchasePolicy) -> None:
    # For every policy: what is bought looks ahead at plans that are drawn whatever the horizon.
    year = simulated(horizon_months=12, purchase_policy=policy)
    three_years = simulated(horizon_months=36, purchase_policy=policy)

    assert_same(year, without(three_years, 12))


def test_t6_purchases_after_a_forecast_make_no_difference_to_its_months() -> None:
    plan = (bought(3, date(2026, 9, 1)), bought(7, date(2028, 3, 3)))

    year = simulated(horizon_months=12, purchases=plan[:1])
    three_years = simulated(horizon_months=36, purchases=plan)

    assert_same(year, without(three_years, 12))
