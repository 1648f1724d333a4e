"""The plain purchase policies against hand calculation."""

from datetime import date

import pytest

from herd_engine.model.animals import AnimalState
from herd_engine.model.scenario import Purchase, PurchasePolicy
from tests.plain_model.plans import Animal
from tests.plain_model.purchases import is_milking_on
from tests.plain_model.tiny import (
    dry_cow,
    heifer,
    herd,
    open_cow,
    play,
    pregnant_cow,
    story,
    tables,
)

IN_APRIL_ONE_PERCENT = [0.0] * 3 + [0.01] + [0.0] * 8


def test_a_purchase_on_the_report_date_arrives_on_day_1():
    bought = Purchase(date_in=date(2026, 2, 26), days_pregnant=200)

    run = play(herd(), purchases=(bought,))

    assert run.records[0]["pregnant_heifer_count"] == 0
    assert story(run, until=79) == [(1, "purchase"), (79, "calving")]


def test_purchases_on_one_date_add_up_and_honour_what_is_stated():
    arrival = date(2026, 3, 5)
    bought = (
        Purchase(date_in=arrival, count=2, days_pregnant=250),
        Purchase(date_in=arrival, count=3, expected_calving_date=date(2026, 3, 20)),
        Purchase(date_in=arrival, days_pregnant=280),
        Purchase(date_in=arrival, expected_calving_date=arrival),
    )

    run = play(herd(), purchases=bought, horizon_months=3)

    # Day 7; 278 - 250 = 28 days later; on day 22; with no gestation left, or due then, on arrival.
    assert (
        story(run)
        == [(7, "purchase")] * 7 + [(7, "calving")] * 2 + [(22, "calving")] * 3 + [(35, "calving")] * 2
    )
    assert len({event.key for event in run.events}) == 7
    assert run.records[2]["purchases_in"] == 7
    assert run.records[2]["heifer_intros"] == 5


@pytest.mark.parametrize("day", [date(2026, 2, 25), date(2027, 2, 2)])
def test_a_purchase_outside_the_forecast_is_refused(day):
    with pytest.raises(ValueError, match="outside the forecast"):
        play(herd(), purchases=(Purchase(date_in=day, days_pregnant=1),))


def test_auto_counter_buys_what_left_minus_what_was_born():
    leaving = [open_cow(-10, is_flagged=True) for _ in range(3)]
    beasts = (*leaving, dry_cow(expected_calving=2), dry_cow(expected_calving=3))

    run = play(
        herd(*beasts),
        tables(flagged_cow_leaving=1.0),
        purchase_policy=PurchasePolicy.AUTO_COUNTER,
        heifer_birth_prob=1.0,
        purchased_days_to_calving_lo=10,
        purchased_days_to_calving_hi=10,
        horizon_months=2,
    )

    # Day 3: three left, one was born (the calf of day 3 comes after the purchase): two are bought.
    assert [record["purchases_in"] for record in run.records] == [0, 2, 0]
    assert [event.day for event in run.events if event.kind == "calving"] == [2, 3, 13, 13]


def test_auto_forecast_counts_who_will_be_milking_when_the_lead_time_is_over():
    beasts = (open_cow(-10), pregnant_cow(expected_dry_off=50, expected_calving=110))
    bought = {}
    for lead_time_days in (46, 47, 106, 107):
        run = play(
            herd(*beasts),
            purchase_policy=PurchasePolicy.AUTO_FORECAST,
            lead_time_days=lead_time_days,
            horizon_months=1,
        )
        bought[lead_time_days] = run.records[1]["purchases_in"]

    # From day 3: dry on day 50, in milk again from day 110 on.
    assert bought == {46: 0, 47: 1, 106: 1, 107: 0}


def test_auto_forecast_weighs_by_the_chance_of_staying_rounded_down():
    beasts = [open_cow(-10) for _ in range(7)]

    run = play(
        herd(*beasts),
        tables(leaving_by_month=IN_APRIL_ONE_PERCENT),
        purchase_policy=PurchasePolicy.AUTO_FORECAST,
        lead_time_days=60,
        horizon_months=1,
    )

    # 7 * 0.99**30 = 5.18 of the target 7.
    assert run.records[1]["purchases_in"] == 2


def test_auto_forecast_counts_its_target_after_the_cap():
    beasts = [open_cow(-300)] * 5 + [open_cow(-10)] * 20 + [heifer(-10)] * 3

    run = play(
        herd(*beasts),
        tables(leaving_by_lactation={0: 0.0, 1: 1.0}),
        purchase_policy=PurchasePolicy.AUTO_FORECAST,
        lead_time_days=12,
        max_days_in_milk=200,
        horizon_months=1,
    )

    assert run.records[1]["purchases_in"] == 20


def test_bought_heifers_are_known_to_the_next_projection():
    leaving = [open_cow(-10, is_flagged=True) for _ in range(30)]

    run = play(
        herd(*leaving),
        tables(flagged_cow_leaving=1.0),
        purchase_policy=PurchasePolicy.AUTO_FORECAST,
        lead_time_days=60,
        horizon_months=3,
    )

    assert [record["purchases_in"] for record in run.records] == [0, 30, 0, 0]
    calving_days = [event.day for event in run.events if event.kind == "calving"]
    assert len(calving_days) == 30
    assert 4 <= min(calving_days) < max(calving_days) <= 63


@pytest.mark.parametrize(
    ("plan", "cap", "expected"),
    [
        ({"state": AnimalState.HEIFER, "conception_due": 20}, None, False),
        ({"state": AnimalState.HEIFER, "conception_due": -178}, None, True),
        ({"state": AnimalState.PREGNANT_HEIFER, "calving_due": 100}, None, True),
        ({"state": AnimalState.PREGNANT_HEIFER, "calving_due": 101}, None, False),
        ({"state": AnimalState.DRY, "calving_due": 100}, None, True),
        ({"state": AnimalState.DRY, "calving_due": 101}, None, False),
        ({"state": AnimalState.OPEN, "calved": -900, "conception_due": 10}, None, True),
        ({"state": AnimalState.OPEN, "calved": -101}, 200, False),
        ({"state": AnimalState.OPEN, "calved": -100}, 200, True),
        ({"state": AnimalState.OPEN, "calved": -101, "conception_due": 99}, 200, False),
        ({"state": AnimalState.PREGNANT, "calved": -101, "dry_off_due": 150}, 200, False),
        ({"state": AnimalState.PREGNANT, "calved": -101, "dry_off_due": 80, "calving_due": 95}, 200, True),
        ({"state": AnimalState.PREGNANT, "calved": 0, "dry_off_due": 100}, None, False),
        ({"state": AnimalState.PREGNANT, "calved": 0, "dry_off_due": 101}, None, True),
        ({"state": AnimalState.OPEN, "calved": -300, "is_flagged": True}, 200, True),
        ({"state": AnimalState.DRY, "calving_due": 1, "is_flagged": True}, None, False),
    ],
)
def test_the_projection_to_day_100(plan, cap, expected):
    animal = Animal(key=1, lactation=1, **plan)

    assert is_milking_on(animal, 100, cap) is expected
