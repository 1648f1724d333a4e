"""`herd db`: the tables of the database."""

from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.options import Home
from herd_engine.cli.printing import out, print_paths
from herd_engine.operations.tables import create_postgres, find_tables, upgrade_tables

app = typer.Typer(no_args_is_help=True, help="Show and upgrade the tables of the database.")


@app.command()
def revision(*, home: Home = None) -> None:
    """Print which tables the database has, and which this version needs; exit 3 where they differ."""
    tables = find_tables(home)
    found, needed = tables.revisions
    out.print(f"{escape(tables.place)}: {found or 'no tables'}, needed: {needed}", soft_wrap=True)
    if found != needed:
        raise typer.Exit(3)


@app.command()
def create(
    *,
    server: Annotated[str, typer.Option(metavar="URL", help="PostgreSQL, for somebody who may make both.")],
    user: Annotated[str, typer.Option(help="Name of the user and of the database.")] = "herd",
) -> None:
    """Make a user and a database on a PostgreSQL server; print the address for HERD_DATABASE_URL."""
    typer.echo(create_postgres(server, user))


@app.command()
def upgrade(*, home: Home = None) -> None:
    """Bring the tables to this version; a SQLite file is copied first. Nothing else may run meanwhile."""
    done = upgrade_tables(home)
    out.print(f"{escape(done.place)}: {done.before or 'no tables'} -> {done.after}", soft_wrap=True)
    if done.backup is not None:
        print_paths("Backup:", done.backup)
