"""Expected lives of the animals of the report date, compiled: from what is known of them to their calving."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.exact.expected_lives import Numbers, clear_flows, put, spread, survival
from herd_engine.engine.kernel.compiled import compiled, inlined, kernel_digest

OPEN, CHANGING, CHANGED, DRY = np.arange(4)
"""What is still to come of an animal of the report date: conception; or, pregnant, a loss or the change of
class; a loss or the calving (heifers); the calving alone."""
ALL_CONCEIVED = 1e-200


class Starters(NamedTuple):
    """Animals of the report date, sorted by group and start, an element each (two, if perhaps pregnant).

    Attributes
    ----------
    group, start, conception : ndarray of int64
        ``start`` is the day of birth or calving.
    stage : ndarray of int64
        ``OPEN`` … ``DRY``.
    known_from : ndarray of int64
        Day of pregnancy before which it is not lost.
    weight : ndarray of float64
        Probability.
    """

    group: NDArray[np.int64]
    start: NDArray[np.int64]
    conception: NDArray[np.int64]
    stage: NDArray[np.int64]
    known_from: NDArray[np.int64]
    weight: Numbers


@inlined
def condition(law, first):
    """Return 1 / P(X >= first), 0 if nothing is left; ``law[k]`` is P(X > k)."""
    if first <= 0:
        return 1.0
    left = law[first - 1] if first <= law.shape[0] else 0.0
    return 1.0 / left if left > 0.0 else 0.0


@inlined
def exceeds(law, k, condition):
    """Return P(X > k | X >= first), k >= first; a law with nothing left gives ``first``."""
    return law[k] * condition if k < law.shape[0] else 0.0


@inlined
def kept_from(lives, kind, k, known_from, certain):
    """Return P(no loss before day k), given none before ``known_from``."""
    if k <= known_from:
        return 1.0
    return lives.kept[kind, min(k, lives.kept.shape[1] - 1)] * certain


@inlined
def dries_after(lives, y, k, first, dried):
    """Return P(planned dry-off > k) of a cow not dry before ``first``; the cap dries her at the latest."""
    if k < first:
        return 1.0
    return 0.0 if y + k > lives.cap else exceeds(lives.dries, k, dried)


@inlined
def stays_longer(lives, y, k, first, carried, dried):
    """Return P(in milk after day k): dried off, and due, later; she is dry on the day before she is due."""
    return dries_after(lives, y, k, first, dried) * exceeds(lives.carries, k + 1, carried)


@inlined
def stayed_until(lives, y, k, first, carried, dried):
    """Return P(in milk until day k, and not due on it)."""
    return dries_after(lives, y, k - 1, first, dried) * exceeds(lives.carries, k, carried)


@inlined
def never_lost(lives, kind, y, first, end, known_from):
    """Return P(will be dried off, no loss before) and P(will calve, no loss before the dry-off)."""
    carried, dried = condition(lives.carries, first), condition(lives.dries, first)
    certain = 1.0 / max(lives.kept[kind, known_from], 1e-200)
    milking, lost = 0.0, 0.0
    for k in range(first, end + 1):
        kept = kept_from(lives, kind, k, known_from, certain)
        loses = kept - kept_from(lives, kind, k + 1, known_from, certain)
        stays = stays_longer(lives, y, k, first, carried, dried)
        milking += (stayed_until(lives, y, k, first, carried, dried) - stays) * kept
        lost += loses * stays
    return milking, 1.0 - lost


@inlined
def carry(lives, books, room, animals, i, today):
    """Run a pregnancy after the change of class; return the last day on which its loss brings her back."""
    group, y = animals.group[i], animals.conception[i] - animals.start[i]
    first, longest = today + 1 - y, lives.carries.shape[0] - 1
    carried = condition(lives.carries, first)
    known_from = min(max(animals.known_from[i], first), longest + 1)
    certain = 1.0 / max(lives.kept[0, known_from], 1e-200)
    scale, back, may_lose = (
        animals.weight[i] / survival(lives, group, today, y),
        today,
        animals.stage[i] != DRY,
    )
    before = 1.0
    for k in range(first, min(max(longest, first), books.dry_offs.shape[0] - 1 - animals.start[i] - y) + 1):
        x, day = y + k, animals.start[i] + y + k
        due_later = exceeds(lives.carries, k, carried)
        kept, loses = 1.0, 0.0
        if may_lose:
            kept = kept_from(lives, 0, k, known_from, certain)
            loses = kept - kept_from(lives, 0, k + 1, known_from, certain)
        there = scale * survival(lives, group, x, y)
        calves = there * (before - due_later) * kept
        books.calvings[group, day] += calves
        books.carried[min(group, 1), day] += calves
        before = due_later
        put(books, group, books.record_on[day], x, 0.0, there * due_later * (kept - loses))
        if loses * due_later > 0.0:
            room.entering[x] += there * loses * due_later / lives.open[group, x]
            back = x
    return back


@inlined
def carry_in_milk(lives, books, room, animals, i, today):
    """Run a pregnancy from before the dry-off; return the last day on which its loss brings her back.

    As in the kernel, a cow who will lose it leaves at the rates of the open from the report date on.
    """
    group, y = animals.group[i], animals.conception[i] - animals.start[i]
    first, longest = today + 1 - y, lives.carries.shape[0] - 1
    carried, dried = condition(lives.carries, first), condition(lives.dries, first)
    known_from = min(max(animals.known_from[i], first), longest + 1)
    certain = 1.0 / max(lives.kept[1, known_from], 1e-200)
    weight, scale, back = animals.weight[i], animals.weight[i] / survival(lives, group, today, y), today
    milking, present = never_lost(lives, 1, y, first, max(longest, first), known_from)
    room.late[today] += weight * (1.0 - present) / lives.open[group, today]
    before, settled, kept_before = 1.0, 0.0, 1.0  # settled: P(dried off before k - 1, no loss before that)
    for k in range(first, min(max(longest, first), books.dry_offs.shape[0] - 1 - animals.start[i] - y) + 1):
        x, day = y + k, animals.start[i] + y + k
        there = scale * survival(lives, group, x, y)
        kept = kept_from(lives, 1, k, known_from, certain)
        stays = stays_longer(lives, y, k, first, carried, dried)
        dries = (stayed_until(lives, y, k, first, carried, dried) - stays) * kept
        due_later = exceeds(lives.carries, k, carried)
        calves = before - due_later
        if k > first:
            dry_by = dries_after(lives, y, k - 2, first, dried)
            calves *= settled + dry_by * kept_before
            settled += (dry_by - dries_after(lives, y, k - 1, first, dried)) * kept_before
        before, kept_before = due_later, kept
        milking -= dries
        present -= calves
        books.dry_offs[day] += there * dries
        books.calvings[group, day] += there * calves
        books.carried[1, day] += there * calves
        put(books, group, books.record_on[day], x, there * milking, there * (present - milking))
        lost = weight * (kept - kept_from(lives, 1, k + 1, known_from, certain)) * stays
        if lost > 0.0:
            room.late[x] -= lost / lives.open[group, today]
            room.entering[x] += lost / lives.open[group, today]
            back = x
    return back


@inlined
def conceive(lives, whole, books, room, group, start, back):
    """Run the animals of a cohort that wait for a conception, the last of them from day ``back`` on.

    Whoever waits on day ``back`` goes on as a whole cohort does from then: only conceptions up to that day
    are spread one by one, as a difference to the whole cohort's.
    """
    today, longest = -start, lives.carries.shape[0] - 1
    end = min(books.dry_offs.shape[0] - 1 - start, lives.open.shape[1] - 1)
    back = end if lives.waits[group, min(back, end)] < ALL_CONCEIVED else min(back, end)
    waiting, late = wait(lives, room, group, today, back)
    scale = waiting / max(lives.waits[group, back], ALL_CONCEIVED)
    first = max(1, today + 1 - longest)
    for y in range(first, back + 1):
        room.conceiving[y] -= scale * lives.conceives[group, y]
        if room.conceiving[y] != 0.0:
            spread(lives, room, group, y, room.conceiving[y])
    for x in range(today + 1, min(end, whole.last[group]) + 1):
        books.calvings[group, start + x] += scale * whole.calves[group, x]
        books.dry_offs[start + x] += scale * whole.dries[group, x]
    for x in range(today + 1, min(end, back + longest) + 1):
        left, late_left = lives.open[group, x], lives.pregnant[group, x]
        books.calvings[group, start + x] += left * room.early_calves[x] + late_left * room.late_calves[x]
        books.dry_offs[start + x] += left * room.early_dries[x] + late_left * room.late_dries[x]
    for record in range(1, books.record_day.shape[0]):
        x = books.record_day[record] - start
        waits = room.waiting[x] if x <= back else scale * lives.waits[group, x] + late
        milking = waits * lives.open[group, x] if x <= lives.cap or group == 0 else 0.0
        put(books, group, record, x, milking + scale * whole.first[group, x], scale * whole.second[group, x])
        count_pregnant(lives, books, room, group, record, x, first, back)
    clear_flows(room, first, back + longest + 1)
    for x in range(first, back + 1):
        room.conceiving[x], room.waiting[x] = 0.0, 0.0


@inlined
def wait(lives, room, group, today, back):
    """Run the waiting to day ``back``; return who waits then, and who will after a loss still to come.

    ``entering`` and ``late`` are emptied.
    """
    waiting, late = 0.0, 0.0
    for x in range(today, back + 1):
        conceiving = 0.0
        if x > today and lives.waits[group, x - 1] > 0.0:
            conceiving = waiting * lives.conceives[group, x] / lives.waits[group, x - 1]
        waiting += room.entering[x] - conceiving
        late += room.late[x]
        room.conceiving[x], room.waiting[x] = conceiving, waiting + late
        room.entering[x], room.late[x] = 0.0, 0.0
    return waiting, late


@inlined
def count_pregnant(lives, books, room, group, record, x, first, back):
    """Add to a record those who conceived on the days ``first`` … ``back``."""
    kind, longest = min(group, 1), lives.carries.shape[0] - 1
    milking, second = 0.0, 0.0
    for y in range(max(first, x - longest), min(x, back) + 1):
        there = room.conceiving[y] * survival(lives, group, x, y)
        stays = lives.stays[kind, x - y] if x <= lives.cap else 0.0
        milking += there * stays
        second += there * (lives.carries[x - y] - stays)
    put(books, group, record, x, milking, second)


@inlined
def live_cohort(lives, whole, books, room, animals, i, end):
    """Run the cohort that begins with animal ``i`` and ends before ``end``; return the animal after it."""
    group, start = animals.group[i], animals.start[i]
    today, back, waits = -start, -start, False
    while i < end and animals.group[i] == group and animals.start[i] == start:
        lost = today
        if animals.stage[i] == OPEN:
            room.entering[today] += animals.weight[i] / lives.open[group, today]
            waits = True
        elif animals.stage[i] == CHANGING:
            lost = carry_in_milk(lives, books, room, animals, i, today)
            waits = True
        else:
            lost = carry(lives, books, room, animals, i, today)
            waits = waits or lost > today
        back = max(back, lost)
        i += 1
    if waits:
        conceive(lives, whole, books, room, group, start, back)
    return i


def _entry_point(digest: int) -> Callable[..., int]:
    @compiled
    def live_on(lives, whole, books, room, animals):
        """Run the animals of the report date, cohort by cohort, until they calve or leave."""
        i = 0
        end = animals.group.shape[0]
        while i < end:
            i = live_cohort(lives, whole, books, room, animals, i, end)
        return digest

    return live_on


live_on = _entry_point(kernel_digest())


def _entry_point_of_each(digest: int) -> Callable[..., int]:
    @compiled
    def live_each(lives, whole, books, room, animals, owner, calvings, dry_offs, stocks):
        """Run each animal of the report date alone, until it calves or leaves; ``carried`` sums up."""
        i = 0
        while i < owner.shape[0]:
            one, group, end = owner[i], animals.group[i], i + 1
            while end < owner.shape[0] and owner[end] == one:
                end += 1
            live_cohort(lives, whole, books, room, animals, i, end)
            for day in range(books.dry_offs.shape[0]):
                calvings[one, day], books.calvings[group, day] = books.calvings[group, day], 0.0
                dry_offs[one, day], books.dry_offs[day] = books.dry_offs[day], 0.0
            for record in range(books.record_day.shape[0]):
                for column in range(2):
                    stocks[one, record, column] = books.stocks[min(group, 1), record, column]
                    books.stocks[min(group, 1), record, column] = 0.0
            i = end
        return digest

    return live_each


live_each = _entry_point_of_each(kernel_digest())
