"""Closed forms of a dairy herd in equilibrium, written from the formulas alone.

Time is in whole days. A cow calves on day 0 of her lactation, conceives on day Y (days open), is dried off
on day Y + G - D and calves again on day Y + G; one who has not conceived leaves on day ``leaves_on``. On
every day she is lost with probability h before anything else happens to her, so she is there at the end of
day x with probability q**x, q = 1 - h.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CYCLE_DAYS = 21


def days_open_law(
    waiting_days: int, success: float, last_day: int, n_cycles: int | None = None
) -> NDArray[np.float64]:
    """O1: Y = v + U + 21 (K - 1), U uniform on 0 … 20, K geometric; what lies beyond is missing."""
    law = np.zeros(last_day + 1)
    for first in range(waiting_days, waiting_days + CYCLE_DAYS):
        for failed, day in enumerate(range(first, last_day + 1, CYCLE_DAYS)):
            if n_cycles is None or failed < n_cycles:
                law[day] += success * (1 - success) ** failed / CYCLE_DAYS
    return law


@dataclass(frozen=True, slots=True, kw_only=True)
class Lactation:
    """One lactation number: the law of days open (a sub-probability), plans and the daily loss."""

    days_open: NDArray[np.float64]
    leaves_on: int
    gestation: int = 278
    dry_period: int = 60
    loss: float = 0.0

    @property
    def stays(self) -> NDArray[np.float64]:
        """q**x for x = 0 … the longest calving interval."""
        return (1 - self.loss) ** np.arange(len(self.days_open) + self.gestation + self.leaves_on)

    @property
    def unbred(self) -> float:
        return 1 - float(self.days_open.sum())

    def expected(self, shift: int) -> float:
        """E q**(Y + shift), cows that never conceive left out."""
        return float(self.days_open @ self.stays[shift : shift + len(self.days_open)])

    @property
    def calves_again(self) -> float:
        """Probability s = E q**CI of reaching the next calving."""
        return self.expected(self.gestation)

    def _days(self, until: int, since: int | None = None) -> float:
        """Expected days from Y + since (from calving: None) to Y + until, sums of q**x over these."""
        upto = np.concatenate([[0.0], np.cumsum(self.stays)])
        open_days = np.arange(len(self.days_open))
        start = 0.0 if since is None else upto[open_days + since]
        return float(self.days_open @ (upto[open_days + until] - start))

    @property
    def days_unbred(self) -> float:
        return self.unbred * float(self.stays[: self.leaves_on].sum())

    @property
    def days_present(self) -> float:
        return self._days(self.gestation) + self.days_unbred

    @property
    def days_milking(self) -> float:
        return self._days(self.gestation - self.dry_period) + self.days_unbred

    @property
    def days_pregnant(self) -> float:
        return self._days(self.gestation, since=0)

    @property
    def in_milk(self) -> NDArray[np.float64]:
        """Probability of being in milk on day x, x = 0, 1, …: q**x P(L > x)."""
        length = np.arange(len(self.days_open)) + self.gestation - self.dry_period
        ends = np.bincount(length, self.days_open, minlength=len(self.stays))
        ends[self.leaves_on] += self.unbred
        return self.stays * (1 - np.cumsum(ends))

    @property
    def mean_days_in_milk(self) -> float:
        """O4: sum x q**x P(L > x) / sum q**x P(L > x)."""
        in_milk = self.in_milk
        return float(np.arange(len(in_milk)) @ in_milk / in_milk.sum())


def calvings_by_parity(parities: list[Lactation]) -> NDArray[np.float64]:
    """O9: calvings of each parity per first calving; the last element of ``parities`` never ends a line."""
    reach = np.cumprod([1.0, *(lactation.calves_again for lactation in parities[:-1])])
    reach[-1] /= 1 - parities[-1].calves_again
    return reach


def reproduction_number(
    lactation: Lactation, heifers_per_calving: float, first_calving_age: int, heifer_loss: float
) -> float:
    """O11: daughters that calve, per heifer that calves for the first time."""
    reared = heifers_per_calving * (1 - heifer_loss) ** first_calving_age
    return reared / (1 - lactation.calves_again)


def growth_per_day(
    lactation: Lactation,
    heifers_per_calving: float,
    first_calving_ages: NDArray[np.float64],
    heifer_loss: float,
) -> float:
    """O11: root r of f E[qh**A e**(-r A)] = 1 - E[q**CI e**(-r CI)], by bisection.

    ``first_calving_ages[a]`` is the probability of calving first at age a.
    """
    ages = np.arange(len(first_calving_ages))
    intervals = np.arange(len(lactation.days_open)) + lactation.gestation
    returns = lactation.days_open * lactation.stays[intervals]
    low, high = -0.01, 0.01
    while high - low > 1e-12:
        middle = (low + high) / 2
        daughters = heifers_per_calving * (
            first_calving_ages @ ((1 - heifer_loss) ** ages * np.exp(-middle * ages))
        )
        is_growing = daughters > 1 - returns @ np.exp(-middle * intervals)
        low, high = (middle, high) if is_growing else (low, middle)
    return (low + high) / 2
