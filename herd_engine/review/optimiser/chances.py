"""How often a promise holds over simulated futures, and how surely that is known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """Shares of futures in which a promise holds.

    Attributes
    ----------
    each : ndarray of float64, shape (months,)
        In each month by itself.
    every : float
        In every month together.
    se : ndarray of float64, shape (months,)
    se_every : float
    runs : int
    """

    each: NDArray[np.float64]
    every: float
    se: NDArray[np.float64]
    se_every: float
    runs: int

    @property
    def worst(self) -> int:
        """Place of the month with the smallest chance; of equal ones the first."""
        return int(np.argmin(self.each))


def chances(holds: NDArray[np.bool_], *, in_pairs: bool) -> Chances:
    """Return the shares of futures in which a promise holds.

    Parameters
    ----------
    holds : ndarray of bool, shape (replicates, months)
    in_pairs : bool
        Whether replicates 2k and 2k + 1 share their rates: then pairs are what is independent.
    """
    every = holds.all(axis=1)
    together = np.column_stack([holds, every]).astype(np.float64)
    means = together.mean(axis=0)
    units = together.reshape(-1, 2, together.shape[1]).mean(axis=1) if in_pairs else together
    se = units.std(axis=0, ddof=1) / np.sqrt(len(units))
    return Chances(
        each=means[:-1], every=float(means[-1]), se=se[:-1], se_every=float(se[-1]), runs=len(holds)
    )
