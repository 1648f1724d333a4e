"""What a cow is worth in every state, exactly, on the laws of the expected forecast.

A place earns the margin of its cow day by day; a cow that leaves brings what she is sold for, and a bought
springer fills her place. Every value is A + B W: A is the cow's own discounted money, B her discounted
leaving, W the worth of an empty place less the springer that fills it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.exact.expected_lives import Lives
from herd_engine.errors import ParameterError

Numbers = NDArray[np.float64]
OWN, LEAVES, CALVES = np.arange(3)
"""Parts of a value: her own money, her discounted leaving, her discounted calving."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Economy:
    """Money of days and events.

    Attributes
    ----------
    margin : ndarray of float64, shape (groups, days)
        Of a day in milk, by lactation (group 0 is not used) and days since calving.
    dry_day : float
        Margin of a dry day: what it costs is negative.
    calving : ndarray of float64, shape (groups,)
        What the calf is worth that ends a pregnancy of a group.
    salvage : float
        What a cow brings that leaves.
    springer : float
        Price of the heifer in calf that fills a place.
    daily : float
        Discount of a day, 0 … 1.
    """

    margin: Numbers
    dry_day: float
    calving: Numbers
    salvage: float
    springer: float
    daily: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StateValues:
    """Values by lactation and day since calving, shape (groups, days) or (groups, days, 2) as A and B.

    Attributes
    ----------
    open_parts, conceived_parts : ndarray of float64
        Of an open cow; of one on the day on which she conceives.
    fresh_parts : ndarray of float64, shape (groups, 2)
        On the day of calving.
    economy : Economy
    """

    open_parts: Numbers
    conceived_parts: Numbers
    fresh_parts: Numbers
    economy: Economy

    @property
    def place(self) -> float:
        """W; infinite without discount, where a place earns for ever."""
        own, leaves = self.fresh_parts[1]
        return float((own - self.economy.springer) / (1 - leaves)) if leaves < 1 - 1e-12 else float("inf")

    @property
    def per_day(self) -> float:
        """What a place earns a day."""
        return self.place * (1 - self.economy.daily)

    @property
    def heifer_break_even(self) -> float:
        """The highest price at which a springer is worth her place."""
        return float(self.fresh_parts[1, OWN])

    @property
    def replaced(self) -> float:
        """What selling a cow now and filling her place is worth."""
        return self.economy.salvage + self.place

    def of(self, parts: Numbers) -> Numbers:
        """Return A + B W."""
        value: Numbers = parts[..., OWN] + parts[..., LEAVES] * self.place
        return value


def state_values(lives: Lives, economy: Economy) -> StateValues:
    """Return what a cow is worth on every day, open or just in calf.

    Parameters
    ----------
    lives : Lives
    economy : Economy

    Raises
    ------
    ParameterError
        The discount makes values grow.

    Notes
    -----
    O(x) = m(x) + d [s ((1 - c) O(x + 1) + c P(x + 1)) + (1 - s) (salvage + W)], s surviving and c conceiving
    on day x + 1; P(y) sums the days of a pregnancy, its calving and its leavers. From the last day on the
    open stay at their last rate for ever. The last lactation is followed by itself.
    """
    if not 0 < economy.daily <= 1:
        raise ParameterError("discount", economy.daily, "be within 0 … 1")
    groups, days = lives.open.shape
    opened, conceived = np.zeros((groups, days, 3)), np.zeros((groups, days, 3))
    for group in range(1, groups):
        conceived[group] = _conceived(lives, economy, group)
        opened[group] = _open(lives, economy, group, conceived[group])
    fresh = np.zeros((groups, 2))
    last = opened[-1, 0]
    fresh[-1] = last[:CALVES] / (1 - last[CALVES])
    then = fresh[-1]
    for group in range(groups - 1, 0, -1):
        for parts in (opened, conceived):
            parts[group, :, :CALVES] += parts[group, :, CALVES:] * then
        fresh[group] = then = opened[group, 0, :CALVES]
    return StateValues(
        open_parts=opened[:, :, :CALVES],
        conceived_parts=conceived[:, :, :CALVES],
        fresh_parts=fresh,
        economy=economy,
    )


def pregnant_parts(lives: Lives, economy: Economy, group: int, day: int, since: int) -> Numbers:
    """Return A, B and the discounted calving of a cow on a day, in calf and in milk for ``since`` days.

    Parameters
    ----------
    lives : Lives
    economy : Economy
    group, day : int
        Lactation, and days since calving.
    since : int
        Days in calf, fewer than the earliest dry-off.
    """
    parts: Numbers = _sums(lives, economy, group, np.array([day - since]), since)[0]
    return parts


def _conceived(lives: Lives, economy: Economy, group: int) -> Numbers:
    """Return the parts of a value on the day of conception, shape (days, 3); 0 where nobody conceives."""
    parts = np.zeros((lives.open.shape[1], 3))
    longest = len(lives.carries) - 1
    days = np.flatnonzero((lives.conceives[group] > 0) & (lives.open[group] > _GONE))
    days = days[days + max(longest, lives.lag) < lives.open.shape[1]]
    parts[days] = _sums(lives, economy, group, days, 0)
    return parts


def _sums(lives: Lives, economy: Economy, group: int, began: NDArray[np.int64], since: int) -> Numbers:
    """Sum up pregnancies from their day ``since`` on, shape (len(began), 3)."""
    k = np.arange(since, len(lives.carries))
    x = began[:, np.newaxis] + k
    there = _survival(lives, group, began, k)
    there = there / there[:, :1]
    carries, stays = lives.carries[k] / lives.carries[since], lives.stays[1, k] / lives.carries[since]
    discount = economy.daily ** (k - since)
    money = stays * economy.margin[group, x] + (carries - stays) * economy.dry_day
    calves = (discount * there * lives.calves_on[k] / lives.carries[since])[:, 1:].sum(axis=1)
    leaves = (discount[1:] * -np.diff(there, axis=1) * carries[:-1]).sum(axis=1)
    own = (discount * there * money).sum(axis=1)
    own += calves * economy.calving[group] + leaves * economy.salvage
    return np.stack([own, leaves, calves], axis=1)


def _survival(lives: Lives, group: int, began: NDArray[np.int64], k: NDArray[np.int64]) -> Numbers:
    """Return how many of those that conceived are still there k days later, shape (len(began), len(k))."""
    left, pregnant = lives.open[group], lives.pregnant[group]
    x, known = began[:, np.newaxis] + k, began + max(lives.lag, 0)
    late = (left[known] / np.maximum(pregnant[known], _GONE))[:, np.newaxis] * pregnant[x]
    there: Numbers = np.where(k <= lives.lag, left[x], late) / np.maximum(left[began], _GONE)[:, np.newaxis]
    return there


def _open(lives: Lives, economy: Economy, group: int, conceived: Numbers) -> Numbers:
    """Return the parts of the value of an open cow, day by day backwards, shape (days, 3)."""
    left, waits = lives.open[group], lives.waits[group]
    stays = np.divide(left[1:], left[:-1], out=np.zeros(len(left) - 1), where=left[:-1] > _GONE)
    catches = np.divide(
        lives.conceives[group, 1:], waits[:-1], out=np.zeros(len(left) - 1), where=waits[:-1] > _GONE
    )
    leaves = np.array([economy.salvage, 1.0, 0.0])
    margin, daily = economy.margin[group], economy.daily
    parts = np.zeros((len(left), 3))
    rate = float(stays[-1])
    once = np.array([margin[-1], 0.0, 0.0]) + daily * (1 - rate) * leaves
    parts[-1] = once / max(1 - daily * rate, _GONE)
    for day in range(len(left) - 2, -1, -1):
        caught = catches[day]
        stay = (1 - caught) * parts[day + 1] + caught * conceived[day + 1]
        parts[day] = daily * (stays[day] * stay + (1 - stays[day]) * leaves)
        parts[day, OWN] += margin[day]
    return parts


_GONE = 1e-200
