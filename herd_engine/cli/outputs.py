"""`herd outputs`: every number of every kept run, as rows."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from herd_engine.cli.datasets import tell_more
from herd_engine.cli.options import Cursor, Farm, Home, Json, Limit, parse_date
from herd_engine.cli.output import TERMINAL, check_outputs, write_text
from herd_engine.cli.printing import new_table, out, print_paths
from herd_engine.workbench import Workbench
from herd_engine.workbench.files import write_atomically
from herd_engine.workbench.outputs import NUMBERS, Output, OutputView

app = typer.Typer(no_args_is_help=True, help="Search the numbers of all kept runs; write them as CSV.")
Scenarios = Annotated[
    list[str] | None, typer.Option("--scenario", metavar="NAME", help="Only this kept scenario; repeat.")
]
Runs = Annotated[
    list[str] | None, typer.Option("--run", metavar="RUN", help="Id of a run, or its beginning; repeat.")
]
Tags = Annotated[
    list[str] | None, typer.Option("--tag", metavar="TAG", help="The scenario has it; repeat for several.")
]
Metrics = Annotated[
    list[str] | None, typer.Option("--metric", metavar="METRIC", help="As milking_count; repeat.")
]
MonthFrom = Annotated[str | None, typer.Option(metavar="DATE", help="Target months from this day on.")]
MonthTo = Annotated[str | None, typer.Option(metavar="DATE", help="Target months up to this day.")]
Statistic = Annotated[
    str, typer.Option(metavar="NAME", help=f"What --min and --max mean: {', '.join(NUMBERS)}.")
]
Least = Annotated[float | None, typer.Option("--min", help="Least value.")]
Greatest = Annotated[float | None, typer.Option("--max", help="Greatest value.")]
SHOWN = ("p_low", "p50", "p_high", "mean")


@app.command()
def query(  # noqa: PLR0913 - one argument an option
    *,
    scenario: Scenarios = None,
    run: Runs = None,
    tag: Tags = None,
    metric: Metrics = None,
    month_from: MonthFrom = None,
    month_to: MonthTo = None,
    statistic: Statistic = "p50",
    least: Least = None,
    greatest: Greatest = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """List the numbers of all runs, by scenario, metric, report date, run and month."""
    workbench = Workbench.open(home, farm=farm)
    values = _values(tag, metric, month_from, month_to, (statistic, least, greatest))
    filters = _named(workbench, scenario, run) | values
    page = workbench.outputs.page(OutputView.ALL, cursor, limit, **filters)
    _tell(page.items, page.next_cursor, json)


@app.command()
def latest(  # noqa: PLR0913 - one argument an option
    *,
    by_metric: Annotated[
        bool, typer.Option("--by-metric", help="One row a metric: the newest value; see --month-to.")
    ] = False,
    scenario: Scenarios = None,
    tag: Tags = None,
    metric: Metrics = None,
    month_from: MonthFrom = None,
    month_to: MonthTo = None,
    statistic: Statistic = "p50",
    least: Least = None,
    greatest: Greatest = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """List the numbers of the newest run of each scenario and report date."""
    workbench = Workbench.open(home, farm=farm)
    values = _values(tag, metric, month_from, month_to, (statistic, least, greatest))
    filters = _named(workbench, scenario, None) | values
    view = OutputView.LATEST_BY_METRIC if by_metric else OutputView.LATEST
    page = workbench.outputs.page(view, cursor, limit, **filters)
    _tell(page.items, page.next_cursor, json)


@app.command()
def csv(  # noqa: PLR0913 - one argument an option
    file: Annotated[Path, typer.Argument(metavar="OUT", help="File to write; - for the terminal.")],
    *,
    view: Annotated[OutputView, typer.Option(help="Which runs count.")] = OutputView.ALL,
    scenario: Scenarios = None,
    run: Runs = None,
    tag: Tags = None,
    metric: Metrics = None,
    month_from: MonthFrom = None,
    month_to: MonthTo = None,
    statistic: Statistic = "p50",
    least: Least = None,
    greatest: Greatest = None,
    excel: Annotated[
        bool, typer.Option("--excel", help="With a byte order mark and semicolons, for spreadsheets.")
    ] = False,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Write the numbers of all runs as CSV, however many they are."""
    check_outputs(file)
    workbench = Workbench.open(home, farm=farm)
    values = _values(tag, metric, month_from, month_to, (statistic, least, greatest))
    filters = _named(workbench, scenario, run) | values
    pieces = workbench.outputs.csv(view, excel=excel, **filters)
    if file == TERMINAL:
        for piece in pieces:
            sys.stdout.buffer.write(piece)
    else:
        write_atomically(file, pieces)
        print_paths("Written:", file)


@app.command()
def rebuild(*, home: Home = None) -> None:
    """Make the table of all farms again from the files of the runs."""
    n_runs = Workbench.open(home).outputs.rebuild()
    out.print(f"{n_runs:,} runs are in the outputs table.")


@app.command()
def maintain(*, home: Home = None) -> None:
    """Append runs that wait, remove rows of deleted runs, merge small files; a worker does so by itself."""
    outputs = Workbench.open(home).outputs
    n_runs = outputs.flush()
    done = outputs.maintain()
    out.print(
        f"{n_runs:,} runs appended, {done.merged_files:,} files merged, "
        f"{done.expired_snapshots:,} snapshots forgotten, {done.deleted_files:,} old files deleted."
    )


@app.command()
def facts(
    view: Annotated[
        str,
        typer.Argument(
            metavar="VIEW", help="counts, calvings_by_month, conceptions_by_month or exits_by_month."
        ),
    ],
    *,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Show facts of a farm's kept herd files: counts, and events by month and parity."""
    rows = Workbench.open(home, farm=farm).herd_facts.rows(view)
    told = [{name: str(value) if name in _DAYS else value for name, value in row.items()} for row in rows]
    if json is not None:
        write_text(json, {"view": view, "rows": told})
        return
    table = new_table(*(told[0] if told else ["nothing is kept"]))
    for row in told:
        table.add_row(*map(str, row.values()))
    out.print(table)


@app.command()
def check(*, home: Home = None, farm: Farm = None) -> None:
    """Compare the tables of herd facts with the kept herd files, after bringing them in step; exit 3."""
    found = Workbench.open(home, farm=farm).herd_facts
    found.refresh()
    faults = found.check()
    for fault in faults:
        out.print(escape(fault), soft_wrap=True)
    if faults:
        raise typer.Exit(3)
    out.print("The tables of herd facts say what the kept herd files say.")


_DAYS = ("month", "report_date")


def _named(workbench: Workbench, scenario: list[str] | None, run: list[str] | None) -> dict[str, Any]:
    return {
        "scenario_ids": tuple(workbench.scenarios.find(name).id for name in scenario or ()),
        "run_ids": tuple(workbench.runs.find(beginning).id for beginning in run or ()),
    }


def _values(
    tag: list[str] | None,
    metric: list[str] | None,
    month_from: str | None,
    month_to: str | None,
    value: tuple[str, float | None, float | None],
) -> dict[str, Any]:
    statistic, least, greatest = value
    return {
        "tags": tuple(tag or ()),
        "metrics": tuple(metric or ()),
        "month_from": None if month_from is None else parse_date(month_from, "--month-from"),
        "month_to": None if month_to is None else parse_date(month_to, "--month-to"),
        "statistic": statistic,
        "value_from": least,
        "value_to": greatest,
    }


def _tell(rows: Sequence[Output], next_cursor: str | None, json: Path | None) -> None:
    if json is not None:
        write_text(json, {"outputs": [_document(row) for row in rows], "next_cursor": next_cursor})
        return
    table = new_table("metric", "month", *SHOWN, "run", "report date")
    for row in rows:
        numbers = ["" if (value := getattr(row, name)) is None else f"{value:,.1f}" for name in SHOWN]
        table.add_row(escape(row.metric), str(row.target_month), *numbers, row.run_id[:8], str(row.asof_date))
    out.print(table)
    tell_more(next_cursor)


def _document(row: Output) -> dict[str, Any]:
    moments = ("published_at", "asof_date", "target_month")
    return asdict(row) | {name: getattr(row, name).isoformat() for name in moments}
