"""What each animal is worth: its own expected days, priced; the states' values follow its next calving."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.exact.each_animal import AnimalBlock
from herd_engine.review.values.recursion import LEAVES, OWN, StateValues

Numbers = NDArray[np.float64]
PARTS = 5
COW_OWN, COW_LEAVES, CALVES, REARING, NOW = np.arange(PARTS)
"""Of a cow A and B; of a heifer her discounted calving, and what rearing her costs; today's price for her."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeiferPrices:
    """Money by day of age, shape (days,): what a day costs, what an open heifer, one in calf brings."""

    day: Numbers
    open_sale: Numbers
    pregnant_sale: Numbers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Worth:
    """Prices the expected days of blocks of animals; asked by ``each_animal``.

    Attributes
    ----------
    states : StateValues
    heifers : HeiferPrices or None
        None where prices of heifers are not stated.
    """

    states: StateValues
    heifers: HeiferPrices | None

    def __call__(self, block: AnimalBlock) -> Numbers:
        """Return the parts of the value of each animal, shape (n, PARTS)."""
        parts = np.zeros((len(block.group), PARTS))
        days = np.arange(block.stocks.shape[1])
        discount = self.states.economy.daily**days
        present = block.stocks.sum(axis=2)
        calves = (discount * block.calvings).sum(axis=1)
        is_cow = block.group > 0
        parts[:, CALVES] = np.where(is_cow, 0.0, calves)
        self._cows(parts, block, np.flatnonzero(is_cow), present, calves)
        if self.heifers is not None:
            _reared(parts, self.heifers, block, np.flatnonzero(~is_cow), present * discount)
        return parts

    def _cows(
        self, parts: Numbers, block: AnimalBlock, rows: NDArray[np.int64], present: Numbers, calves: Numbers
    ) -> None:
        states, economy = self.states, self.states.economy
        days = np.arange(present.shape[1])
        discount = economy.daily**days
        group, here = block.group[rows], present[rows]
        in_milk = np.minimum(block.since[rows, np.newaxis] + days, economy.margin.shape[1] - 1)
        margin = economy.margin[group[:, np.newaxis], in_milk]
        money = block.stocks[rows, :, 0] * margin + block.stocks[rows, :, 1] * economy.dry_day
        gone = here[:, :-1] - here[:, 1:] - block.calvings[rows, 1:]
        leaves = (discount[1:] * gone).sum(axis=1)
        then = states.fresh_parts[np.minimum(group + 1, len(states.fresh_parts) - 1)]
        own = (discount * money).sum(axis=1) + leaves * economy.salvage
        own += calves[rows] * (economy.calving[group] + then[:, OWN])
        # Who is still waiting on the last day goes on as the open do.
        last = in_milk[:, -1]
        beyond = states.open_parts[group, last]
        left = here[:, -1] * discount[-1]
        parts[rows, COW_OWN] = own + left * (beyond[:, OWN] - economy.margin[group, last])
        parts[rows, COW_LEAVES] = leaves + calves[rows] * then[:, LEAVES] + left * beyond[:, LEAVES]


def _reared(
    parts: Numbers, prices: HeiferPrices, block: AnimalBlock, rows: NDArray[np.int64], present: Numbers
) -> None:
    """Fill in what heifers cost until they calve, and what they would bring today."""
    age = np.minimum(block.since[rows, np.newaxis] + np.arange(present.shape[1]), len(prices.day) - 1)
    parts[rows, REARING] = (present[rows] * prices.day[age]).sum(axis=1)
    in_calf = block.stocks[rows, 0, 1] > 0
    parts[rows, NOW] = np.where(in_calf, prices.pregnant_sale[age[:, 0]], prices.open_sale[age[:, 0]])
