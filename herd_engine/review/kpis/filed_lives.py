"""The lives of a herd file as key figures and rules ask for them: days, with far days for what never was."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.habits import is_on_farm
from herd_engine.calibration.waiting import waiting_habits
from herd_engine.model.animals import NO_DAY, AnimalRecords, Presence

Days = NDArray[np.int64]
Rows = NDArray[np.bool_]

FAR = 10**6
"""A day that never comes; ``-FAR``: one before everything."""
COHORT_DAYS = 330
"""Nobody calves twice in so many days: every calving of them is on file, those of leavers, too."""
CONCEPTION_DAYS = 255
"""Who conceived since cannot have calved since."""
CYCLE_DAYS = 21
USUAL_LAG_DAYS, USUAL_WAIT_DAYS = 40, 60
_ROBUST = 6
"""The youngest pregnancies may be slips: the sixth youngest tells when they are confirmed."""
_FEWEST_SERVED = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FiledLives:
    """All animals of a file, an element each; days count from the report date.

    Attributes
    ----------
    ids : ndarray of object
    lactation : ndarray of int64
    birth : ndarray of int64
    is_cow : ndarray of bool
        In a lactation whose calving is known.
    is_heifer : ndarray of bool
    on_farm, flagged, died : ndarray of bool
    end : ndarray of int64
        Day of leaving; ``FAR`` on the farm, ``-FAR`` where it left on a day that is not told.
    calving : ndarray of int64
        ``FAR`` where not known.
    conceived, dried : ndarray of int64
        In this lactation; ``FAR`` where not (yet).
    served : ndarray of int64
        Last insemination of this lactation; ``-FAR`` without.
    due, dry_off_due : ndarray of int64
        The herd program's plan; ``FAR`` without.
    lag : int
        From insemination to a confirmed pregnancy.
    wait : int
        Days in milk from which the farm inseminates.
    heifer_wait : int
        Age from which it inseminates heifers.
    is_usual : frozenset of str
        Which of the three are not the farm's own, but what is usual.
    """

    ids: NDArray[np.object_]
    lactation: Days
    birth: Days
    is_cow: Rows
    is_heifer: Rows
    on_farm: Rows
    flagged: Rows
    died: Rows
    end: Days
    calving: Days
    conceived: Days
    dried: Days
    served: Days
    due: Days
    dry_off_due: Days
    lag: int
    wait: int
    heifer_wait: int
    is_usual: frozenset[str]

    @property
    def is_gone(self) -> Rows:
        """Animals that have left."""
        return ~self.on_farm

    @property
    def n_undated(self) -> int:
        """Animals that have left on a day that the file does not tell."""
        return int(np.count_nonzero(self.end == -FAR))


def filed_lives(records: AnimalRecords) -> FiledLives:
    """Return the lives of a herd file, those that have left included."""
    on_farm = is_on_farm(records)
    is_cow = (records.lactation > 0) & (records.calving != NO_DAY)
    start = np.where(records.lactation > 0, records.calving, records.birth).astype(np.int64)

    def of_this_lactation(days: NDArray[np.int32], other: int) -> Days:
        known = (days != NO_DAY) & (days >= start)
        return np.where(known, days, other).astype(np.int64)

    conceived = of_this_lactation(records.conception, FAR)
    lag, wait, heifer_wait, usual = _habits(records, conceived, on_farm)
    return FiledLives(
        ids=records.animal_ids,
        lactation=records.lactation.astype(np.int64),
        birth=_days(records.birth),
        is_cow=is_cow,
        is_heifer=records.lactation == 0,
        on_farm=on_farm,
        flagged=records.has_presence(Presence.CULL_FLAGGED) & on_farm,
        died=records.has_presence(Presence.DEAD),
        end=np.where(on_farm, FAR, np.where(records.archive == NO_DAY, -FAR, records.archive)).astype(
            np.int64
        ),
        calving=np.where(is_cow, records.calving, FAR).astype(np.int64),
        conceived=conceived,
        dried=of_this_lactation(records.dry_off, FAR),
        served=of_this_lactation(records.insemination, -FAR),
        due=_days(records.expected_calving),
        dry_off_due=_days(records.expected_dry_off),
        lag=lag,
        wait=wait,
        heifer_wait=heifer_wait,
        is_usual=usual,
    )


def _days(days: NDArray[np.int32]) -> Days:
    return np.where(days == NO_DAY, FAR, days).astype(np.int64)


def _habits(records: AnimalRecords, conceived: Days, on_farm: Rows) -> tuple[int, int, int, frozenset[str]]:
    """Return lag, wait, heifers' wait, and which of them are usual values."""
    usual = set()
    ages = np.sort(-conceived[on_farm & (conceived <= 0)])
    lag = int(ages[_ROBUST - 1]) if len(ages) >= _FEWEST_SERVED else USUAL_LAG_DAYS
    usual |= set() if len(ages) >= _FEWEST_SERVED else {"lag"}
    heifer_wait, wait = waiting_habits(records).first_service
    served = records.insemination != NO_DAY
    if np.count_nonzero(served & (records.lactation > 0)) < _FEWEST_SERVED:
        wait, usual = USUAL_WAIT_DAYS, usual | {"wait"}
    if np.count_nonzero(served & (records.lactation == 0)) < _FEWEST_SERVED:
        heifer_wait, usual = 0, usual | {"heifer_wait"}
    return lag, wait, heifer_wait, frozenset(usual)
