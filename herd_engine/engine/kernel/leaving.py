"""When an animal leaves: by the clock of her class, or by rates of her age or stage, and pregnancy."""

import numpy as np

from herd_engine.engine.kernel.compiled import inlined
from herd_engine.engine.kernel.lookup import FAR, exit_day
from herd_engine.engine.run_rates import BOUGHT_GROUP, FLAGGED_GROUP

FLAGGED_HEIFER, FLAGGED_COW, BOUGHT = np.arange(FLAGGED_GROUP, BOUGHT_GROUP + 1)
"""Groups of ``ReplicateRates.exits`` besides 0 (heifers) and 1 … 5 (cows by lactation)."""


@inlined
def leaving_day(inputs, rates, class_, group, start, conception, since, until, patience):
    """Return the first day in since + 1 … until on which she leaves; FAR if she stays.

    ``start`` is her birth (heifers) or calving; ``class_`` counts in ``inputs.clock``, ``group`` in
    ``rates.exits``. ``until`` must not pass the last day of the forecast.
    """
    if not inputs.hazards.is_used:
        return exit_day(inputs.clock, class_, since, until, patience)
    return leaving_day_by_band(
        inputs, rates, group, start, conception + inputs.hazards.confirmation_lag, since, until, patience
    )


@inlined
def leaving_day_by_band(inputs, rates, group, start, confirmed, since, until, patience):
    """Use up the patience band by band; she counts as pregnant from the day after ``confirmed``."""
    edges = inputs.hazards.edges[1 if 0 < group < FLAGGED_HEIFER else 0]
    day, band = since, 0
    while edges[band + 1] <= day + 1 - start:
        band += 1
    while day < until:
        end = min(until, start + edges[band + 1] - 1)
        is_pregnant = day >= confirmed
        if not is_pregnant and confirmed < end:
            end = confirmed
        status = 1 if is_pregnant else 0
        rate = rates.exits[group, status, band]
        season = rates.season[inputs.hazards.kinds[group, status, band]]
        hazard = rate * (season[end] - season[day])
        if hazard >= patience:
            return first_day_at(season, day + 1, end, season[day] + patience / rate)
        patience -= hazard
        day = end
        if day + 1 - start >= edges[band + 1]:
            band += 1
    return FAR


@inlined
def first_day_at(season, low, high, target):
    """Return the first day in low … high whose running sum reaches ``target``; ``high`` at the latest."""
    while low < high:
        middle = (low + high) // 2
        if season[middle] >= target:
            high = middle
        else:
            low = middle + 1
    return low
