"""Heifers that are bought: by the scenario's own list, or by a policy that looks at the herd."""

import numpy as np

from herd_engine.engine.kernel.compiled import inlined
from herd_engine.engine.kernel.leaving import BOUGHT
from herd_engine.engine.kernel.ledger import PURCHASE, TRACE_PURCHASE, follow
from herd_engine.engine.kernel.life import (
    GESTATION_NOT_DRAWN,
    ONE,
    ZERO,
    live_on_as_cow,
    rear_calves,
    settle_heifer,
)
from herd_engine.engine.kernel.lookup import draw_at_least
from herd_engine.engine.kernel.random_numbers import LIFE_BLOCK, bought_key, uniform, words
from herd_engine.model.animals import NO_DAY

MANUAL, AUTO_COUNTER = 0, 1
MOST_BOUGHT_A_MONTH = 10_000
"""`auto_forecast` buys at most this many at once."""

NOT_STATED = np.int64(-1)


@inlined
def arrive(inputs, rates, ledger, seed, replicate, arrival, period, ordinal, days_pregnant, due):
    """Run a heifer that arrives pregnant; return her key, whether she calves in time, and when.

    ``due`` or ``days_pregnant`` is what the purchase states, -1 where it does not.
    """
    key = bought_key(np.uint64(inputs.policy), np.uint64(period), np.uint64(ordinal))
    word_0, word_1, word_2, _ = words(seed, replicate, key, np.uint64(0), np.uint64(LIFE_BLOCK))
    if days_pregnant >= 0:
        days = draw_at_least(inputs.gestation, days_pregnant, uniform(word_2))
        due = arrival + max(days - days_pregnant, ZERO)
    elif due < 0:
        choices = inputs.days_to_calving_hi - inputs.days_to_calving_lo + 1
        due = arrival + inputs.days_to_calving_lo + np.int64(uniform(word_1) * choices)
    ledger.flows[inputs.record_of_day[arrival], PURCHASE] += 1
    follow(ledger, key, TRACE_PURCHASE, arrival, ZERO)
    patience = -np.log(uniform(word_0))
    birth = due - GESTATION_NOT_DRAWN - inputs.hazards.age_of_bought
    since, conception = arrival - 1, np.int64(NO_DAY)
    calves = settle_heifer(inputs, rates, ledger, key, BOUGHT, birth, since, patience, conception, due)
    return key, calves, due


@inlined
def run_bought_heifer(
    inputs, rates, ledger, stack, seed, replicate, arrival, period, ordinal, days_pregnant, due
):
    """Run a heifer that arrives pregnant, and all her descendants."""
    key, calves, due = arrive(
        inputs, rates, ledger, seed, replicate, arrival, period, ordinal, days_pregnant, due
    )
    if calves:
        waiting = live_on_as_cow(
            inputs, rates, ledger, stack, seed, replicate, key, ONE, due, due - GESTATION_NOT_DRAWN
        )
        rear_calves(inputs, rates, ledger, stack, waiting, seed, replicate)


@inlined
def run_manual_purchases(inputs, rates, ledger, stack, seed, replicate):
    """Run the scenario's own list, which is sorted by day of arrival."""
    plan = inputs.purchases
    ordinal = ZERO
    for i in range(plan.arrival.shape[0]):
        arrival = plan.arrival[i]
        ordinal = ordinal + 1 if i > 0 and plan.arrival[i - 1] == arrival else ZERO
        run_bought_heifer(
            inputs, rates, ledger, stack, seed, replicate, arrival, arrival, ordinal,
            plan.days_pregnant[i], plan.due[i],
        )  # fmt: skip


@inlined
def wanted(inputs, balance, expected):
    """Return how many heifers the policy asks for on the first of a month."""
    if inputs.policy == AUTO_COUNTER:
        return max(ZERO, np.int64(-balance))
    count = inputs.target_milking - np.int64(np.floor(expected))
    return min(max(ZERO, count), np.int64(MOST_BOUGHT_A_MONTH))


@inlined
def run_automatic_purchases(inputs, rates, ledger, stack, seed, replicate):
    """Buy on the first of each month what the policy asks for; bought animals move nobody else's dates."""
    classes = inputs.survival.shape[1]
    balance = 0
    for record in range(1, inputs.record_day.shape[0]):
        balance += ledger.balance[record]
        expected = 0.0
        for class_ in range(classes):
            ledger.projected[record, class_] += ledger.projected[record - 1, class_]
            expected += ledger.projected[record, class_] * inputs.survival[record, class_]
        count = wanted(inputs, balance, expected)
        balance += count
        for ordinal in range(count):
            day = inputs.record_day[record]
            run_bought_heifer(
                inputs,
                rates,
                ledger,
                stack,
                seed,
                replicate,
                day,
                record,
                np.int64(ordinal),
                NOT_STATED,
                NOT_STATED,
            )
