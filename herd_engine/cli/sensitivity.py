"""`herd sensitivity`: which lever moves a number of the forecast, and by how much."""

from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.asked_herd import AskedHerd, about_a_herd
from herd_engine.cli.options import (
    PageLanguage,
    Threads,
    available_cores,
    parse_settings,
)
from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import new_table, out
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import wording
from herd_engine.model.scenario import Scenario
from herd_engine.model.sensitivity import Sensitivity, WatchedNumber
from herd_engine.presentation.charts import tornado_table, tornado_title
from herd_engine.presentation.sensitivity import sensitivity_notes
from herd_engine.workbench import DEFAULT_SEED, Execution

Output = Annotated[str, typer.Option(metavar="METRIC@MONTH", help="What is watched, and when.")]
Morris = Annotated[
    bool,
    typer.Option("--morris", help="Move levers also while others stand elsewhere: seven times the work."),
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A lever of the model; repeat.")
]


@about_a_herd
def sensitivity(  # noqa: PLR0913 - one argument an option
    asked: AskedHerd,
    *,
    output: Output = "milking_count@24",
    morris: Morris = False,
    setting: Settings = None,
    seed: int = DEFAULT_SEED,
    threads: Threads = None,
    language: PageLanguage = ENGLISH,
) -> None:
    """Move each lever one step of management up and down, and show what moves a number most."""
    check_outputs(asked.json, source=asked.file)
    number, scenario = WatchedNumber.parse(output), Scenario(**parse_settings(setting))
    herd_file = asked.read()
    execution = Execution(threads=threads or available_cores())
    found = asked.workbench.sensitivity(
        herd_file, number, scenario, by_morris=morris, seed=seed, execution=execution
    )
    if asked.json is not None:
        write_text(asked.json, found.document())
        return
    print_sensitivity(found, language)


def print_sensitivity(found: Sensitivity, language: str) -> None:
    """Print what moves a number, for people."""
    words = wording(language)
    table = tornado_table(found, words)
    out.print(f"[bold]{escape(tornado_title(found, words))}[/]\n")
    out.print(new_table(*table.columns, rows=table.rows), "")
    for note in sensitivity_notes(found, words):
        out.print(f"[dim]{escape(note)}[/]")
