"""A plan of purchases in words: what is promised, what to do, how surely, and what would be without."""

from herd_engine.charts.table import Table
from herd_engine.i18n.wording import Wording
from herd_engine.model.prices import PriceSet
from herd_engine.review.optimiser.plan import HerdPlan

_FEW = 4
"""So many months are named."""


def goal_text(plan: HerdPlan, words: Wording) -> str:
    """Return what the plan is to keep, and whether in each month or in all together."""
    goal = plan.goal
    return words.text(
        "plan_goal_jointly" if goal.jointly else "plan_goal_each",
        n=goal.at_least,
        percent=100 * goal.chance,
        first=words.month(plan.starts[goal.first - 1]),
        last=words.month(plan.starts[goal.last - 1]),
    )


def verdict_text(plan: HerdPlan, words: Wording) -> str:
    """Return what must be bought and how surely it keeps the goal, or what stands in the way."""
    checked = plan.checked
    facts = {
        "n": plan.total,
        "percent": 100 * float(checked.each[checked.worst]),
        "month": words.month(plan.month(checked.worst)),
        "every": 100 * checked.every,
        "runs": checked.runs,
    }
    if not plan.is_reached:
        return words.text("plan_not_reached", **facts)
    return words.text("plan_reached" if plan.actions else "plan_nothing", **facts)


def without_text(plan: HerdPlan, words: Wording) -> str:
    """Return how often the goal would hold if nothing were bought."""
    worst = plan.without.worst
    return words.text(
        "plan_without", percent=100 * float(plan.without.each[worst]), month=words.month(plan.month(worst))
    )


def actions_table(plan: HerdPlan, words: Wording) -> Table:
    """Return the purchases by day: settled now, or to be decided again with each export."""
    return Table(
        columns=tuple(words.text(f"plan_head.{head}") for head in ("day", "buy", "state", "when")),
        rows=tuple(
            (
                words.day(each.date_in),
                words.number(each.count),
                words.text("plan_in_calf", n=each.days_pregnant),
                words.text("plan_commit" if plan.is_committed(each) else "plan_again"),
            )
            for each in plan.actions
        ),
    )


def alternatives_table(plan: HerdPlan, words: Wording) -> Table:
    """Return what the same goal takes if fewer, or more, heifers are sold."""
    return Table(
        columns=tuple(words.text(f"plan_head.{head}") for head in ("sales", "buy", "exits", "chance")),
        rows=tuple(
            (
                f"× {words.number(each.heifer_sales, 2)}",
                words.number(each.bought),
                words.number(each.fewer_exits),
                words.text("kpi_unit.share", value=words.number(100 * each.chance, 1))
                if each.is_reached
                else words.text("plan_head.missed"),
            )
            for each in plan.alternatives
        ),
    )


def cost_text(plan: HerdPlan, prices: PriceSet | None, words: Wording) -> str:
    """Return what the heifers cost; nothing where a price that it needs was not stated."""
    cost = plan.cost(prices)
    if cost is None:
        return ""
    total, today = (f"{words.number(value)} {cost.currency}" for value in (cost.total, cost.today))
    return words.text("plan_cost", total=total, today=today, prices=cost.price_set)


def notes(plan: HerdPlan, words: Wording, prices: PriceSet | None = None) -> tuple[str, ...]:
    """Return what else must be known: months that bind, prices, a list made now, no season."""
    priced = "prices" if prices is None or plan.cost(prices) is None else "only_heifers"
    n_more = len(plan.binding) - _FEW
    binding = ", ".join(words.month(day) for day in plan.binding[:_FEW])
    facts = {"n": len(plan.binding), "of": len(plan.checked.each), "months": binding, "more": n_more}
    said = words.text("plan_binding_more" if n_more > 0 else "plan_binding", **facts)
    return (
        *((said,) if plan.binding else ()),
        *(words.text(f"plan_note.{code}") for code in ("open_plan", priced, "season")),
    )
