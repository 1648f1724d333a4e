"""`herd sensitivity`: which lever moves a number of the forecast, and by how much."""

from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.asking import (
    AcceptLosses,
    Dates,
    ReportDate,
    SexMap,
    Sheet,
    StatusMap,
    answers_of,
    read_or_ask,
)
from herd_engine.cli.options import (
    ColumnMap,
    Farm,
    HerdPath,
    Home,
    Json,
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
from herd_engine.workbench import DEFAULT_SEED, Execution, Workbench

Output = Annotated[str, typer.Option(metavar="METRIC@MONTH", help="What is watched, and when.")]
Morris = Annotated[
    bool,
    typer.Option("--morris", help="Move levers also while others stand elsewhere: seven times the work."),
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A lever of the model; repeat.")
]


def sensitivity(  # noqa: PLR0913 - one argument an option
    file: HerdPath,
    column_map: ColumnMap = None,
    json: Json = None,
    *,
    output: Output = "milking_count@24",
    morris: Morris = False,
    setting: Settings = None,
    seed: int = DEFAULT_SEED,
    threads: Threads = None,
    language: PageLanguage = ENGLISH,
    map_status: StatusMap = None,
    map_sex: SexMap = None,
    dates: Dates = None,
    sheet: Sheet = "",
    accept_losses: AcceptLosses = False,
    report_date: ReportDate = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Move each lever one step of management up and down, and show what moves a number most."""
    check_outputs(json, source=file)
    number, scenario = WatchedNumber.parse(output), Scenario(**parse_settings(setting))
    workbench = Workbench.open(home, farm=farm)
    answers = answers_of(column_map, map_status, map_sex, dates, sheet, accept_losses, report_date)
    herd_file = read_or_ask(workbench, file, answers, json, of_farm=farm is not None)
    execution = Execution(threads=threads or available_cores())
    found = workbench.sensitivity(
        herd_file, number, scenario, by_morris=morris, seed=seed, execution=execution
    )
    if json is not None:
        write_text(json, found.document())
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
