"""A replicate in which places are full: all animals together from stop to stop, not one by one.

Who is sold depends on who else is there. So lives are not run to their end here, but lactation by lactation
as far as the next day on which animals are counted: a month's first, and the evening before some are bought.
"""

import numpy as np

from herd_engine.engine.kernel.buying import MANUAL, NOT_STATED, arrive, wanted
from herd_engine.engine.kernel.compiled import apart, inlined
from herd_engine.engine.kernel.life import (
    AUTO_FORECAST,
    GESTATION_NOT_DRAWN,
    ZERO,
    calve,
    plan_cow,
    plan_heifer,
    settle_cow,
    settle_heifer,
)
from herd_engine.engine.kernel.lookup import FAR
from herd_engine.engine.kernel.present import (
    CALF,
    CLASS,
    CONCEPTION_DAY,
    DRY_DAY,
    DUE,
    ENDS,
    KEY,
    LACTATION,
    LEAVES,
    LOST,
    RANK,
    START,
    count_present,
    enter,
    is_milking,
    rank_of,
    remove,
    sell,
    sift,
    write_row,
)
from herd_engine.engine.kernel.random_numbers import LIFE_BLOCK, uniform, words


@inlined
def advance(inputs, rates, ledger, seed, replicate, until):
    """Bring all rows to the end of a day: who left is gone, who calved is in her next lactation."""
    i = 0
    while i < ledger.n_present[0]:
        row = ledger.present[:, i]
        if row[ENDS] > until:
            i += 1
        elif row[LEAVES] <= row[DUE]:
            remove(ledger, i)
        else:
            begin_lactation(inputs, rates, ledger, seed, replicate, i)


@inlined
def begin_lactation(inputs, rates, ledger, seed, replicate, i):
    """Let the animal of a row calve; a heifer calf is a row of its own."""
    row = ledger.present[:, i]
    key, lactation, calving = np.uint64(row[KEY]), row[LACTATION] + 1, row[DUE]
    is_heifer, calf, word_0, word_1, word_2 = calve(
        inputs, rates, ledger, seed, replicate, key, lactation, calving, row[CALF]
    )
    if is_heifer:
        conception, due = plan_heifer(
            inputs, rates, seed, replicate, calf, calving, calving + 1, uniform(word_1), uniform(word_2)
        )
        patience = -np.log(uniform(word_0))
        settle_heifer(inputs, rates, ledger, calf, ZERO, calving, calving, patience, conception, due)
        enter(ledger)
    word_0, word_1, word_2, word_3 = words(seed, replicate, key, np.uint64(lactation), np.uint64(LIFE_BLOCK))
    plan = plan_cow(
        inputs, rates, seed, replicate, key, lactation, calving, calving + 1,
        uniform(word_1), uniform(word_2), uniform(word_3),
    )  # fmt: skip
    settle_cow(inputs, rates, ledger, key, lactation, calving, calving, -np.log(uniform(word_0)), plan)
    write_row(ledger, i)


@inlined
def keep_to_places(inputs, ledger, day):
    """Sell what is beyond the places at the end of a day: who takes none that is short stays."""
    milking, head = count_present(ledger, day)
    cows_over, over = milking - inputs.places_milking, head - inputs.places_head
    if cows_over <= 0 and over <= 0:
        return
    size = 0
    for i in range(ledger.n_present[0]):
        row = ledger.present[:, i]
        row[RANK] = rank_of(inputs, row, day)
        if row[RANK] >= 0:
            ledger.queue[size] = i
            size += 1
    for top in range(size // 2 - 1, -1, -1):
        sift(ledger, top, size)
    while size > 0 and (cows_over > 0 or over > 0):
        row = ledger.present[:, ledger.queue[0]]
        size -= 1
        ledger.queue[0] = ledger.queue[size]
        sift(ledger, 0, size)
        is_cow = row[LACTATION] > 0
        if is_cow or over > 0:
            sell(inputs, ledger, row, day)
            over -= 1
            cows_over -= is_cow


@inlined
def is_projected(inputs, row, day):
    """Tell whether `auto_forecast` sees an animal in milk lead_time_days after a month's first.

    ``day`` is the one before that first. What is planned is known, but of a cow that calved on that day; on
    a pregnancy that will be lost nobody counts.
    """
    target = day + 1 + inputs.lead_time
    if row[CLASS] >= inputs.survival.shape[1] - 2:
        return is_milking(row, day)
    if row[LACTATION] == 0 and day < row[LOST]:
        return False
    in_milk, conception = is_milking(row, day), row[CONCEPTION_DAY]
    if in_milk and row[START] == day and day > 0:
        conception = FAR
    cap_day = row[START] + inputs.cap + 1
    is_capped = in_milk and cap_day <= target
    is_open = in_milk and conception > day
    if is_open and is_capped and conception >= cap_day:
        return False
    is_planned = conception <= day
    calving = row[DUE] if is_planned else conception + GESTATION_NOT_DRAWN
    if calving <= target:
        return target - calving <= inputs.cap
    return in_milk and not is_capped and not (is_planned and row[DRY_DAY] <= target)


@inlined
def expected_milking(inputs, ledger, record, day):
    """Return how many `auto_forecast` expects to be in milk lead_time_days after a month's first."""
    projected, expected = ledger.projected[record], 0.0
    projected[:] = 0
    for i in range(ledger.n_present[0]):
        row = ledger.present[:, i]
        if is_projected(inputs, row, day):
            projected[row[CLASS]] += 1
    for class_ in range(inputs.survival.shape[1]):
        expected += projected[class_] * inputs.survival[record, class_]
    return expected


@inlined
def free_places(inputs, ledger, day):
    """Return how many animals may be bought on the morning after a day."""
    milking, head = count_present(ledger, day)
    return max(ZERO, min(inputs.places_milking - milking, inputs.places_head - head))


@inlined
def arrivals(inputs, day, first):
    """Return how many rows of the manual plan, from ``first`` on, arrive on a day."""
    arrival, last = inputs.purchases.arrival, first
    while last < arrival.shape[0] and arrival[last] == day:
        last += 1
    return last - first


@inlined
def buy(inputs, rates, ledger, seed, replicate, morning, period, count, planned):
    """Let heifers arrive on a morning; of the manual plan those from row ``planned`` on."""
    for ordinal in range(count):
        days_pregnant, due = NOT_STATED, NOT_STATED
        if inputs.policy == MANUAL:
            days_pregnant = inputs.purchases.days_pregnant[planned + ordinal]
            due = inputs.purchases.due[planned + ordinal]
        _, _, due = arrive(
            inputs, rates, ledger, seed, replicate, morning, period, np.int64(ordinal), days_pregnant, due
        )
        ledger.noted[CALF] = due - GESTATION_NOT_DRAWN
        enter(ledger)


@apart
def run_by_month(inputs, rates, ledger, seed, replicate):
    """Run the rows to the end of the forecast: buy in the morning, sell in the evening of a month's first."""
    balance, planned = ZERO, ZERO
    for stop in inputs.stops:
        advance(inputs, rates, ledger, seed, replicate, stop)
        if stop > 0 and inputs.record_day[inputs.record_of_day[stop]] == stop:
            keep_to_places(inputs, ledger, stop)
        morning = stop + 1
        if morning > inputs.last_day:
            return
        record = inputs.record_of_day[morning]
        count, period, expected = ZERO, np.int64(record), 0.0
        if inputs.policy == MANUAL:
            count, period = arrivals(inputs, morning, planned), morning
        elif inputs.record_day[record] == morning:
            balance += ledger.balance[record]
            if inputs.policy == AUTO_FORECAST:
                expected = expected_milking(inputs, ledger, record, stop)
            count = wanted(inputs, balance, expected)
        bought = min(count, free_places(inputs, ledger, stop))
        buy(inputs, rates, ledger, seed, replicate, morning, period, bought, planned)
        balance += bought
        planned += count
