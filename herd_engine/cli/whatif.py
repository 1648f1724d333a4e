"""`herd whatif`: what another plan changes, with the same luck in both."""

from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.asked_herd import AskedHerd, about_a_herd
from herd_engine.cli.options import (
    REPLICATES,
    PageLanguage,
    Threads,
    available_cores,
    parse_purchase,
    parse_settings,
)
from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import new_table, out
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import wording
from herd_engine.model.scenario import Scenario
from herd_engine.model.whatif import MANAGER_LEVERS, SaidLever, WhatIf
from herd_engine.presentation.whatif import whatif_notes, whatif_table
from herd_engine.workbench import DEFAULT_REPLICATES, DEFAULT_SEED, Execution

SHOWN_MONTHS = (6, 12, 24, 36)
Levers = Annotated[
    list[str] | None,
    typer.Option(
        "--lever", metavar="NAME=NUMBER",
        help="first_service=+20 (days later), culling=0.9 (times as often), female_calves=0.9 (a share); "
        f"repeat. Known: {', '.join(MANAGER_LEVERS)}.",
    ),
]  # fmt: skip
Purchases = Annotated[
    list[str] | None,
    typer.Option(
        "--purchase", metavar="DATE:COUNT:DAYS", help="Heifers bought, so many days in calf; repeat."
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A lever of the model, in both plans; repeat."),
]
Months = Annotated[int, typer.Option(min=1, max=120, help="Month starts to simulate.")]
Runs = Annotated[int, typer.Option(*REPLICATES, min=2, max=50_000, help="Futures of each plan.")]


@about_a_herd
def whatif(  # noqa: PLR0913 - one argument an option
    asked: AskedHerd,
    *,
    lever: Levers = None,
    purchase: Purchases = None,
    setting: Settings = None,
    months: Months = 36,
    runs: Runs = DEFAULT_REPLICATES,
    seed: int = DEFAULT_SEED,
    threads: Threads = None,
    language: PageLanguage = ENGLISH,
) -> None:
    """Show what other levers and purchases change, future by future with the same luck."""
    check_outputs(asked.json, source=asked.file)
    levers = tuple(SaidLever.parse(text) for text in lever or ())
    bought = tuple(parse_purchase(text) for text in purchase or ())
    base = Scenario(horizon_months=months, **parse_settings(setting))
    herd_file = asked.read()
    execution = Execution(threads=threads or available_cores())
    found = asked.workbench.what_if(
        herd_file, levers, base, purchases=bought, runs=runs, seed=seed, execution=execution
    )
    if asked.json is not None:
        write_text(asked.json, found.document())
        return
    print_whatif(found, language)


def print_whatif(found: WhatIf, language: str) -> None:
    """Print what another plan changes, for people."""
    words = wording(language)
    last = len(found.dates) - 1
    months = sorted({month for month in SHOWN_MONTHS if month < last} | {last})
    table = whatif_table(found, months, words)
    out.print(f"[bold]{words.text('whatif_title', day=found.as_of)}[/]\n")
    out.print(new_table(*table.columns, rows=table.rows), "")
    for note in whatif_notes(found, words):
        out.print(f"[dim]{escape(note)}[/]")
