"""Who was at risk of leaving, how long, and who left: by group, band, pregnancy, and month.

Days before the first recorded exit are left out (animals that left then are not in the file), and the
lactations that survivors finished since are rebuilt: an export shows the last one only. Without either the
yearly rate of cows comes out about twice too high.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.lactations import Days, Lactations
from herd_engine.calibration.priors import COW_BANDS, HEIFER_BANDS, LAST_DAYS
from herd_engine.model.animals import NO_DAY, AnimalRecords, Presence

N_GROUPS = 6
"""Heifers; cows in lactation 1, 2, 3, 4, 5 and more."""
N_BANDS = max(len(COW_BANDS), len(HEIFER_BANDS))
OPEN_ENDED = 2**20
DAYS_PER_YEAR = 365.25

WINDOW_DAYS = 730
"""Exports hold the exits of two years. Older ones are left out, typing errors or not: lactations are not
rebuilt that far, and a window that begins with a stray exit would count years in which none is on file."""

STRAY_EXITS, STRAY_GAP_DAYS = 0.01, 90
"""Exits that may be typing errors, as a share, where none follows for so many days."""

SHORTEST_EXITS_DAYS = 30
"""From the first exit to the last: exits of fewer days tell of a lorry or of a clean-up, not of a rate."""

N_KINDS = 5
"""Of exits that come together or do not: calves and young heifers; older heifers that are open, and pregnant
ones (sold, each for other reasons); cows soon after calving, or pregnant (mishaps); open cows after that (a
decision, and a lorry)."""
FLAGGED_KINDS = (1, 4)
"""Of flagged heifers and cows."""
_SALES_FROM_AGE = 365
_DECIDED_FROM_DAYS = 60
"""The days after which cows' hazard has fallen to its lowest (``EXITS_BY_BAND``): mishaps are over."""

Cells = NDArray[np.float64]
"""Shape (N_GROUPS, 2, N_BANDS): group; open or confirmed pregnant; band of days in milk or of age."""


def band_edges() -> Days:
    """Return where bands begin and end, shape (2, N_BANDS + 1): heifers by age, cows by days in milk."""
    edges = np.full((2, N_BANDS + 1), OPEN_ENDED, np.int64)
    edges[0, : len(HEIFER_BANDS)] = HEIFER_BANDS
    edges[1, : len(COW_BANDS)] = COW_BANDS
    return edges


def kinds_of_exits() -> Days:
    """Return the kind of exits in each cell, shape (N_GROUPS, 2, N_BANDS)."""
    kinds = np.full((N_GROUPS, 2, N_BANDS), 3, np.int64)
    kinds[0] = np.where(band_edges()[0, :-1] < _SALES_FROM_AGE, 0, [[1], [2]])
    kinds[1:, 0] = np.where(band_edges()[1, :-1] < _DECIDED_FROM_DAYS, 3, 4)
    return kinds


def usual_days() -> Cells:
    """Return on how many days an animal is in each band where no file tells: the last bands end soon."""
    days = np.zeros((N_GROUPS, 2, N_BANDS))
    days[0, :, : len(HEIFER_BANDS)] = np.diff(HEIFER_BANDS, append=LAST_DAYS[0])
    days[1:, :, : len(COW_BANDS)] = np.diff(COW_BANDS, append=LAST_DAYS[1])
    return days


@dataclass(frozen=True, slots=True, kw_only=True)
class AtRisk:
    """Lives cut into lactations, an element each; days count from the report date.

    Attributes
    ----------
    animal : ndarray of int64
        Row among the records.
    group : ndarray of int64
        0 … N_GROUPS - 1.
    start : ndarray of int64
        Birth or calving: day 0 of the bands.
    confirmed : ndarray of int64
        Last day on which the animal counts as open.
    end : ndarray of int64
        Last day at risk.
    leaves : ndarray of bool
        On ``end``.
    first_day : int
        Of the records of exits; 1 where there are none.
    """

    animal: Days
    group: Days
    start: Days
    confirmed: Days
    end: Days
    leaves: NDArray[np.bool_]
    first_day: int


def first_recorded_exit(records: AnimalRecords) -> int:
    """Return the day from which on the file has exits; some must have left.

    A few exits long before all others are typing errors: seen from an earlier date they would make years
    without exits of the time before the file begins.
    """
    days = np.sort(records.archive[records.archive != NO_DAY])
    earliest = days[: 2 + int(STRAY_EXITS * len(days))]
    strays = np.flatnonzero(np.diff(earliest) > STRAY_GAP_DAYS)
    return int(earliest[strays[-1] + 1 if len(strays) else 0])


def first_day_of_exits(records: AnimalRecords) -> int:
    """Return the first day whose exits count; the day after the report date where none can."""
    days = records.archive[records.archive != NO_DAY]
    if not len(days) or days.max() - first_recorded_exit(records) < SHORTEST_EXITS_DAYS:
        return 1
    return max(first_recorded_exit(records) + 1, -WINDOW_DAYS)


def at_risk(records: AnimalRecords, lactations: Lactations, confirmation_lag: int) -> AtRisk:
    """Return all lactations in which an animal could have been recorded as leaving.

    Notes
    -----
    An animal counts as pregnant from the day a pregnancy is confirmed, not from conception: those that
    left before are on file as open, and to count only those that stayed would be immortal time.
    The day of the first exit begins the record and does not count: a window that opens with an exit shows
    one too many.
    """
    gone = records.archive != NO_DAY
    lost = records.has_presence(Presence.SOLD, Presence.DEAD, Presence.MOVED) & ~gone
    first_day = first_day_of_exits(records)
    known = lactations.select(~lost[lactations.animal] & (lactations.start != NO_DAY))
    archive = records.archive[known.animal].astype(np.int64)
    last = np.where(archive == NO_DAY, 0, archive)
    conceived = (known.conception != NO_DAY) & (known.conception >= known.start)
    in_window = np.minimum(known.next_calving, last) >= first_day
    whole = AtRisk(
        animal=known.animal,
        group=np.minimum(known.number, N_GROUPS - 1),
        start=known.start,
        confirmed=np.where(conceived, known.conception + confirmation_lag, OPEN_ENDED),
        end=np.minimum(known.next_calving, last),
        leaves=(known.steps_back == 0) & (archive != NO_DAY),
        first_day=first_day,
    )
    names = ("animal", "group", "start", "confirmed", "end", "leaves")
    return AtRisk(first_day=first_day, **{name: getattr(whole, name)[in_window] for name in names})


def exposure_days(risk: AtRisk, first: int, last: int) -> Cells:
    """Return animal-days at risk on the days first … last, by cell."""
    edges = band_edges()[(risk.group > 0).astype(np.intp)]
    low, high = edges[:, :-1], edges[:, 1:] - 1
    start = risk.start[:, np.newaxis]
    begin = np.maximum(start + np.maximum(low, 1), max(first, risk.first_day))
    until = np.minimum(np.minimum(start + high, risk.end[:, np.newaxis]), last)
    switch = risk.confirmed[:, np.newaxis]
    is_open = np.maximum(np.minimum(until, switch) - begin + 1, 0)
    pregnant = np.maximum(until - np.maximum(begin, switch + 1) + 1, 0)
    cells = np.zeros((N_GROUPS, 2, N_BANDS))
    for group in range(N_GROUPS):
        rows = risk.group == group
        cells[group] = is_open[rows].sum(axis=0), pregnant[rows].sum(axis=0)
    return cells


def exits(risk: AtRisk, rows: NDArray[np.bool_] | None = None) -> Cells:
    """Count animals that left, by cell; of ``rows`` only, where given."""
    leaving = risk.leaves if rows is None else risk.leaves & rows
    cells = np.zeros((N_GROUPS, 2, N_BANDS))
    np.add.at(cells, cells_at_end(risk, leaving), 1.0)
    return cells


def cells_at_end(risk: AtRisk, rows: NDArray[np.bool_]) -> tuple[Days, Days, Days]:
    """Return the cells, as an index, that rows are in on their last day."""
    group = risk.group[rows]
    edges = band_edges()[(group > 0).astype(np.intp)]
    days = risk.end[rows] - risk.start[rows]
    band = (days[:, np.newaxis] >= edges[:, 1:]).sum(axis=1)
    is_pregnant = (risk.end > risk.confirmed)[rows].astype(np.int64)
    return group, is_pregnant, np.minimum(band, N_BANDS - 1)
