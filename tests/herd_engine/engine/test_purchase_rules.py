"""What is right about purchases: the faults Q2-Q5, Q8, Q10 and Q11 (table in `test_model_rules.py`).

Report date: 26 February 2026; day 3 is 1 March, day 34 is 1 April, day 64 is 1 May.
"""

from datetime import date
from typing import Any

import numpy as np
import pytest

from herd_engine.model.animals import AnimalState
from herd_engine.model.scenario import Mode, ModelParameters, Purchase, PurchasePolicy, Scenario
from tests.followed_run import FollowedRun, follow_run
from tests.herds import always, dry_cow, heifer, herd, open_cow, pregnant_cow, spread, tables
from tests.statistical.daily_books import DailyBooks

FIFTH_OF_MARCH = date(2026, 3, 5)  # day 7
AUTO_FORECAST = {"purchase_policy": PurchasePolicy.AUTO_FORECAST}


def run_of(*animals: dict[str, Any], scenario: dict[str, Any], **tables_: Any) -> FollowedRun:
    """Follow run 0 of a herd; no heifer calves, culling as in the tables."""
    model = ModelParameters(heifer_birth_prob=0.0, population_regulation=1.0)
    settings = Scenario(**({"horizon_months": 12, "mode": Mode.EMPIRICAL, "model": model} | scenario))
    return follow_run(herd(*animals), tables(**tables_), settings, run=0, seed=3)


def bought_by_month(run: FollowedRun) -> list[int]:
    return [record["purchases_in"] for record in run.records[1:]]


def pregnant_heifer(due: int) -> dict[str, Any]:
    return heifer(500, state=AnimalState.PREGNANT_HEIFER, conception=due - 280, expected_calving=due)


def calvings_on(run: FollowedRun) -> list[int]:
    return sorted(day for _, day, kind, _ in run.events if kind == "calving")


def test_q2_a_purchase_is_made_once() -> None:
    purchases = (Purchase(date_in=FIFTH_OF_MARCH, count=10, days_pregnant=10),)

    run = run_of(scenario={"purchases": purchases})

    assert bought_by_month(run) == [0, 10, *[0] * 10]
    assert run.records[2]["pregnant_heifer_count"] == 10


def test_q3_purchases_of_one_date_add_up() -> None:
    purchases = (
        Purchase(date_in=FIFTH_OF_MARCH, count=10, days_pregnant=10),
        Purchase(date_in=FIFTH_OF_MARCH, count=7, days_pregnant=20),
    )

    run = run_of(scenario={"purchases": purchases})

    assert bought_by_month(run)[1] == 17
    assert run.records[2]["pregnant_heifer_count"] == 17


@pytest.mark.parametrize(
    ("stated", "calves_on"),
    [
        ({"expected_calving_date": date(2026, 4, 1)}, 34),
        ({"expected_calving_date": FIFTH_OF_MARCH}, 7),
        ({"days_pregnant": 200}, 7 + 80),
        ({"days_pregnant": 280}, 7),
        ({"days_pregnant": 0}, 7 + 280),
    ],
)
def test_q4_a_bought_heifer_calves_when_the_purchase_says(stated: dict[str, Any], calves_on: int) -> None:
    run = run_of(scenario={"purchases": (Purchase(date_in=FIFTH_OF_MARCH, **stated),)})

    assert [(day, kind) for _, day, kind, _ in run.events][:2] == [(7, "purchase"), (calves_on, "calving")]


def test_q4_gestation_is_drawn_beyond_the_days_pregnant_that_are_stated() -> None:
    # Uniform on 275 ... 280: at 278 days 278 ... 280 are left, so she calves 0, 1 or 2 days after arrival.
    purchases = (Purchase(date_in=FIFTH_OF_MARCH, count=3000, days_pregnant=278),)

    calvings = calvings_on(
        run_of(scenario={"purchases": purchases, "horizon_months": 2}, gestation=spread(275, 280))
    )

    by_day = np.bincount(calvings)
    assert (by_day[:7] == 0).all()
    assert abs(by_day[7:10] - 1000).max() < 4 * np.sqrt(3000 * 2 / 9)
    assert len(calvings) == 3000


def test_a_purchase_on_the_report_date_arrives_on_day_1() -> None:
    purchases = (Purchase(date_in=date(2026, 2, 26), count=2, days_pregnant=100),)

    run = run_of(scenario={"purchases": purchases})

    assert run.records[0]["pregnant_heifer_count"] == 0
    assert [event[1:3] for event in run.events if event[2] == "purchase"] == [(1, "purchase")] * 2


def test_q5_every_exit_takes_one_animal() -> None:
    # Two batches on one day, one on another, and 100 cows; 1 % leave a day. The books refuse a second exit.
    purchases = tuple(
        Purchase(date_in=day, count=100, days_pregnant=100)
        for day in (FIFTH_OF_MARCH, FIFTH_OF_MARCH, date(2026, 3, 6))
    )
    cows = [open_cow(day) for day in range(100)]
    run = run_of(*cows, scenario={"purchases": purchases}, lactation_hazard=np.array([0.01, 0.01]))

    books = DailyBooks(herd(*cows), run, last_day=370)

    keys = {key for key, _, kind, _ in run.events if kind == "purchase"}
    last = run.records[-1]
    assert len(keys) == 300
    left = sum(record["culls"] for record in run.records)
    present = last["milking_count"] + last["dry_count"] + last["pregnant_heifer_count"]
    assert present == 400 - left
    assert 300 < left == sum(int(books.happened[kind].sum()) for kind in ("culled", "non_conceiver"))


def test_q8_pregnant_heifers_and_dry_cows_count_as_milking_only_if_they_calve_by_then() -> None:
    # Target 10. On day 3 the ten cows, dry from day 50, are not expected in milk on day 93.
    cows = [pregnant_cow(250, 150, expected_dry_off=50, expected_calving=200)] * 10
    late, in_time = [pregnant_heifer(due=94)] * 10, [pregnant_heifer(due=93)] * 10
    late_dry = [dry_cow(330, 186, 10, expected_calving=94)] * 10
    in_time_dry = [dry_cow(330, 187, 10, expected_calving=93)] * 10

    bought = [
        bought_by_month(run_of(*cows, *others, scenario=AUTO_FORECAST))[0]
        for others in ([], late, late_dry, in_time, in_time_dry, in_time[:4])
    ]

    assert bought == [10, 10, 10, 0, 0, 6]


def test_q9_a_heifers_expected_dry_off_does_not_take_her_out_of_what_is_expected() -> None:
    cows = [pregnant_cow(250, 150, expected_dry_off=50, expected_calving=200)] * 10
    heifers = [pregnant_heifer(due=60) | {"expected_dry_off": 5}] * 10

    assert bought_by_month(run_of(*cows, *heifers, scenario=AUTO_FORECAST))[0] == 0


def test_q10_what_auto_forecast_expects_knows_culling() -> None:
    # 0.5 % leave a day: of the cows there on 1 March, 0.995**90 = 63.7 % are expected 90 days later.
    run = run_of(
        *[pregnant_cow(150, 20)] * 1000, scenario=AUTO_FORECAST, lactation_hazard=np.array([0.005, 0.005])
    )

    left = 1000 - sum(1 for _, day, kind, _ in run.events if kind == "culled" and day <= 2)
    assert bought_by_month(run)[0] == 1000 - int(left * 0.995**90)


@pytest.mark.parametrize(("lead_time_days", "bought"), [(100, 0), (217, 0), (218, 10), (277, 10), (278, 0)])
def test_q10_what_auto_forecast_expects_knows_conception_dry_off_and_calving(
    lead_time_days: int, bought: int
) -> None:
    # Open cows that conceive on day 1, before the first purchase: dry on day 221, calving on day 281. On
    # 1 March, day 3, they are expected to be dry from a lead time of 218 days, and back in milk from 278.
    scenario = AUTO_FORECAST | {"lead_time_days": lead_time_days}

    run = run_of(*[open_cow(99)] * 10, scenario=scenario)

    assert bought_by_month(run)[0] == bought


def test_q10_a_herd_that_shrinks_is_bought_for() -> None:
    # Nobody is born. Bought on average: what leaves. Milking cows stay near 300.
    scenario = AUTO_FORECAST | {"horizon_months": 60}
    cows = [open_cow(day % 100) for day in range(300)]

    run = run_of(
        *cows, scenario=scenario, service_period=spread(60, 180), lactation_hazard=np.array([0, 0.001])
    )

    later = [record["milking_count"] for record in run.records[24:]]
    assert sum(bought_by_month(run)) > 300
    assert 300 * 0.95 < np.mean(later) < 300 * 1.2


def test_q11_heifers_bought_by_auto_forecast_are_in_milk_when_needed_and_are_not_bought_again() -> None:
    # Target 20; all dry from day 20 to day 250. What is bought on day 3 calves by day 93 and stays in milk
    # for 320 days, so nothing more is needed in the following months.
    cows = [pregnant_cow(250, 30, expected_dry_off=20, expected_calving=250)] * 20

    run = run_of(*cows, scenario=AUTO_FORECAST | {"horizon_months": 8})

    bought = {key: day for key, day, kind, _ in run.events if kind == "purchase"}
    first_calvings = [day for key, day, kind, number in run.events if kind == "calving" and number == 1]
    assert bought_by_month(run) == [20, 0, 0, 0, 0, 0, 0, 0]
    assert set(bought.values()) == {3}
    assert len(first_calvings) == 20
    assert min(first_calvings) > 3
    assert max(first_calvings) <= 93


def test_auto_counter_buys_on_a_first_what_left_before_it_and_was_not_born() -> None:
    # Three cows leave unbred on the days 5, 5 and 34; purchases of 1 April (day 34) come before its exits.
    cows = [open_cow(345), open_cow(345), open_cow(316)]

    run = run_of(*cows, scenario={"purchase_policy": PurchasePolicy.AUTO_COUNTER}, service_period=always(900))

    assert bought_by_month(run)[:3] == [0, 2, 1]
