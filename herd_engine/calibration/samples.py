"""The herd's own lists: intervals that its records contain, in days."""

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.animals import NO_DAY, AnimalRecords

GESTATION_OF_RECORDS_DAYS = 278
"""Age at first conception of a first-lactation cow is counted back from her calving by this."""


def ages_at_conception(records: AnimalRecords) -> NDArray[np.int64]:
    """Return ages at first conception in days, from heifers' conceptions and first calvings.

    Parameters
    ----------
    records : AnimalRecords

    Returns
    -------
    ndarray of int64, shape (n_observed,)
        Positive ages only.
    """
    born = records.birth != NO_DAY
    heifer = born & (records.lactation == 0) & (records.conception != NO_DAY)
    first = born & (records.lactation == 1) & (records.calving != NO_DAY)
    ages = np.concatenate(
        [
            _difference(records.conception, records.birth, heifer),
            _difference(records.calving, records.birth, first) - GESTATION_OF_RECORDS_DAYS,
        ]
    )
    return ages[ages > 0]


def service_periods(records: AnimalRecords) -> NDArray[np.int64]:
    """Return days from calving to conception, where both are known and conception is later."""
    known = (records.calving != NO_DAY) & (records.conception != NO_DAY)
    periods = _difference(records.conception, records.calving, known)
    return periods[periods > 0]


def conception_to_dry_off(records: AnimalRecords) -> NDArray[np.int64]:
    """Return days from conception to dry-off, where both are known and dry-off is later."""
    known = (records.conception != NO_DAY) & (records.dry_off != NO_DAY)
    days = _difference(records.dry_off, records.conception, known)
    return days[days > 0]


def _difference(
    later: NDArray[np.int32], earlier: NDArray[np.int32], rows: NDArray[np.bool_]
) -> NDArray[np.int64]:
    return later[rows].astype(np.int64) - earlier[rows]
