"""What a herd comes to in the long run if its rates stay and nothing is bought."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from herd_engine.engine.exact.expectation import lives_of, require_calibrated
from herd_engine.engine.exact.expected_lives import Lives, Whole, new_scratch, new_whole, whole_lives
from herd_engine.engine.kernel.lookup import FAR
from herd_engine.model.tables import Tables

Numbers = NDArray[np.float64]
_DAYS_PER_YEAR = 365.25
_LONGEST_LIFE_DAYS = 14_610
"""In one lactation, or as a heifer; nothing of weight is left."""
_WIDEST_GROWTH_PER_DAY = 0.005


@dataclass(frozen=True, slots=True, kw_only=True)
class Equilibrium:
    """A herd of stable composition.

    Attributes
    ----------
    yearly_growth : float
        Relative; the cows of such a herd, and all else, change by it.
    mean_days_in_milk : float
        Of cows in milk at the end of a day.
    milking_share : float
        Of the cows.
    calvings_per_cow_year : float
    first_calving_share : float
        Of all calvings.
    turnover : float
        First calvings per cow-year: what replaces the cows that leave, where the size is constant.
    late_share : float
        Of cows in milk, those with more than 300 days.
    lactation_share : ndarray of float64, shape (groups - 1,)
        Of cows: lactation 1, 2, … (the last: and later).
    heifers_per_cow : float
    reproduction_number : float
        Daughters that calve, per heifer that calves for the first time: 1 keeps the herd's size.
    """

    yearly_growth: float
    mean_days_in_milk: float
    milking_share: float
    calvings_per_cow_year: float
    first_calving_share: float
    turnover: float
    late_share: float
    lactation_share: Numbers
    heifers_per_cow: float
    reproduction_number: float


LATE_DAYS = 300
"""From here on a cow in milk is late."""


def equilibrium(tables: Tables, *, cap: int | None = None, yearly_growth: float | None = None) -> Equilibrium:
    """Return the composition that a herd with these mean rates tends to.

    Parameters
    ----------
    tables : Tables
        Of the calibrated mode.
    cap : int, optional
        Longest lactation in days.
    yearly_growth : float, optional
        0: as many first calvings as keep the size, wherever the heifers come from. By default the
        herd's own growth without purchases.

    Raises
    ------
    ParameterError
        The tables are of another mode.

    Notes
    -----
    In a herd that grows by exp(r) a day, the animals that are in day x of a lactation calved when the
    herd was exp(-r x) its size: every sum over days is weighted so. The own growth is the root of the Euler
    equation, in which a heifer calf has just one daughter by that weight [1]_.

    References
    ----------
    .. [1] Lotka, A. J. (1939). Théorie analytique des associations biologiques, II.
    """
    known = require_calibrated(tables)
    lives = lives_of(tables, _LONGEST_LIFE_DAYS, int(FAR) if cap is None else cap)
    whole = new_whole(lives)
    whole_lives(lives, new_scratch(lives), whole)
    growth = _own_growth(whole, known.heifer_calf) if yearly_growth is None else np.log1p(yearly_growth)
    return _composition(lives, whole, growth / _DAYS_PER_YEAR, known.heifer_calf)


def daughters(whole: Whole, heifer_calf: Numbers, growth_per_day: float) -> float:
    """Return the heifer calves of a heifer calf, each weighted by exp(-growth · mother's age)."""
    calves = _weighted(whole.calves, growth_per_day)
    return float(calves[0] * (_calvings(calves) * _calves_of(heifer_calf, len(calves) - 1)).sum())


def _own_growth(whole: Whole, heifer_calf: Numbers) -> float:
    """Return the yearly root of the Euler equation, within what a herd of cattle can do."""

    def surplus(growth: float) -> float:
        calves = _weighted(whole.calves, growth)
        if calves[-1] >= 1:  # as many cows come back to the last group as were there: any growth is less
            return np.inf
        return daughters(whole, heifer_calf, growth) - 1

    low = high = 0.0
    while surplus(low) < 0 and low > -_WIDEST_GROWTH_PER_DAY:
        low -= _WIDEST_GROWTH_PER_DAY / 64
    while surplus(high) > 0 and high < _WIDEST_GROWTH_PER_DAY:
        high += _WIDEST_GROWTH_PER_DAY / 64
    if surplus(low) < 0:
        return low * _DAYS_PER_YEAR
    root = brentq(lambda growth: min(surplus(growth), 1e6), low, high, xtol=1e-12)
    return float(root * _DAYS_PER_YEAR)


def _weighted(by_day: Numbers, growth_per_day: float) -> Numbers:
    """Return the sum over days, day x weighted by exp(-growth x); shape (groups,)."""
    weight = np.exp(-growth_per_day * np.arange(by_day.shape[1]))
    sums: Numbers = (by_day * weight).sum(axis=1)
    return sums


def _calvings(calves: Numbers) -> Numbers:
    """Return the calvings that begin lactation 1, 2, … of a cow, from the chances to calve again."""
    reach = np.cumprod([1.0, *calves[1:-1]])
    reach[-1] /= 1 - calves[-1]
    return reach


def _calves_of(heifer_calf: Numbers, groups: int) -> Numbers:
    return np.array([heifer_calf[0], *([heifer_calf[1]] * (groups - 1))])


def _composition(lives: Lives, whole: Whole, growth_per_day: float, heifer_calf: Numbers) -> Equilibrium:
    x = np.arange(lives.open.shape[1])
    waiting = lives.open * lives.waits
    waiting[1:, lives.cap + 1 :] = 0.0
    first, second = waiting + whole.first, whole.second
    milking, dry = _weighted(first, growth_per_day), _weighted(second, growth_per_day)
    calvings = _calvings(_weighted(whole.calves, growth_per_day))
    per_first_calving = calvings * (milking + dry)[1:]
    cows, in_milk = per_first_calving.sum(), (calvings * milking[1:]).sum()
    late = (calvings * _weighted(first * (x > LATE_DAYS), growth_per_day)[1:]).sum()
    born = (calvings * _calves_of(heifer_calf, len(calvings))).sum()
    return Equilibrium(
        yearly_growth=float(np.expm1(growth_per_day * _DAYS_PER_YEAR)),
        mean_days_in_milk=float((calvings * _weighted(first * x, growth_per_day)[1:]).sum() / in_milk),
        milking_share=float(in_milk / cows),
        calvings_per_cow_year=float(calvings.sum() * _DAYS_PER_YEAR / cows),
        first_calving_share=float(1 / calvings.sum()),
        turnover=float(_DAYS_PER_YEAR / cows),
        late_share=float(late / in_milk),
        lactation_share=per_first_calving / cows,
        heifers_per_cow=float(born * (milking + dry)[0] / cows),
        reproduction_number=daughters(whole, heifer_calf, 0.0),
    )
