"""Places: what is worked out by hand, what must hold in every replicate, and how work is shared out."""

from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.engine import simulate as work
from herd_engine.engine.exact.expectation import expected_forecast
from herd_engine.engine.kernel.random_numbers import file_animal_key
from herd_engine.engine.simulate import Execution, simulate
from herd_engine.errors import ParameterError
from herd_engine.forecasting.instant_preview import expectation
from herd_engine.model.animals import Herd
from herd_engine.model.forecast import COUNT_COLUMNS, STOCKS, Metric, Simulation
from herd_engine.model.levers import PLACES
from herd_engine.model.scenario import Mode, ModelParameters, Purchase, PurchasePolicy, Scenario
from herd_engine.model.tables import DayDistribution, Tables
from herd_engine.sample import make_sample
from tests.followed_run import FollowedRun, follow_run
from tests.plain_model import tiny
from tests.plain_model.simulator import PlainRun

FULL = {"places_head": 180, "places_milking": 80, "sell_pregnant": True, "cull_cows": True}


def always(day: int) -> DayDistribution:
    return DayDistribution(first_day=day, probability=np.ones(1), n_observed=1)


CERTAIN = Tables(
    age_at_conception=always(400),
    service_period=always(100),
    conception_to_dry_off=always(220),
    gestation=always(278),
    lactation_hazard=np.zeros(2),
    month_hazard=np.zeros(12),
    flagged_hazard=np.zeros(2),
)
"""As ``tiny.tables()``: heifers conceive at 400 days, cows on day 100; nobody leaves by chance."""


def left(run: FollowedRun | PlainRun) -> list[tuple[str, int]]:
    """Return who was sold (the animal's name in the file) and on which day."""
    names = {file_animal_key(str(i)): str(i) for i in range(100)}
    return sorted((names.get(key, "born"), day) for key, day, kind, _ in run.events if kind == "sold")


def hand_made() -> Herd:
    """Nine animals on 26 February 2026; days 3, 34 and 64 are the firsts of March, April and May."""
    return tiny.herd(
        tiny.heifer(-100),  # 0
        tiny.heifer(-50),  # 1: the youngest
        tiny.heifer(-390),  # 2: conceives on day 10, due on day 288
        tiny.pregnant_heifer(conception=-200, expected_calving=78),  # 3
        tiny.pregnant_heifer(conception=-180, expected_calving=98),  # 4: due later
        tiny.open_cow(-80),  # 5: conceives on day 20
        tiny.open_cow(-20),  # 6
        tiny.pregnant_cow(),  # 7: conceived on day -50, dry on day 170, calves on day 228
        tiny.dry_cow(expected_calving=30, conception=-248),  # 8: in milk in April
    )


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ({"places_head": 9}, []),
        ({"places_head": 8}, [("1", 3)]),
        ({"places_head": 7}, [("0", 3), ("1", 3)]),
        # Nobody open and young is left: in calf they stay, unless that is chosen.
        ({"places_head": 5}, [("0", 3), ("1", 3), ("2", 3)]),
        ({"places_head": 5, "sell_pregnant": True}, [("0", 3), ("1", 3), ("2", 3), ("4", 3)]),
        (
            {"places_head": 3, "sell_pregnant": True, "cull_cows": True},
            [("0", 3), ("1", 3), ("2", 3), ("3", 3), ("4", 3), ("5", 3)],
        ),
        ({"places_head": 5, "cull_cows": True}, [("0", 3), ("1", 3), ("2", 3), ("5", 3)]),
        # Cows in milk are 5, 6, 7, and 8 from day 30 on: by then 5 is in calf, and of 6 and 8 the first
        # is longer in milk.
        ({"places_milking": 3, "cull_cows": True}, [("6", 34)]),
        ({"places_milking": 2, "cull_cows": True}, [("5", 3), ("6", 34)]),
        ({"places_milking": 1, "cull_cows": True}, [("5", 3), ("6", 3), ("8", 34)]),
        ({"places_milking": 1}, []),
    ],
)
def test_who_leaves_on_which_first_of_a_month(
    places: dict[str, Any], expected: list[tuple[str, int]]
) -> None:
    scenario = tiny.scenario(horizon_months=3, **places)

    run = follow_run(hand_made(), CERTAIN, scenario, 0, 1)

    assert left(run) == expected
    assert left(tiny.play(hand_made(), horizon_months=3, **places)) == expected
    assert [record["culls"] for record in run.records] == [
        0, *(sum(day == first for _, day in expected) for first in (3, 34, 64))
    ]  # fmt: skip


def test_what_a_sold_animal_was_to_do_is_taken_back() -> None:
    places = {"places_head": 4, "sell_pregnant": True, "cull_cows": True}
    scenario = tiny.scenario(horizon_months=13, heifer_birth_prob=1.0, **places)

    run = follow_run(hand_made(), CERTAIN, scenario, 0, 1)

    # 9 - 4 = 5 go: 1, 0, 2 (open), 4, 3 (in calf); the cows 5, 6, 7 and 8 remain.
    assert [name for name, _ in left(run)[:5]] == ["0", "1", "2", "3", "4"]
    calvings = [(day, lactation) for _, day, kind, lactation in run.events if kind == "calving"]
    # 8 on day 30, 7 on day 228, 5 (conceived on day 20) on 298, 6 (on day 80) on 358: no heifer calved.
    assert calvings == [(30, 2), (228, 2), (298, 2), (358, 2)]
    assert sum(record["heifer_intros"] for record in run.records) == 0
    # Every calf is the youngest on the next first, and goes.
    assert [record["heifer_count"] for record in run.records[1:]] == [0] * 13
    born = [day for _, day, kind, _ in run.events if kind == "birth"]
    assert born == [30, 228, 298, 358]
    assert [day for name, day in left(run) if name == "born"] == [34, 248, 309, 368]


def test_ties_go_by_the_key() -> None:
    scenario = tiny.scenario(horizon_months=1, places_head=2)

    run = follow_run(tiny.herd(*(tiny.heifer(-60) for _ in range(5))), CERTAIN, scenario, 0, 1)

    first = sorted(range(5), key=lambda i: file_animal_key(str(i)))[:3]
    assert left(run) == sorted((str(i), 3) for i in first)


def test_purchases_stop_at_the_places() -> None:
    bought = tuple(
        Purchase(date_in=day, count=3, days_pregnant=100) for day in (date(2026, 3, 1), date(2026, 3, 20))
    )
    herd = tiny.herd(tiny.open_cow(-10), tiny.open_cow(-20))

    for places, expected in (
        ({"places_head": 10}, [3, 3]),
        ({"places_head": 6}, [3, 1]),
        ({"places_head": 4}, [2, 0]),
        ({"places_milking": 2}, [0, 0]),
        ({"places_milking": 4}, [2, 2]),
    ):
        scenario = tiny.scenario(horizon_months=2, purchases=bought, **places)
        run = follow_run(herd, CERTAIN, scenario, 0, 1)
        assert [record["purchases_in"] for record in run.records[1:]] == expected, places


@cache
def farm() -> HerdFile:
    return read_herd_bytes(make_sample(animals=250, seed=3).csv, "sample.csv")


def simulated(mode: Mode, runs: int = 10, execution: Execution | None = None, **changes: Any) -> Simulation:
    scenario = Scenario(mode=mode, **{"horizon_months": 30} | changes)
    return simulate(
        farm().herd, calibrate(farm().records, mode, scenario.model), scenario, runs, 7, execution
    )


def column(result: Simulation, name: str) -> np.ndarray:
    return result.counts[:, :, COUNT_COLUMNS.index(name)].astype(int)


def head(result: Simulation) -> np.ndarray:
    return sum(column(result, name) for name in STOCKS)


def assert_same(one: Simulation, other: Simulation) -> None:
    assert (one.counts == other.counts).all()
    assert (one.days_in_milk_sum == other.days_in_milk_sum).all()


@pytest.mark.parametrize("policy", PurchasePolicy)
@pytest.mark.parametrize("mode", Mode)
def test_more_places_than_are_ever_needed_change_nothing(mode: Mode, policy: PurchasePolicy) -> None:
    free = simulated(mode, purchase_policy=policy, lead_time_days=300)

    assert_same(free, simulated(mode, purchase_policy=policy, lead_time_days=300, places_head=100_000))


@pytest.mark.parametrize("mode", Mode)
def test_after_every_first_of_a_month_no_more_are_there_than_places(mode: Mode) -> None:
    result = simulated(mode, purchase_policy=PurchasePolicy.AUTO_COUNTER, **FULL)

    milking, all_females = column(result, Metric.MILKING_COUNT)[:, 1:], head(result)[:, 1:]
    # Pregnant and dry cows stay in any case: of those there are fewer than the places here.
    assert (milking <= FULL["places_milking"]).all()
    assert (all_females <= FULL["places_head"]).all()
    assert (all_females == FULL["places_head"]).any()


@pytest.mark.parametrize("mode", Mode)
def test_who_is_there_and_who_left_add_up(mode: Mode) -> None:
    result = simulated(mode, purchase_policy=PurchasePolicy.AUTO_FORECAST, **FULL)

    came = column(result, "heifer_births") + column(result, Metric.PURCHASES_IN)
    change = came - column(result, Metric.CULLS)
    assert (np.diff(head(result), axis=1) == change[:, 1:]).all()
    assert (result.counts >= 0).all()


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("name", "steps"), [("places_head", (300, 240, 200, 150)), ("places_milking", (130, 110, 90, 70))]
)
def test_fewer_places_never_give_more_in_any_replicate(mode: Mode, name: str, steps: tuple[int, ...]) -> None:
    switches = {"sell_pregnant": True, "cull_cows": True}
    results = [simulated(mode, 20, **switches, **{name: places}) for places in steps]

    counted = head if name == "places_head" else lambda result: column(result, Metric.MILKING_COUNT)
    for more, fewer in pairwise(results):
        assert (counted(fewer) <= counted(more))[:, 1:].all()
        assert (counted(fewer) < counted(more)).any()


@pytest.mark.parametrize("mode", Mode)
def test_threads_batches_and_the_room_for_animals_change_nothing(
    mode: Mode, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {"places_milking": 100, "cull_cows": True, "model": ModelParameters()}
    whole = simulated(mode, 12, **places)

    assert_same(whole, simulated(mode, 12, Execution(threads=3), **places))
    parts = [simulated(mode, part, **places) for part in (range(5), range(5, 12))]  # type: ignore[arg-type]
    assert (np.concatenate([part.counts for part in parts]) == whole.counts).all()
    monkeypatch.setattr(work, "_ROOM", 1)
    monkeypatch.setattr(work, "_ROOM_PER_ANIMAL", 0)
    assert_same(whole, simulated(mode, 12, **places))


def test_the_expected_forecast_says_that_it_cannot() -> None:
    scenario = Scenario(places_head=200)
    tables = calibrate(farm().records, scenario.mode, scenario.model)

    assert expectation(farm(), scenario) is None
    assert expectation(farm(), replace(scenario, places_head=None)) is not None
    with pytest.raises(ParameterError, match="only a simulation"):
        expected_forecast(farm().herd, tables, scenario)


ENDS: dict[str, tuple[Any, Any]] = {
    "places_milking": (80, 110),
    "places_head": (180, 230),
    "sell_pregnant": (False, True),
    "cull_cows": (False, True),
}
BESIDE = {
    "places_milking": {"cull_cows": True},
    "sell_pregnant": {"places_head": 150},
    "cull_cows": {"places_milking": 80},
}


@pytest.mark.parametrize("name", PLACES)
def test_a_greater_value_moves_its_metric_where_the_lever_says(name: str) -> None:
    move = PLACES[name].move
    assert move is not None
    less, more = (simulated(Mode.CALIBRATED, 20, **BESIDE.get(name, {}), **{name: end}) for end in ENDS[name])

    change = move.sign * (column(more, move.metric) - column(less, move.metric)).sum(axis=1)
    assert (change > 0).all()
