"""Animals that stand as they hardly can: so many of them say that a part of the farm's facts is missing."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.animal_rows import AnimalRows
from herd_engine.datasets.contract.model import Limits

_FEWEST: Final = 5
_YOUNGEST_COW, _LATEST_DRY_OFF = 400, 255
"""Days: from birth to a calving; from conception to the dry-off, by far the latest."""


def unlikely_animals(rows: AnimalRows, limits: Limits) -> dict[str, int]:
    """Return how many animals are unlikely, by reason; those of which there are few are not counted."""
    is_cow = rows.is_present & (rows.lactation > 0)
    is_heifer = rows.is_present & (rows.lactation == 0)
    found = {
        "heifers_too_old": is_heifer & (rows.birth < -limits.oldest_heifer_days),
        "calved_as_calves": is_cow & (rows.calving - rows.birth < _YOUNGEST_COW),
        "never_dried_off": _never_dried_off(rows),
    }
    least = max(_FEWEST, limits.lost_share * int(rows.is_present.sum()))
    return {reason: int(who.sum()) for reason, who in found.items() if who.sum() >= least}


def _never_dried_off(rows: AnimalRows) -> NDArray[np.bool_]:
    """Tell the cows that should be dry by now, on a farm of which no dry-off is on file."""
    late: NDArray[np.bool_] = rows.is_milking & (rows.conception < -_LATEST_DRY_OFF)
    return late & ~np.isfinite(rows.dry_off).any()
