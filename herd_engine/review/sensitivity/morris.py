"""Elementary effects after Morris (1991): which inputs matter, and whether they act alone.

The mean of their sizes is mu* of Campolongo, Cariboni and Saltelli (2007). Written out here: the library
that has it brings along a plotting library, for some forty lines.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

_LEVELS = 4
_JUMP = 2 / 3
"""Of the whole way: with four levels each is then met equally often."""
_CONFIDENCE = 0.95

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Elementary effects of inputs on an output, in its unit, over the whole way of each input.

    Attributes
    ----------
    mu_star : ndarray of float64, shape (inputs,)
        Mean size.
    conf : ndarray of float64, shape (inputs,)
        Half of the 95 % interval of ``mu_star``, from Student's t over the walks.
    mu : ndarray of float64, shape (inputs,)
        Mean with its sign.
    sigma : ndarray of float64, shape (inputs,)
        Standard deviation: 0 for what acts alone and in a straight line.
    points : int
        So often the output was asked for.
    """

    mu_star: Numbers
    conf: Numbers
    mu: Numbers
    sigma: Numbers
    points: int


def morris(
    output: Callable[[Sequence[float]], float],
    place: Callable[[int, float], float],
    inputs: int,
    *,
    walks: int,
    seed: int,
) -> Effects:
    """Walk through the inputs, one jump of one input at a time, and take the output along.

    Parameters
    ----------
    output : callable
        Of the shares of the way at which the inputs are, 0…1.
    place : callable
        The share at which an input really stands when it is put to a share: whole days are rounded.
    inputs, walks, seed : int
        At least one input and two walks.
    """
    numbers = np.random.default_rng(seed)
    effects = np.array([_walk(output, place, numbers, inputs) for _ in range(walks)])
    sizes = np.abs(effects)
    spread = sizes.std(axis=0, ddof=1) / np.sqrt(walks)
    return Effects(
        mu_star=sizes.mean(axis=0),
        conf=float(t.ppf((1 + _CONFIDENCE) / 2, walks - 1)) * spread,
        mu=effects.mean(axis=0),
        sigma=effects.std(axis=0, ddof=1),
        points=walks * (inputs + 1),
    )


def _walk(
    output: Callable[[Sequence[float]], float],
    place: Callable[[int, float], float],
    numbers: np.random.Generator,
    inputs: int,
) -> Numbers:
    """Return the effect of each input along one walk from a random corner of the grid."""
    wished = numbers.integers(_LEVELS, size=inputs) / (_LEVELS - 1)
    shares = [place(index, share) for index, share in enumerate(wished)]
    before, effects = output(shares), np.zeros(inputs)
    for index in numbers.permutation(inputs):
        jump = _JUMP if wished[index] < 1 / 2 else -_JUMP
        old, shares[index] = shares[index], place(index, float(wished[index] + jump))
        after = output(shares)
        effects[index] = (after - before) / (shares[index] - old)
        before = after
    return effects
