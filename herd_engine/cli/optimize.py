"""`herd optimize`: the fewest heifers to buy that keep a number of milking cows."""

from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.asked_herd import AskedHerd, about_a_herd
from herd_engine.cli.options import (
    REPLICATES,
    PageLanguage,
    PriceSetName,
    Threads,
    available_cores,
    parse_settings,
)
from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import new_table, out
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import wording
from herd_engine.model.prices import PriceSet
from herd_engine.model.scenario import Scenario
from herd_engine.presentation.herd_plan import (
    actions_table,
    alternatives_table,
    cost_text,
    goal_text,
    notes,
    verdict_text,
    without_text,
)
from herd_engine.workbench import DEFAULT_SEED, Execution
from herd_engine.workbench.plans import BuyingTerms, Goal, HerdPlan, parse_keep, plan_payload

Keep = Annotated[str, typer.Option(metavar="milking>=NUMBER", help="What is to be kept.")]
Chance = Annotated[float, typer.Option(help="With what chance, 0.5…0.99.")]
First = Annotated[int, typer.Option("--from", help="First month start, counted from the report date.")]
Last = Annotated[int, typer.Option("--to", help="Last month start.")]
Jointly = Annotated[bool, typer.Option("--jointly", help="The chance of all months together, not of each.")]
DaysPregnant = Annotated[int, typer.Option(help="Of the heifers on arrival.")]
MostPerMonth = Annotated[int, typer.Option(help="Heifers that can be had a month.")]
Earliest = Annotated[int, typer.Option(help="First month start on which heifers can arrive.")]
Lot = Annotated[int, typer.Option(help="Heifers are bought in multiples of this.")]
Sales = Annotated[
    list[float] | None, typer.Option("--sales", help="Beside: the same if so much of today's sales; repeat.")
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A lever of the model; repeat.")
]
Runs = Annotated[
    int, typer.Option(*REPLICATES, help="Futures to search with; twice as many verify the plan.")
]
Save = Annotated[str | None, typer.Option(metavar="NAME", help="Keep the plan as a scenario of this name.")]


@about_a_herd
def optimize(  # noqa: PLR0913 - one argument an option
    asked: AskedHerd,
    *,
    keep: Keep,
    chance: Chance = 0.9,
    first: First = 4,
    last: Last = 24,
    jointly: Jointly = False,
    days_pregnant: DaysPregnant = 220,
    most_per_month: MostPerMonth = 5000,
    earliest: Earliest = 1,
    lot: Lot = 1,
    sales: Sales = None,
    setting: Settings = None,
    runs: Runs = 1000,
    seed: int = DEFAULT_SEED,
    threads: Threads = None,
    save: Save = None,
    prices: PriceSetName = None,
    language: PageLanguage = ENGLISH,
) -> None:
    """Find the fewest heifers to buy that keep so many milking cows, and say how surely they do."""
    check_outputs(asked.json, source=asked.file)
    goal = Goal(at_least=parse_keep(keep), chance=chance, first=first, last=last, jointly=jointly)
    terms = BuyingTerms(
        days_pregnant=days_pregnant,
        most_per_month=most_per_month,
        earliest=earliest,
        lot=lot,
        runs=runs,
        fresh_runs=2 * runs,
        sales_factors=tuple(sales or ()),
    )
    scenario = Scenario(**parse_settings(setting))
    herd_file = asked.read()
    chosen = asked.prices(prices)
    execution = Execution(threads=threads or available_cores())
    plan = asked.workbench.optimize(herd_file, goal, scenario, terms, seed=seed, execution=execution)
    if save is not None:
        asked.workbench.scenarios.save(save, plan_payload(plan, seed))
    if asked.json is not None:
        write_text(asked.json, plan.document(chosen))
        return
    print_plan(plan, language, save, chosen)


def print_plan(plan: HerdPlan, language: str, saved: str | None, prices: PriceSet | None) -> None:
    """Print a plan for people."""
    words = wording(language)
    out.print(f"[bold]{words.text('plan_title', day=plan.as_of)}[/]\n{goal_text(plan, words)}\n")
    out.print(f"[bold]{verdict_text(plan, words)}[/]\n{without_text(plan, words)}\n")
    if cost := cost_text(plan, prices, words):
        out.print(f"{escape(cost)}\n")
    others = alternatives_table(plan, words)
    for heading, table in (("", actions_table(plan, words)), (words.text("plan_others"), others)):
        if table.rows:
            shown = new_table(*table.columns, rows=table.rows)
            out.print(*([f"[bold]{heading}[/]"] if heading else []), shown, "")
    for note in notes(plan, words, prices):
        out.print(f"[dim]{escape(note)}[/]")
    if saved is not None:
        out.print(escape(words.text("plan_saved", name=saved)), soft_wrap=True)
