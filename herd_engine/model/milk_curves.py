"""Lactation curves of the literature: chosen by name, never silently; without one there are no kilograms."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from herd_engine.errors import ParameterError

Numbers = NDArray[np.float64]
_WOOD = ((15.72, 0.2433, 0.002445), (22.06, 0.2350, 0.003642), (21.92, 0.2627, 0.004041))
_MILKBOT = (
    (34.11, 29.96, -0.5, 0.001835), (44.26, 22.52, -0.78, 0.002745), (48.41, 22.54, 0.0, 0.002997),
)  # fmt: skip


def _wood(lactation: int, day: Numbers) -> Numbers:
    a, b, c = _WOOD[min(lactation, len(_WOOD)) - 1]
    kg: Numbers = a * day**b * np.exp(-c * day)
    return kg


def _milkbot(lactation: int, day: Numbers) -> Numbers:
    scale, ramp, offset, decay = _MILKBOT[min(lactation, len(_MILKBOT)) - 1]
    kg: Numbers = scale * (1 - np.exp((offset - day) / ramp) / 2) * np.exp(-decay * day)
    return kg


CURVES: dict[str, Callable[[int, Numbers], Numbers]] = {"wood_us_2006": _wood, "milkbot_priors": _milkbot}
"""Wood's curve of US herds 2006-2016; MilkBot's curve with the means that its authors begin with."""


def milk_by_day(curve: str, lactation: int, days: int) -> Numbers:
    """Return kilograms on day 0 … ``days`` in milk; none on the day of calving.

    Parameters
    ----------
    curve : str
        One of ``CURVES``.
    lactation : int
        1, 2, 3 and more.
    days : int

    Raises
    ------
    ParameterError
    """
    if curve not in CURVES:
        raise ParameterError("curve", curve, f"be one of {', '.join(CURVES)}")
    kg = CURVES[curve](lactation, np.arange(1.0, days + 1.0))
    return np.concatenate([[0.0], kg])
