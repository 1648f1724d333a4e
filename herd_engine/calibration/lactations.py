"""All lactations of two years and more: the current ones as filed, earlier ones rebuilt backwards."""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.habits import GESTATION, Habits
from herd_engine.calibration.keyed_numbers import LACTATIONS, NEXT_IMPUTATION, keyed_uniforms
from herd_engine.calibration.past_lactations import PastLactations, past_lactations
from herd_engine.model.animals import NO_DAY, AnimalRecords
from herd_engine.model.tables import DayDistribution

Days = NDArray[np.int64]

NEVER = 2**31
EARLIEST = -800
"""Lactations that ended before are of no use: two years and a little, counted from the report date."""
_MOST_EARLIER = 6
_SPAN = 1 << 24
_SHORTEST_CALVING_INTERVAL = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Lactations:
    """Lactations of animals, an element each; number 0 is life before the first calving.

    Days count from the report date, ``NO_DAY`` where not known.

    Attributes
    ----------
    animal : ndarray of int64
        Row among the records.
    number : ndarray of int64
    steps_back : ndarray of int64
        0: the lactation that the file shows; 1: the one before, rebuilt; and so on.
    start : ndarray of int64
        Calving; birth for number 0.
    insemination, conception, dry_off : ndarray of int64
        Rebuilt ones are drawn from the farm's habits.
    next_calving : ndarray of int64
        ``NEVER`` for the lactation that the file shows.
    """

    animal: Days
    number: Days
    steps_back: Days
    start: Days
    insemination: Days
    conception: Days
    dry_off: Days
    next_calving: Days

    def select(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> "Lactations":
        """Return some of them, in the given order."""
        return Lactations(**{item.name: getattr(self, item.name)[rows] for item in fields(Lactations)})


def rebuild_lactations(records: AnimalRecords, habits: Habits, imputation: int = 0) -> Lactations:
    """Return every animal's lactations back to ``EARLIEST``.

    A calving tells of the lactation before it: conceived one gestation earlier, which was some days open
    after the calving before. Both are drawn, so that dates vary as real ones do: taken as fixed, an
    expected calving would betray the actual one to the day.

    Notes
    -----
    The draws are named by the animal's id: they do not change with other rows, nor with the origin.
    Another ``imputation`` draws anew. What events on file tell takes the place of what is drawn.
    """
    past = past_lactations(records)
    purpose = LACTATIONS + NEXT_IMPUTATION * imputation
    draws = keyed_uniforms(records, _MOST_EARLIER * 3, purpose).reshape(-1, _MOST_EARLIER, 3)
    parts = [_current(records)]
    for step in range(_MOST_EARLIER):
        parts.append(_as_on_file(_earlier(parts[-1], records, habits, draws[:, step]), past))
    joined = {
        item.name: np.concatenate([getattr(part, item.name) for part in parts]) for item in fields(Lactations)
    }
    return Lactations(**joined)


def _current(records: AnimalRecords) -> Lactations:
    n = records.n_animals
    start = np.where(records.lactation == 0, records.birth, records.calving)
    return Lactations(
        animal=np.arange(n),
        number=records.lactation.astype(np.int64),
        steps_back=np.zeros(n, np.int64),
        start=start.astype(np.int64),
        insemination=records.insemination.astype(np.int64),
        conception=records.conception.astype(np.int64),
        dry_off=records.dry_off.astype(np.int64),
        next_calving=np.full(n, NEVER),
    )


def _earlier(
    later: Lactations, records: AnimalRecords, habits: Habits, draws: NDArray[np.float64]
) -> Lactations:
    """Return the lactations before ``later``, where there was one that matters."""
    later = later.select((later.number > 0) & (later.start > EARLIEST))
    u = draws[later.animal]
    number = later.number - 1
    conception = later.start - _draw(GESTATION, u[:, 0])
    birth = records.birth[later.animal].astype(np.int64)
    calving = conception - _days_open(habits, number, conception - birth, u[:, 1])
    dry_off = conception + _draw(habits.conception_to_dry_off, u[:, 2])
    return Lactations(
        animal=later.animal,
        number=number,
        steps_back=later.steps_back + 1,
        start=np.where(number == 0, birth, calving),
        insemination=conception,
        conception=conception,
        dry_off=np.where(number == 0, NO_DAY, np.minimum(dry_off, later.start - 1)),
        next_calving=later.start,
    )


def _as_on_file(drawn: Lactations, past: PastLactations) -> Lactations:
    """Return the lactations with what is known of them instead of what was drawn."""
    if not len(past.animal):
        return drawn
    keys = past.animal * _SPAN + past.next_calving
    order = np.argsort(keys)
    wanted = drawn.animal * _SPAN + drawn.next_calving
    place = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    row = order[place]
    known = keys[row] == wanted

    def told(name: str) -> Days:
        days: Days = getattr(past, name)[row]
        return np.where(known & (days != NO_DAY), days, getattr(drawn, name))

    conception = told("conception")
    return replace(
        drawn, start=told("start"), insemination=conception, conception=conception, dry_off=told("dry_off")
    )


def _draw(distribution: DayDistribution, u: NDArray[np.float64]) -> Days:
    cumulative = np.cumsum(distribution.probability)
    place = np.searchsorted(cumulative, u * cumulative[-1], side="right")
    days: Days = distribution.days[np.minimum(place, len(cumulative) - 1)]
    return days


def _days_open(habits: Habits, number: Days, age_at_conception: Days, u: NDArray[np.float64]) -> Days:
    """Draw from the farm's own days open, as far as the cow's age allows so many calvings."""
    youngest, oldest = habits.first_calving_ages
    most = age_at_conception - youngest - np.maximum(number - 1, 0) * _SHORTEST_CALVING_INTERVAL
    least = np.where(number == 1, age_at_conception - oldest, 0)
    first = np.searchsorted(habits.days_open, least, side="left")
    end = np.searchsorted(habits.days_open, most, side="right")
    place = first + np.floor(u * np.maximum(end - first, 1)).astype(np.int64)
    days: Days = habits.days_open[np.clip(place, 0, len(habits.days_open) - 1)]
    return days
