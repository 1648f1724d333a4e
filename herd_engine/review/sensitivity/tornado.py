"""What one step of each lever does to one number of the forecast."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from herd_engine.model.scenario import ModelParameters
from herd_engine.model.sensitivity import Reach, Swing
from herd_engine.review.sensitivity.morris import Effects, morris
from herd_engine.review.sensitivity.steps import moved

WALKS = 12
"""With six levers 84 forecasts: enough to settle the order of those that matter."""
NEGLIGIBLE = 0.02
"""What moves the number by less than this share of what moves it most is not worth a lever."""

Value = Callable[[ModelParameters], float]


def tornado(value: Value, parameters: ModelParameters, levers: Sequence[Reach]) -> tuple[Swing, ...]:
    """Move each lever by itself to either end; ``value`` is the number under parameters."""
    swings = [
        Swing(
            reach=reach,
            at_low=value(replace(parameters, **moved(reach, reach.low))),
            at_high=value(replace(parameters, **moved(reach, reach.high))),
        )
        for reach in levers
    ]
    return ranked(swings)


def with_morris(
    swings: Sequence[Swing], value: Value, parameters: ModelParameters, seed: int
) -> tuple[tuple[Swing, ...], Effects]:
    """Add what levers do when the others stand elsewhere, too: their mean effect and how it varies."""
    levers = [each.reach for each in swings]

    def output(shares: Sequence[float]) -> float:
        places = zip(levers, shares, strict=True)
        changes: dict[str, Any] = {}
        for reach, share in places:
            changes |= moved(reach, reach.at(share))
        return value(replace(parameters, **changes))

    def place(index: int, share: float) -> float:
        reach = levers[index]
        return (reach.at(share) - reach.low) / (reach.high - reach.low)

    effects = morris(output, place, len(levers), walks=WALKS, seed=seed)
    found = [
        replace(
            each,
            mu_star=float(effects.mu_star[row]),
            conf=float(effects.conf[row]),
            mu=float(effects.mu[row]),
            sigma=float(effects.sigma[row]),
        )
        for row, each in enumerate(swings)
    ]
    return ranked(found), effects


def ranked(swings: Sequence[Swing]) -> tuple[Swing, ...]:
    """Return the strongest first, those marked that hardly count; equal ones in the order of their names."""
    most = max(each.weight for each in swings)
    kept = [replace(each, is_kept=each.weight >= NEGLIGIBLE * most > 0) for each in swings]
    return tuple(sorted(kept, key=lambda each: (-each.weight, each.reach.name)))
