"""How fast cull-flagged animals leave, though no export says since when they are flagged."""

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.exposure import DAYS_PER_YEAR
from herd_engine.calibration.priors import FLAGGED_EXITS_PER_YEAR, FLAGGED_YEARS
from herd_engine.model.animals import NO_DAY, AnimalRecords, Presence

_WINDOW_DAYS = 365
Numbers = NDArray[np.float64]


def flagged_rates(records: AnimalRecords, confirmation_lag: int) -> tuple[Numbers, Numbers]:
    """Return Gamma(shape, years) of the yearly rate of flagged heifers and cows, shape (2,) each.

    Notes
    -----
    A cow is given up when her last insemination turns out to have failed, so the time from then on is
    taken as time under the flag: of cows that left open in the last year (they left), and of flagged cows
    (they are still there). Cows never inseminated are taken to leave as fast. The first rule of this
    model (all leavers over the animals flagged now) counts animals that no flag ever kept.
    Heifers are seldom inseminated before they are flagged: those that left open, over those
    flagged now, a year of each.
    """
    gone = records.archive != NO_DAY
    is_cow = records.lactation > 0
    is_open = (records.conception == NO_DAY) | (is_cow & (records.conception < records.calving))
    lost = records.has_presence(Presence.SOLD, Presence.DEAD, Presence.MOVED) & ~gone
    flagged = records.has_presence(Presence.CULL_FLAGGED) & ~gone
    served = is_cow & (records.insemination != NO_DAY) & (records.insemination >= records.calving)
    end = np.where(gone, records.archive, 0).astype(np.int64)
    failed = records.insemination.astype(np.int64) + confirmation_lag
    waits = served & is_open & (gone | flagged) & ~lost & (end > failed) & (end > -_WINDOW_DAYS)
    years = (end - np.maximum(failed, -_WINDOW_DAYS))[waits].sum() / DAYS_PER_YEAR
    cows_left = float((waits & gone).sum())
    heifers_left = float((gone & ~is_cow & is_open & (records.archive > -_WINDOW_DAYS)).sum())
    heifer_years = float((flagged & ~is_cow).sum())
    left, at_risk = np.array([heifers_left, cows_left]), np.array([heifer_years, years])
    if not heifer_years:
        left[0] = 0.0
    return left + FLAGGED_EXITS_PER_YEAR * FLAGGED_YEARS, at_risk + FLAGGED_YEARS
