"""Hazard of conception by the farm's own rhythm, from completed and from unfinished intervals."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.exposure import first_day_of_exits
from herd_engine.calibration.past_lactations import past_lactations
from herd_engine.calibration.priors import (
    CONCEPTIONS_OF_A_CYCLE,
    CONCEPTIONS_PER_CYCLE,
    FIRST_SERVICE_AGE_DAYS,
    PREGNANCIES_OF_A_PRIOR,
    WAITING_PERIOD_DAYS,
    WEEKS_PER_CELL,
)
from herd_engine.model.animals import NO_DAY, AnimalRecords, Presence

N_CLASSES = 4
"""Heifers; cows in lactation 1, 2, 3 and more."""
BIN_WEEKS = np.array([1] * 21 + [3] * 5 + [6] * 4)
"""Lengths of the bins after the waiting period: single weeks while the herd keeps step, then longer ones.
The last one goes on for ever."""
CYCLE_WEEKS = np.array([0, 3, 6, 9, 21])
"""After the waiting period, at which ``CYCLES`` begin; until then a bin is a week."""
_EARLIEST_CALVING_DAYS = 265
"""After conception: whoever conceived later has not calved again yet."""
_FEWEST_SERVICES = 20
LONGEST_DAYS = 1500
OPEN = 2**29
"""Stands for a conception that never came."""
_HIGHEST_PROBABILITY = 0.95

Numbers = NDArray[np.float64]
Days = NDArray[np.int64]


class OpenIntervals(NamedTuple):
    """Times in which animals were open, days from birth or calving; shape (n,).

    Attributes
    ----------
    class_ : ndarray of int64
    start : ndarray of int64
        Birth or calving, from the report date.
    enters, last_known : ndarray of int64
        First and last day on which a conception would be on file.
    conception : ndarray of int64
        ``OPEN`` for never; later than ``last_known`` it is as if unknown.
    """

    class_: Days
    start: Days
    enters: Days
    last_known: Days
    conception: Days


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptionFit:
    """What the file tells of conceptions; shape (4, bins) but for the first two.

    Attributes
    ----------
    intervals : OpenIntervals
    first_day : ndarray of int64, shape (4,)
        Age, or days since calving, at which the bins begin: the waiting period.
    conceptions : ndarray of float64
    at_risk : ndarray of float64
        Animals open at the start of the bin; those of which only a part of it is known count as that part.
    prior : ndarray of float64
        Probability towards which a bin is shrunk.
    probability : ndarray of float64
        Of conceiving within the bin. Not events over time at risk: in a herd that keeps step, a week's
        inseminations fall on one day, and a constant hazard would forget those that conceive late in the bin.
    """

    intervals: OpenIntervals
    first_day: Days
    conceptions: Numbers
    at_risk: Numbers
    prior: Numbers
    probability: Numbers

    def events_by_cycle(self) -> Numbers:
        """Return the conceptions behind each cycle's hazard, the prior's included; shape (4, CYCLES)."""
        waits = np.cumprod(1 - self.prior, axis=1)
        conceives = -np.diff(waits, prepend=1.0, axis=1)
        share = conceives / conceives.sum(axis=1, keepdims=True)
        events: Numbers = self.conceptions + PREGNANCIES_OF_A_PRIOR * share
        return np.maximum(np.add.reduceat(events, CYCLE_WEEKS, axis=1), CONCEPTIONS_OF_A_CYCLE)

    def hazard_by_cycle(self, weeks: int) -> Numbers:
        """Return the hazard summed over the first ``weeks`` after the waiting period; shape (4, CYCLES)."""
        within = np.cumsum(BIN_WEEKS) <= weeks
        hazard = np.where(within, -np.log1p(-self.probability), 0.0)
        return np.add.reduceat(hazard, CYCLE_WEEKS, axis=1)

    def daily_probability(self, first_day: Days) -> Numbers:
        """Return the probability of conceiving on each day from birth or calving; shape (4, days)."""
        bins = np.repeat(np.arange(len(BIN_WEEKS)), 7 * BIN_WEEKS)
        result = np.zeros((N_CLASSES, LONGEST_DAYS))
        hazards = -np.log1p(-self.probability) / (7 * BIN_WEEKS)
        for row, first, hazard in zip(result, first_day, hazards, strict=True):
            of_day = hazard[bins[: LONGEST_DAYS - first]]
            row[first : first + len(of_day)] = of_day
            row[first + len(of_day) :] = hazard[-1]
        return -np.expm1(-result)


def fit_conceptions(records: AnimalRecords, confirmation_lag: int, resolved_days: int) -> ConceptionFit:
    """Estimate the hazard of a conception that will be confirmed, bin by bin.

    Parameters
    ----------
    records : AnimalRecords
    confirmation_lag : int
    resolved_days : int
        After so many days nearly every pregnancy is confirmed; intervals are censored there.

    Notes
    -----
    The file shows a conception as long as the animal has not calved again, so only days from 265 before the
    report date on count, for all animals (delayed entry): of those before, only failures are left, among
    them every cow that was sold for it. Counting conceptions alone, as a list of service periods does,
    forgets animals that never conceive. Where events are on file, lactations that ended count too, from the
    day on which those that left since are on file.
    """
    first_day, intervals = _open_intervals(records, resolved_days)
    events, at_risk = np.zeros((N_CLASSES, len(BIN_WEEKS))), np.zeros((N_CLASSES, len(BIN_WEEKS)))
    for number, first in enumerate(first_day):
        rows = intervals.class_ == number
        times = (intervals.enters, intervals.last_known, intervals.conception)
        events[number], at_risk[number] = _count(*(each[rows, np.newaxis] - first for each in times))
    prior = _prior(events, at_risk)
    weight = WEEKS_PER_CELL / BIN_WEEKS
    return ConceptionFit(
        intervals=intervals,
        first_day=first_day,
        conceptions=events,
        at_risk=at_risk,
        prior=prior,
        probability=_probability(events, at_risk, prior, weight),
    )


def _open_intervals(records: AnimalRecords, resolved_days: int) -> tuple[Days, OpenIntervals]:
    """Return the day on which conceptions begin, by class, and who was open from then on."""
    start = np.where(records.lactation > 0, records.calving, records.birth).astype(np.int64)
    gone = records.archive != NO_DAY
    lost = records.has_presence(Presence.SOLD, Presence.DEAD, Presence.MOVED) & ~gone
    end = np.where(gone, records.archive, 0).astype(np.int64)
    usable = (start != NO_DAY) & ~lost & (end > start)
    first_day = _first_days(records, start, usable)
    class_ = np.minimum(records.lactation, N_CLASSES - 1).astype(np.int64)
    is_known = (records.conception != NO_DAY) & (records.conception >= start)
    conception = np.where(is_known, records.conception - start, OPEN)
    window = _window(records)
    enters = np.maximum(first_day[class_], window - start)
    last_known = end - start - resolved_days
    rows = usable & (np.minimum(conception, last_known) >= enters)
    current = OpenIntervals(*(each[rows] for each in (class_, start, enters, last_known, conception)))
    past = _past_intervals(records, first_day, window)
    return first_day, OpenIntervals(*(np.concatenate(pair) for pair in zip(current, past, strict=True)))


def _window(records: AnimalRecords) -> int:
    """Return the first day whose conceptions are on file, those of the gone and of ended lactations too."""
    if not len(records.events):
        return -_EARLIEST_CALVING_DAYS
    return min(max(records.complete_from, first_day_of_exits(records)), -_EARLIEST_CALVING_DAYS)


def _past_intervals(records: AnimalRecords, first_day: Days, window: int) -> OpenIntervals:
    """Return the times in which animals were open in lactations that have ended in a calving."""
    past = past_lactations(records)
    class_ = np.minimum(past.number, N_CLASSES - 1)
    conception = past.conception - past.start
    enters = np.maximum(first_day[class_], window - past.start)
    # The calving proves the conception: it is known as soon as it happens.
    rows = (past.conception != NO_DAY) & (conception >= enters) & (past.conception >= window)
    every = (class_, past.start, enters, conception, conception)
    return OpenIntervals(*(each[rows] for each in every))


def _probability(events: Numbers, at_risk: Numbers, prior: Numbers, weight: Numbers) -> Numbers:
    """Shrink shares; the last bin holds events over time at risk: a rate, of which a share follows."""
    probability: Numbers = (events + prior * weight) / (at_risk + weight)
    probability[:, -1] = -np.expm1(-probability[:, -1])
    return np.minimum(probability, _HIGHEST_PROBABILITY)


def _count(enters: Days, last_known: Days, conception: Days) -> tuple[Numbers, Numbers]:
    """Return conceptions and animals at risk by bin; days from the waiting period on, shape (n, 1)."""
    begins = 7 * np.concatenate([[0], np.cumsum(BIN_WEEKS)[:-1]])
    ends, lengths = np.append(begins[1:], OPEN), 7 * BIN_WEEKS
    conceived = (begins <= conception) & (conception < ends) & (conception <= last_known)
    until = np.where(conceived, begins + lengths, np.minimum(last_known, conception) + 1)
    until[:, -1:] = np.minimum(last_known, conception) + 1  # the last bin has no end to be at risk until
    known = np.minimum(until, ends) - np.maximum(enters, begins)
    # Who conceives was at risk for the whole bin; a part counts only where the record begins or ends.
    return conceived.sum(axis=0), np.maximum(known, 0).sum(axis=0) / lengths


def _first_days(records: AnimalRecords, start: Days, usable: NDArray[np.bool_]) -> Days:
    """Return the 2nd percentile of age, and of days since calving, at the last insemination on file."""
    result = np.array([FIRST_SERVICE_AGE_DAYS, *[WAITING_PERIOD_DAYS] * (N_CLASSES - 1)], np.int64)
    for is_cow in (False, True):
        served = usable & ((records.lactation > 0) == is_cow) & (records.insemination > start)
        if served.sum() >= _FEWEST_SERVICES:
            days = int(np.quantile((records.insemination - start)[served], 0.02))
            result[slice(1, None) if is_cow else slice(0, 1)] = days
    return result


def _prior(events: Numbers, at_risk: Numbers) -> Numbers:
    """Return the probabilities that bins are shrunk to: the rhythm of all cows, at each class's own level.

    The rhythm is itself shrunk to the literature; a level counts a number of conceptions by it. Without a
    level of its own a class would be drawn to the others by 30 animal-weeks in each bin, which is as much as
    a herd of some hundred cows has.
    """
    literature = -np.expm1(np.log1p(-CONCEPTIONS_PER_CYCLE[:, np.newaxis]) * BIN_WEEKS / 3)
    result = literature.copy()
    weight = literature.mean(axis=0) * WEEKS_PER_CELL / BIN_WEEKS
    likely = (literature[1:] * at_risk[1:]).sum(axis=0)
    result[1:] *= (events[1:].sum(axis=0) + weight) / (likely + weight)
    early = np.arange(len(BIN_WEEKS)) < len(BIN_WEEKS) - 4
    conceived, expected = (each[:, early].sum(axis=1) for each in (events, result * at_risk))
    level = (conceived + PREGNANCIES_OF_A_PRIOR) / (expected + PREGNANCIES_OF_A_PRIOR)
    prior: Numbers = np.minimum(result * level[:, np.newaxis], _HIGHEST_PROBABILITY)
    return prior
