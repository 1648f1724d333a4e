"""`herd status`: what is alive."""

from datetime import datetime
from typing import Any

import typer
from rich.markup import escape

from herd_engine.cli.apps_page import print_addresses
from herd_engine.cli.options import Home, Json
from herd_engine.cli.output import write_text
from herd_engine.cli.printing import err, new_table, out, shown_moment
from herd_engine.operations.status import DatabaseStatus, SystemStatus, status_of
from herd_engine.workbench.home import StoreSettings


def status(*, json: Json = None, home: Home = None) -> None:
    """Show what runs, what waits, where it is kept; exit 3 where something should run and does not."""
    found = status_of(StoreSettings.from_environment(home))
    if json is not None:
        write_text(json, found.document())
    else:
        _print(found)
    if not found.is_good:
        raise typer.Exit(3)


def _print(found: SystemStatus) -> None:
    if found.up is None:
        _line(f"Herd Workbench is not up for {found.home}; `herd up` starts it.")
    else:
        since = _clock(found.up.since)
        _line(f"Herd Workbench is up for {found.home}: process {found.up.pid}, since {since}.")
        table = new_table("part", "state", "pid", "since", "restarts", "address")
        for part in found.up.parts:
            pid, since = str(part.pid or ""), _clock(part.since)
            table.add_row(part.name, part.state, pid, since, str(part.restarts), escape(part.address))
        out.print(table)
        print_addresses(found.up, found.home)
    for address, threads in (found.workers or {}).items():
        _line(f"Dask worker {address}, {threads} thread{'s' if threads > 1 else ''}")
    _line(f"Runner: {'alive' if found.is_runner_alive else 'none'}")
    if found.database is not None:
        _print_database(found.database)
    _line(f"Files: {found.files}; {found.free_bytes / 2**30:.1f} GiB free")
    for warning in found.warnings:
        err.print(f"[yellow]{escape(warning)}[/]", soft_wrap=True)
    for fault in found.faults:
        err.print(f"[red]{escape(fault)}[/]", soft_wrap=True)


def _print_database(database: DatabaseStatus) -> None:
    _line(f"Database: {database.place}, tables {database.revisions.found or 'missing'}")
    if (queue := database.queue) is not None:
        heard = f", last heard of {shown_moment(queue.heartbeat_at)}" if queue.heartbeat_at else ""
        _line(f"Runs: {queue.queued:,} queued, {queue.running:,} running{heard}")
    if database.facts is not None:
        _print_facts(database.facts.document())
    if (due := database.due) is not None:
        stay = (
            f"the newest {due.kept:,} of each farm stay, and those that are pinned, starred, judged or told"
        )
        _line(f"Next retention: {due.runs:,} old runs ({stay}), {due.messages:,} old messages")


def _print_facts(facts: dict[str, Any]) -> None:
    kept = f"{facts['farms']:,} farms, {facts['herd_files']:,} herd files, {facts['animals']:,} animals"
    by_state = ", ".join(f"{n:,} {state}" for state, n in facts["runs"].items() if n)
    _line(f"Kept: {kept}; runs: {by_state or 'none'}")
    ticks = (f"{name} {_clock(task['last_tick_at']) or 'never'}" for name, task in facts["tasks"].items())
    _line(f"Watched: {', '.join(ticks)}")


def _clock(written: str | None) -> str:
    return shown_moment(datetime.fromisoformat(written)) if written else ""


def _line(text: str) -> None:
    out.print(escape(text), soft_wrap=True)
