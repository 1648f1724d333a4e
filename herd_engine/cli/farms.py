"""`herd farms`: the farms that everything else belongs to."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from herd_engine.cli.options import Home, Json, file_bytes, split_pairs
from herd_engine.cli.output import write_file, write_text
from herd_engine.cli.printing import new_table, out, print_paths, shown_moment
from herd_engine.errors import ParameterError
from herd_engine.model.visitor import Role
from herd_engine.workbench import Workbench
from herd_engine.workbench import answers as answered
from herd_engine.workbench.answers import Member

app = typer.Typer(no_args_is_help=True, help="Add, rename, archive farms, and choose the default one.")
Name = Annotated[str, typer.Argument(metavar="FARM", help="Name of a farm, whatever the case.")]
Principal = Annotated[
    str,
    typer.Argument(
        metavar="WHO", help="A person as the history names them (`anna`, `idp:anna`), or `group:NAME`."
    ),
]
GrantedRole = Annotated[Role, typer.Argument(metavar="ROLE", help="viewer, adviser, manager or admin.")]
NewName = Annotated[str, typer.Argument(metavar="NAME")]


@app.command()
def add(name: NewName, *, home: Home = None) -> None:
    """Add a farm."""
    _tell(Workbench.open(home).farms.add(name))


@app.command("list")
def list_farms(
    *,
    archived: Annotated[bool, typer.Option("--archived", help="The archived ones too.")] = False,
    json: Json = None,
    home: Home = None,
) -> None:
    """List the farms by name."""
    farms = Workbench.open(home).farms.list(archived=archived)
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
    _tell(Workbench.open(home).farms.rename(farm, name))


@app.command()
def default(farm: Name, *, home: Home = None) -> None:
    """Let a farm be meant where none is named."""
    _tell(Workbench.open(home).farms.make_default(farm))


@app.command()
def archive(
    farm: Name,
    *,
    restore: Annotated[bool, typer.Option("--restore", help="Back into sight.")] = False,
    home: Home = None,
) -> None:
    """Put a farm out of sight; nothing of it is lost."""
    _tell(Workbench.open(home).farms.archive(farm, archived=not restore))


@app.command()
def merge(
    farm: Name,
    into: Annotated[str, typer.Argument(metavar="INTO", help="Name of the farm that stays.")],
    *,
    home: Home = None,
) -> None:
    """Bring what a farm has kept to another one, and archive it; its forecasts stay with it."""
    found = Workbench.open(home).farms.merge(farm, into)
    more = [name for name, is_so in (("answers", found.has_answers), ("sheet", found.has_sheet)) if is_so]
    counts = [f"{found.files} files", f"{found.scenarios} scenarios", f"{found.price_sets} price sets"]
    told = ", ".join([*counts, *more])
    out.print(escape(f"{farm} is archived; {into} has of it: {told}."))


@app.command()
def answers(
    farm: Annotated[
        str | None, typer.Argument(metavar="FARM", help="Name of the farm; the default one otherwise.")
    ] = None,
    *,
    forget: Annotated[
        bool, typer.Option("--forget", help="Ask again; what was answered stays to be looked at.")
    ] = False,
    json: Json = None,
    home: Home = None,
) -> None:
    """Show what was answered about the farm's files: it is used for the next ones, unasked."""
    datasets = Workbench.open(home, farm=farm).datasets
    if forget:
        datasets.forget_answers()
    versions = datasets.answer_versions()
    if json is not None:
        rows = [asdict(version) | {"created_at": version.created_at.isoformat()} for version in versions]
        write_text(json, {"answers": datasets.answers().document(), "versions": rows})
        return
    table = new_table("what", "in the file", "means")
    for name, value in datasets.answers().document().items():
        for word, meaning in value.items() if isinstance(value, dict) else [("", value)]:
            table.add_row(name, escape(word), escape(str(meaning)))
    out.print(table if table.row_count else "Nothing was answered about files of this farm.")
    for version in versions:
        of_file = f" for {escape(version.file_name)}" if version.file_name else ""
        out.print(f"[dim]{shown_moment(version.created_at)} {escape(version.owner)}{of_file}[/]")


@app.command()
def sheet(
    farm: Name,
    *,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Such as cow_places=420 or targets.vwp=60; NAME=- unsays it; repeat.",
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--import", metavar="FILE", help="YAML to take it from.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--export", metavar="OUT", help="Write it as YAML.")] = None,
    json: Json = None,
    home: Home = None,
) -> None:
    """Show or change what a farm says about itself: places, breed, zone, currency, waiting period, semen."""
    farms = Workbench.open(home).farms
    if file is not None:
        farms.import_sheet(farm, file_bytes(file), file.name)
    if changes:
        farms.change_sheet(farm, {n: _value(text) for n, text in split_pairs(changes, "--set").items()})
    if to is not None:
        write_text(to, farms.export_sheet(farm))
        return
    said, versions = farms.sheet(farm).document(), farms.sheet_versions(farm)
    if json is not None:
        rows = [asdict(each) | {"created_at": each.created_at.isoformat()} for each in versions]
        write_text(json, {"farm": farm, "sheet": said, "versions": rows})
        return
    table = new_table("what", "value")
    for name, value in said.items():
        table.add_row(name, escape(str(value)))
    out.print(table if said else "Nothing was said of this farm yet: --set cow_places=420")
    for each in versions:
        out.print(f"[dim]version {each.version}: {shown_moment(each.created_at)} {escape(each.owner)}[/]")


@app.command()
def anonymise(
    farm: Name,
    output: Annotated[Path, typer.Argument(metavar="OUT", help="Folder for the files, one an export.")],
    *,
    home: Home = None,
) -> None:
    """Write a farm's kept exports with other numbers and years, to give away: their forecasts stay."""
    files = Workbench.open(home, farm=farm).datasets.anonymised()
    if not files:
        raise ParameterError("FARM", farm, "have a kept herd file")
    output.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        write_file(output / name, data)
    print_paths("Written:", *(output / name for name in files))


def _value(text: str) -> float | str | None:
    """Return what a text says: a number, nothing (``-``), or itself."""
    try:
        return None if text == "-" else int(text) if text.isdecimal() else float(text)
    except ValueError:
        return text


@app.command()
def members(farm: Name, *, json: Json = None, home: Home = None) -> None:
    """List who may see a farm, and as what; without members it is open to everybody who may come in."""
    found = Workbench.open(home).farms.members(farm)
    if json is not None:
        write_text(json, {"farm": farm, "members": [_member(each) for each in found]})
        return
    if not found:
        out.print(f"{escape(farm)} has no members: it is open to everybody who may come in.", soft_wrap=True)
        return
    table = new_table("member", "role", "since")
    for each in found:
        table.add_row(escape(each.principal), each.role, each.created_at.date().isoformat())
    out.print(table)


@app.command()
def grant(farm: Name, principal: Principal, role: GrantedRole, *, home: Home = None) -> None:
    """Make somebody a member of a farm, or give a member another role; it is then theirs alone."""
    granted = Workbench.open(home).farms.grant(farm, principal, role)
    out.print(f"{escape(granted.principal)} is {granted.role} of {escape(farm)}", soft_wrap=True)


@app.command()
def revoke(
    farm: Name,
    principal: Principal,
    *,
    open_to_all: Annotated[
        bool,
        typer.Option("--open", help="The last member too: everybody who may come in sees the farm then."),
    ] = False,
    home: Home = None,
) -> None:
    """Take somebody's role on a farm away."""
    Workbench.open(home).farms.revoke(farm, principal, open_to_all=open_to_all)
    out.print(f"{escape(principal)} is no member of {escape(farm)}", soft_wrap=True)


def _member(member: Member) -> dict[str, Any]:
    return {
        "principal": member.principal,
        "role": member.role,
        "created_at": member.created_at.isoformat(),
    }


def _tell(farm: answered.Farm) -> None:
    out.print(f"{escape(farm.name)} {_state(farm)}".rstrip(), soft_wrap=True)


def _state(farm: answered.Farm) -> str:
    return "default" if farm.is_default else "archived" if farm.archived_at else ""


def _document(farm: answered.Farm) -> dict[str, Any]:
    return {
        "id": farm.id,
        "name": farm.name,
        "is_default": farm.is_default,
        "is_archived": farm.archived_at is not None,
        "created_at": farm.created_at.isoformat(),
    }
