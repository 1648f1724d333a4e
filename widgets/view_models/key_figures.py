"""A herd on its report date in the numbers that a manager asks for."""

from dataclasses import dataclass

import numpy as np

from herd_engine.model.animals import AnimalState, Herd

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
    usual : tuple of float, optional
        Between which numbers well-run herds lie.
    """

    name: str
    value: float | None
    digits: int = 0
    unit: str = "head"
    usual: tuple[float, float] | None = None


def key_figures(herd: Herd) -> tuple[KeyFigure, ...]:
    """Return head counts first, then what describes the herd whatever its size.

    Notes
    -----
    Usual ranges: cows in milk 84–88 % and cows confirmed pregnant 50–55 % of all cows; mean days in milk
    150–170, at most 35 % of cows in milk beyond 200; 33–38 % of cows in their first lactation;
    0.75–0.90 heifers a cow.
    """
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
        KeyFigure(name="days_in_milk", value=herd.mean_days_in_milk, unit="days", usual=(150, 170)),
        _percent("milking_share", counts["milking"], cows, (84, 88)),
        _percent("pregnant_share", int(pregnant.sum()), cows, (50, 55)),
        _percent("late_share", int(late.sum()), counts["milking"], (0, 35)),
        _percent("first_share", int((lactations == 1).sum()), cows, (33, 38)),
        KeyFigure(
            name="heifers_a_cow",
            value=(counts["heifer"] + counts["pregnant_heifer"]) / cows if cows else None,
            digits=2,
            unit="",
            usual=(0.75, 0.90),
        ),
    )


def _percent(name: str, part: int, whole: int, usual: tuple[float, float]) -> KeyFigure:
    value = 100 * part / whole if whole else None
    return KeyFigure(name=name, value=value, unit="percent", usual=usual)
