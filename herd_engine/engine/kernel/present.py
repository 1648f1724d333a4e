"""The animals that are present, a row each with the days of her lactation: where places are full.

A row holds what is settled of one lactation number, up to the day she calves or leaves. Who is sold before
has what lies after that day taken back from the ledger; calves that are not born yet are in no row.
"""

import numpy as np

from herd_engine.engine.kernel.compiled import apart, inlined
from herd_engine.engine.kernel.ledger import (
    CALVING_DRY,
    CALVING_MILKING,
    CONCEPTION,
    DRY_OFF,
    EXIT_DRY,
    EXIT_HEIFER,
    EXIT_MILKING,
    EXIT_PREGNANT_HEIFER,
    FIRST_CALVING,
    PRESENT_FIELDS,
    TRACE_SOLD,
    follow,
    leave,
)
from herd_engine.engine.kernel.lookup import FAR

(
    KEY,  # the 64 bits of her key
    CLASS,  # of `auto_forecast`, as in ``Inputs.survival``
    LACTATION,
    START,  # birth or calving
    CONCEPTION_DAY,
    DRY_DAY,
    DUE,
    LEAVES,  # the day she leaves, in whatever way
    ENDS,  # she is there until the day before this one as she is now: she leaves or calves
    LOST,  # she is pregnant until the day before this one: a pregnancy of the report date that is lost
    SHOWN_DUE,  # before a loss, the day she was due
    CALF,  # conception of the calf she carries
    RANK,  # who is sold first
) = np.arange(PRESENT_FIELDS)

NEVER_LOST = -FAR
"""Before every day."""
_OF_ONE_KIND = np.int64(2**40)
"""More than any two days are apart."""


@inlined
def note(ledger, key, class_, lactation, start, conception, dry, due, leaves):
    """Note what is settled of a lactation, where places are full; ``enter`` makes a row of it."""
    if ledger.present.shape[1] > 0:
        write_note(ledger.noted, key, class_, lactation, start, conception, dry, due, leaves)


@apart
def write_note(row, key, class_, lactation, start, conception, dry, due, leaves):
    """Write down what is settled of a lactation."""
    row[KEY], row[CLASS], row[LACTATION], row[START] = np.int64(key), class_, lactation, start
    row[CONCEPTION_DAY], row[DRY_DAY], row[DUE], row[LEAVES] = conception, dry, due, leaves
    row[ENDS], row[LOST] = min(leaves, due), NEVER_LOST
    row[SHOWN_DUE], row[CALF], row[RANK] = due, conception, 0


@inlined
def note_loss(ledger, lost, due):
    """Add a pregnancy of the report date that will be lost to what was noted last."""
    if ledger.present.shape[1] > 0:
        ledger.noted[LOST], ledger.noted[SHOWN_DUE] = lost, due


@inlined
def write_row(ledger, i):
    """Put what was noted last into a row."""
    for field in range(PRESENT_FIELDS):
        ledger.present[field, i] = ledger.noted[field]


@inlined
def enter(ledger):
    """Add what was noted last as a row, or tell that there is no room."""
    i = ledger.n_present[0]
    if i == ledger.present.shape[1]:
        ledger.is_full[0] = 1
        return
    write_row(ledger, i)
    ledger.n_present[0] = i + 1


@inlined
def remove(ledger, i):
    """Take a row out; the last one takes its place."""
    last = ledger.n_present[0] - 1
    for field in range(PRESENT_FIELDS):
        ledger.present[field, i] = ledger.present[field, last]
    ledger.n_present[0] = last


@inlined
def is_pregnant(row, day):
    """Tell whether an animal is pregnant at the end of a day."""
    return row[CONCEPTION_DAY] <= day or day < row[LOST]


@inlined
def is_milking(row, day):
    """Tell whether an animal is a cow in milk at the end of a day."""
    return row[LACTATION] > 0 and row[DRY_DAY] > day


@inlined
def count_present(ledger, day):
    """Return the cows in milk and all females at the end of a day that the rows have come to."""
    milking, head = 0, 0
    for i in range(ledger.n_present[0]):
        row = ledger.present[:, i]
        if row[ENDS] > day:
            head += 1
            milking += is_milking(row, day)
    return milking, head


@inlined
def rank_of(inputs, row, day):
    """Return how early an animal is sold, the smaller the earlier; -1: she is not."""
    if row[LACTATION] == 0:
        if not is_pregnant(row, day):
            return _OF_ONE_KIND - row[START]
        due = row[SHOWN_DUE] if day < row[LOST] else row[DUE]
        return 3 * _OF_ONE_KIND - due if inputs.sells_pregnant else np.int64(-1)
    if inputs.culls_cows and is_milking(row, day) and not is_pregnant(row, day):
        return 5 * _OF_ONE_KIND + row[START]
    return np.int64(-1)


@inlined
def is_sold_before(ledger, i, j):
    """Tell which of two rows goes first; ties go by the key."""
    one, other = ledger.present[:, i], ledger.present[:, j]
    if one[RANK] != other[RANK]:
        return one[RANK] < other[RANK]
    return np.uint64(one[KEY]) < np.uint64(other[KEY])


@inlined
def sift(ledger, top, size):
    """Let a row sink in the heap of ``ledger.queue`` to where it belongs."""
    queue = ledger.queue
    while 2 * top + 1 < size:
        child = 2 * top + 1
        if child + 1 < size and is_sold_before(ledger, queue[child + 1], queue[child]):
            child += 1
        if not is_sold_before(ledger, queue[child], queue[top]):
            return
        queue[top], queue[child] = queue[child], queue[top]
        top = child


@inlined
def sell(inputs, ledger, row, day):
    """Let an animal leave at the end of a day, and take back what would have come of her."""
    if row[LACTATION] == 0:
        take_back_heifer(inputs, ledger, row, day)
        flow = EXIT_PREGNANT_HEIFER if is_pregnant(row, day) else EXIT_HEIFER
    else:
        take_back_cow(inputs, ledger, row, day)
        flow = EXIT_MILKING
        ledger.calving_days[inputs.record_of_day[day]] -= row[START]
    leave(ledger, inputs.record_of_day, flow, day)
    follow(ledger, np.uint64(row[KEY]), TRACE_SOLD, day, row[LACTATION])
    row[LEAVES], row[ENDS] = day, day


@inlined
def take_back_heifer(inputs, ledger, row, day):
    """Take back what a heifer was to do after a day."""
    conception, due, leaves, lost = row[CONCEPTION_DAY], row[DUE], row[LEAVES], row[LOST]
    flows, record_of_day, last_day = ledger.flows, inputs.record_of_day, inputs.last_day
    if day < lost <= last_day and lost < leaves:
        flows[record_of_day[lost], CONCEPTION] += 1
    if day < conception <= last_day and conception < leaves:
        flows[record_of_day[conception], CONCEPTION] -= 1
    if leaves <= last_day:
        stay(ledger, record_of_day, EXIT_PREGNANT_HEIFER if conception < leaves else EXIT_HEIFER, leaves)
    elif due <= last_day:
        flows[record_of_day[due], FIRST_CALVING] -= 1


@inlined
def take_back_cow(inputs, ledger, row, day):
    """Take back what a cow in milk was to do after a day."""
    calving, dry, due, leaves = row[START], row[DRY_DAY], row[DUE], row[LEAVES]
    flows, record_of_day, last_day = ledger.flows, inputs.record_of_day, inputs.last_day
    if day < dry <= last_day and dry < leaves:
        flows[record_of_day[dry], DRY_OFF] -= 1
        ledger.calving_days[record_of_day[dry]] += calving
    if leaves <= last_day:
        is_dry = dry < leaves
        stay(ledger, record_of_day, EXIT_DRY if is_dry else EXIT_MILKING, leaves)
        if not is_dry:
            ledger.calving_days[record_of_day[leaves]] += calving
    elif due <= last_day:
        is_dry = dry < due
        flows[record_of_day[due], CALVING_DRY if is_dry else CALVING_MILKING] -= 1
        if not is_dry:
            ledger.calving_days[record_of_day[due]] += calving


@inlined
def stay(ledger, record_of_day, flow, day):
    """Take back an exit."""
    ledger.flows[record_of_day[day], flow] -= 1
    ledger.balance[record_of_day[day + 1]] += 1
