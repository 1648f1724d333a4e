"""`herd db`: the tables of the database."""

import typer
from rich.markup import escape

from herd_engine.cli.options import Home
from herd_engine.cli.printing import out, print_paths
from herd_engine.runs.store import StoreSettings
from herd_engine.storage.database import Database, open_database
from herd_engine.storage.upgrading import revisions
from herd_engine.storage.upgrading import upgrade as upgrade_tables

app = typer.Typer(no_args_is_help=True, help="Show and upgrade the tables of the database.")


@app.command()
def revision(*, home: Home = None) -> None:
    """Print which tables the database has, and which this version needs; exit 3 where they differ."""
    with _database(home) as database:
        found, needed = revisions(database)
        out.print(f"{escape(database.place)}: {found or 'no tables'}, needed: {needed}", soft_wrap=True)
    if found != needed:
        raise typer.Exit(3)


@app.command()
def upgrade(*, home: Home = None) -> None:
    """Bring the tables to this version; a SQLite file is copied first. Nothing else may run meanwhile."""
    with _database(home) as database:
        before = revisions(database).found
        backup = upgrade_tables(database)
        after = revisions(database).found
        out.print(f"{escape(database.place)}: {before or 'no tables'} -> {after}", soft_wrap=True)
    if backup is not None:
        print_paths("Backup:", backup)


def _database(home: Home) -> Database:
    return open_database(StoreSettings.from_environment(home).database_url)
