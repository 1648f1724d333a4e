"""Expected lives, compiled: what a cohort of animals does on every day after its birth or calving.

Animals of one group that were born, or calved, on the same day are a *cohort*; ``x`` counts its days from
then. Whoever conceives on day ``y`` is there at the end of day x with probability

    S(x | y) = open(x) where x <= y + lag, else gain(y + lag) pregnant(x),

open and pregnant being what the rates of leaving of the open and of the confirmed pregnant leave over. Given
y, gestation and dry-off do not depend on survival: whatever a cohort does is a sum over y of u(y), the
share that conceives on y, times a law of the days k = x - y. Cows and heifers are one machine: a cow changes
class (milking to dry) at dry-off, a heifer (not pregnant to pregnant) at conception.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.kernel.compiled import compiled, inlined

Numbers = NDArray[np.float64]
FIRST, SECOND, DAYS = np.arange(3)
"""Columns of ``Books.stocks``: animals before, after their change of class; days in milk of the former."""


class Lives(NamedTuple):
    """Laws of all groups: 0 heifers, 1 … cows by lactation; ``kind`` is 0 for heifers, 1 for cows.

    Attributes
    ----------
    open, pregnant : ndarray of float64, shape (groups, days)
        Share of the open, of the confirmed pregnant that has not left by the end of day x.
    gain : ndarray of float64, shape (groups, days)
        open / pregnant.
    waits : ndarray of float64, shape (groups, days)
        Probability of no conception by the end of day x.
    conceives : ndarray of float64, shape (groups, days)
        Probability of the first conception on day x.
    carries : ndarray of float64, shape (longest + 1,)
        P(gestation > k).
    stays : ndarray of float64, shape (2, longest + 1)
        P(conception to change of class > k) of a pregnancy from its first day; a dry-off comes at least a
        day before the calving.
    calves_on, dries_on : ndarray of float64, shape (longest + 1,)
        P(gestation = k), and of a cow's change of class.
    first_calving, first_dry_off : int
        Where these begin.
    dries : ndarray of float64, shape (longest + 1,)
        P(drawn dry-off > k), the calving left out of account.
    kept : ndarray of float64, shape (2, longest + 2)
        P(no loss before day k), pregnancies of the report date.
    cap : int
        Last day in milk.
    lag : int
        Days from conception until an animal counts as pregnant.
    """

    open: Numbers
    pregnant: Numbers
    gain: Numbers
    waits: Numbers
    conceives: Numbers
    carries: Numbers
    stays: Numbers
    calves_on: Numbers
    dries_on: Numbers
    first_calving: int
    first_dry_off: int
    dries: Numbers
    kept: Numbers
    cap: int
    lag: int


class Whole(NamedTuple):
    """A cohort from its first day on, by group and day, of one animal; shape (groups, days) each.

    Attributes
    ----------
    calves, dries : ndarray of float64
        Probability of calving, of being dried off on day x.
    first, second : ndarray of float64
        Probability of being pregnant at the end of day x, before and after the change of class.
    first_calving, first_dry_off, last : ndarray of int64, shape (groups,)
        Days between which ``calves`` and ``dries`` are not 0.
    """

    calves: Numbers
    dries: Numbers
    first: Numbers
    second: Numbers
    first_calving: NDArray[np.int64]
    first_dry_off: NDArray[np.int64]
    last: NDArray[np.int64]


def new_whole(lives: Lives) -> Whole:
    """Return a cohort that is to be filled."""
    groups = len(lives.open)
    return Whole(
        calves=np.zeros(lives.open.shape),
        dries=np.zeros(lives.open.shape),
        first=np.zeros(lives.open.shape),
        second=np.zeros(lives.open.shape),
        first_calving=np.zeros(groups, np.int64),
        first_dry_off=np.zeros(groups, np.int64),
        last=np.zeros(groups, np.int64),
    )


class Books(NamedTuple):
    """Expected numbers.

    Attributes
    ----------
    record_day : ndarray of int64, shape (records,)
    record_on : ndarray of int64, shape (last_day + 1,)
        Record of a day; 0, whose stocks are counted from the animals, for a day without one.
    calvings : ndarray of float64, shape (groups, last_day + 1)
        By group of the dam before she calves, and day.
    carried : ndarray of float64, shape (2, last_day + 1)
        Of these, the ends of pregnancies of the report date, heifers' and cows'.
    dry_offs : ndarray of float64, shape (last_day + 1,)
    stocks : ndarray of float64, shape (2, records, 3)
        Heifers and cows at the end of each record's day.
    """

    record_day: NDArray[np.int64]
    record_on: NDArray[np.int64]
    calvings: Numbers
    carried: Numbers
    dry_offs: Numbers
    stocks: Numbers


def new_books(record_day: NDArray[np.int64], groups: int) -> Books:
    """Return empty books."""
    last_day, records = int(record_day[-1]), len(record_day)
    record_on = np.zeros(last_day + 1, np.int64)
    record_on[record_day] = np.arange(records)
    return Books(
        record_day=record_day,
        record_on=record_on,
        calvings=np.zeros((groups, last_day + 1)),
        carried=np.zeros((2, last_day + 1)),
        dry_offs=np.zeros(last_day + 1),
        stocks=np.zeros((2, records, 3)),
    )


class Scratch(NamedTuple):
    """Room for one cohort, shape (days + longest + 2,) each, all zero between cohorts.

    Attributes
    ----------
    entering, late : ndarray of float64
        Animals that wait for a conception from the next day on; that will, once they have lost a pregnancy.
    conceiving, waiting : ndarray of float64
    early_calves, late_calves, early_dries, late_dries : ndarray of float64
        Before and after the pregnancy counts.
    """

    entering: Numbers
    late: Numbers
    conceiving: Numbers
    waiting: Numbers
    early_calves: Numbers
    late_calves: Numbers
    early_dries: Numbers
    late_dries: Numbers


def new_scratch(lives: Lives) -> Scratch:
    """Return empty room."""
    size = lives.open.shape[1] + 2 * len(lives.carries) + 4
    return Scratch(*(np.zeros(size) for _ in Scratch._fields))


@inlined
def survival(lives, group, x, y):
    """Return S(x | y)."""
    confirmed = max(y + lives.lag, 0)
    if x <= confirmed:
        return lives.open[group, x]
    return lives.gain[group, confirmed] * lives.pregnant[group, x]


@inlined
def spread(lives, room, group, y, share):
    """Add the calvings and dry-offs of ``share`` animals that conceive on day y."""
    late = share * lives.gain[group, min(max(y + lives.lag, 0), lives.open.shape[1] - 1)]
    longest = lives.carries.shape[0] - 1
    add(room.early_calves, y, share, lives.calves_on, lives.first_calving, min(lives.lag, longest))
    add(room.late_calves, y, late, lives.calves_on, max(lives.first_calving, lives.lag + 1), longest)
    if group == 0:
        return
    until = min(longest, lives.cap - y)
    add(room.early_dries, y, share, lives.dries_on, lives.first_dry_off, min(lives.lag, until))
    add(room.late_dries, y, late, lives.dries_on, max(lives.first_dry_off, lives.lag + 1), until)
    if until < longest:  # the cap dries off who is left
        left = lives.stays[1, until] if until >= 0 else 1.0
        if until + 1 <= lives.lag:
            room.early_dries[lives.cap + 1] += share * left
        else:
            room.late_dries[lives.cap + 1] += late * left


@inlined
def add(flow, y, share, law, first, last):
    """Add ``share`` times a law of the days first … last since day y."""
    for k in range(first, last + 1):
        flow[y + k] += share * law[k]


@inlined
def clear_flows(room, first, last):
    """Empty the room for flows."""
    for x in range(first, last + 1):
        room.early_calves[x] = 0.0
        room.late_calves[x] = 0.0
        room.early_dries[x] = 0.0
        room.late_dries[x] = 0.0


@compiled
def whole_lives(lives: Lives, room: Scratch, whole: Whole) -> None:
    """Fill ``whole``."""
    days, longest = lives.open.shape[1], lives.carries.shape[0] - 1
    for group in range(lives.open.shape[0]):
        kind, first, last = min(group, 1), first_above_zero(lives.conceives[group]), 0
        for y in range(first, days):
            if lives.conceives[group, y] > 0.0:
                spread(lives, room, group, y, lives.conceives[group, y])
                last = y
        for x in range(min(days, last + longest + 1)):
            left, late = lives.open[group, x], lives.pregnant[group, x]
            whole.calves[group, x] = left * room.early_calves[x] + late * room.late_calves[x]
            whole.dries[group, x] = left * room.early_dries[x] + late * room.late_dries[x]
            for y in range(max(first, x - longest), min(x, last) + 1):
                there = lives.conceives[group, y] * survival(lives, group, x, y)
                stays = lives.stays[kind, x - y] if x <= lives.cap else 0.0
                whole.first[group, x] += there * stays
                whole.second[group, x] += there * (lives.carries[x - y] - stays)
        clear_flows(room, 0, days + longest)
        whole.first_calving[group] = first_above_zero(whole.calves[group])
        whole.first_dry_off[group] = first_above_zero(whole.dries[group])
        whole.last[group] = min(last + longest, days - 1)


@inlined
def first_above_zero(values):
    """Return the first position of a positive value; the length if there is none."""
    for i in range(values.shape[0]):
        if values[i] > 0.0:
            return i
    return values.shape[0]


@inlined
def put(books, group, record, x, first, second):
    """Add animals to the stocks of a record."""
    kind = min(group, 1)
    books.stocks[kind, record, FIRST] += first
    books.stocks[kind, record, SECOND] += second
    books.stocks[kind, record, DAYS] += first * x


@compiled
def renew(
    lives: Lives, whole: Whole, books: Books, calved: Numbers, born: Numbers, heifer_calf: Numbers
) -> None:
    """Run everybody who calves or is born: ``calved`` (groups, last_day + 1) and ``born`` are filled.

    ``calved[g]`` counts those that begin lactation g (the last: and later ones), ``born`` the heifer calves.
    ``heifer_calf`` is that of ``Inputs``, shape (2, 2).
    """
    more_of_heifers = heifer_calf[0, 0] - heifer_calf[1, 0]
    more_of_cows = heifer_calf[0, 1] - heifer_calf[1, 1]
    last_day, groups = born.shape[0] - 1, calved.shape[0]
    for day in range(1, last_day + 1):
        later = 0.0
        for group in range(1, groups):
            calved[group, day] += books.calvings[group - 1, day]
            later += calved[group, day]
        calved[groups - 1, day] += books.calvings[groups - 1, day]
        later += books.calvings[groups - 1, day] - calved[1, day]
        born[day] = heifer_calf[1, 0] * calved[1, day] + heifer_calf[1, 1] * later
        born[day] += more_of_heifers * books.carried[0, day] + more_of_cows * books.carried[1, day]
        for group in range(groups):
            begin(whole, books, group, day, born[day] if group == 0 else calved[group, day])
    for group in range(groups):
        count(lives, whole, books, group, born if group == 0 else calved[group])


@inlined
def begin(whole, books, group, day, animals):
    """Add what ``animals`` that are born, or calve, on a day will do later."""
    end = min(books.dry_offs.shape[0] - 1 - day, whole.last[group])
    if animals > 0.0:
        add(books.calvings[group], day, animals, whole.calves[group], whole.first_calving[group], end)
        add(books.dry_offs, day, animals, whole.dries[group], whole.first_dry_off[group], end)


@inlined
def count(lives, whole, books, group, beginning):
    """Add to the stocks whoever was born, or calved, on the days before each record."""
    for record in range(1, books.record_day.shape[0]):
        for day in range(1, books.record_day[record] + 1):
            x = books.record_day[record] - day
            waiting = 0.0
            if x <= lives.cap or group == 0:
                waiting = lives.open[group, x] * lives.waits[group, x]
            first, second = waiting + whole.first[group, x], whole.second[group, x]
            put(books, group, record, x, beginning[day] * first, beginning[day] * second)
