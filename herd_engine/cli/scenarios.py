"""`herd scenarios`: named scenarios that are kept."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from herd_engine.cli.datasets import tell_more
from herd_engine.cli.options import (
    Cursor,
    Farm,
    Home,
    Json,
    Limit,
    ScenarioSettings,
    Since,
    Until,
    Yes,
    confirm,
    end_moment,
    first_moment,
    read_json_object,
    with_settings,
)
from herd_engine.cli.output import TERMINAL, write_text
from herd_engine.cli.printing import err, new_table, out, shown_moment
from herd_engine.workbench import Workbench
from herd_engine.workbench.answers import ScenarioAnswer
from herd_engine.workbench.payloads import apply_preset

app = typer.Typer(no_args_is_help=True, help="Create, list, show, edit and delete scenarios.")
Name = Annotated[str, typer.Argument(metavar="SCENARIO", help="Name of a scenario, whatever the case.")]
File = Annotated[Path | None, typer.Option("--file", metavar="FILE", help="Scenario as JSON (herd_m5_v2).")]
Preset = Annotated[
    str | None, typer.Option(metavar="PRESET", help="Lay a preset over it; --set is applied last.")
]
Tags = Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="Repeat.")]


@app.command()
def create(  # noqa: PLR0913 - one argument an option
    name: Annotated[str, typer.Argument(metavar="NAME")],
    *,
    file: File = None,
    preset: Preset = None,
    setting: ScenarioSettings = None,
    description: Annotated[str, typer.Option(metavar="TEXT")] = "",
    tag: Tags = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Keep a scenario: the defaults, but for what a file, a preset and --set say."""
    workbench = Workbench.open(home, farm=farm)
    payload = _payload(workbench, {} if file is None else read_json_object(file, "--file"), preset, setting)
    row = workbench.scenarios.save(name, payload, description=description, tags=tag or ())
    _tell(row)
    if row.legacy_reason is not None:
        err.print(f"[yellow]warning[/] {escape(row.legacy_reason)}", soft_wrap=True)


@app.command("list")
def list_scenarios(  # noqa: PLR0913 - one argument an option
    *,
    name: Annotated[str | None, typer.Option(help="Part of the name.")] = None,
    tag: Annotated[str | None, typer.Option(help="One of the tags.")] = None,
    schema: Annotated[str | None, typer.Option(help="herd_m5_v2 or legacy_v1.")] = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="The deleted ones instead.")] = False,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """List the scenarios, newest first."""
    page = Workbench.open(home, farm=farm).scenarios.list(
        name=name,
        tags=() if tag is None else (tag,),
        schema_version=schema,
        created_after=first_moment(since),
        created_before=end_moment(until),
        deleted=deleted,
        cursor=cursor,
        limit=limit,
    )
    if json is not None:
        items = [_document(row) for row in page.items]
        write_text(json, {"scenarios": items, "next_cursor": page.next_cursor})
        return
    table = new_table("scenario", "version", "tags", "state", "changed")
    for row in page.items:
        state = "deleted" if row.deleted_at else "read-only" if row.legacy_reason else ""
        changed = shown_moment(row.updated_at)
        table.add_row(escape(row.name), str(row.version), escape(", ".join(row.tags)), state, changed)
    out.print(table)
    tell_more(page.next_cursor)


@app.command()
def show(scenario: Name, *, json: Json = TERMINAL, home: Home = None, farm: Farm = None) -> None:
    """Print a scenario as JSON; one that cannot be run with the reason."""
    row = Workbench.open(home, farm=farm).scenarios.find(scenario)
    write_text(json or TERMINAL, _document(row))


@app.command()
def edit(  # noqa: PLR0913 - one argument an option
    scenario: Name,
    *,
    file: File = None,
    preset: Preset = None,
    setting: ScenarioSettings = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Another name.")] = None,
    description: Annotated[str | None, typer.Option(metavar="TEXT")] = None,
    tag: Tags = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Change a scenario, which then has a new version; --file replaces it, tags replace its tags."""
    workbench = Workbench.open(home, farm=farm)
    row = workbench.scenarios.find(scenario)
    base = row.params if file is None else read_json_object(file, "--file")
    is_changed = any(option is not None for option in (file, preset, setting))
    changes = {
        "name": name,
        "description": description,
        "tags": tag,
        "params": _payload(workbench, base, preset, setting) if is_changed else None,
    }
    stated = {key: value for key, value in changes.items() if value is not None}
    _tell(workbench.scenarios.edit(row.id, stated, row.version))


@app.command()
def delete(scenario: Name, *, yes: Yes = False, home: Home = None, farm: Farm = None) -> None:
    """Delete a scenario; its runs are kept, and marked."""
    scenarios = Workbench.open(home, farm=farm).scenarios
    row = scenarios.find(scenario)
    runs = _runs(scenarios.n_runs(row.id))
    confirm(f"Delete the scenario {row.name}? What it has left, {runs}, is kept and marked.", yes=yes)
    marked = scenarios.delete(row.id)
    out.print(f"{escape(row.name)} deleted; {_runs(marked)} kept and marked", soft_wrap=True)


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count:,} runs"


def _payload(
    workbench: Workbench, base: dict[str, Any], preset: str | None, settings: list[str] | None
) -> dict[str, Any]:
    payload = base if preset is None else apply_preset(base, workbench.presets.find(preset).params)
    return with_settings(payload, settings)


def _tell(row: ScenarioAnswer) -> None:
    out.print(f"{row.id} {escape(row.name)}, version {row.version}", soft_wrap=True)


def _document(row: ScenarioAnswer) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "version": row.version,
        "description": row.description,
        "tags": list(row.tags),
        "schema_version": row.schema_version,
        "legacy_reason": row.legacy_reason,
        "params": row.params,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "deleted_at": row.deleted_at and row.deleted_at.isoformat(),
    }
