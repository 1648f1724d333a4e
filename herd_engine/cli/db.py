"""`herd db`: the tables of the database."""

import typer
from rich.markup import escape

from herd_engine.cli.options import Home
from herd_engine.cli.printing import out, print_paths
from herd_engine.operations.tables import find_tables, upgrade_tables

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
def upgrade(*, home: Home = None) -> None:
    """Bring the tables to this version; a SQLite file is copied first. Nothing else may run meanwhile."""
    done = upgrade_tables(home)
    out.print(f"{escape(done.place)}: {done.before or 'no tables'} -> {done.after}", soft_wrap=True)
    if done.backup is not None:
        print_paths("Backup:", done.backup)
