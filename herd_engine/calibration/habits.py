"""What a whole file tells of a farm's habits: by them, what an export no longer shows is rebuilt.

An export holds each animal's current lactation only. These few laws stand in for the earlier ones. They are
estimated once, on the report date: the only knowledge of later date that a rewound herd contains.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.distributions import rounded_normal
from herd_engine.calibration.priors import USUAL_DAYS_OPEN, WAITING_PERIOD_DAYS
from herd_engine.calibration.samples import conception_to_dry_off, service_periods
from herd_engine.calibration.waiting import WaitingHabits, waiting_habits
from herd_engine.errors import HerdDataError
from herd_engine.model.animals import NO_DAY, AnimalRecords, Presence
from herd_engine.model.tables import DayDistribution

GESTATION = rounded_normal(278.0, 5.5, 255, 300)
"""Holstein, field data; an export shows no calving beside the conception that led to it."""

_SHORTEST_DRY_DAYS = 20
_DRY_OFF_DAYS = 220
_LAG_DAYS = 40
"""From insemination to a confirmed pregnancy, where the file has too few to tell; usual: 30 to 45."""
_YOUNG_PREGNANCY_DAYS = 100
_FEWEST_PREGNANCIES = 20
_FIRST_CALVING_AGES = (600, 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """A farm's habits, in days.

    Attributes
    ----------
    confirmation_lag : int
        From insemination to the pregnancy being shown; 40 where the file has too few to tell.
    days_open : ndarray of int64
        Calving to conception, ascending.
    first_calving_ages : tuple of int
        1st and 99th percentile.
    conception_to_dry_off : DayDistribution
        Of completed lactations. A cow is the likelier to be seen dry the longer she stays dry; each value
        counts by one over its dry days to undo that.
    calving_plan, dry_off_plan : int or None
        From conception to what the herd software expects; None where it expects nothing.
    waiting : WaitingHabits
    """

    confirmation_lag: int
    days_open: NDArray[np.int64]
    first_calving_ages: tuple[int, int]
    conception_to_dry_off: DayDistribution
    calving_plan: int | None
    dry_off_plan: int | None
    waiting: WaitingHabits


def habits_of(records: AnimalRecords) -> Habits:
    """Estimate a farm's habits from all rows of a file.

    Raises
    ------
    HerdDataError
        There is no cow with a calving and a later conception: earlier calvings cannot be rebuilt.
    """
    days_open = np.sort(service_periods(records))
    if not len(days_open):
        message = (
            "The file has no cow with a calving and a successful insemination after it; "
            "without any, earlier calvings cannot be rebuilt and there is nothing to test a forecast with."
        )
        raise HerdDataError(message)
    return _habits(records, days_open)


def priors_as_habits(records: AnimalRecords) -> Habits:
    """Return the habits of a farm whose file has no completed service period: days open are assumed."""
    return _habits(records, np.arange(WAITING_PERIOD_DAYS, 2 * USUAL_DAYS_OPEN - WAITING_PERIOD_DAYS))


def _habits(records: AnimalRecords, days_open: NDArray[np.int64]) -> Habits:
    return Habits(
        confirmation_lag=_confirmation_lag(records),
        days_open=days_open,
        first_calving_ages=_first_calving_ages(records),
        conception_to_dry_off=_completed_dry_offs(records),
        calving_plan=_plan(records, records.expected_calving),
        dry_off_plan=_plan(records, records.expected_dry_off),
        waiting=waiting_habits(records),
    )


def is_on_farm(records: AnimalRecords) -> NDArray[np.bool_]:
    """Tell which rows are animals that have not left."""
    gone = records.has_presence(Presence.SOLD, Presence.DEAD, Presence.MOVED)
    on_farm: NDArray[np.bool_] = (records.archive == NO_DAY) & ~gone
    return on_farm


def _confirmation_lag(records: AnimalRecords) -> int:
    """Return the age from which pregnancies are shown, told by those younger than 100 days.

    The very youngest may be a slip: it is the 5 % quantile, less the days that the younger ones stand for if
    as many are shown at each age. Where all are checked on one day, hardly any is younger.
    """
    ages = -records.conception[is_on_farm(records) & (records.conception > -_YOUNG_PREGNANCY_DAYS)]
    if len(ages) < _FEWEST_PREGNANCIES:
        return _LAG_DAYS
    passed = int(np.quantile(ages, 0.05, method="inverted_cdf"))
    younger = np.count_nonzero(ages < passed) / (len(ages) + 1)
    return round((passed - younger * _YOUNG_PREGNANCY_DAYS) / (1 - younger))


def _first_calving_ages(records: AnimalRecords) -> tuple[int, int]:
    first = (records.lactation == 1) & (records.calving != NO_DAY)
    ages = records.calving[first] - records.birth[first]
    if not len(ages):
        return _FIRST_CALVING_AGES
    low, high = np.quantile(ages, [0.01, 0.99])
    return int(low), int(high)


def _completed_dry_offs(records: AnimalRecords) -> DayDistribution:
    days = conception_to_dry_off(records)
    gestation = round(GESTATION.mean)
    days = days[days <= gestation - _SHORTEST_DRY_DAYS]
    if not len(days):
        return DayDistribution(first_day=_DRY_OFF_DAYS, probability=np.ones(1), n_observed=0)
    first = int(days.min())
    weights = np.bincount(days - first, weights=1 / (gestation - days))
    return DayDistribution(first_day=first, probability=weights / weights.sum(), n_observed=len(days))


def _plan(records: AnimalRecords, expected: NDArray[np.int32]) -> int | None:
    planned = (records.conception != NO_DAY) & (expected != NO_DAY)
    return int(np.median((expected - records.conception)[planned])) if planned.any() else None
