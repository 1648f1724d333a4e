"""Distributions over whole days, and the keyed uniforms that turn them into days."""

import math
from bisect import bisect_left, bisect_right
from itertools import accumulate

import numpy as np

from herd_engine.engine.kernel.random_numbers import (
    CONCEPTION,
    DAY_IN_CYCLE,
    DRY_OFF,
    FAILED_CYCLES,
    GESTATION,
    LIFE_BLOCK,
    PATIENCE,
    REPEAT_BLOCK,
    SEX,
    uniform,
    words,
)

CYCLE_DAYS = 21
FAILURE = 0.80


class WholeDays:
    """A distribution over whole days, drawn by inversion.

    Examples
    --------
    >>> die = WholeDays({day: 1 / 6 for day in range(1, 7)})
    >>> die.draw(0.5), die.draw(0.5, not_before=5), die.draw(0.5, not_before=7)
    (4, 6, None)
    """

    def __init__(self, probabilities: dict[int, float]) -> None:
        self.days = sorted(probabilities)
        self.reached = list(accumulate(probabilities[day] for day in self.days))
        self.reached[-1] = 1.0

    def draw(self, u: float, not_before: int = 0) -> int | None:
        """Return the day at u of the distribution from ``not_before`` on; None: nothing is left there."""
        n_passed = bisect_left(self.days, not_before)
        passed = self.reached[n_passed - 1] if n_passed else 0.0
        if passed >= 1:
            return None
        return self.days[bisect_right(self.reached, passed + u * (1 - passed))]


class KeyedUniforms:
    """The uniforms of one run; each is named by animal, lactation number and purpose."""

    def __init__(self, seed: int, run: int) -> None:
        self.seed, self.run = np.uint64(seed), np.uint64(run)

    def _uniform(self, key: int, lactation: int, block: int, word: int) -> float:
        block_words = words(self.seed, self.run, np.uint64(key), np.uint64(lactation), np.uint64(block))
        return float(uniform(block_words[word]))

    def patience(self, key: int, lactation: int) -> float:
        """Return the chance of survival at which the animal leaves in this lactation."""
        return self._uniform(key, lactation, LIFE_BLOCK, PATIENCE)

    def conception(self, key: int, lactation: int) -> float:
        """Return the uniform of age at conception, service period, or a purchase's days to calving."""
        return self._uniform(key, lactation, LIFE_BLOCK, CONCEPTION)

    def gestation(self, key: int, lactation: int) -> float:
        """Return the uniform of the gestation that ends this lactation number."""
        return self._uniform(key, lactation, LIFE_BLOCK, GESTATION)

    def dry_off(self, key: int, lactation: int) -> float:
        """Return the uniform of conception → dry-off."""
        return self._uniform(key, lactation, LIFE_BLOCK, DRY_OFF)

    def sex(self, key: int) -> float:
        """Return the uniform that makes a calf a heifer."""
        return self._uniform(key, 0, LIFE_BLOCK, SEX)

    def days_of_repeats(self, key: int, lactation: int) -> int:
        """Return the days of the failed cycles plus the day inside the successful one."""
        failed = math.floor(
            math.log(self._uniform(key, lactation, REPEAT_BLOCK, FAILED_CYCLES)) / math.log(FAILURE)
        )
        day = 1 + math.floor(self._uniform(key, lactation, REPEAT_BLOCK, DAY_IN_CYCLE) * CYCLE_DAYS)
        return CYCLE_DAYS * failed + day
