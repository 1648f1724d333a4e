"""`herd plan`: many reports at once, as a file says.

Exit codes: 0 every report was made and has arrived; 2 the plan is wrong; 3 a report failed or did not arrive
(the others did); 5 canceled, and what is finished stays finished.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Annotated, Any

import typer
from rich.markup import escape

from herd_engine.cli.options import Home, Json, parse_date
from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import err, new_table, out
from herd_engine.operations.supervisor import stopped_by_signals
from herd_engine.workbench import Workbench
from pipelines.reports.journal import Journal
from pipelines.reports.plan import Plan, read_plan
from pipelines.reports.plan_orders import Item
from pipelines.reports.run_plan import Result, Selection, exit_code, planned, run_plan
from pipelines.reports.schedule import next_occasions, remarks

app = typer.Typer(no_args_is_help=True, help="Check and carry out plans of reports.")
PlanPath = Annotated[Path, typer.Argument(metavar="PLAN", help="YAML file.")]
SHOWN = 3


@app.command()
def check(plan: PlanPath, *, home: Home = None) -> None:
    """Check a plan: what it makes, when it is due, and what is surprising about that."""
    found = read_plan(plan)
    workbench = Workbench.open(home)
    now = datetime.now(UTC)
    _print_items(planned(found, workbench, now, Selection(), keep=False), Journal(workbench.home))
    if found.schedule is not None:
        for moment in next_occasions(found.schedule, now, SHOWN):
            out.print(f"due {moment.isoformat(sep=' ', timespec='minutes')} ({found.schedule.time_zone})")
        for remark in remarks(found.schedule):
            err.print(f"[yellow]{escape(remark)}[/]", soft_wrap=True)


@app.command()
def run(
    plan: PlanPath,
    *,
    only: Annotated[list[str] | None, typer.Option(help="A report or a farm by name; repeat.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Only farms whose herd file is of that day or later.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be made.")] = False,
    json: Json = None,
    home: Home = None,
) -> None:
    """Carry out a plan: what is finished already is not made again."""
    check_outputs(json)
    found = read_plan(plan)
    workbench = Workbench.open(home)
    selection = Selection(only=only or (), since=None if since is None else parse_date(since, "--since"))
    if dry_run:
        items = planned(found, workbench, datetime.now(UTC), selection, keep=False)
        _print_items(items, Journal(workbench.home))
        return
    with stopped_by_signals() as stop:
        results = carry_out(found, workbench, datetime.now(UTC), selection, stop)
    if json is not None:
        write_text(json, {"plan": found.name, "results": [_document(result) for result in results]})
    raise typer.Exit(exit_code(results))


def carry_out(
    plan: Plan, workbench: Workbench, moment: datetime, selection: Selection, stop: Event
) -> Sequence[Result]:
    """Carry out a plan for a moment, and print every result as it comes."""
    items = planned(plan, workbench, moment, selection, keep=True)
    return run_plan(plan, items, Journal(workbench.home), stop, tell_result)


def tell_result(result: Result) -> None:
    """Print what became of one report."""
    manifest = result.manifest
    what = f"{result.report} {escape(result.farm)}"
    if manifest is None:
        err.print(f"[red]failed[/] {what}: {escape(result.problem)}", soft_wrap=True)
        return
    state = str(manifest.status) if result.is_new else "finished before"
    out.print(f"{state} {what}: {escape(manifest.headline)} [dim]{manifest.id}[/]", soft_wrap=True)
    if manifest.error is not None:
        err.print(f"    [red]{escape(manifest.error.message)}[/]", soft_wrap=True)
    for words in (*manifest.notes, *result.undelivered):
        err.print(f"    [yellow]{escape(words)}[/]", soft_wrap=True)


def _print_items(items: Sequence[Item], journal: Journal) -> None:
    table = new_table("report", "farm", "formats", "to", "")
    for item in items:
        order = item.order
        is_finished = journal.finished(order.notebook.name, order.id) is not None
        state = str(order.problem) if order.problem else ("finished before" if is_finished else "to be made")
        to = "all" if item.wish.to is None else ", ".join(item.wish.to)
        table.add_row(order.notebook.name, escape(order.farm), ", ".join(order.formats), to, escape(state))
    out.print(table)


def _document(result: Result) -> dict[str, Any]:
    return {
        "report": result.report,
        "farm": result.farm,
        "new": result.is_new,
        "problem": result.problem,
        "undelivered": list(result.undelivered),
        "manifest": result.manifest and result.manifest.model_dump(mode="json"),
    }
