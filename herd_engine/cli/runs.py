"""`herd runs`: forecasts that are queued, executed by a worker, kept, and verifiable."""

import json as json_text
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from herd_engine.cli.asking import (
    AcceptLosses,
    Dates,
    SexMap,
    Sheet,
    StatusMap,
    answers_of,
    questions_in,
)
from herd_engine.cli.datasets import keep_file, tell_more
from herd_engine.cli.forecast import Csv, Excel, Html, OutputPaths, Plain, Xlsx, write_outputs
from herd_engine.cli.options import (
    ColumnMap,
    Cursor,
    Farm,
    HerdPath,
    Home,
    Json,
    Limit,
    PageLanguage,
    SameFarm,
    ScenarioSettings,
    Since,
    Threads,
    Until,
    available_cores,
    end_moment,
    first_moment,
    json_value,
    read_json_object,
    split_pairs,
    with_settings,
)
from herd_engine.cli.output import TERMINAL, check_outputs, write_text
from herd_engine.cli.printing import err, out, print_paths, print_refusal, shown_moment
from herd_engine.cli.run_care import RunId, cancel, delete, pin, print_runs, prune, rename, star
from herd_engine.errors import ParameterError
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.model.run_status import RunStatus
from herd_engine.presentation.shown_forecast import ShownForecast
from herd_engine.workbench import Execution, Workbench
from herd_engine.workbench.answers import Run, SubmissionAnswer
from herd_engine.workbench.groups import Variant
from herd_engine.workbench.runs import Runs

app = typer.Typer(no_args_is_help=True, help="Queue, watch, list, verify, export and delete runs.")
for command in (cancel, rename, star, pin, delete, prune):
    app.command()(command)


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
    map_status: StatusMap = None,
    map_sex: SexMap = None,
    dates: Dates = None,
    sheet: Sheet = "",
    accept_losses: AcceptLosses = False,
    same_farm: SameFarm = False,
    priority: Annotated[int, typer.Option(help="Greater is executed earlier.")] = 0,
    time_limit: Annotated[float | None, typer.Option(help="Seconds of wall time.")] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Simulate again, also where a result exists.")
    ] = False,
    idempotency_key: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Of this request: again with the same key, it gives the same run."),
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="What to call the forecast.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Stay until every run has ended.")] = False,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Queue a forecast of a herd file, or many; a worker is started where none is alive."""
    if scenario_name is not None and (scenario is not None or setting):
        raise ParameterError("--scenario-name", scenario_name, "stand alone, without --scenario and --set")
    for option, value in (("--idempotency-key", idempotency_key), ("--name", name)):
        if value is not None and vary:
            raise ParameterError(option, value, "stand without --vary: it is of one run")
    payload = with_settings({} if scenario is None else read_json_object(scenario, "--scenario"), setting)
    workbench = Workbench.open(home, farm=farm)
    named = None if scenario_name is None else workbench.scenarios.find(scenario_name)
    answers = answers_of(column_map, map_status, map_sex, dates, sheet, accept_losses)
    with questions_in(json):
        dataset = keep_file(workbench.datasets, file, answers, same_farm=same_farm).dataset
    wishes: dict[str, Any] = {"priority": priority, "timeout_seconds": time_limit, "force": force}
    if not vary:
        wishes |= {"idempotency_key": idempotency_key, "name": name}
    scenario_id = None if named is None else named.id
    items = _submitted(workbench, dataset.id, payload, scenario_id, vary or [], wishes)
    _tell_submitted(items, json)
    _tell_other_name(items[0], name)
    _follow(workbench.runs, items, err if json == TERMINAL else out, watch=watch)


def _submitted(
    workbench: Workbench,
    dataset_id: str,
    payload: dict[str, Any],
    scenario_id: str | None,
    vary: list[str],
    wishes: dict[str, Any],
) -> tuple[Variant, ...]:
    """Queue one run, or one for each combination of values."""
    if vary:
        base = payload if scenario_id is None else workbench.scenarios.runnable(scenario_id).params
        return workbench.runs.sweep(dataset_id, base, _choices(vary), **wishes).items
    stated = payload if scenario_id is None else None
    asked = workbench.runs.submit(dataset_id, stated, scenario_id=scenario_id, **wishes)
    return (Variant(values={}, run=asked.run, submission=asked.submission, reused=asked.reused, error=None),)


@app.command("list")
def list_runs(  # noqa: PLR0913 - one argument an option
    *,
    status: Annotated[list[RunStatus] | None, typer.Option(help="Only these; repeat.")] = None,
    text: Annotated[
        str | None, typer.Option(help="Part of the name of the scenario or dataset, or beginning of the id.")
    ] = None,
    group: Annotated[str | None, typer.Option(help="Runs that were submitted together.")] = None,
    pinned: Annotated[bool | None, typer.Option("--pinned/--not-pinned")] = None,
    starred: Annotated[bool, typer.Option("--starred", help="Only the farm's plan.")] = False,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """List the runs, newest first."""
    page = Workbench.open(home, farm=farm).runs.list(
        status=tuple(status or ()),
        text=text,
        queued_after=first_moment(since),
        queued_before=end_moment(until),
        group_id=group,
        pinned=pinned,
        starred=starred or None,
        cursor=cursor,
        limit=limit,
    )
    if json is not None:
        write_text(json, {"runs": [_document(run) for run in page.items], "next_cursor": page.next_cursor})
        return
    print_runs(page.items)
    tell_more(page.next_cursor)


@app.command()
def watch(run: RunId, *, home: Home = None, farm: Farm = None) -> None:
    """Follow a run to its end."""
    kept = Workbench.open(home, farm=farm).runs
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
    kept = Workbench.open(home, farm=farm).runs
    found = kept.events(kept.find(run).id, after)
    if json is not None:
        write_text(json, {"events": [asdict(event) | {"at": event.at.isoformat()} for event in found]})
        return
    for event in found:
        words = _words(event.type, event.data)
        out.print(f"{event.seq} {shown_moment(event.at)} {escape(words)}", soft_wrap=True)


@app.command()
def show(
    run: RunId,
    *,
    result: Annotated[bool, typer.Option("--result", help="The forecast itself.")] = False,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Print a run as JSON, or its forecast."""
    kept = Workbench.open(home, farm=farm).runs
    run_id = kept.find(run).id
    if result:
        write_text(Path("-"), kept.file(run_id, "result.json").decode())
    else:
        asked = [_asked(submission) for submission in kept.wishes(run_id)]
        write_text(Path("-"), _document(kept.get(run_id)) | {"submissions": asked})


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
    kept = Workbench.open(home, farm=farm).runs
    ids = [kept.find(run).id] if run else [each.id for each in kept.every(status=(RunStatus.SUCCEEDED,))]
    faults = [f"{run_id}: {fault}" for run_id in ids for fault in kept.faults(run_id)]
    faults += [] if run else [f"chain: {fault}" for fault in kept.chain_faults()]
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
    kept = Workbench.open(home, farm=farm).runs
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
    plain: Plain = False,
    xlsx: Xlsx = None,
    html: Html = None,
    language: PageLanguage = ENGLISH,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Write the forecast of a run to files; it is read, not simulated again."""
    if all(path is None for path in (json, csv, xlsx, html)):
        raise ParameterError("export", "nothing", "name a file: --csv, --xlsx, --html or --json")
    check_outputs(json, csv, xlsx, html)
    workbench = Workbench.open(home, farm=farm)
    outputs = OutputPaths(
        json=json,
        csv=csv,
        xlsx=xlsx,
        html=html,
        excel=excel,
        plain=plain,
        farm=workbench.farms.current().name,
        language=language,
    )
    kept = workbench.runs
    run_id = kept.find(run).id
    forecast = kept.forecast(run_id)
    # How the bands settled is shown where that decided on the number of replicates.
    draws = None if forecast.meta.stability is None else kept.draws(run_id)
    shown = ShownForecast(
        workbench=workbench, forecast=forecast, herd_file=lambda: kept.herd_file(run_id), draws=draws
    )
    write_outputs(shown, outputs)
    if outputs.paths and json != TERMINAL:
        print_paths("Written:", *outputs.paths)


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
        if item.run is not None:
            state = "reused" if item.reused else item.run.status
            out.print(f"{item.run.id} {state}{escape(chosen)}", soft_wrap=True)
        elif item.error is not None:
            err.print(f"Not queued:{escape(chosen)}", soft_wrap=True)
            print_refusal(item.error["code"], item.error["message"])


def _follow(kept: Runs, items: Sequence[Variant], console: Console, *, watch: bool) -> None:
    """Start a worker where runs wait for one, and stay until they have ended where that is wanted."""
    runs = [item.run for item in items if item.run is not None]
    if any(run.is_active for run in runs):
        kept.ensure_runner()
    ended = [_watch(kept, run.id, console) for run in runs] if watch else []
    if len(runs) < len(items) or any(row.status != RunStatus.SUCCEEDED for row in ended):
        raise typer.Exit(2)


def _submitted_document(item: Variant) -> dict[str, Any]:
    run, error = item.run, item.error
    return {
        "values": item.values,
        "id": run and run.id,
        "name": run and run.name,
        "submission_id": item.submission and item.submission.id,
        "group_id": run and run.group_id,
        "status": run and run.status,
        "reused": run and item.reused,
        "error_code": error and error["code"],
        "error_message": error and error["message"],
    }


def _asked(submission: SubmissionAnswer) -> dict[str, Any]:
    return {
        "id": submission.id,
        "principal": submission.principal,
        "source": submission.source,
        "priority": submission.priority,
        "timeout_seconds": submission.timeout_seconds,
        "created_at": submission.created_at.isoformat(),
        "is_hidden": submission.hidden_at is not None,
    }


def _tell_other_name(item: Variant, wanted: str | None) -> None:
    """Say so where a run that was reused has another name than was wished for."""
    run = item.run
    if run is None or wanted is None or run.name == " ".join(wanted.split()):
        return
    words = f"This forecast is there already and is called {run.name}; herd runs rename {run.id[:8]} NAME"
    err.print(f"[yellow]warning[/] {escape(words)} changes that.", soft_wrap=True)


def _watch(kept: Runs, run_id: str, console: Console = out) -> Run:
    """Print every event of a run as it comes; return the run when it has ended."""
    for event in kept.follow(run_id):
        words = _words(event.type, event.data)
        console.print(f"{shown_moment(event.at)} {escape(words)}", soft_wrap=True)
    return kept.get(run_id)


def _words(kind: str, data: dict[str, Any]) -> str:
    if kind != "progress":
        return f"{kind} {data.get('error_message') or ''}".rstrip()
    left = data.get("eta_seconds")
    rest = "" if left is None else f", about {left:.0f} s left"
    return f"{data['completed_runs']:,} of {data['total_runs']:,} replicates{rest}"


def _end(row: Run) -> None:
    if row.status != RunStatus.SUCCEEDED:
        raise typer.Exit(2)


def _document(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "name": run.name,
        "starred": run.starred,
        "status": run.status,
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
        "error_params": run.error_params,
        "error_message": run.error_message,
    }
