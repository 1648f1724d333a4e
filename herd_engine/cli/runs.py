"""`herd runs`: forecasts that are queued, executed by a worker, kept, and verifiable."""

import json as json_text
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from herd_engine.cli.options import ColumnMap, HerdPath, Json, split_pairs
from herd_engine.cli.output import write_text
from herd_engine.cli.printing import err, new_table, out
from herd_engine.cli.worker import Home
from herd_engine.errors import HerdDataError, ParameterError
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.liveness import is_any_alive, start_runner
from herd_engine.storage.run_rows import RunFilters, RunRow, RunStatus
from herd_engine.workbench import Workbench

app = typer.Typer(no_args_is_help=True, help="Queue, watch, cancel, list and verify runs.")
RunId = Annotated[str, typer.Argument(metavar="RUN", help="Id of a run, or its first characters.")]
WATCH_SECONDS = 0.25


@app.command()
def submit(  # noqa: PLR0913 - one argument an option
    file: HerdPath,
    *,
    scenario: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Scenario as JSON (herd_m5_v2); defaults otherwise.")
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="PATH=VALUE", help="A field of it, as mc_runs=5000 or model.gestation_mu=278."
        ),
    ] = None,
    column_map: ColumnMap = None,
    priority: Annotated[int, typer.Option(help="Greater is executed earlier.")] = 0,
    time_limit: Annotated[float | None, typer.Option(help="Seconds of wall time.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Simulate again, also where a result exists.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Stay until the run has ended.")] = False,
    home: Home = None,
) -> None:
    """Queue a forecast of a herd file; a worker is started where none is alive."""
    kept = Workbench.open(home).kept
    payload = _payload(scenario, split_pairs(setting, "--set"))
    try:
        data = file.read_bytes()
    except OSError as error:
        raise HerdDataError(f"{file}: The file cannot be opened: {error.strerror}.") from error
    dataset = kept.add_dataset(data, file.name, column_map=split_pairs(column_map, "--map"))
    submitted = kept.submit(dataset.id, payload, priority=priority, timeout_seconds=time_limit, force=force)
    run = submitted.run
    out.print(f"{run.id} {'reused' if submitted.reused else run.status}")
    if run.status.is_active and not is_any_alive(kept.store.settings.home):
        start_runner(kept.store.settings.home)
    if watch:
        _end(_watch(kept, run.id))


@app.command("list")
def list_runs(
    *,
    status: Annotated[list[RunStatus] | None, typer.Option(help="Only these; repeat.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 20,
    json: Json = None,
    home: Home = None,
) -> None:
    """List the newest runs."""
    found = Workbench.open(home).kept.list_runs(RunFilters(statuses=tuple(status or ())), limit)
    if json is not None:
        write_text(json, {"runs": [_document(run) for run in found]})
        return
    table = new_table("run", "status", "runs", "seed", "queued", "what happened")
    for run in found:
        queued = run.queued_at.isoformat(sep=" ", timespec="seconds")
        words = escape(run.error_message or "")
        table.add_row(run.id, str(run.status), f"{run.runs_total:,}", str(run.seed), queued, words)
    out.print(table)


@app.command()
def watch(run: RunId, *, home: Home = None) -> None:
    """Follow a run to its end."""
    kept = Workbench.open(home).kept
    _end(_watch(kept, _find(kept, run)))


@app.command()
def cancel(run: RunId, *, home: Home = None) -> None:
    """Ask a run to stop; nothing of it is published."""
    kept = Workbench.open(home).kept
    row = kept.cancel(_find(kept, run))
    out.print(f"{row.id} {'stopping' if row.status.is_active else row.status}")


@app.command()
def show(
    run: RunId,
    *,
    result: Annotated[bool, typer.Option("--result", help="The forecast itself.")] = False,
    home: Home = None,
) -> None:
    """Print a run as JSON, or its forecast."""
    kept = Workbench.open(home).kept
    run_id = _find(kept, run)
    if result:
        write_text(Path("-"), kept.artifact(run_id, "result.json").decode())
    else:
        write_text(Path("-"), _document(kept.get(run_id)))


@app.command()
def verify(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="One run; all by default.")] = None,
    *,
    home: Home = None,
) -> None:
    """Hash the files of runs again and walk the chain of manifests; exit 2 where something is wrong."""
    kept = Workbench.open(home).kept
    succeeded = RunFilters(statuses=(RunStatus.SUCCEEDED,))
    ids = [_find(kept, run)] if run else [row.id for row in kept.list_runs(succeeded, 500)]
    faults = [f"{run_id}: {fault}" for run_id in ids for fault in kept.verify(run_id)]
    faults += [] if run else [f"chain: {fault}" for fault in kept.verify_chain()]
    for fault in faults:
        err.print(f"[red]{escape(fault)}[/]", soft_wrap=True)
    if faults:
        raise typer.Exit(2)
    out.print(f"{len(ids)} runs verified: every file is as it was published.")


@app.command()
def reproduce(run: RunId, *, home: Home = None) -> None:
    """Simulate a run again from its own configuration and compare the bytes; exit 2 where they differ."""
    kept = Workbench.open(home).kept
    run_id = _find(kept, run)
    if not kept.reproduce(run_id):
        err.print(f"[red]{run_id}: the result differs.[/]")
        raise typer.Exit(2)
    out.print(f"{run_id}: the same bytes again.")


def _payload(scenario: Path | None, settings: dict[str, str]) -> dict[str, Any]:
    """Read a scenario file and change single fields of it."""
    payload: dict[str, Any] = {}
    if scenario is not None:
        try:
            payload = json_text.loads(scenario.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ParameterError("--scenario", str(scenario), f"be a readable JSON file ({error})") from error
    for path, text in settings.items():
        target = payload
        *folders, name = path.split(".")
        for folder in folders:
            target = target.setdefault(folder, {})
        try:
            target[name] = json_text.loads(text)
        except ValueError:
            target[name] = text
    return payload


def _find(kept: KeptRuns, beginning: str) -> str:
    """Return the id of the one run that begins so."""
    found = [row.id for row in kept.list_runs(RunFilters(text=beginning), 2) if row.id.startswith(beginning)]
    if len(found) > 1:
        raise ParameterError("RUN", beginning, "name one run; several begin so")
    return found[0] if found else kept.get(beginning).id


def _watch(kept: KeptRuns, run_id: str) -> RunRow:
    """Print every event of a run as it comes; return the run when it has ended."""
    seen = 0
    while True:
        row = kept.get(run_id)
        for event in kept.events(run_id, seen):
            seen = event.seq
            words = _words(event.type, event.data)
            out.print(f"{event.at.isoformat(sep=' ', timespec='seconds')} {escape(words)}", soft_wrap=True)
        if not row.status.is_active:
            return row
        time.sleep(WATCH_SECONDS)


def _words(kind: str, data: dict[str, Any]) -> str:
    if kind != "progress":
        return f"{kind} {data.get('error_message') or ''}".rstrip()
    left = data.get("eta_seconds")
    rest = "" if left is None else f", about {left:.0f} s left"
    return f"{data['completed_runs']:,} of {data['total_runs']:,} runs{rest}"


def _end(row: RunRow) -> None:
    if row.status is not RunStatus.SUCCEEDED:
        raise typer.Exit(2)


def _document(run: RunRow) -> dict[str, Any]:
    return {
        "id": run.id,
        "status": str(run.status),
        "run_hash": run.run_hash,
        "content_hash": run.content_hash,
        "manifest_hash": run.manifest_hash,
        "dataset_id": run.dataset_id,
        "config": json_text.loads(run.config),
        "attempt": run.attempt,
        "queued_at": run.queued_at.isoformat(),
        "finished_at": run.finished_at and run.finished_at.isoformat(),
        "error_code": run.error_code,
        "error_message": run.error_message,
    }
