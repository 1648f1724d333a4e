"""`herd farms`: the farms that everything else belongs to."""

from typing import Annotated, Any

import typer
from rich.markup import escape

from herd_engine.cli.options import Home, Json
from herd_engine.cli.output import write_text
from herd_engine.cli.printing import new_table, out
from herd_engine.storage.farms import FarmRow
from herd_engine.workbench import Workbench

app = typer.Typer(no_args_is_help=True, help="Add, rename, archive farms, and choose the default one.")
Name = Annotated[str, typer.Argument(metavar="FARM", help="Name of a farm, whatever the case.")]
NewName = Annotated[str, typer.Argument(metavar="NAME")]


@app.command()
def add(name: NewName, *, home: Home = None) -> None:
    """Add a farm."""
    _tell(Workbench.open(home).catalog.farms.add(name))


@app.command("list")
def list_farms(
    *,
    archived: Annotated[bool, typer.Option("--archived", help="The archived ones too.")] = False,
    json: Json = None,
    home: Home = None,
) -> None:
    """List the farms by name."""
    farms = Workbench.open(home).catalog.farms.list(archived=archived)
    if json is not None:
        write_text(json, {"farms": [_document(farm) for farm in farms]})
        return
    table = new_table("farm", "state", "added")
    for farm in farms:
        table.add_row(escape(farm.name), _state(farm), farm.created_at.date().isoformat())
    out.print(table)


@app.command()
def rename(farm: Name, name: NewName, *, home: Home = None) -> None:
    """Give a farm another name."""
    _tell(Workbench.open(home).catalog.farms.rename(farm, name))


@app.command()
def default(farm: Name, *, home: Home = None) -> None:
    """Let a farm be meant where none is named."""
    _tell(Workbench.open(home).catalog.farms.make_default(farm))


@app.command()
def archive(
    farm: Name,
    *,
    restore: Annotated[bool, typer.Option("--restore", help="Back into sight.")] = False,
    home: Home = None,
) -> None:
    """Put a farm out of sight; nothing of it is lost."""
    _tell(Workbench.open(home).catalog.farms.archive(farm, archived=not restore))


def _tell(farm: FarmRow) -> None:
    out.print(f"{escape(farm.name)} {_state(farm)}".rstrip(), soft_wrap=True)


def _state(farm: FarmRow) -> str:
    return "default" if farm.is_default else "archived" if farm.archived_at else ""


def _document(farm: FarmRow) -> dict[str, Any]:
    return {
        "id": farm.id,
        "name": farm.name,
        "is_default": farm.is_default,
        "is_archived": farm.archived_at is not None,
        "created_at": farm.created_at.isoformat(),
    }
