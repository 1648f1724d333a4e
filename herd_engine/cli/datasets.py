"""`herd datasets`: herd files that are kept."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from herd_engine.cli.options import (
    ColumnMap,
    Cursor,
    Farm,
    HerdPath,
    Home,
    Json,
    Limit,
    Since,
    Until,
    Yes,
    confirm,
    end_moment,
    first_moment,
    split_pairs,
)
from herd_engine.cli.output import write_text
from herd_engine.cli.printing import err, new_table, out
from herd_engine.errors import HerdDataError
from herd_engine.storage.datasets import DatasetFilters, DatasetRow
from herd_engine.workbench import Workbench

app = typer.Typer(no_args_is_help=True, help="Keep herd files, find, rename, archive and delete them.")
Dataset = Annotated[
    str, typer.Argument(metavar="DATASET", help="Name of a dataset, or the beginning of its id.")
]


@app.command()
def add(
    file: HerdPath, *, column_map: ColumnMap = None, json: Json = None, home: Home = None, farm: Farm = None
) -> None:
    """Keep a herd file; the same file again is the same dataset."""
    data, name = read_bytes(file), file.name
    datasets = Workbench.open(home, farm=farm).catalog.datasets
    dataset = datasets.add(data, name, column_map=split_pairs(column_map, "--map"))
    if json is not None:
        write_text(json, _document(dataset))
    else:
        _tell(dataset)


@app.command("list")
def list_datasets(  # noqa: PLR0913 - one argument an option
    *,
    name: Annotated[str | None, typer.Option(help="Part of the name.")] = None,
    archived: Annotated[bool, typer.Option("--archived", help="The archived ones too.")] = False,
    since: Since = None,
    until: Until = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """List the datasets, newest first."""
    filters = DatasetFilters(
        name=name, created_from=first_moment(since), created_to=end_moment(until), archived=archived
    )
    page = Workbench.open(home, farm=farm).catalog.datasets.list(filters, cursor, limit)
    if json is not None:
        items = [_document(dataset) for dataset in page.items]
        write_text(json, {"datasets": items, "next_cursor": page.next_cursor})
        return
    table = new_table("dataset", "name", "rows", "report date", "state")
    for row in page.items:
        state = "archived" if row.archived_at else ""
        table.add_row(row.id, escape(row.name), f"{row.n_rows:,}", row.report_date.isoformat(), state)
    out.print(table)
    tell_more(page.next_cursor)


@app.command()
def rename(
    dataset: Dataset,
    name: Annotated[str, typer.Argument(metavar="NAME")],
    *,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Give a dataset another name; finished forecasts keep the one that they were made with."""
    datasets = Workbench.open(home, farm=farm).catalog.datasets
    _tell(datasets.rename(datasets.find(dataset).id, name))


@app.command()
def archive(
    dataset: Dataset,
    *,
    restore: Annotated[bool, typer.Option("--restore", help="Back into sight.")] = False,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Put a dataset out of sight; its runs stay."""
    datasets = Workbench.open(home, farm=farm).catalog.datasets
    _tell(datasets.archive(datasets.find(dataset).id, archived=not restore))


@app.command()
def delete(dataset: Dataset, *, yes: Yes = False, home: Home = None, farm: Farm = None) -> None:
    """Delete a dataset and its files; one that runs use stays."""
    datasets = Workbench.open(home, farm=farm).catalog.datasets
    found = datasets.find(dataset)
    if not datasets.n_runs(found.id):  # otherwise it is refused, so there is nothing to ask
        confirm(f"Delete the dataset {found.name} and its files?", yes=yes)
    datasets.delete(found.id)
    out.print(f"{found.id} deleted")


def read_bytes(file: Path) -> bytes:
    """Return the bytes of a herd file."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise HerdDataError(f"{file}: The file cannot be opened: {error.strerror}.") from error


def tell_more(next_cursor: str | None) -> None:
    """Say how the next page of a list is asked for."""
    if next_cursor is not None:
        err.print(f"More: --cursor {next_cursor}", soft_wrap=True)


def _tell(row: DatasetRow) -> None:
    out.print(f"{row.id} {escape(row.name)}{' archived' if row.archived_at else ''}", soft_wrap=True)


def _document(row: DatasetRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "sha256": row.sha256,
        "rows": row.n_rows,
        "report_date": row.report_date.isoformat(),
        "counts": row.counts,
        "quality": row.quality,
        "is_archived": row.archived_at is not None,
        "created_at": row.created_at.isoformat(),
    }
