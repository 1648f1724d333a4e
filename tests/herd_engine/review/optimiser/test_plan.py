"""Plans for a sample farm: futures add up to the integer, and the promise holds on fresh ones."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.engine.simulate import Execution, simulate
from herd_engine.errors import ParameterError
from herd_engine.model.animals import Herd
from herd_engine.model.forecast import COUNT_COLUMNS, Metric, Simulation
from herd_engine.model.prices import PriceSet
from herd_engine.model.scenario import PurchasePolicy, Scenario
from herd_engine.review.optimiser import futures as futures_of_herds
from herd_engine.review.optimiser.futures import Futures, purchases, without_animals
from herd_engine.review.optimiser.goal import BuyingTerms, Goal
from herd_engine.review.optimiser.plan import HerdPlan
from herd_engine.sample import make_sample
from herd_engine.scenarios.schema import parse_scenario, to_scenario
from herd_engine.workbench import Workbench
from herd_engine.workbench.plans import plan_payload

MONTHS = 12


@pytest.fixture(scope="module")
def herd_file() -> HerdFile:
    return read_herd_bytes(make_sample(animals=300, seed=4).csv, "farm.csv")


@pytest.fixture(scope="module")
def bench() -> Workbench:
    return Workbench.open()


@pytest.fixture(scope="module")
def futures(bench: Workbench, herd_file: HerdFile) -> Futures:
    scenario = Scenario(horizon_months=MONTHS)
    return Futures(
        herd=herd_file.herd,
        tables=bench._fits.of(herd_file)(herd_file.records, scenario.mode, scenario.model),
        scenario=scenario,
        seed=3,
        days_pregnant=220,
        execution=Execution(),
    )


def part_of(herd: Herd, rows: slice) -> Herd:
    nobody = without_animals(herd)
    columns = {
        name: getattr(herd, name)[rows] for name in Herd.__slots__ if name not in {"report_date", "excluded"}
    }
    return replace(nobody, **columns)


def test_the_parts_of_a_herd_add_up_to_the_whole_in_every_run(futures: Futures) -> None:
    n = futures.herd.n_animals // 4 + 1
    runs = range(20)
    whole = simulate(futures.herd, futures.tables, futures.scenario, runs, futures.seed)
    parts = [
        simulate(
            part_of(futures.herd, slice(first, first + n)),
            futures.tables,
            futures.scenario,
            runs,
            futures.seed,
        )
        for first in range(0, 4 * n, n)
    ]

    np.testing.assert_array_equal(whole.counts, sum(part.counts for part in parts))
    np.testing.assert_array_equal(whole.days_in_milk_sum, sum(part.days_in_milk_sum for part in parts))


def test_bought_heifers_add_what_they_are_without_a_herd(futures: Futures) -> None:
    bought = [0, 7, 0, 0, 5, 0, 0, 0, 0, 3, 0, 0]
    plan = purchases(bought, futures.starts, 220)
    runs = range(20)
    together = simulate(
        futures.herd, futures.tables, replace(futures.scenario, purchases=plan), runs, futures.seed
    )
    milking = together.counts[:, :, COUNT_COLUMNS.index(Metric.MILKING_COUNT)]

    apart = futures.of_herd(runs, Metric.MILKING_COUNT) + futures.of_bought(
        bought, runs, Metric.MILKING_COUNT
    )
    np.testing.assert_array_equal(milking, apart)


def test_a_plan_that_buys_nothing_changes_nothing(futures: Futures) -> None:
    assert not futures.of_bought([0] * MONTHS, range(10), Metric.MILKING_COUNT).any()


def assert_cost_is_that_of_the_heifers(plan: HerdPlan) -> None:
    said = {"name": "s", "currency": "EUR", "valid_from": "2026-01-01", "springer_price": 2000}
    undiscounted = plan.document(PriceSet.of(said | {"discount_rate_year": 0}))["expected_cost"]
    discounted = plan.document(PriceSet.of(said | {"discount_rate_year": 0.06}))["expected_cost"]
    years = [(each.date_in - plan.as_of).days / 365.25 for each in plan.actions]

    assert undiscounted["value"] == undiscounted["undiscounted"] == 2000 * plan.total
    assert discounted["value"] == pytest.approx(
        sum(2000 * each.count / 1.06**wait for each, wait in zip(plan.actions, years, strict=True))
    )
    assert (discounted["currency"], discounted["price_set"]) == ("EUR", "s@2026-01-01")
    assert plan.document(PriceSet.of(said))["expected_cost"] == {"value": None, "reason": "needs_prices"}


def test_the_promise_holds_on_futures_that_took_no_part_in_the_search(
    bench: Workbench, herd_file: HerdFile
) -> None:
    now = int(herd_file.herd.is_milking.sum())
    goal = Goal(at_least=now + 8, chance=0.9, first=4, last=MONTHS)
    plan = bench.optimize(herd_file, goal, terms=BuyingTerms(runs=400, fresh_runs=2000), seed=3)

    assert plan.is_reached
    assert plan.total > 0
    assert plan.checked.runs == 2000
    assert plan.checked.each.min() >= 0.9 - 0.02
    assert plan.without.each.min() < 0.9
    document = plan.document()
    json.dumps(document, allow_nan=False)
    assert document["expected_cost"] == {"value": None, "reason": "needs_prices"}
    assert_cost_is_that_of_the_heifers(plan)
    assert document["chance_checked"]["worst_month"] == pytest.approx(plan.checked.each.min())
    assert document["not_reachable"] is None
    assert sum(each["n"] for each in document["actions"]) == document["total_bought"] == plan.total


def test_a_plan_is_a_scenario_that_forecasts_what_was_promised(bench: Workbench, herd_file: HerdFile) -> None:
    now = int(herd_file.herd.is_milking.sum())
    goal = Goal(at_least=now + 5, chance=0.8, first=4, last=6)
    plan = bench.optimize(herd_file, goal, terms=BuyingTerms(runs=200, fresh_runs=200), seed=3)
    kept = to_scenario(parse_scenario(plan_payload(plan, 3)))

    assert kept == plan.scenario
    _, simulation = bench.forecast_and_simulation(herd_file, kept, runs=400, seed=3)
    milking = simulation.counts[200:, 4:7, COUNT_COLUMNS.index(Metric.MILKING_COUNT)]
    np.testing.assert_allclose((milking >= now + 5).mean(axis=0), plan.checked.each)


def test_what_no_purchase_can_reach_says_what_binds(bench: Workbench, herd_file: HerdFile) -> None:
    now = int(herd_file.herd.is_milking.sum())
    goal = Goal(at_least=now + 40, first=1, last=6)
    plan = bench.optimize(herd_file, goal, terms=BuyingTerms(runs=100, fresh_runs=100))
    stuck = plan.document()["not_reachable"]

    # Heifers 220 days in calf that come on the first month start calve two months later.
    assert stuck["month"] == plan.starts[0].isoformat()
    assert stuck["largest_chance"] < 0.9


def test_a_scenario_that_buys_by_itself_is_refused(bench: Workbench, herd_file: HerdFile) -> None:
    with pytest.raises(ParameterError, match="search"):
        bench.optimize(herd_file, Goal(at_least=100), Scenario(purchase_policy=PurchasePolicy.AUTO_COUNTER))


def test_places_are_refused_for_what_is_bought_might_find_no_room(
    bench: Workbench, herd_file: HerdFile
) -> None:
    with pytest.raises(ParameterError, match="search"):
        bench.optimize(herd_file, Goal(at_least=100), Scenario(places_head=300))


def test_a_goal_that_money_can_buy_is_reached_in_few_runs_too(data_dir: Path, bench: Workbench) -> None:
    """In 100 runs the quantiles of this herd jump so that the plan circled around its goal without end."""
    herd_file = bench.read(data_dir / "ds2.csv")
    terms = BuyingTerms(runs=100, fresh_runs=100)

    plan = bench.optimize(herd_file, Goal(at_least=879, first=6, last=18), terms=terms)
    beyond = bench.optimize(herd_file, Goal(at_least=1200, first=1, last=18), terms=terms)

    assert plan.is_reached
    assert not beyond.is_reached  # nobody calves on the day of arrival


def test_the_next_goal_of_a_herd_simulates_it_no_more(
    bench: Workbench, herd_file: HerdFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulated: list[int] = []

    def counted(herd: Herd, *how: Any) -> Simulation:
        simulated.append(herd.n_animals)
        return simulate(herd, *how)

    monkeypatch.setattr(futures_of_herds, "simulate", counted)
    terms, now = BuyingTerms(runs=100, fresh_runs=100), herd_file.herd.counts()["milking"]
    goals = [Goal(at_least=now + more, first=4, last=7) for more in (5, 10)]
    kept = Workbench.open()
    plans = [kept.optimize(herd_file, goal, terms=terms).document() for goal in goals]

    assert sum(map(bool, simulated)) == 2  # with the runs of the search, and with the fresh ones
    assert plans == [Workbench.open().optimize(herd_file, goal, terms=terms).document() for goal in goals]
