"""One replicate: the herd on the report date, then what the policy buys, then the records."""

from collections.abc import Callable

import numpy as np

from herd_engine.engine.kernel.buying import MANUAL, run_automatic_purchases, run_manual_purchases
from herd_engine.engine.kernel.compiled import compiled, inlined, kernel_digest
from herd_engine.engine.kernel.leaving import (
    FLAGGED_COW,
    FLAGGED_HEIFER,
    leaving_day,
    leaving_day_by_band,
)
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
    PURCHASE,
    TRACE_CONCEPTION,
    TRACE_CULLED,
    TRACE_FLAG_EXIT,
    TRACE_LOSS,
    clear,
    follow,
    leave,
    project,
)
from herd_engine.engine.kernel.life import (
    AUTO_FORECAST,
    ONE,
    ZERO,
    LactationPlan,
    live_on_as_cow,
    plan_cow,
    plan_heifer,
    rear_calves,
    settle_cow,
    settle_heifer,
)
from herd_engine.engine.kernel.lookup import FAR, draw_at_least, exit_day
from herd_engine.engine.kernel.places import run_by_month
from herd_engine.engine.kernel.present import NEVER_LOST, enter, note, note_loss
from herd_engine.engine.kernel.random_numbers import LIFE_BLOCK, START_BLOCK, uniform, words
from herd_engine.engine.run_rates import ReplicateRates
from herd_engine.model.animals import NO_DAY, AnimalState

HEIFER, PREGNANT_HEIFER, OPEN, PREGNANT, DRY = np.arange(len(AnimalState))
FLAGGED_EXITS = np.array([EXIT_HEIFER, EXIT_PREGNANT_HEIFER, EXIT_MILKING, EXIT_MILKING, EXIT_DRY], np.int64)
"""Flow of an exit by ``AnimalState``."""


@inlined
def start_of(animals, i):
    """Return the day that an animal's age or days in milk count from."""
    return animals.calving[i] if animals.lactation[i] > 0 else animals.birth[i]


@inlined
def run_flagged(inputs, rates, ledger, i, patience):
    """Run a cull-flagged animal: she keeps her state until she leaves."""
    animals = inputs.animals
    state, lactation = animals.state[i], animals.lactation[i]
    class_ = inputs.clock.scale.shape[0] - (1 if lactation > 0 else 2)
    if inputs.hazards.is_used:
        exits = leaving_day_by_band(
            inputs, rates, FLAGGED_COW if lactation > 0 else FLAGGED_HEIFER,
            ZERO, FAR, ZERO, inputs.last_day, patience,
        )  # fmt: skip
    else:
        exits = exit_day(inputs.clock, class_, ZERO, inputs.last_day, patience)
    conception = FAR if state in (HEIFER, OPEN) else -FAR
    dry = ZERO if state == DRY else FAR
    note(ledger, animals.key[i], class_, lactation, start_of(animals, i), conception, dry, FAR, exits)
    is_milking = state in (OPEN, PREGNANT)
    if is_milking and inputs.policy == AUTO_FORECAST:
        project(ledger, inputs, class_, ONE, exits)
    if exits == FAR:
        return
    leave(ledger, inputs.record_of_day, FLAGGED_EXITS[state], exits)
    if is_milking:
        ledger.calving_days[inputs.record_of_day[exits]] -= animals.calving[i]
    follow(ledger, animals.key[i], TRACE_FLAG_EXIT, exits, lactation)


@inlined
def remaining_gestation(inputs, conception, u):
    """Return the calving day of an animal known pregnant on the report date: not before day 1."""
    days = draw_at_least(inputs.gestation, 1 - conception, u)
    return conception + days if days >= 0 else ONE


@inlined
def plan_pregnant(inputs, i, conception, u_gestation, u_dry_off):
    """Return the plan of a cow pregnant and in milk on the report date."""
    animals = inputs.animals
    due, dry = animals.due[i], animals.dry[i]
    if due == NO_DAY:
        due = remaining_gestation(inputs, conception, u_gestation)
    if dry == NO_DAY:
        days = draw_at_least(inputs.dry_off, 1 - conception, u_dry_off)
        dry = min(conception + days, due - 1) if days >= 0 else ONE
    dry = max(min(dry, animals.calving[i] + inputs.cap + 1), ONE)
    return LactationPlan(conception, dry if dry < due else FAR, due, FAR)


@inlined
def plan_dry(inputs, i, u_gestation, u_dry_off):
    """Return the calving day of a cow dry on the report date."""
    animals = inputs.animals
    if animals.due[i] != NO_DAY:
        return animals.due[i]
    if animals.conception[i] != NO_DAY:
        return remaining_gestation(inputs, animals.conception[i], u_gestation)
    gestation = draw_at_least(inputs.gestation, ZERO, u_gestation)
    dry_period = max(ONE, gestation - draw_at_least(inputs.dry_off, ZERO, u_dry_off))
    return max(animals.dried_on[i] + dry_period, ONE)


@inlined
def is_hidden(inputs, rates, i, kind, u):
    """Tell whether an inseminated animal is pregnant, though nobody has confirmed it yet."""
    probability = inputs.animals.hidden[i]
    odds = probability * rates.hidden[kind]
    return u * (1 - probability + odds) < odds


@inlined
def loss_day(inputs, loss, conception, hidden, u):
    """Return the day on which a pregnancy of the report date is lost; FAR if it is kept."""
    if not inputs.hazards.is_used:
        return FAR
    known_from = inputs.hazards.confirmation_lag if hidden else 0
    day = draw_at_least(loss, max(known_from, 1 - conception), u)
    kept = loss.at_least.shape[0] - 2
    return FAR if day < 0 or day == kept else conception + day


@inlined
def stays_until_loss(inputs, rates, ledger, i, conception, due, lost, patience):
    """Run a heifer who will lose her pregnancy up to that day; return whether she is still there.

    `auto_forecast` does not see her before: a loss comes long before she is due (0.3 % of pregnancies are
    lost within 90 days of it), and to count on her calving would buy too few.
    """
    animals, record_of_day = inputs.animals, inputs.record_of_day
    until = min(lost, inputs.last_day)
    exits = leaving_day(inputs, rates, ZERO, ZERO, animals.birth[i], conception, ZERO, until, patience)
    note(ledger, animals.key[i], ZERO, ZERO, animals.birth[i], conception, FAR, due, exits)
    note_loss(ledger, lost, due)
    if exits != FAR:
        leave(ledger, record_of_day, EXIT_PREGNANT_HEIFER, exits)
        follow(ledger, animals.key[i], TRACE_CULLED, exits, ZERO)
        return False
    if lost > inputs.last_day:
        return False
    ledger.flows[record_of_day[lost], CONCEPTION] -= 1
    follow(ledger, animals.key[i], TRACE_LOSS, lost, ZERO)
    return True


@inlined
def start_heifer(inputs, rates, ledger, seed, replicate, i, patience, u_conception, u_gestation):
    """Run lactation 0 of an animal of the report date.

    Returns whether she calves in time, when, and when the calf was conceived.
    """
    animals = inputs.animals
    key, birth, conception, since = animals.key[i], animals.birth[i], animals.conception[i], ZERO
    start = words(seed, replicate, key, np.uint64(0), np.uint64(START_BLOCK))
    hidden = is_hidden(inputs, rates, i, 0, uniform(start[0]))
    if hidden:
        conception = animals.insemination[i]
        ledger.flows[inputs.record_of_day[1], CONCEPTION] += 1
        follow(ledger, key, TRACE_CONCEPTION, ONE, ZERO)
    is_pregnant = hidden or animals.state[i] == PREGNANT_HEIFER
    due = animals.due[i]
    shown_due = due
    if is_pregnant:
        if due == NO_DAY:
            due = remaining_gestation(inputs, conception, u_gestation)
        lost = loss_day(inputs, inputs.hazards.heifer_loss, conception, hidden, uniform(start[1]))
        is_pregnant = lost >= due
        if not is_pregnant:
            shown_due = due
            if not stays_until_loss(inputs, rates, ledger, i, conception, due, lost, patience):
                return False, FAR, FAR
            since, patience, u_conception = lost, -np.log(uniform(start[3])), uniform(start[2])
    if not is_pregnant:
        conception, due = plan_heifer(
            inputs, rates, seed, replicate, key, birth, since + 1, u_conception, u_gestation
        )
    calves = settle_heifer(inputs, rates, ledger, key, ZERO, birth, since, patience, conception, due)
    if since > 0:
        note_loss(ledger, since, shown_due)
    return calves, due, conception


@inlined
def plan_milking(inputs, rates, ledger, seed, replicate, i, u_conception, u_gestation, u_dry_off):
    """Return the plan of a cow in milk on the report date, and the day of a loss that it comes after."""
    animals = inputs.animals
    key, lactation, conception, today = animals.key[i], animals.lactation[i], animals.conception[i], ONE
    loss = NEVER_LOST
    start = words(seed, replicate, key, np.uint64(lactation), np.uint64(START_BLOCK))
    hidden = is_hidden(inputs, rates, i, 1, uniform(start[0]))
    if hidden:
        conception = animals.insemination[i]
        follow(ledger, key, TRACE_CONCEPTION, ONE, lactation)
    if hidden or animals.state[i] == PREGNANT:
        plan = plan_pregnant(inputs, i, conception, u_gestation, u_dry_off)
        lost = loss_day(inputs, inputs.hazards.cow_loss, conception, hidden, uniform(start[1]))
        if lost >= min(plan.dry, plan.due):
            return plan, NEVER_LOST
        follow(ledger, key, TRACE_LOSS, lost, lactation)
        today, loss, u_conception = lost + 1, lost, uniform(start[2])
    plan = plan_cow(
        inputs, rates, seed, replicate, key, lactation, animals.calving[i], today,
        u_conception, u_gestation, u_dry_off,
    )  # fmt: skip
    return plan, loss


@inlined
def start_cow(inputs, rates, ledger, seed, replicate, i, patience, u_conception, u_gestation, u_dry_off):
    """Run the current lactation of a cow of the report date.

    Returns whether she calves in time, when, and when the calf was conceived.
    """
    animals = inputs.animals
    if animals.state[i] == DRY:
        due = plan_dry(inputs, i, u_gestation, u_dry_off)
        plan, lost = LactationPlan(animals.conception[i], ZERO, due, FAR), NEVER_LOST
    else:
        plan, lost = plan_milking(
            inputs, rates, ledger, seed, replicate, i, u_conception, u_gestation, u_dry_off
        )
    key, lactation, calving = animals.key[i], animals.lactation[i], animals.calving[i]
    calves = settle_cow(inputs, rates, ledger, key, lactation, calving, ZERO, patience, plan)
    note_loss(ledger, lost, plan.due)
    return calves, plan.due, plan.conception


@inlined
def start_animal(inputs, rates, ledger, seed, replicate, i):
    """Run the current lactation number of an animal of the report date.

    Returns whether she calves in time, when, and when the calf was conceived.
    """
    animals = inputs.animals
    key, lactation = animals.key[i], animals.lactation[i]
    word_0, word_1, word_2, word_3 = words(seed, replicate, key, np.uint64(lactation), np.uint64(LIFE_BLOCK))
    patience = -np.log(uniform(word_0))
    if animals.flagged[i]:
        run_flagged(inputs, rates, ledger, i, patience)
        return False, FAR, FAR
    if animals.state[i] in (HEIFER, PREGNANT_HEIFER):
        return start_heifer(
            inputs, rates, ledger, seed, replicate, i, patience, uniform(word_1), uniform(word_2)
        )
    return start_cow(
        inputs, rates, ledger, seed, replicate, i, patience,
        uniform(word_1), uniform(word_2), uniform(word_3),
    )  # fmt: skip


@inlined
def run_herd(inputs, rates, ledger, stack, seed, replicate):
    """Run the animals of the report date, as far as it can be told by themselves who leaves when."""
    animals = inputs.animals
    for i in range(animals.key.shape[0]):
        calves, due, conception = start_animal(inputs, rates, ledger, seed, replicate, i)
        if inputs.has_places:
            enter(ledger)
        elif calves:
            waiting = live_on_as_cow(
                inputs, rates, ledger, stack, seed, replicate,
                animals.key[i], animals.lactation[i] + 1, due, conception,
            )  # fmt: skip
            rear_calves(inputs, rates, ledger, stack, waiting, seed, replicate)


@inlined
def write_records(inputs, ledger, start, calving_days, counts, days_in_milk_sum):
    """Turn flows into the records of one replicate (``COUNT_COLUMNS``)."""
    milking, dry, heifer, pregnant_heifer = start
    flows = ledger.flows
    for record in range(inputs.record_day.shape[0]):
        flow = flows[record]
        calvings = flow[FIRST_CALVING] + flow[CALVING_DRY] + flow[CALVING_MILKING]
        leaving = flow[EXIT_HEIFER] + flow[EXIT_PREGNANT_HEIFER] + flow[EXIT_MILKING] + flow[EXIT_DRY]
        milking += flow[FIRST_CALVING] + flow[CALVING_DRY] - flow[DRY_OFF] - flow[EXIT_MILKING]
        dry += flow[DRY_OFF] - flow[CALVING_DRY] - flow[EXIT_DRY]
        heifer += flow[BIRTH] - flow[CONCEPTION] - flow[EXIT_HEIFER]
        pregnant_heifer += (
            flow[CONCEPTION] + flow[PURCHASE] - flow[FIRST_CALVING] - flow[EXIT_PREGNANT_HEIFER]
        )
        calving_days += ledger.calving_days[record]
        row = counts[record]
        row[0], row[1], row[2], row[3] = milking, dry, heifer, pregnant_heifer
        row[4], row[5], row[6] = calvings, flow[DRY_OFF], leaving
        row[7], row[8], row[9] = flow[PURCHASE], flow[FIRST_CALVING], flow[BIRTH]
        days_in_milk_sum[record] = inputs.record_day[record] * milking - calving_days


@inlined
def run_batch(inputs, batch_rates, ledger, stack, seed, first_run, counts, days_in_milk_sum):
    """Run ``len(counts)`` replicates, numbered from ``first_run``, into the two arrays."""
    animals = inputs.animals
    milking, dry, heifer, pregnant_heifer, calving_days = ZERO, ZERO, ZERO, ZERO, ZERO
    for i in range(animals.key.shape[0]):
        state = animals.state[i]
        heifer += state == HEIFER
        pregnant_heifer += state == PREGNANT_HEIFER
        dry += state == DRY
        if state in (OPEN, PREGNANT):
            milking += 1
            calving_days += animals.calving[i]
    start = (milking, dry, heifer, pregnant_heifer)
    for offset in range(counts.shape[0]):
        replicate = np.uint64(first_run + offset)
        clear(ledger)
        row = min(offset, batch_rates.calf.shape[0] - 1)
        rates = ReplicateRates(
            batch_rates.exits[row],
            batch_rates.season[row],
            batch_rates.conception[row],
            batch_rates.pace[row],
            batch_rates.hidden[row],
            batch_rates.calf[row],
        )
        run_herd(inputs, rates, ledger, stack, seed, replicate)
        if inputs.has_places:
            run_by_month(inputs, rates, ledger, seed, replicate)
        elif inputs.policy == MANUAL:
            run_manual_purchases(inputs, rates, ledger, stack, seed, replicate)
        else:
            run_automatic_purchases(inputs, rates, ledger, stack, seed, replicate)
        write_records(inputs, ledger, start, calving_days, counts[offset], days_in_milk_sum[offset])


def _entry_point(digest: int) -> Callable[..., int]:
    @compiled
    def run_many(inputs, rates, ledger, stack, seed, first_run, counts, days_in_milk_sum):
        """Run ``len(counts)`` replicates, numbered from ``first_run``; return the digest of the kernel."""
        run_batch(inputs, rates, ledger, stack, seed, first_run, counts, days_in_milk_sum)
        return digest

    return run_many


run_many = _entry_point(kernel_digest())
