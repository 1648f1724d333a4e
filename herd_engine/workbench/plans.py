"""Plans that keep a goal, for those who ask the Workbench."""

from typing import Any

from herd_engine.review.optimiser.goal import BuyingTerms, Goal, parse_keep
from herd_engine.review.optimiser.plan import HerdPlan
from herd_engine.scenarios.schema import to_payload
from herd_engine.workbench.forecasting import DEFAULT_REPLICATES

__all__ = ["BuyingTerms", "Goal", "HerdPlan", "parse_keep", "plan_payload"]


def plan_payload(plan: HerdPlan, seed: int, runs: int = DEFAULT_REPLICATES) -> dict[str, Any]:
    """Return a plan as a scenario to keep or to run, ``herd_m5_v2``."""
    return to_payload(plan.scenario, seed, runs)
