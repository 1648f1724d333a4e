"""How many heifers the farm can sell, and how long its cows stay: from lives lived to their end."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from herd_engine.sample.farm import SampleFarm
from herd_engine.sample.leaving import DAYS_PER_YEAR
from herd_engine.sample.lives import Calendar, live

_N_LIVES = 20_000
_SEED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HerdReplacement:
    """What makes the herd keep its size.

    Attributes
    ----------
    reproduction_number : float
        Live heifer calves that a heifer calf has in her life, when none is sold as surplus.
    surplus_share : float
        Share of heifers to be sold so that every one is replaced by one: 1 - 1/reproduction number,
        0 for a farm that has to buy.
    calvings_per_life : float
        Calvings of a live-born heifer calf, surplus sold.
    mean_herd_life_days, mean_herd_life_se_days : float
        First calving to exit, with its standard error.
    n_lives : int
        Lives behind these numbers.
    """

    reproduction_number: float
    surplus_share: float
    calvings_per_life: float
    mean_herd_life_days: float
    mean_herd_life_se_days: float
    n_lives: int


@lru_cache(maxsize=8)
def equilibrium(farm: SampleFarm) -> HerdReplacement:
    """Follow a cohort of calves to the last one's exit; the same farm gives the same numbers."""
    rng = np.random.Generator(np.random.PCG64(_SEED))
    births = np.zeros(_N_LIVES, dtype=np.int32)
    first_calving, exit_day = np.zeros(_N_LIVES), np.zeros(_N_LIVES)
    n_calvings = []
    everything = Calendar(report_weekday=0, last_day=int(100 * DAYS_PER_YEAR))
    for lactation in live(farm, births, 0.0, everything, rng):
        n_calvings.append(int(lactation.calves_again.sum()))
        exit_day[lactation.animal] = lactation.exit
        if lactation.number == 1:
            first_calving[lactation.animal] = lactation.start
    herd_life = (exit_day - first_calving)[first_calving > 0]
    live_calves = n_calvings[0] * (1 - farm.stillbirth_first_calving)
    live_calves += sum(n_calvings[1:]) * (1 - farm.stillbirth_later_calving)
    reproduction = farm.female_fraction * live_calves / _N_LIVES
    surplus = max(0.0, 1 - 1 / reproduction)
    return HerdReplacement(
        reproduction_number=reproduction,
        surplus_share=surplus,
        calvings_per_life=sum(n_calvings) / _N_LIVES * (1 - surplus),
        mean_herd_life_days=float(herd_life.mean()),
        mean_herd_life_se_days=float(herd_life.std(ddof=1) / np.sqrt(len(herd_life))),
        n_lives=_N_LIVES,
    )
