"""What a farm can bring about within a year, lever by lever: one step of management each way.

Not the bounds of the levers: between no heifer sold and three times as many, sales would hide all else.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from herd_engine.model.levers import LEVERS, Lever, Unit
from herd_engine.model.scenario import ModelParameters
from herd_engine.model.sensitivity import Reach


class LeverStep(NamedTuple):
    """How far a lever is moved: by a number, or by a share of where it is."""

    name: str
    size: float


STEPS = (
    LeverStep("waiting_period_change", 10),
    LeverStep("conception_intensity", 0.1),
    LeverStep("culling_intensity", 0.1),
    LeverStep("heifer_sales_intensity", 0.25),
    LeverStep("pregnancy_loss_cow", 0.02),
    LeverStep("calf_loss", 0.02),
)
"""Factors are moved by a share of their value, all others by a number in their unit; all are assumptions."""


def reaches(parameters: ModelParameters, observed_calf_loss: float) -> Iterator[Reach]:
    """Yield how far each lever goes from where a scenario has it.

    Parameters
    ----------
    parameters : ModelParameters
    observed_calf_loss : float
        Share of heifer calves lost by 60 days of age on this farm: where the lever is if nobody states it.
    """
    for step in STEPS:
        stated, lever = getattr(parameters, step.name), LEVERS[step.name]
        now = observed_calf_loss if stated is None else float(stated)
        size = step.size * now if lever.unit is Unit.FACTOR else step.size
        low, high = np.clip([now - size, now + size], *_bounds(lever))
        if low < high:  # no share can be taken of sales that are stopped
            yield Reach(name=step.name, unit=lever.unit, low=float(low), now=now, high=float(high))


def _bounds(lever: Lever) -> tuple[float, float]:
    if lever.low is None or lever.high is None:
        raise TypeError(f"{lever.name} has no bounds")  # a switch is no step
    return lever.low, lever.high


def moved(reach: Reach, value: float) -> dict[str, Any]:
    """Return a lever at a value as an argument of ``ModelParameters``."""
    return {reach.name: round(value) if reach.unit is Unit.DAYS else value}
