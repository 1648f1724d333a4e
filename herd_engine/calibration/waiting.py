"""Animals not known to be pregnant: when they were last inseminated, and which are marked for culling.

Of the inseminations before an earlier date, a file has those that were to be the last: among them every one
that conceived. Left so, an insemination would tell that the animal is pregnant. And since when an animal has
been marked for culling is not told at all. Both are placed on animals by the pattern of the report date.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.animals import NO_DAY, PRESENCE_CODES, AnimalRecords, Presence

WEEKS = 10
"""Inseminations longer ago are not placed: what became of them is known."""

_HEIFER_AGES = (0, 365, 400, 450, 550)
_COW_DAYS = (0, 60, 100, 150, 250, 350)
_N_GROUPS = len(_HEIFER_AGES) + len(_COW_DAYS)
_NOBODY = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingHabits:
    """The pattern on the report date, by group: heifers by age, then cows by days since calving.

    Attributes
    ----------
    first_service : tuple of int
        Age of heifers, and days since calving of cows, from which they are inseminated: 2nd percentile.
    share_by_week : ndarray of float64, shape (groups, WEEKS)
        Of the animals that wait: those whose last insemination was 0, 1, 2 … weeks ago.
    flagged_share : ndarray of float64, shape (groups, 2)
        Of those without an insemination in these weeks, and of those with one: marked for culling.
    """

    first_service: tuple[int, int]
    share_by_week: NDArray[np.float64]
    flagged_share: NDArray[np.float64]


def waiting_habits(records: AnimalRecords) -> WaitingHabits:
    """Return the pattern of a file's report date."""
    group, start = _groups(records)
    weeks = _weeks_ago(records)
    is_served = weeks < WEEKS
    by_week, flagged = np.zeros((_N_GROUPS, WEEKS)), np.zeros((_N_GROUPS, 2))
    is_flagged = records.has_presence(Presence.CULL_FLAGGED)
    for number in np.unique(group[group != _NOBODY]):
        in_group = group == number
        counts = np.bincount(weeks[in_group & is_served], minlength=WEEKS)
        by_week[number] = counts / np.count_nonzero(in_group)
        for served in (0, 1):
            alike = in_group & (is_served == served)
            flagged[number, served] = is_flagged[alike].mean() if alike.any() else 0.0
    return WaitingHabits(
        first_service=(_first_service(records, start, 0), _first_service(records, start, 1)),
        share_by_week=by_week,
        flagged_share=flagged,
    )


def place_services(records: AnimalRecords, habits: WaitingHabits, u: NDArray[np.float64]) -> AnimalRecords:
    """Give inseminations to animals without a known one, as far as the pattern lacks some.

    Parameters
    ----------
    records : AnimalRecords
        At an earlier date.
    habits : WaitingHabits
    u : ndarray of float64, shape (n_animals, 2)
    """
    group, start = _groups(records)
    weeks = _weeks_ago(records)
    insemination = records.insemination.copy()
    for number in np.unique(group[group != _NOBODY]):
        in_group = group == number
        free = in_group & (insemination == NO_DAY)
        filed = np.bincount(weeks[in_group & (weeks < WEEKS)], minlength=WEEKS)
        missing = np.maximum(habits.share_by_week[number] * np.count_nonzero(in_group) - filed, 0.0)
        bounds = np.cumsum(missing / max(np.count_nonzero(free), missing.sum(), 1))
        week = np.searchsorted(bounds, u[free, 0], side="right")
        room = -start[free] - habits.first_service[int(number >= len(_HEIFER_AGES))]
        ago = np.minimum(7 * week + np.floor(7 * u[free, 1]), room)
        insemination[free] = np.where((week < WEEKS) & (room >= 0), -ago, NO_DAY)
    return replace(records, insemination=insemination)


def place_flags(records: AnimalRecords, habits: WaitingHabits, u: NDArray[np.float64]) -> AnimalRecords:
    """Mark animals for culling by the shares of the pattern; ``u`` has shape (n_animals,)."""
    group, _ = _groups(records)
    share = np.where(
        group == _NOBODY, 0.0, habits.flagged_share[group, (_weeks_ago(records) < WEEKS).astype(np.intp)]
    )
    flag = PRESENCE_CODES.index(Presence.CULL_FLAGGED)
    return replace(records, presence=np.where(u < share, flag, records.presence).astype(np.int8))


def _groups(records: AnimalRecords) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return each animal's group (``_NOBODY`` unless it waits) and where its days count from."""
    is_cow = records.lactation > 0
    start = np.where(is_cow, records.calving, records.birth)
    gone = records.has_presence(Presence.SOLD, Presence.DEAD, Presence.MOVED) | (records.archive != NO_DAY)
    waits = ~gone & (records.conception == NO_DAY) & (start != NO_DAY)
    days = -start.astype(np.int64)
    heifer = np.searchsorted(_HEIFER_AGES, days, side="right") - 1
    cow = np.searchsorted(_COW_DAYS, days, side="right") - 1 + len(_HEIFER_AGES)
    return np.where(waits, np.where(is_cow, cow, heifer), _NOBODY), start


def _weeks_ago(records: AnimalRecords) -> NDArray[np.int64]:
    """Return for how many whole weeks each animal has waited since its last insemination."""
    return -records.insemination.astype(np.int64) // 7


def _first_service(records: AnimalRecords, start: NDArray[np.int32], is_cow: int) -> int:
    served = ((records.lactation > 0) == is_cow) & (start != NO_DAY) & (records.insemination > start)
    days = (records.insemination - start)[served]
    return int(np.quantile(days, 0.02)) if len(days) else 0
