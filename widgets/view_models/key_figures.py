"""A herd on its report date in the numbers that a manager asks for."""

from dataclasses import dataclass

import numpy as np

from herd_engine.model.animals import AnimalState, Herd
from herd_engine.model.usual import (
    DAYS_IN_MILK,
    FIRST_LACTATION_PERCENT,
    HEIFERS_A_COW,
    LATE_PERCENT,
    MILKING_PERCENT,
    PREGNANT_PERCENT,
    UsualRange,
)

LATE_DAYS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFigure:
    """One number.

    Attributes
    ----------
    name : str
    value : float or None
        None where the herd has nobody that it speaks of.
    digits : int
        Decimals worth showing.
    unit : str
        ``head``, ``days``, ``percent`` or empty.
    usual : UsualRange, optional
        Between which numbers well-run herds lie.
    """

    name: str
    value: float | None
    digits: int = 0
    unit: str = "head"
    usual: UsualRange | None = None


def key_figures(herd: Herd) -> tuple[KeyFigure, ...]:
    """Return head counts first, then what describes the herd whatever its size."""
    counts = herd.counts()
    is_cow = herd.is_milking | (herd.state == AnimalState.DRY)
    cows = int(is_cow.sum())
    pregnant = np.isin(herd.state, [AnimalState.PREGNANT, AnimalState.DRY])
    late = herd.is_milking & (-herd.calving > LATE_DAYS)
    lactations = herd.lactation[is_cow]
    return (
        *(
            KeyFigure(name=name, value=counts[name])
            for name in ("milking", "dry", "heifer", "pregnant_heifer")
        ),
        KeyFigure(name="flagged", value=int(herd.is_flagged.sum())),
        KeyFigure(name="total", value=herd.n_animals),
        KeyFigure(name="days_in_milk", value=herd.mean_days_in_milk, unit="days", usual=DAYS_IN_MILK),
        _percent("milking_share", counts["milking"], cows, MILKING_PERCENT),
        _percent("pregnant_share", int(pregnant.sum()), cows, PREGNANT_PERCENT),
        _percent("late_share", int(late.sum()), counts["milking"], LATE_PERCENT),
        _percent("first_share", int((lactations == 1).sum()), cows, FIRST_LACTATION_PERCENT),
        KeyFigure(
            name="heifers_a_cow",
            value=(counts["heifer"] + counts["pregnant_heifer"]) / cows if cows else None,
            digits=2,
            unit="",
            usual=HEIFERS_A_COW,
        ),
    )


def _percent(name: str, part: int, whole: int, usual: UsualRange) -> KeyFigure:
    value = 100 * part / whole if whole else None
    return KeyFigure(name=name, value=value, unit="percent", usual=usual)
