"""A plan of purchases that keeps a goal, verified on futures that took no part in finding it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.habits import GESTATION
from herd_engine.model.forecast import Metric
from herd_engine.model.prices import DISCOUNT, PriceSet
from herd_engine.model.scenario import Purchase, Scenario
from herd_engine.review.optimiser.chances import Chances, chances
from herd_engine.review.optimiser.futures import Futures, purchases
from herd_engine.review.optimiser.goal import BuyingTerms, Goal
from herd_engine.review.optimiser.search import Searched, fewest

_A_MONTH_DAYS = 31
_DAYS_PER_YEAR = 365.25
_NEARLY = 0.02
"""A month whose chance is no more than so far above the wished one binds the plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another way to the same goal: sell fewer heifers, buy fewer.

    Attributes
    ----------
    heifer_sales : float
        Times today's.
    bought : int
    fewer_exits : float
        Animals that leave less, on average, than with today's sales.
    chance : float
        In the worst month, on fresh runs.
    is_reached : bool
    """

    heifer_sales: float
    bought: int
    fewer_exits: float
    chance: float
    is_reached: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCost:
    """What the bought heifers of a plan cost.

    Attributes
    ----------
    total : float
        On the days on which they arrive.
    today : float
        The same discounted to the report date.
    currency, price_set : str
    """

    total: float
    today: float
    currency: str
    price_set: str

    def document(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "value": self.today, "undiscounted": self.total, "currency": self.currency,
            "price_set": self.price_set, "of": "purchases", "reason": None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class HerdPlan:
    """A dated list of purchases, and how surely it keeps its goal.

    Attributes
    ----------
    goal : Goal
    as_of : date
    starts : tuple of date
        Month starts of the forecast.
    scenario : Scenario
        With the purchases: what makes it a plan to keep.
    checked : Chances
        On fresh runs, of the months of the goal; the only chance to be told.
    without : Chances
        On the same runs, if nothing is bought.
    is_reached : bool
        Whether the search found a plan that keeps the goal.
    binding : tuple of date
        Months in which there is hardly more than wished for.
    days_pregnant : int
    alternatives : tuple of Alternative
    """

    goal: Goal
    as_of: date
    starts: tuple[date, ...]
    scenario: Scenario
    checked: Chances
    without: Chances
    is_reached: bool
    binding: tuple[date, ...]
    days_pregnant: int
    alternatives: tuple[Alternative, ...] = field(default_factory=tuple)

    @property
    def actions(self) -> tuple[Purchase, ...]:
        """The purchases by day."""
        return self.scenario.purchases

    @property
    def total(self) -> int:
        """Heifers bought in all."""
        return sum(each.count for each in self.actions)

    def cost(self, prices: PriceSet | None) -> PlanCost | None:
        """Return what its heifers cost; None where a price that it needs was not stated."""
        if prices is None or prices.missing("plan_cost"):
            return None
        rate, springer = prices.prices[DISCOUNT], prices.prices["springer_price"]
        years = [(each.date_in - self.as_of).days / _DAYS_PER_YEAR for each in self.actions]
        at_arrival = [each.count * springer for each in self.actions]
        today = [money / (1 + rate) ** wait for money, wait in zip(at_arrival, years, strict=True)]
        return PlanCost(
            total=sum(at_arrival), today=sum(today), currency=prices.currency, price_set=prices.reference
        )

    def is_committed(self, purchase: Purchase) -> bool:
        """Tell whether a purchase must be settled now: before the next month's export could change it."""
        lead = round(GESTATION.mean) - self.days_pregnant
        return purchase.date_in <= self.as_of + timedelta(days=lead + _A_MONTH_DAYS)

    def month(self, place: int) -> date:
        """Return the month start of a place among the months of the goal."""
        return self.starts[self.goal.first + place - 1]

    def document(self, prices: PriceSet | None = None) -> dict[str, Any]:
        """Return it as plain values: ``herd-plan/1``; without the prices that it needs the cost is null."""
        goal, worst, cost = self.goal, self.checked.worst, self.cost(prices)
        return {
            "schema": "herd-plan/1",
            "as_of": self.as_of.isoformat(),
            "goal": {
                "metric": str(goal.metric), "at_least": goal.at_least, "chance": goal.chance,
                "each_month": not goal.jointly, "months": [goal.first, goal.last],
            },
            "actions": [
                {
                    "date": each.date_in.isoformat(), "do": "buy", "what": "heifers in calf",
                    "days_pregnant": each.days_pregnant, "n": each.count, "commit": self.is_committed(each),
                }
                for each in self.actions
            ],
            "total_bought": self.total,
            "expected_cost": {"value": None, "reason": "needs_prices"} if cost is None else cost.document(),
            "chance_checked": {
                "worst_month": float(self.checked.each[worst]), "month": self.month(worst).isoformat(),
                "se": float(self.checked.se[worst]), "every_month": self.checked.every,
                "runs": self.checked.runs, "seed_block": "fresh",
            },
            "chance_without": {
                "worst_month": float(self.without.each[self.without.worst]),
                "month": self.month(self.without.worst).isoformat(), "every_month": self.without.every,
            },
            "by_month": [
                {
                    "date": self.month(place).isoformat(), "chance": float(self.checked.each[place]),
                    "chance_without": float(self.without.each[place]),
                }
                for place in range(len(self.checked.each))
            ],
            "alternatives": [
                {
                    "heifer_sales": each.heifer_sales, "bought": each.bought, "fewer_exits": each.fewer_exits,
                    "chance": each.chance, "is_reached": each.is_reached,
                }
                for each in self.alternatives
            ],
            "binding_months": [day.isoformat() for day in self.binding],
            "not_reachable": None if self.is_reached else {
                "largest_chance": self._largest(), "month": self.month(worst).isoformat(),
            },
        }  # fmt: skip

    def _largest(self) -> float:
        return self.checked.every if self.goal.jointly else float(self.checked.each[self.checked.worst])


def plan_purchases(
    futures: Futures, goal: Goal, terms: BuyingTerms, others: Sequence[tuple[float, Futures]] = ()
) -> HerdPlan:
    """Return the fewest purchases that keep a goal, verified on fresh runs.

    Parameters
    ----------
    futures : Futures
        Without purchases; its horizon is the goal's last month.
    goal : Goal
    terms : BuyingTerms
    others : sequence of tuple of float, Futures
        The same under other sales of heifers, times today's: for each the fewest purchases are told beside.
    """
    found = _searched(futures, goal, terms)
    checked, without = _verified(futures, goal, terms, found)
    plan = purchases(found.bought.tolist(), futures.starts, futures.days_pregnant)
    close = np.flatnonzero(found.chances.each <= goal.chance + _NEARLY + 1.64 * found.chances.se)
    binding = tuple(futures.starts[goal.first + int(place) - 1] for place in close) if plan else ()
    return HerdPlan(
        goal=goal,
        as_of=futures.herd.report_date,
        starts=futures.starts,
        scenario=replace(futures.scenario, purchases=plan),
        checked=checked,
        without=without,
        is_reached=found.is_reached,
        binding=binding,
        days_pregnant=futures.days_pregnant,
        alternatives=alternatives(futures, others, goal, terms),
    )


def _searched(futures: Futures, goal: Goal, terms: BuyingTerms) -> Searched:
    runs = range(terms.runs)
    base = futures.of_herd(runs, goal.metric)

    def evaluate(bought: NDArray[np.int64]) -> NDArray[np.int64]:
        return base + futures.of_bought(bought.tolist(), runs, goal.metric)

    return fewest(
        evaluate,
        futures.response(goal.metric),
        goal,
        terms,
        in_pairs=futures.scenario.draws_parameters,
    )


def _verified(futures: Futures, goal: Goal, terms: BuyingTerms, found: Searched) -> tuple[Chances, Chances]:
    """Return the chances with and without the plan, on runs that the search has not seen."""
    fresh = range(terms.runs, terms.runs + terms.fresh_runs)
    base = futures.of_herd(fresh, goal.metric)
    both = (base + futures.of_bought(found.bought.tolist(), fresh, goal.metric), base)
    with_plan, without = (
        chances(
            counts[:, goal.first : goal.last + 1] >= goal.at_least, in_pairs=futures.scenario.draws_parameters
        )
        for counts in both
    )
    return with_plan, without


def alternatives(
    now: Futures, others: Sequence[tuple[float, Futures]], goal: Goal, terms: BuyingTerms
) -> tuple[Alternative, ...]:
    """Return what the same goal takes under other sales of heifers.

    Parameters
    ----------
    now : Futures
        With today's sales.
    others : sequence of tuple of float, Futures
        Sales, times today's, and the futures under them.
    goal : Goal
    terms : BuyingTerms
    """
    exits_now = _exits(now, terms) if others else 0.0
    rows = []
    for factor, futures in others:
        found = _searched(futures, goal, terms)
        checked, _ = _verified(futures, goal, terms, found)
        rows.append(
            Alternative(
                heifer_sales=factor,
                bought=found.total,
                fewer_exits=exits_now - _exits(futures, terms),
                chance=checked.every if goal.jointly else float(checked.each[checked.worst]),
                is_reached=found.is_reached,
            )
        )
    return tuple(rows)


def _exits(futures: Futures, terms: BuyingTerms) -> float:
    """Return the animals that leave within the horizon, on average, if nothing is bought."""
    return float(futures.of_herd(range(terms.runs), Metric.CULLS).sum(axis=1).mean())
