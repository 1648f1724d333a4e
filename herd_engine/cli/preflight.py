"""`herd preflight`: herd files asked by their contract's rules, kept, and blocked where that is wished."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from herd_engine.cli.asking import (
    AcceptLosses,
    Dates,
    SexMap,
    Sheet,
    StatusMap,
    answers_of,
    read_bytes,
)
from herd_engine.cli.contracts import print_results, read_named
from herd_engine.cli.options import ColumnMap, Farm, Home, Json, Limit
from herd_engine.cli.output import write_text
from herd_engine.cli.printing import err, new_table, out, print_issues, shown_moment
from herd_engine.model.gate import GateMode
from herd_engine.workbench import Workbench
from herd_engine.workbench.files import write_atomically
from herd_engine.workbench.preflight import ARTIFACTS, Preflight, PreflightRow

app = typer.Typer(
    no_args_is_help=True, help="Ask herd files by their contract, list and show what came of it."
)
PreflightId = Annotated[str, typer.Argument(metavar="ID", help="Of a preflight.")]


@app.command()
def run(  # noqa: PLR0913 - one argument an option
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Herd exports.")],
    *,
    mode: Annotated[
        GateMode | None,
        typer.Option(help="HERD_PREFLIGHT_MODE by default, else as preflight.yaml says, else report_only."),
    ] = None,
    contract: Annotated[
        str, typer.Option(metavar="CONTRACT", help="Whose rules are asked: a file, or a name; the farm's.")
    ] = "",
    column_map: ColumnMap = None,
    map_status: StatusMap = None,
    map_sex: SexMap = None,
    dates: Dates = None,
    sheet: Sheet = "",
    accept_losses: AcceptLosses = False,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Examine files, all of them, and keep what was found; with enforce, exit 2 where one fails."""
    rules = read_named(contract) if contract else None
    answers = answers_of(column_map, map_status, map_sex, dates, sheet, accept_losses)
    contents = {path: read_bytes(path) for path in files}
    preflights = Workbench.open(home, farm=farm).preflights
    wished = preflights.mode(mode)
    found = [
        one
        for path, data in contents.items()
        for one in preflights.examine({path.name: data}, answers, told=mode, contract=rules)
    ]
    if json is not None:
        rows = [_document(one.row) | {"mode_source": wished.source} for one in found]
        write_text(json, {"preflights": rows})
    else:
        out.print(f"mode: {wished.mode} (from {wished.source})", soft_wrap=True)
        for one in found:
            _tell(one)
    if any(one.row.block_reason for one in found):
        raise typer.Exit(2)


@app.command("list")
def list_preflights(*, limit: Limit = 20, json: Json = None, home: Home = None, farm: Farm = None) -> None:
    """List the farm's preflights, newest first."""
    rows = Workbench.open(home, farm=farm).preflights.latest(limit)
    if json is not None:
        write_text(json, {"preflights": [_document(row) for row in rows]})
        return
    table = new_table("preflight", "when", "file", "mode", "status", "blocked")
    for row in rows:
        when = shown_moment(row.created_at)
        table.add_row(row.id, when, escape(row.file_name), row.mode, row.status, row.block_reason)
    out.print(table)


@app.command()
def show(
    preflight: PreflightId,
    *,
    artifact: Annotated[
        str | None, typer.Option(metavar="NAME", help=f"Write one of {', '.join(ARTIFACTS)}.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="OUT", help="Where; by its name here.")] = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Print a preflight as JSON with what its rules found, or write one of its files."""
    preflights = Workbench.open(home, farm=farm).preflights
    if artifact is not None:
        write_atomically(to or Path(artifact), preflights.artifact(preflight, artifact))
        return
    row = preflights.get(preflight)
    rules = [asdict(rule) for rule in preflights.rules(preflight)]
    write_text(Path("-"), _document(row) | {"rules": rules})


@app.command()
def stats(*, json: Json = None, home: Home = None, farm: Farm = None) -> None:
    """Count the farm's preflights by status, and name the rules that are broken most often."""
    preflights = Workbench.open(home, farm=farm).preflights
    counts, rules = preflights.counts(), preflights.top_rules()
    if json is not None:
        write_text(json, {"counts": counts, "top_rules": [asdict(each) for each in rules]})
        return
    out.print(", ".join(f"{status} {n:,}" for status, n in sorted(counts.items())) or "No preflight yet.")
    table = new_table("rule", "failed", "warned")
    for each in rules:
        table.add_row(each.rule_id, f"{each.failed:,}", f"{each.warned:,}")
    out.print(table)


@app.command()
def trend(*, json: Json = None, home: Home = None, farm: Farm = None) -> None:
    """Count the farm's preflights by day and status, oldest first."""
    points = Workbench.open(home, farm=farm).preflights.trend()
    if json is not None:
        rows = [{"day": each.day.isoformat(), "status": each.status, "n": each.n} for each in points]
        write_text(json, {"trend": rows})
        return
    table = new_table("day", "status", "preflights")
    for each in points:
        table.add_row(each.day.isoformat(), each.status, f"{each.n:,}")
    out.print(table)


@app.command()
def rule(
    rule_id: Annotated[str, typer.Argument(metavar="RULE", help="Id of a rule, such as file_is_fresh.")],
    *,
    limit: Limit = 20,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Show what a rule found in the farm's files, newest first."""
    moments = Workbench.open(home, farm=farm).preflights.rule_history(rule_id, limit)
    if json is not None:
        days = [each.report_date and each.report_date.isoformat() for each in moments]
        rows = [
            asdict(each) | {"report_date": day, "created_at": each.created_at.isoformat()}
            for each, day in zip(moments, days, strict=True)
        ]
        write_text(json, {"rule_id": rule_id, "history": rows})
        return
    table = new_table("when", "file", "report date", "status", "violations")
    for each in moments:
        day = "" if each.report_date is None else each.report_date.isoformat()
        when = shown_moment(each.created_at)
        table.add_row(when, escape(each.file_name), day, each.status, f"{each.violations:,}")
    out.print(table)


def _tell(one: Preflight) -> None:
    row = one.row
    out.print(f"[bold]{escape(row.file_name)}[/] {row.status} {row.block_reason}".rstrip(), soft_wrap=True)
    if one.error is not None:
        print_issues(one.error.issues, err)
    print_results(one.rules)
    out.print(f"[dim]{row.id}[/]")


def _document(row: PreflightRow) -> dict[str, Any]:
    day = row.report_date and row.report_date.isoformat()
    return asdict(row) | {"report_date": day, "created_at": row.created_at.isoformat()}
