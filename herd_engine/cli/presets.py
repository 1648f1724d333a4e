"""`herd presets`: parts of scenarios that are laid over others."""

from dataclasses import asdict
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
    Yes,
    confirm,
    read_json_object,
    with_settings,
)
from herd_engine.cli.output import write_text
from herd_engine.cli.printing import err, new_table, out
from herd_engine.errors import NotFoundError
from herd_engine.runs.catalog import KeptPresets
from herd_engine.storage.presets import PresetRow
from herd_engine.storage.run_rows import Deleted
from herd_engine.workbench import Workbench

app = typer.Typer(no_args_is_help=True, help="List the built-in presets and your own; save and delete yours.")


@app.command("list")
def list_presets(
    *,
    name: Annotated[str | None, typer.Option(help="Part of the name.")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """List the presets, newest first."""
    page = Workbench.open(home, farm=farm).catalog.presets.list(name, cursor, limit)
    if json is not None:
        write_text(json, {"presets": [_document(row) for row in page.items], "next_cursor": page.next_cursor})
        return
    table = new_table("preset", "name", "state", "fields")
    for row in page.items:
        state = "built in" if row.built_in else ""
        table.add_row(row.id, escape(row.name), state, escape(", ".join(row.params)))
    out.print(table)
    tell_more(page.next_cursor)


@app.command()
def save(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Part of a scenario as JSON.")] = None,
    *,
    setting: ScenarioSettings = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Keep a preset; the same content again is the same preset."""
    params = with_settings({} if file is None else read_json_object(file, "FILE"), setting)
    row = Workbench.open(home, farm=farm).catalog.presets.save(name, params)
    out.print(f"{row.id} {escape(row.name)}", soft_wrap=True)


@app.command()
def delete(
    names: Annotated[list[str], typer.Argument(metavar="PRESET...", help="Names, or beginnings of ids.")],
    *,
    yes: Yes = False,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Delete presets of your own; exit 2 where one was skipped."""
    presets = Workbench.open(home, farm=farm).catalog.presets
    ids = [_id_of(presets, name) for name in names]
    confirm(f"Delete {len(ids)} presets?" if len(ids) > 1 else f"Delete the preset {names[0]}?", yes=yes)
    tell_deleted(presets.delete(ids), json)


def tell_deleted(deleted: Deleted, json: Path | None) -> None:
    """Print what was deleted and what was not; exit 2 where something was skipped."""
    if json is not None:
        write_text(json, asdict(deleted))
    else:
        for each in deleted.deleted_ids:
            out.print(f"{each} deleted")
        for skipped in deleted.skipped:
            err.print(f"{escape(skipped.id)} skipped: {skipped.reason}", soft_wrap=True)
    if deleted.skipped:
        raise typer.Exit(2)


def _id_of(presets: KeptPresets, name: str) -> str:
    try:
        return presets.find(name).id
    except NotFoundError:
        return name  # it will be skipped, and the others deleted


def _document(row: PresetRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "params": row.params,
        "built_in": row.built_in,
        "created_at": row.created_at.isoformat(),
    }
