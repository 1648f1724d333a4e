"""What one replicate writes: flows by record period, from which stocks follow; nothing per animal."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.kernel.compiled import inlined

(
    CONCEPTION,  # heifer → pregnant heifer
    FIRST_CALVING,  # pregnant heifer → milking
    CALVING_DRY,  # dry → milking
    CALVING_MILKING,  # in milk until the day of calving
    DRY_OFF,  # milking → dry
    BIRTH,  # a heifer calf joins
    PURCHASE,  # a pregnant heifer arrives
    EXIT_HEIFER,
    EXIT_PREGNANT_HEIFER,
    EXIT_MILKING,
    EXIT_DRY,
) = np.arange(11)  # NumPy integers: numba compiles a function anew for every Python integer it is handed
_FLOWS = 11

(
    TRACE_CONCEPTION,
    TRACE_DRY_OFF,
    TRACE_CALVING,
    TRACE_BIRTH,
    TRACE_PURCHASE,
    TRACE_CULLED,
    TRACE_FLAG_EXIT,
    TRACE_NON_CONCEIVER,
    TRACE_CAP_EXIT,
    TRACE_LOSS,
    TRACE_SOLD,
) = np.arange(11)
PRESENT_FIELDS = 13
"""Of a row of ``Ledger.present``: see ``herd_engine.engine.kernel.present``."""


class Ledger(NamedTuple):
    """Counters of one replicate; index ``m`` of a first axis is the period that ends with record m.

    Attributes
    ----------
    flows : ndarray of int32, shape (months + 2, 11)
        Events; the last row takes what is never read.
    calving_days : ndarray of int64, shape (months + 2,)
        Sum of calving days of cows that came into milk less of those that left it.
    balance : ndarray of int32, shape (months + 3,)
        Heifer calves born less animals that left, by the first record *after* the day.
    projected : ndarray of int32, shape (months + 3, classes)
        Changes in the number of animals that `auto_forecast` projects to be milking.
    trace : ndarray of uint64, shape (capacity, 4)
        Key, kind, day, lactation of each event, where capacity > 0: for tests that follow animals.
    trace_length : ndarray of int64, shape (1,)
    present : ndarray of int64, shape (13, capacity)
        Animals that are there, where places are full; no capacity where they are not.
    noted : ndarray of int64, shape (13,)
        What was settled last, before it is a row of ``present``.
    queue : ndarray of int64, shape (capacity,)
        Rows in the order in which they are sold, as a heap.
    n_present : ndarray of int64, shape (1,)
    is_full : ndarray of int64, shape (1,)
        Not 0 where more animals were there at once than ``present`` has room for: nothing of the replicate
        is right then.
    """

    flows: NDArray[np.int32]
    calving_days: NDArray[np.int64]
    balance: NDArray[np.int32]
    projected: NDArray[np.int32]
    trace: NDArray[np.uint64]
    trace_length: NDArray[np.int64]
    present: NDArray[np.int64]
    noted: NDArray[np.int64]
    queue: NDArray[np.int64]
    n_present: NDArray[np.int64]
    is_full: NDArray[np.int64]


def new_ledger(months: int, classes: int, trace_capacity: int = 0, most_present: int = 0) -> Ledger:
    """Return an empty ledger; ``most_present`` is the room for animals, needed where places are full."""
    return Ledger(
        np.zeros((months + 2, _FLOWS), np.int32),
        np.zeros(months + 2, np.int64),
        np.zeros(months + 3, np.int32),
        np.zeros((months + 3, classes), np.int32),
        np.zeros((trace_capacity, 4), np.uint64),
        np.zeros(1, np.int64),
        np.zeros((PRESENT_FIELDS, most_present), np.int64),
        np.zeros(PRESENT_FIELDS, np.int64),
        np.zeros(most_present, np.int64),
        np.zeros(1, np.int64),
        np.zeros(1, np.int64),
    )


@inlined
def clear(ledger):
    """Set all counters to zero."""
    ledger.flows[:] = 0
    ledger.calving_days[:] = 0
    ledger.balance[:] = 0
    ledger.projected[:] = 0
    ledger.trace_length[0] = 0
    ledger.n_present[0] = 0


@inlined
def follow(ledger, key, kind, day, lactation):
    """Note an event of one animal, if anybody follows them."""
    if ledger.trace.shape[0] > 0:
        row = ledger.trace_length[0]
        ledger.trace[row, 0] = key
        ledger.trace[row, 1] = np.uint64(kind)
        ledger.trace[row, 2] = np.uint64(day)
        ledger.trace[row, 3] = np.uint64(lactation)
        ledger.trace_length[0] = row + 1


@inlined
def leave(ledger, record_of_day, flow, day):
    """Count an exit."""
    ledger.flows[record_of_day[day], flow] += 1
    ledger.balance[record_of_day[day + 1]] -= 1


@inlined
def project(ledger, inputs, class_, first, last):
    """Count an animal as projected to be milking on the month starts within first … last."""
    last = min(last, inputs.last_day)
    if first <= last:
        ledger.projected[inputs.record_of_day[first], class_] += 1
        ledger.projected[inputs.record_of_day[last + 1], class_] -= 1
