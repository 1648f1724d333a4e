"""One animal's life, lactation by lactation, and the lives of its calves.

A life is never walked day by day. In each lactation number the animal has a plan (conception, dry-off,
calving, or the day she leaves unbred) and a patience against the cumulative hazard of that lactation
number; whichever comes first happens. On any day the exit comes before everything else.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.kernel.compiled import inlined
from herd_engine.engine.kernel.leaving import leaving_day
from herd_engine.engine.kernel.ledger import (
    BIRTH,
    CALVING_DRY,
    CALVING_MILKING,
    CONCEPTION,
    DRY_OFF,
    EXIT_DRY,
    EXIT_HEIFER,
    EXIT_MILKING,
    EXIT_PREGNANT_HEIFER,
    FIRST_CALVING,
    TRACE_BIRTH,
    TRACE_CALVING,
    TRACE_CAP_EXIT,
    TRACE_CONCEPTION,
    TRACE_CULLED,
    TRACE_DRY_OFF,
    TRACE_NON_CONCEIVER,
    follow,
    leave,
    project,
)
from herd_engine.engine.kernel.lookup import FAR, day_of_hazard, draw_at_least
from herd_engine.engine.kernel.present import note
from herd_engine.engine.kernel.random_numbers import LIFE_BLOCK, REPEAT_BLOCK, calf_key, uniform, words
from herd_engine.engine.run_rates import MEAN, MEAN_PER_OWN, OWN, OWN_PER_MEAN
from herd_engine.model.tables import CYCLES

AUTO_FORECAST = 2
ZERO, ONE = np.int64(0), np.int64(1)
GESTATION_NOT_DRAWN = 278
"""Stands for a gestation that is not drawn yet where `auto_forecast` looks ahead, in days."""

CYCLE_DAYS = 21
_LOG_FAILURE = np.log(1 - 0.20)

_STACK_CAPACITY = 1024


class LactationPlan(NamedTuple):
    """Days of a cow's lactation that are still to come, ``FAR`` where they never will.

    Attributes
    ----------
    conception, dry, due, leaves : int64
        ``due`` is the next calving; ``leaves`` the day on which a cow goes unbred.
    """

    conception: np.int64
    dry: np.int64
    due: np.int64
    leaves: np.int64


def new_stack() -> NDArray[np.uint64]:
    """Return room for calves that wait for their lives to be run, shape (1024, 5).

    At most one calf per calving of a dam, and of each dam of her line, waits at a time: in 120 months
    of shortest gestations fewer than 20 calvings, of fewer than 10 generations.
    """
    return np.empty((_STACK_CAPACITY, 5), np.uint64)


@inlined
def conception_by_cycles(seed, replicate, key, lactation, start):
    """Return the conception day of an animal for which the distribution has nothing left.

    Each 21-day cycle after ``start`` succeeds with probability 0.20; the day within is uniform.
    """
    word_0, word_1, _, _ = words(seed, replicate, key, np.uint64(lactation), np.uint64(REPEAT_BLOCK))
    failed = np.int64(np.log(uniform(word_0)) / _LOG_FAILURE)
    return start + CYCLE_DAYS * failed + 1 + np.int64(uniform(word_1) * CYCLE_DAYS)


@inlined
def cycle_of(conception, class_, row, hazard):
    """Return the cycle in which a running sum of hazards arrives."""
    cycle = 0
    for later in range(1, CYCLES):
        cycle += hazard > conception[class_, row, later]
    return cycle


@inlined
def own_hazard(clock, conception, class_, day):
    """Return this replicate's running sum of the hazard of conception on a day from birth or calving."""
    mean = clock.cumulative[class_, day]
    cycle = cycle_of(conception, class_, MEAN, mean)
    since = (mean - conception[class_, MEAN, cycle]) * conception[class_, OWN_PER_MEAN, cycle]
    return conception[class_, OWN, cycle] + since


@inlined
def day_of_own_hazard(clock, conception, class_, own):
    """Return the first day on which this replicate's running sum reaches ``own``; FAR if never."""
    cycle = cycle_of(conception, class_, OWN, own)
    since = (own - conception[class_, OWN, cycle]) * conception[class_, MEAN_PER_OWN, cycle]
    last = clock.cumulative.shape[1] - 1
    return day_of_hazard(clock, class_, last, conception[class_, MEAN, cycle] + since)


@inlined
def conception_by_hazard(inputs, rates, class_, start, bound, u):
    """Return the first day >= ``bound``, from birth or calving, on which she conceives; FAR if never.

    Days are found on the clock of the mean hazard; this replicate's goes faster or slower in each
    cycle, and in each month of the forecast.
    """
    hazards, conception = inputs.hazards, rates.conception
    clock, ends, pace = hazards.conception, hazards.month_ends, rates.pace[min(class_, 1)]
    last = clock.cumulative.shape[1] - 1
    day = max(bound, hazards.opens[class_]) - 1
    if day >= last:
        return FAR
    # 1 - u is exact (33 bits), and log is faster than log1p.
    patience, own = -np.log(1.0 - u), own_hazard(clock, conception, class_, day)
    if start + day + 1 < hazards.month_of_day.shape[0]:
        month = hazards.month_of_day[start + day + 1]
        while month < ends.shape[0] and day < last:
            day = min(ends[month] - start, last)
            until = own_hazard(clock, conception, class_, day)
            if (until - own) * pace[month] >= patience:
                return day_of_own_hazard(clock, conception, class_, own + patience / pace[month])
            patience -= (until - own) * pace[month]
            own = until
            month += 1
    return day_of_own_hazard(clock, conception, class_, own + patience)


@inlined
def plan_heifer(inputs, rates, seed, replicate, key, birth, today, u_conception, u_gestation):
    """Return the days of conception and calving of a heifer who is not pregnant."""
    if inputs.hazards.is_used:
        age = conception_by_hazard(inputs, rates, ZERO, birth, today - birth, u_conception)
        if age == FAR:
            return FAR, FAR
        return birth + age, birth + age + draw_at_least(inputs.gestation, ZERO, u_gestation)
    bound = max(np.int64(inputs.min_age), today - birth)
    age = draw_at_least(inputs.age, bound, u_conception)
    conception = birth + age if age >= 0 else conception_by_cycles(seed, replicate, key, ZERO, birth + bound)
    return conception, conception + draw_at_least(inputs.gestation, ZERO, u_gestation)


@inlined
def plan_cow(
    inputs, rates, seed, replicate, key, lactation, calving, today, u_conception, u_gestation, u_dry_off
):
    """Return the plan of an open cow: she leaves unbred, or has the other three days."""
    if inputs.hazards.is_used:
        class_ = min(lactation, 3)
        days_open = conception_by_hazard(inputs, rates, class_, calving, today - calving, u_conception)
        conception = FAR if days_open == FAR else calving + days_open
        leaves = max(calving + inputs.cap + 1, today)
    else:
        conception, leaves = plan_by_list(
            inputs, seed, replicate, key, lactation, calving, today, u_conception
        )
    if conception >= leaves:
        return LactationPlan(FAR, FAR, FAR, leaves)
    due = conception + draw_at_least(inputs.gestation, ZERO, u_gestation)
    dry = conception + draw_at_least(inputs.dry_off, ZERO, u_dry_off)
    return LactationPlan(conception, min(dry, due - 1, calving + inputs.cap + 1), due, FAR)


@inlined
def plan_by_list(inputs, seed, replicate, key, lactation, calving, today, u_conception):
    """Return the days on which an open cow conceives, and leaves unless she did."""
    bound = max(np.int64(inputs.waiting_period), today - calving)
    days_open = draw_at_least(inputs.service_period, bound, u_conception)
    if days_open >= 0:
        conception = calving + days_open
    else:
        conception = conception_by_cycles(seed, replicate, key, lactation, calving + bound)
    return conception, max(calving + min(inputs.longest_open, inputs.cap + 1), today)


@inlined
def settle_heifer(inputs, rates, ledger, key, group, birth, since, patience, conception, due):
    """Run lactation number 0 from the day after ``since``; return whether she calves in time.

    A conception not after ``since`` has been counted before: she starts pregnant.
    """
    until = min(due, inputs.last_day)
    exits = leaving_day(inputs, rates, ZERO, group, birth, conception, since, until, patience)
    note(ledger, key, ZERO, ZERO, birth, conception, FAR, due, exits)
    limit = min(exits, inputs.last_day + 1)
    if since < conception < limit:
        ledger.flows[inputs.record_of_day[conception], CONCEPTION] += 1
        follow(ledger, key, TRACE_CONCEPTION, conception, ZERO)
    if inputs.policy == AUTO_FORECAST:
        seen = conception + GESTATION_NOT_DRAWN - inputs.lead_time
        project(ledger, inputs, ZERO, max(since + 1, seen), min(conception, exits))
        capped = due + inputs.cap - inputs.lead_time
        pregnant = max(since, conception) + 1
        project(ledger, inputs, ZERO, max(pregnant, due - inputs.lead_time), min(due, exits, capped))
    if exits != FAR:
        flow = EXIT_PREGNANT_HEIFER if conception < exits else EXIT_HEIFER
        leave(ledger, inputs.record_of_day, flow, exits)
        follow(ledger, key, TRACE_CULLED, exits, ZERO)
        return False
    if due > inputs.last_day:
        return False
    ledger.flows[inputs.record_of_day[due], FIRST_CALVING] += 1
    return True


@inlined
def settle_cow(inputs, rates, ledger, key, lactation, calving, since, patience, plan):
    """Run one lactation from the day after ``since``; return whether she calves again in time.

    Events not after ``since`` have been counted before; ``plan.dry`` is ``FAR`` for a cow milked until
    she calves.
    """
    conception, dry, due, leaves = plan
    class_ = min(lactation, inputs.clock.scale.shape[0] - 3)
    until = min(due, leaves, inputs.last_day)
    exits = leaving_day(inputs, rates, class_, class_, calving, conception, since, until, patience)
    note(ledger, key, class_, lactation, calving, conception, dry, due, min(exits, leaves))
    limit = min(exits, inputs.last_day + 1)
    if since < conception < limit:
        follow(ledger, key, TRACE_CONCEPTION, conception, lactation)
    if since < dry < limit:
        record = inputs.record_of_day[dry]
        ledger.flows[record, DRY_OFF] += 1
        ledger.calving_days[record] -= calving
        follow(ledger, key, TRACE_DRY_OFF, dry, lactation)
    if inputs.policy == AUTO_FORECAST:
        project_cow(inputs, ledger, class_, calving, since, exits, plan)
    if exits != FAR or leaves <= inputs.last_day:
        day = min(exits, leaves)
        follow(ledger, key, exit_kind(inputs, calving, day, exits), day, lactation)
        if dry < day:
            leave(ledger, inputs.record_of_day, EXIT_DRY, day)
        else:
            leave(ledger, inputs.record_of_day, EXIT_MILKING, day)
            ledger.calving_days[inputs.record_of_day[day]] -= calving
        return False
    if due > inputs.last_day:
        return False
    record = inputs.record_of_day[due]
    if dry < due:
        ledger.flows[record, CALVING_DRY] += 1
    else:
        ledger.flows[record, CALVING_MILKING] += 1
        ledger.calving_days[record] -= calving
    return True


@inlined
def exit_kind(inputs, calving, day, exits):
    """Name the way a cow left, for tests that follow animals."""
    if exits != FAR:
        return TRACE_CULLED
    return TRACE_CAP_EXIT if day > calving + inputs.cap else TRACE_NON_CONCEIVER


@inlined
def project_cow(inputs, ledger, class_, calving, since, exits, plan):
    """Count the month starts on which `auto_forecast` sees this cow milking lead_time_days later."""
    conception, dry, due, leaves = plan
    lead, cap_day = inputs.lead_time, calving + inputs.cap + 1
    end_open = min(conception, leaves, exits)
    if since < end_open:
        before_cap = min(end_open, cap_day - lead - 1)
        project(ledger, inputs, class_, since + 1, before_cap)
        if conception < FAR:
            # Only a calving saves a cow from the cap, and her plan is drawn the day after she calved.
            drawn = since + 1 if since == 0 else since + 2
            seen = conception + GESTATION_NOT_DRAWN - lead
            project(ledger, inputs, class_, max(drawn, before_cap + 1, seen), end_open)
    if conception == FAR:
        return
    first, last = max(since, conception) + 1, min(due, exits)
    calves_by_then = max(first, due - lead)
    stays_in_milk = min(dry, due) - lead - 1
    project(ledger, inputs, class_, first, min(stays_in_milk, dry, last))
    project(ledger, inputs, class_, calves_by_then, min(last, due + inputs.cap - lead))


@inlined
def calve(inputs, rates, ledger, seed, replicate, key, lactation, calving, conception):
    """Count a calving (``lactation`` is the number after it) and the calf, conceived on ``conception``.

    Returns whether it is a heifer calf, its key, and three words of its first block.
    """
    record = inputs.record_of_day[calving]
    ledger.calving_days[record] += calving
    follow(ledger, key, TRACE_CALVING, calving, lactation)
    calf = calf_key(key, np.uint64(lactation))
    word_0, word_1, word_2, word_3 = words(seed, replicate, calf, np.uint64(0), np.uint64(LIFE_BLOCK))
    from_now = 1 if conception > 0 else 0
    share = inputs.heifer_birth[from_now, min(lactation, 2) - 1] * rates.calf[from_now]
    is_heifer = uniform(word_3) < share
    if is_heifer:
        ledger.flows[record, BIRTH] += 1
        ledger.balance[inputs.record_of_day[calving + 1]] += 1
        follow(ledger, calf, TRACE_BIRTH, calving, ZERO)
    return is_heifer, calf, word_0, word_1, word_2


@inlined
def live_on_as_cow(inputs, rates, ledger, stack, seed, replicate, key, lactation, calving, conception):
    """Run all lactations that follow a calving (``lactation`` is the number after it).

    ``conception`` is that of the calf. Returns the number of heifer calves put on the stack.
    """
    waiting = 0
    while True:
        is_heifer, calf, calf_0, calf_1, calf_2 = calve(
            inputs, rates, ledger, seed, replicate, key, lactation, calving, conception
        )
        if is_heifer:
            stack[waiting, 0] = calf
            stack[waiting, 1] = np.uint64(calving)
            stack[waiting, 2] = calf_0
            stack[waiting, 3] = calf_1
            stack[waiting, 4] = calf_2
            waiting += 1
        word_0, word_1, word_2, word_3 = words(
            seed, replicate, key, np.uint64(lactation), np.uint64(LIFE_BLOCK)
        )
        plan = plan_cow(
            inputs, rates, seed, replicate, key, lactation, calving, calving + 1,
            uniform(word_1), uniform(word_2), uniform(word_3),
        )  # fmt: skip
        patience = -np.log(uniform(word_0))
        if not settle_cow(inputs, rates, ledger, key, lactation, calving, calving, patience, plan):
            return waiting
        calving, conception = plan.due, plan.conception
        lactation += 1


@inlined
def rear_calves(inputs, rates, ledger, stack, waiting, seed, replicate):
    """Run the lives of the calves on the stack, and of theirs."""
    while waiting > 0:
        waiting -= 1
        key = stack[waiting, 0]
        birth = np.int64(stack[waiting, 1])
        patience = -np.log(uniform(stack[waiting, 2]))
        conception, due = plan_heifer(
            inputs, rates, seed, replicate, key, birth, birth + 1,
            uniform(stack[waiting, 3]), uniform(stack[waiting, 4]),
        )  # fmt: skip
        if settle_heifer(inputs, rates, ledger, key, ZERO, birth, birth, patience, conception, due):
            waiting += live_on_as_cow(
                inputs, rates, ledger, stack[waiting:], seed, replicate, key, ONE, due, conception
            )
