"""`herd api key`: keys for programs."""

from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.options import Home, Json
from herd_engine.cli.output import document_of, write_text
from herd_engine.cli.printing import err, new_table, out, shown_moment
from herd_engine.model.visitor import EVERY_SCOPE, READ
from herd_engine.workbench import Workbench

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke keys for programs.")


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    *,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            help=f"{READ} alone unless named; as often as needed: {', '.join(sorted(EVERY_SCOPE))}."
        ),
    ] = None,
    farm: Annotated[
        list[str] | None, typer.Option(help="For this farm alone; as often as needed. All otherwise.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=365, help="How long it lives.")] = 90,
    json: Json = None,
    home: Home = None,
) -> None:
    """Make a key; it is shown now and never again."""
    made = Workbench.open(home).api_keys.create(name, scope or [READ], farm or (), days)
    if json is not None:
        write_text(json, {"key": made.key, "api_key": document_of(made.api_key)})
        return
    out.print(made.key, soft_wrap=True, highlight=False)
    err.print(f"It is not shown again; until {shown_moment(made.api_key.expires_at)} it may "
              f"{', '.join(made.api_key.scopes)}.", soft_wrap=True)  # fmt: skip


@app.command("list")
def list_keys(*, json: Json = None, home: Home = None) -> None:
    """List keys, newest first; those that have ended among them."""
    keys = Workbench.open(home).api_keys.list()
    if json is not None:
        write_text(json, {"api_keys": [document_of(key) for key in keys]})
        return
    table = new_table("key", "for", "scopes", "made by", "until", "last used", "")
    for key in keys:
        used = shown_moment(key.last_used_at) if key.last_used_at else "never"
        until, state = shown_moment(key.expires_at), "revoked" if key.revoked_at else ""
        scopes = ", ".join(key.scopes)
        table.add_row(
            f"hk_{key.beginning}", escape(key.name), scopes, escape(key.created_by), until, used, state
        )
    out.print(table)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its eight letters, with or without `hk_`.")],
    *,
    home: Home = None,
) -> None:
    """End a key at once."""
    ended = Workbench.open(home).api_keys.revoke(key.removeprefix("hk_"))
    out.print(f"hk_{ended.beginning} ({escape(ended.name)}) opens nothing any more", soft_wrap=True)
