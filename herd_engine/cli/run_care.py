"""What becomes of kept runs: `herd runs cancel`, `rename`, `star`, `pin`, `delete`, `prune`."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.options import (
    Farm,
    Home,
    Json,
    Yes,
    confirm,
)
from herd_engine.cli.output import write_text
from herd_engine.cli.presets import tell_deleted
from herd_engine.cli.printing import new_table, out, shown_moment
from herd_engine.errors import NotFoundError
from herd_engine.workbench import Workbench
from herd_engine.workbench.answers import Run
from herd_engine.workbench.runs import Runs

ForEverybody = Annotated[bool, typer.Option("--for-everybody", help="Also where others asked for the run.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="Id of a run, or its first characters.")]


def cancel(run: RunId, *, for_everybody: ForEverybody = False, home: Home = None, farm: Farm = None) -> None:
    """Ask a run to stop; nothing of it is published. It goes on where others want it too."""
    kept = Workbench.open(home, farm=farm).runs
    row = kept.withdraw(kept.find(run).id, for_everybody=for_everybody)
    if row.is_active and not row.cancel_requested:
        out.print(f"{row.id} goes on: others asked for it too (--for-everybody stops it)", soft_wrap=True)
    else:
        out.print(f"{row.id} {'stopping' if row.is_active else row.status}")


def rename(
    run: RunId,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    *,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Give a forecast a name, or another one."""
    kept = Workbench.open(home, farm=farm).runs
    row = kept.rename(kept.find(run).id, name)
    out.print(f"{row.id} {escape(row.name or '')}", soft_wrap=True)


def star(
    run: RunId,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="No longer.")] = False,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Make a forecast the farm's plan: the one that overview and reports show."""
    workbench = Workbench.open(home, farm=farm)
    kept = workbench.runs
    row = kept.star(kept.find(run).id, starred=not remove)
    plan = "the plan" if row.starred else "not the plan"
    out.print(f"{row.id} {plan} of {escape(workbench.farms.current().name)}", soft_wrap=True)


def pin(
    run: RunId,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="No longer.")] = False,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Keep a run from being pruned."""
    kept = Workbench.open(home, farm=farm).runs
    row = kept.pin(kept.find(run).id, pinned=not remove)
    out.print(f"{row.id} {'pinned' if row.pinned else 'not pinned'}")


def delete(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Ids, or their first characters.")],
    *,
    for_everybody: ForEverybody = False,
    yes: Yes = False,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Delete finished runs and their files; exit 2 where one was skipped."""
    kept = Workbench.open(home, farm=farm).runs
    ids = [_id_of(kept, run) for run in runs]
    confirm(f"Delete {len(ids)} runs and their files?" if len(ids) > 1 else f"Delete run {ids[0]}?", yes=yes)
    tell_deleted(kept.delete(ids, for_everybody=for_everybody), json)


def prune(
    *,
    keep: Annotated[int, typer.Option(min=0, help="So many of the newest stay, and all pinned ones.")] = 100,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell which would go.")] = False,
    yes: Yes = False,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Delete the oldest runs that succeeded, with their files; it tells which and asks."""
    kept = Workbench.open(home, farm=farm).runs
    rows = kept.prune(keep)
    if rows and json is None:
        print_runs(rows)
    if rows and not dry_run:
        confirm(f"Delete {len(rows):,} runs and their files?", yes=yes)
        rows = kept.prune(keep, dry_run=False)
    if json is not None:
        write_text(json, {"dry_run": dry_run, "runs": [row.id for row in rows]})
    else:
        out.print(f"{len(rows):,} runs {'would be ' if dry_run else ''}deleted")


SHOWN = 8
"""Letters of an id in a table."""


def print_runs(rows: Sequence[Run]) -> None:
    """Print a table of runs; a run is known by the beginning of its id, wherever one is asked for."""
    table = new_table("run", "name", "status", "replicates", "seed", "queued", "what happened")
    for run in rows:
        queued = shown_moment(run.queued_at)
        marks = ("pinned", run.pinned), ("scenario deleted", run.scenario_deleted)
        words = [run.error_message or "", *(mark for mark, is_so in marks if is_so)]
        happened = escape("; ".join(filter(None, words)))
        numbers = f"{run.runs_total:,}", str(run.seed)
        name = escape(f"{'★ ' if run.starred else ''}{run.name or ''}".rstrip())
        table.add_row(run.id[:SHOWN], name, run.status, *numbers, queued, happened)
    out.print(table)


def _id_of(kept: Runs, text: str) -> str:
    try:
        return kept.find(text).id
    except NotFoundError:
        return text  # it will be skipped, and the others deleted
