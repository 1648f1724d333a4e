"""Recipes T4 and T5: invariants of every day, and draws that stay with their animals.

T1 and T2 are in `test_oracles.py`, T3 in `test_deterministic_herds.py`, T6 in `test_order_of_work.py`.
T4: the invariants O19 hold on every day. T5: what cannot matter changes nothing, bit for bit.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

from herd_engine.engine.kernel.random_numbers import file_animal_key
from herd_engine.engine.simulate import simulate
from herd_engine.model.animals import Herd
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.scenario import Mode, ModelParameters, PurchasePolicy, Scenario
from tests.followed_run import FollowedRun, follow_run
from tests.herds import herd as herd_of
from tests.herds import pregnant_cow, tables
from tests.statistical.daily_books import DailyBooks
from tests.statistical.sample_farm import (
    SEED,
    assert_same,
    bought,
    chosen,
    followed,
    sample_farm,
    simulated,
    without,
)

# T4: invariants of every day.

FARMS: dict[str, dict[str, Any]] = {
    "as_it_is": {},
    "bought": {"purchases": (bought(5, date(2026, 2, 26)), bought(9, date(2026, 9, 1)))},
    "counter": {"purchase_policy": PurchasePolicy.AUTO_COUNTER},
    "forecast": {"purchase_policy": PurchasePolicy.AUTO_FORECAST},
    "capped": {"model": ModelParameters(max_days_in_milk=250, heifer_birth_prob=1.0)},
}  # fmt: skip


@cache
def books_of(farm: str, run: int) -> tuple[FollowedRun, DailyBooks, list[int]]:
    """Return a run of 36 months, its books, and the days of its records."""
    herd_file, herd_tables = sample_farm()
    scenario = Scenario(mode=Mode.EMPIRICAL, horizon_months=36, **FARMS[farm])
    starts = month_starts(herd_file.herd.report_date, 36)
    days = [0, *((day - herd_file.herd.report_date).days for day in starts)]
    run_ = follow_run(herd_file.herd, herd_tables, scenario, run, SEED)
    return run_, DailyBooks(herd_file.herd, run_, days[-1], cap=scenario.model.max_days_in_milk), days


every_run = pytest.mark.parametrize(("farm", "run"), [(farm, run) for farm in FARMS for run in range(3)])


@every_run
def test_t4_records_are_the_books_of_every_animal(farm: str, run: int) -> None:
    # The books refuse an event that the animal's state does not allow, and two states at a time.
    result, books, days = books_of(farm, run)

    for month in range(1, len(days)):
        assert result.records[month] == books.record(days[month], days[month - 1]), month


@every_run
def test_t4_every_stock_is_yesterdays_plus_what_came_less_what_went(farm: str, run: int) -> None:
    _, books, _ = books_of(farm, run)
    happened, lost = books.happened, books.lost
    conceived_as_heifer = books.conceptions[:, 0]
    later_calvings = happened["calving"] - books.first_calvings

    change = np.diff(books.stocks, axis=0, prepend=books.stocks[:1])
    heifers = happened["birth"] - conceived_as_heifer - lost[:, 0]
    pregnant_heifers = conceived_as_heifer + happened["purchase"] - books.first_calvings - lost[:, 1]
    milking_and_dry = books.first_calvings - lost[:, 2:].sum(axis=1)

    assert (change[:, 0] == heifers).all()
    assert (change[:, 1] == pregnant_heifers).all()
    assert (change[:, 2:].sum(axis=1) == milking_and_dry).all()
    assert (
        change[:, 3:].sum(axis=1) == books.conceptions[:, 1] - later_calvings - lost[:, 3:].sum(axis=1)
    ).all()
    assert (books.stocks >= 0).all()


@every_run
def test_t4_days_in_milk_are_yesterdays_plus_one_a_cow_less_what_leaves_milk(farm: str, run: int) -> None:
    _, books, _ = books_of(farm, run)

    expected = books.days_in_milk[:-1] + books.milking[:-1] - books.taken_along[1:]

    assert (books.days_in_milk[1:] == expected).all()
    assert (books.days_in_milk >= 0).all()


@every_run
def test_t4_nobody_calves_too_young_or_too_soon(farm: str, run: int) -> None:
    _, books, _ = books_of(farm, run)

    # Defaults: first conception at 365 days or later, waiting period 50, gestation 275 or longer.
    assert min(books.first_calving_ages) >= 365 + 275
    assert min(books.calving_gaps) >= 50 + 275


# T5: what cannot matter.


def test_t5_a_purchase_in_month_30_is_not_seen_before() -> None:
    later = bought(50, date(2028, 7, 15))

    plain, with_purchase = simulated(horizon_months=36), simulated(horizon_months=36, purchases=(later,))

    assert_same(without(plain, 29), without(with_purchase, 29))
    assert not np.array_equal(plain.counts[:, 30], with_purchase.counts[:, 30])


NEVER_USED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "lead_time_with_counter": ({"purchase_policy": PurchasePolicy.AUTO_COUNTER}, {"lead_time_days": 300}),
    "lead_time_with_manual": ({}, {"lead_time_days": 1}),
    "days_to_calving_without_purchases": ({}, {"model": ModelParameters(purchased_days_to_calving_hi=20)}),
    "confidence": ({}, {"confidence_central": 0.5}),
    "future_date": ({}, {"future_date": date(2026, 9, 1)}),
    "mode_after_calibration": ({}, {"mode": Mode.THEORETICAL}),
    "gestation_after_calibration": ({}, {"model": ModelParameters(gestation_sigma=9.0)}),
    "cap_that_nobody_reaches": ({}, {"model": ModelParameters(max_days_in_milk=1000)}),
    "minimum_age_below_all_ages": ({}, {"model": ModelParameters(min_first_insem_age_days=250)}),
    "counter_with_births_to_spare": (
        {"model": ModelParameters(heifer_birth_prob=1.0, population_regulation=0.0)},
        {"purchase_policy": PurchasePolicy.AUTO_COUNTER,
         "model": ModelParameters(heifer_birth_prob=1.0, population_regulation=0.0)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NEVER_USED)
def test_t5_a_parameter_that_cannot_matter_changes_nothing(name: str) -> None:
    base, change = NEVER_USED[name]
    _, herd_tables = sample_farm()
    assert herd_tables.age_at_conception.first_day > 365, "the minimum age would matter"

    assert_same(simulated(**base), simulated(**(base | change)))


def test_t5_a_waiting_period_below_every_service_period_changes_nothing() -> None:
    _, herd_tables = sample_farm()
    shortest = herd_tables.service_period.first_day
    assert shortest > 10
    soon = ModelParameters(voluntary_waiting_period=shortest - 10, max_service_period_after_vwp=360)
    late = ModelParameters(voluntary_waiting_period=shortest, max_service_period_after_vwp=350)

    assert_same(simulated(model=soon), simulated(model=late))


def test_t5_the_parameters_of_the_list_do_matter_where_they_can() -> None:
    # Else the tests above would show nothing.
    forecast = {"purchase_policy": PurchasePolicy.AUTO_FORECAST}
    pairs: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({}, {"model": ModelParameters(max_days_in_milk=250)}),
        ({}, {"model": ModelParameters(min_first_insem_age_days=450)}),
        ({}, {"model": ModelParameters(voluntary_waiting_period=150)}),
        (forecast, forecast | {"lead_time_days": 200}),
        (forecast, forecast | {"model": ModelParameters(purchased_days_to_calving_hi=20)}),
    ]

    for one, other in pairs:
        assert not np.array_equal(simulated(**one).counts, simulated(**other).counts), other


def events_by_animal(run: FollowedRun) -> dict[int, list[tuple[int, str, int]]]:
    events = defaultdict(list)
    for key, *event in run.events:
        events[key].append(tuple(event))
    return events


def test_t5_one_bought_animal_moves_nobody_elses_dates() -> None:
    without_her = events_by_animal(followed())
    with_her = events_by_animal(followed(purchases=(bought(1, date(2026, 4, 3)),)))

    assert {key: with_her[key] for key in without_her} == without_her
    others = [events for key, events in with_her.items() if key not in without_her]
    assert [events[0][1] for events in others].count("purchase") == 1


def test_t5_one_more_animal_of_a_purchase_leaves_the_others_of_it_alone() -> None:
    four = events_by_animal(followed(purchases=(bought(4, date(2026, 4, 3)),)))
    five = events_by_animal(followed(purchases=(bought(5, date(2026, 4, 3)),)))

    assert {key: five[key] for key in four} == four


def test_t5_an_earlier_purchase_moves_no_dates_of_a_later_one() -> None:
    later = bought(3, date(2026, 9, 1))
    alone = events_by_animal(followed(purchases=(later,)))
    both = events_by_animal(followed(purchases=(bought(2, date(2026, 4, 3)), later)))

    assert {key: both[key] for key in alone} == alone


@pytest.mark.parametrize("policy", PurchasePolicy)
def test_t5_one_more_animal_in_the_file_moves_nobody_elses_dates(policy: PurchasePolicy) -> None:
    # What the policy buys may differ: that is the herd rule. Animals of the file and their daughters may not.
    herd = sample_farm()[0].herd
    one_less = chosen(herd, np.arange(1, herd.n_animals))
    full = events_by_animal(followed(herd, purchase_policy=policy))
    less = events_by_animal(followed(one_less, purchase_policy=policy))
    own = {key for key, events in less.items() if events[0][1] != "purchase"}
    gone = file_animal_key(herd.animal_ids[0])

    daughters_of_bought = {key for key in own if less[key][0][1] == "birth" and key not in full}
    assert {key: less[key] for key in own & set(full)} == {key: full[key] for key in own & set(full)}
    assert gone not in less
    if policy is PurchasePolicy.MANUAL:
        assert not daughters_of_bought


def test_t5_under_auto_counter_purchases_are_the_same_until_the_rule_feels_the_extra_animal() -> None:
    herd = sample_farm()[0].herd
    counter = {"purchase_policy": PurchasePolicy.AUTO_COUNTER}
    full = followed(herd, **counter)
    gone = file_animal_key(herd.animal_ids[leaver(full, herd)])
    less = followed(
        chosen(herd, np.flatnonzero([file_animal_key(n) != gone for n in herd.animal_ids])), **counter
    )
    left_on = next(day for key, day, kind, _ in full.events if key == gone and kind == "culled")

    def until(run: FollowedRun) -> set[tuple[int, int, str, int]]:
        return {event for event in run.events if event[1] <= left_on and event[0] != gone}

    assert until(full) == until(less)
    assert sum(r["purchases_in"] for r in full.records) == 1 + sum(r["purchases_in"] for r in less.records)


def leaver(run: FollowedRun, herd: Herd) -> int:
    """Return the row of an animal of the file that is culled in the second half year, before any calving."""
    keys = [file_animal_key(name) for name in herd.animal_ids]
    events = events_by_animal(run)
    wanted = (
        row for row, key in enumerate(keys)
        if events.get(key) and events[key][0][1] == "culled" and 100 < events[key][0][0] < 400
    )  # fmt: skip
    return next(wanted)


def test_t5_the_sex_of_calves_moves_no_date_of_those_that_live_in_both() -> None:
    few = events_by_animal(followed(model=ModelParameters(heifer_birth_prob=0.3)))
    many = events_by_animal(followed(model=ModelParameters(heifer_birth_prob=0.6)))

    assert set(few) < set(many)
    assert {key: many[key] for key in few} == few


def test_t5_less_culling_only_moves_exits_and_what_they_cut_off() -> None:
    # Patience: the same uniform meets a smaller hazard, so nobody leaves earlier.
    harsh = events_by_animal(followed(model=ModelParameters(population_regulation=0.6)))
    mild = events_by_animal(followed(model=ModelParameters(population_regulation=0.5)))

    for key, events in harsh.items():
        kept = events[:-1] if events[-1][1] == "culled" else events
        assert mild[key][: len(kept)] == kept


def test_t5_a_hazard_of_a_lactation_that_nobody_reaches_changes_nothing() -> None:
    start = herd_of(*[pregnant_cow(200, 100, lactation=2)] * 50)
    rare = tables(lactation_hazard=np.array([0.001, 0.001, 0.002, 0.001, 0.9]))
    common = replace(rare, lactation_hazard=np.array([0.001, 0.001, 0.002, 0.001, 0.0]))
    scenario = Scenario(horizon_months=12)  # the second calving from now is more than a year away

    assert_same(simulate(start, rare, scenario, 20, SEED), simulate(start, common, scenario, 20, SEED))
