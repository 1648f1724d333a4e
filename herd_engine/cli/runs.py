"""`herd runs`: forecasts that are queued, executed by a worker, kept, and verifiable."""

import json as json_text
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from herd_engine.cli.datasets import read_bytes, tell_more
from herd_engine.cli.forecast import Csv, Excel, Html, Outputs, Xlsx, write_outputs
from herd_engine.cli.options import (
    ColumnMap,
    Cursor,
    Farm,
    HerdPath,
    Home,
    Json,
    Limit,
    PageLanguage,
    ScenarioSettings,
    Since,
    Threads,
    Until,
    Yes,
    available_cores,
    confirm,
    end_moment,
    first_moment,
    json_value,
    read_json_object,
    split_pairs,
    with_settings,
)
from herd_engine.cli.output import TERMINAL, check_outputs, write_text
from herd_engine.cli.presets import tell_deleted
from herd_engine.cli.printing import err, new_table, out, print_error, print_paths, shown_moment
from herd_engine.engine.simulate import Execution
from herd_engine.errors import NotFoundError, ParameterError
from herd_engine.figures.wording import Language
from herd_engine.runs.catalog import all_of
from herd_engine.runs.kept import KeptRuns, Variant
from herd_engine.runs.waiting import ensure_runner, follow
from herd_engine.storage.paging import MAX_LIMIT
from herd_engine.storage.run_rows import RunFilters, RunRow, RunStatus
from herd_engine.workbench import Workbench

app = typer.Typer(no_args_is_help=True, help="Queue, watch, list, verify, export and delete runs.")
RunId = Annotated[str, typer.Argument(metavar="RUN", help="Id of a run, or its first characters.")]


@app.command()
def submit(  # noqa: PLR0913 - one argument an option
    file: HerdPath,
    *,
    scenario: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Scenario as JSON (herd_m5_v2); defaults otherwise.")
    ] = None,
    setting: ScenarioSettings = None,
    scenario_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="A kept scenario; the run remembers its version.")
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH=V1,V2", help="A run for each value, and for each combination where repeated."
        ),
    ] = None,
    column_map: ColumnMap = None,
    priority: Annotated[int, typer.Option(help="Greater is executed earlier.")] = 0,
    time_limit: Annotated[float | None, typer.Option(help="Seconds of wall time.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Simulate again, also where a result exists.")
    ] = False,
    idempotency_key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Of this request: again with the same key, it gives the same run."),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Stay until every run has ended.")] = False,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Queue a forecast of a herd file, or many; a worker is started where none is alive."""
    if scenario_name is not None and (scenario is not None or setting):
        raise ParameterError("--scenario-name", scenario_name, "stand alone, without --scenario and --set")
    if idempotency_key is not None and vary:
        raise ParameterError("--idempotency-key", idempotency_key, "stand without --vary: it is of one run")
    payload = with_settings({} if scenario is None else read_json_object(scenario, "--scenario"), setting)
    kept = Workbench.open(home, farm=farm).kept
    named = None if scenario_name is None else kept.catalog.scenarios.find(scenario_name)
    dataset = kept.add_dataset(read_bytes(file), file.name, column_map=split_pairs(column_map, "--map"))
    scenario_id = None if named is None else named.id
    wishes: dict[str, Any] = {"priority": priority, "timeout_seconds": time_limit, "force": force}
    if vary:
        base = payload if scenario_id is None else kept.catalog.scenarios.runnable(scenario_id).params
        items = kept.submit_variants(dataset.id, base, _choices(vary), **wishes).items
    else:
        stated = payload if scenario_id is None else None
        wishes["idempotency_key"] = idempotency_key
        submitted = kept.submit(dataset.id, stated, scenario_id=scenario_id, **wishes)
        items = (Variant(values={}, submitted=submitted),)
    _tell_submitted(items, json)
    _follow(kept, items, err if json == TERMINAL else out, watch=watch)


@app.command("list")
def list_runs(  # noqa: PLR0913 - one argument an option
    *,
    status: Annotated[list[RunStatus] | None, typer.Option(help="Only these; repeat.")] = None,
    text: Annotated[
        str | None, typer.Option(help="Part of the name of the scenario or dataset, or beginning of the id.")
    ] = None,
    group: Annotated[str | None, typer.Option(help="Runs that were submitted together.")] = None,
    pinned: Annotated[bool | None, typer.Option("--pinned/--not-pinned")] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """List the runs, newest first."""
    filters = RunFilters(
        statuses=tuple(status or ()),
        text=text,
        created_from=first_moment(since),
        created_to=end_moment(until),
        group_id=group,
        pinned=pinned,
    )
    page = Workbench.open(home, farm=farm).kept.list_runs(filters, cursor, limit)
    if json is not None:
        write_text(json, {"runs": [_document(run) for run in page.items], "next_cursor": page.next_cursor})
        return
    _print_runs(page.items)
    tell_more(page.next_cursor)


@app.command()
def watch(run: RunId, *, home: Home = None, farm: Farm = None) -> None:
    """Follow a run to its end."""
    kept = Workbench.open(home, farm=farm).kept
    _end(_watch(kept, kept.find(run).id))


@app.command()
def events(
    run: RunId,
    *,
    after: Annotated[int, typer.Option(min=0, help="Only what happened after the event of this number.")] = 0,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """List what happened to a run, in numbered events."""
    kept = Workbench.open(home, farm=farm).kept
    found = kept.events(kept.find(run).id, after)
    if json is not None:
        write_text(json, {"events": [asdict(event) | {"at": event.at.isoformat()} for event in found]})
        return
    for event in found:
        words = _words(event.type, event.data)
        out.print(f"{event.seq} {shown_moment(event.at)} {escape(words)}", soft_wrap=True)


@app.command()
def cancel(run: RunId, *, home: Home = None, farm: Farm = None) -> None:
    """Ask a run to stop; nothing of it is published."""
    kept = Workbench.open(home, farm=farm).kept
    row = kept.cancel(kept.find(run).id)
    out.print(f"{row.id} {'stopping' if row.status.is_active else row.status}")


@app.command()
def show(
    run: RunId,
    *,
    result: Annotated[bool, typer.Option("--result", help="The forecast itself.")] = False,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Print a run as JSON, or its forecast."""
    kept = Workbench.open(home, farm=farm).kept
    run_id = kept.find(run).id
    if result:
        write_text(Path("-"), kept.artifact(run_id, "result.json").decode())
    else:
        write_text(Path("-"), _document(kept.get(run_id)))


@app.command()
def verify(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]", help="One run.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All runs, and the chain: the default.")] = False,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Hash the files of runs again and walk the chain of manifests; exit 2 where something is wrong."""
    if run and every:
        raise typer.BadParameter("Name one run, or --all.")
    kept = Workbench.open(home, farm=farm).kept
    succeeded = RunFilters(statuses=(RunStatus.SUCCEEDED,))
    pages = all_of(lambda cursor: kept.list_runs(succeeded, cursor, MAX_LIMIT))
    ids = [kept.find(run).id] if run else [row.id for row in pages]
    faults = [f"{run_id}: {fault}" for run_id in ids for fault in kept.verify(run_id)]
    faults += [] if run else [f"chain: {fault}" for fault in kept.verify_chain()]
    for fault in faults:
        err.print(f"[red]{escape(fault)}[/]", soft_wrap=True)
    if faults:
        raise typer.Exit(2)
    out.print(f"{len(ids)} runs verified: every file is as it was published.")


@app.command()
def reproduce(
    run: RunId, *, threads: Threads = None, json: Json = None, home: Home = None, farm: Farm = None
) -> None:
    """Simulate a run again from its own configuration; tell what differs, if anything, and exit 2."""
    kept = Workbench.open(home, farm=farm).kept
    run_id = kept.find(run).id
    changed = kept.reproduce(run_id, Execution(threads=threads or available_cores()))
    if json is not None:
        write_text(
            json, {"run": run_id, "is_same": not changed, "changed": [asdict(each) for each in changed]}
        )
    elif not changed:
        out.print(f"{run_id}: the same bytes again.")
    for each in changed if json is None else ():
        err.print(f"[red]{run_id}: {escape(str(each))}[/]", soft_wrap=True)
    if changed:
        raise typer.Exit(2)


@app.command()
def export(  # noqa: PLR0913 - one argument an option
    run: RunId,
    *,
    json: Json = None,
    csv: Csv = None,
    excel: Excel = False,
    xlsx: Xlsx = None,
    html: Html = None,
    language: PageLanguage = Language.ENGLISH,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Write the forecast of a run to files; it is read, not simulated again."""
    outputs = Outputs(json=json, csv=csv, xlsx=xlsx, html=html, excel=excel, language=language)
    if all(path is None for path in (json, csv, xlsx, html)):
        raise ParameterError("export", "nothing", "name a file: --csv, --xlsx, --html or --json")
    check_outputs(json, csv, xlsx, html)
    workbench = Workbench.open(home, farm=farm)
    kept = workbench.kept
    run_id = kept.find(run).id
    forecast = kept.forecast(run_id)

    def fine_print(language: Language) -> str:
        return workbench.fine_print(kept.herd_file(run_id), forecast, language)

    # How the bands settled is shown where that decided on the number of runs.
    draws = None if forecast.meta.stability is None else kept.draws(run_id)
    write_outputs(forecast, outputs, fine_print, draws)
    if outputs.paths and json != TERMINAL:
        print_paths("Written:", *outputs.paths)


@app.command()
def pin(
    run: RunId,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="No longer.")] = False,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Keep a run from being pruned."""
    kept = Workbench.open(home, farm=farm).kept
    row = kept.pin(kept.find(run).id, pinned=not remove)
    out.print(f"{row.id} {'pinned' if row.pinned else 'not pinned'}")


@app.command()
def delete(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Ids, or their first characters.")],
    *,
    yes: Yes = False,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Delete finished runs and their files; exit 2 where one was skipped."""
    kept = Workbench.open(home, farm=farm).kept
    ids = [_id_of(kept, run) for run in runs]
    confirm(f"Delete {len(ids)} runs and their files?" if len(ids) > 1 else f"Delete run {ids[0]}?", yes=yes)
    tell_deleted(kept.delete(ids), json)


@app.command()
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
    kept = Workbench.open(home, farm=farm).kept
    rows = kept.prune(keep)
    if rows and json is None:
        _print_runs(rows)
    if rows and not dry_run:
        confirm(f"Delete {len(rows):,} runs and their files?", yes=yes)
        rows = kept.prune(keep, dry_run=False)
    if json is not None:
        write_text(json, {"dry_run": dry_run, "runs": [row.id for row in rows]})
    else:
        out.print(f"{len(rows):,} runs {'would be ' if dry_run else ''}deleted")


def _choices(texts: list[str]) -> dict[str, list[Any]]:
    """Read ``["a=1,2"]`` as ``{"a": [1, 2]}``."""
    pairs = split_pairs(texts, "--vary")
    return {path: [json_value(each.strip()) for each in text.split(",")] for path, text in pairs.items()}


def _tell_submitted(items: Sequence[Variant], json: Path | None) -> None:
    """Print every run that was queued, and why others were not."""
    if json is not None:
        write_text(json, {"runs": [_submitted_document(item) for item in items]})
        return
    for item in items:
        chosen = "".join(f" {path}={value}" for path, value in item.values.items())
        if item.submitted is not None:
            run, reused = item.submitted.run, item.submitted.reused
            out.print(f"{run.id} {'reused' if reused else run.status}{escape(chosen)}", soft_wrap=True)
        elif item.error is not None:
            err.print(f"Not queued:{escape(chosen)}", soft_wrap=True)
            print_error(item.error)


def _follow(kept: KeptRuns, items: Sequence[Variant], console: Console, *, watch: bool) -> None:
    """Start a worker where runs wait for one, and stay until they have ended where that is wanted."""
    runs = [item.submitted.run for item in items if item.submitted is not None]
    if any(run.status.is_active for run in runs):
        ensure_runner(kept)
    ended = [_watch(kept, run.id, console) for run in runs] if watch else []
    if len(runs) < len(items) or any(row.status is not RunStatus.SUCCEEDED for row in ended):
        raise typer.Exit(2)


def _submitted_document(item: Variant) -> dict[str, Any]:
    submitted, error = item.submitted, item.error
    return {
        "values": item.values,
        "id": submitted and submitted.run.id,
        "group_id": submitted and submitted.run.group_id,
        "status": submitted and str(submitted.run.status),
        "reused": submitted and submitted.reused,
        "error_code": error and error.code,
        "error_message": error and str(error),
    }


def _print_runs(rows: Sequence[RunRow]) -> None:
    table = new_table("run", "status", "runs", "seed", "queued", "what happened")
    for run in rows:
        queued = shown_moment(run.queued_at)
        marks = ("pinned", run.pinned), ("scenario deleted", run.scenario_deleted)
        words = [run.error_message or "", *(mark for mark, is_so in marks if is_so)]
        happened = escape("; ".join(filter(None, words)))
        table.add_row(run.id, str(run.status), f"{run.runs_total:,}", str(run.seed), queued, happened)
    out.print(table)


def _id_of(kept: KeptRuns, text: str) -> str:
    try:
        return kept.find(text).id
    except NotFoundError:
        return text  # it will be skipped, and the others deleted


def _watch(kept: KeptRuns, run_id: str, console: Console = out) -> RunRow:
    """Print every event of a run as it comes; return the run when it has ended."""
    for event in follow(kept, run_id):
        words = _words(event.type, event.data)
        console.print(f"{shown_moment(event.at)} {escape(words)}", soft_wrap=True)
    return kept.get(run_id)


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
        "scenario_id": run.scenario_id,
        "scenario_version": run.scenario_version,
        "scenario_deleted": run.scenario_deleted,
        "group_id": run.group_id,
        "pinned": run.pinned,
        "config": json_text.loads(run.config),
        "attempt": run.attempt,
        "queued_at": run.queued_at.isoformat(),
        "finished_at": run.finished_at and run.finished_at.isoformat(),
        "error_code": run.error_code,
        "error_message": run.error_message,
    }
