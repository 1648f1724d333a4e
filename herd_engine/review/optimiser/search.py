"""The fewest heifers that keep a goal: an integer programme, corrected by exact evaluation until it holds."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from herd_engine.review.optimiser.chances import Chances, chances
from herd_engine.review.optimiser.goal import BuyingTerms, Goal

MARGIN = 1.64
"""Standard errors above the wished chance that the runs of the search must show: the plan that just holds in
them was chosen by their luck, and would hold less often in others."""
_ROUNDS, _MORE_ROUNDS = 10, 10
"""The quantiles of few runs jump: a plan that circles around the goal is then asked for an animal more each
round, until it holds."""
_MISSED = 1e6
"""Cost of an animal short, beside one for a heifer bought."""
_GAP, _NODES = 0.005, 2000
"""Of the optimum, at which a programme may stop; no time limit: results would depend on the machine."""
_SUREST = 0.999
"""Surer than this no number of runs of a search can tell."""
_SMALL = 1e-6
_LATER = 1e-4
"""Of equal plans the one that buys later is taken."""
Bought = NDArray[np.int64]
Counts = NDArray[np.int64]
Evaluate = Callable[[Bought], Counts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """The plan that a search ended with.

    Attributes
    ----------
    bought : ndarray of int64, shape (months,)
        Heifers on each month start.
    chances : Chances
        In the runs of the search.
    is_reached : bool
        Whether the goal holds there with its margin.
    """

    bought: Bought
    chances: Chances
    is_reached: bool

    @property
    def total(self) -> int:
        """Heifers bought."""
        return int(self.bought.sum())


def fewest(
    evaluate: Evaluate,
    response: NDArray[np.float64],
    goal: Goal,
    terms: BuyingTerms,
    *,
    in_pairs: bool,
) -> Searched:
    """Return the plan with the fewest heifers that keeps a goal in the runs of the search.

    Parameters
    ----------
    evaluate : callable
        Returns the count in every run and record under a plan, shape (replicates, months + 1): exactly.
    response : ndarray of float64, shape (months, months + 1)
        Mean count in a record for one heifer bought on a month start.
    goal : Goal
    terms : BuyingTerms
    in_pairs : bool
        Whether pairs of runs share their rates.

    Notes
    -----
    The quantile of the count that must reach the goal moves with the plan nearly as its mean does: so the
    next plan is that of a linear programme in whole animals around the last one, until the best that holds
    does not become smaller. A goal for all months together is one for each month with a higher chance, found
    by bisection.
    """
    first = _search(evaluate, response, goal, goal.chance, terms, in_pairs)
    if not goal.jointly or not first.is_reached:
        return first
    low, high, best = goal.chance, 0.998, None
    for _ in range(6):
        tried = _search(evaluate, response, goal, (low + high) / 2, terms, in_pairs)
        margin = MARGIN * tried.chances.se_every
        if tried.is_reached and tried.chances.every >= min(goal.chance + margin, _SUREST):
            best, high = tried, (low + high) / 2
        else:
            low = (low + high) / 2
    if best is not None:
        return best
    return Searched(bought=first.bought, chances=first.chances, is_reached=False)


def _search(
    evaluate: Evaluate,
    response: NDArray[np.float64],
    goal: Goal,
    wished: float,
    terms: BuyingTerms,
    in_pairs: bool,
) -> Searched:
    months = slice(goal.first, goal.last + 1)
    gain = response[:, months]
    bought: Bought = np.zeros(len(response), np.int64)
    best: Searched | None = None
    for number in range(_ROUNDS + _MORE_ROUNDS):
        counts = evaluate(bought)[:, months]
        seen = chances(counts >= goal.at_least, in_pairs=in_pairs)
        level = np.minimum(wished + MARGIN * seen.se, _SUREST)
        tried = Searched(bought=bought, chances=seen, is_reached=bool((seen.each >= level).all()))
        if best is not None and best.is_reached and tried.is_reached and tried.total >= best.total:
            return best
        if best is None or tried.is_reached or not best.is_reached:
            best = tried
        quantile = _quantiles(counts, 1 - level)
        if number >= _ROUNDS - 1 and best.is_reached:
            return best
        at_least = goal.at_least + max(0, number - _ROUNDS + 2)
        following, missed = _programme(
            gain, quantile - np.multiply(gain, bought[:, None]).sum(axis=0), at_least, terms
        )
        if np.array_equal(following, bought) and (best.is_reached or missed):
            return best
        bought = following
    return best or tried


def _quantiles(counts: Counts, levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each month the count that falls short of itself in no more than so many runs."""
    ordered = np.sort(counts, axis=0)
    place = np.floor(levels * len(counts)).astype(np.int64)
    return ordered[place, np.arange(counts.shape[1])].astype(np.float64)


def _programme(
    gain: NDArray[np.float64], without: NDArray[np.float64], at_least: int, terms: BuyingTerms
) -> tuple[Bought, bool]:
    """Return the fewest heifers on each month start with which every month has enough.

    Where none can have, those with which the months miss least, and that they miss any.
    """
    n, n_months = gain.shape
    cost = np.concatenate([terms.lot * (1 - _LATER * np.arange(n)), np.full(n_months, _MISSED)])
    enough = LinearConstraint(np.hstack([terms.lot * gain.T, np.eye(n_months)]), lb=at_least - without)
    lots = np.full(n, float(terms.most_per_month // terms.lot))
    lots[: terms.earliest - 1] = 0
    found = milp(
        cost,
        constraints=enough,
        bounds=Bounds(0, np.concatenate([lots, np.full(n_months, np.inf)])),
        integrality=np.concatenate([np.ones(n), np.zeros(n_months)]),
        options={"mip_rel_gap": _GAP, "node_limit": _NODES},
    )
    if found.x is None:  # every programme has an answer: animals may be missed at a cost
        message = f"the programme of purchases ended without an answer: {found.message}"
        raise ArithmeticError(message)
    return terms.lot * np.rint(found.x[:n]).astype(np.int64), bool(found.x[n:].sum() > _SMALL)
