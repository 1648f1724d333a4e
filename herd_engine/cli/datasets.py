"""`herd datasets`: herd files that are kept."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from herd_engine.cli.asking import (
    AcceptLosses,
    Dates,
    SexMap,
    Sheet,
    StatusMap,
    answers_of,
    questions_in,
    read_bytes,
)
from herd_engine.cli.options import (
    ColumnMap,
    Cursor,
    Farm,
    HerdPath,
    Home,
    Json,
    Limit,
    SameFarm,
    Since,
    Until,
    Yes,
    confirm,
    end_moment,
    first_moment,
)
from herd_engine.cli.output import write_text
from herd_engine.cli.printing import err, new_table, out, print_error
from herd_engine.model.answers import Answers
from herd_engine.model.arrival import Arrival
from herd_engine.workbench import Workbench
from herd_engine.workbench import answers as answered
from herd_engine.workbench.datasets import Datasets

app = typer.Typer(no_args_is_help=True, help="Keep herd files, find, rename, archive and delete them.")
Dataset = Annotated[
    str, typer.Argument(metavar="DATASET", help="Name of a dataset, or the beginning of its id.")
]


@app.command()
def add(  # noqa: PLR0913 - one argument an option
    file: HerdPath,
    *,
    column_map: ColumnMap = None,
    map_status: StatusMap = None,
    map_sex: SexMap = None,
    dates: Dates = None,
    sheet: Sheet = "",
    accept_losses: AcceptLosses = False,
    same_farm: SameFarm = False,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Keep a herd file; the same file again is the same dataset. One of another farm is asked about."""
    answers = answers_of(column_map, map_status, map_sex, dates, sheet, accept_losses)
    datasets = Workbench.open(home, farm=farm).datasets
    with questions_in(json):
        added = keep_file(datasets, file, answers, same_farm=same_farm)
    if json is not None:
        write_text(json, _document(added.dataset))
    else:
        _tell(added.dataset)
        _tell_arrival(added.arrival)


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
    page = Workbench.open(home, farm=farm).datasets.list(
        text=name,
        archived=archived,
        created_after=first_moment(since),
        created_before=end_moment(until),
        cursor=cursor,
        limit=limit,
    )
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
    datasets = Workbench.open(home, farm=farm).datasets
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
    datasets = Workbench.open(home, farm=farm).datasets
    _tell(datasets.archive(datasets.find(dataset).id, archived=not restore))


@app.command()
def delete(dataset: Dataset, *, yes: Yes = False, home: Home = None, farm: Farm = None) -> None:
    """Delete a dataset and its files; one that runs use stays."""
    datasets = Workbench.open(home, farm=farm).datasets
    found = datasets.find(dataset)
    if not datasets.n_runs(found.id):  # otherwise it is refused, so there is nothing to ask
        confirm(f"Delete the dataset {found.name} and its files?", yes=yes)
    datasets.delete(found.id)
    out.print(f"{found.id} deleted")


def keep_file(datasets: Datasets, file: Path, answers: Answers, *, same_farm: bool) -> answered.AddedDataset:
    """Read a herd file of the farm and keep it; one that may be another farm's is refused."""
    data = read_bytes(file)
    herd_file = datasets.read(data, file.name, answers)
    if not same_farm:
        datasets.require_own(herd_file)
    return datasets.keep(herd_file, data)


def _tell_arrival(arrival: Arrival) -> None:
    """Say what the farm's new file led to without being asked."""
    if arrival.verdicts:
        out.print(f"{arrival.verdicts} numbers of earlier forecasts were judged by it: herd reportcard")
    if arrival.run_id is not None:
        out.print(f"The farm's plan is asked for again: run {arrival.run_id[:8]}; herd worker carries it out")
    for trouble in arrival.troubles:
        print_error(trouble)


def tell_more(next_cursor: str | None) -> None:
    """Say how the next page of a list is asked for."""
    if next_cursor is not None:
        err.print(f"More: --cursor {next_cursor}", soft_wrap=True)


def _tell(row: answered.Dataset) -> None:
    out.print(f"{row.id} {escape(row.name)}{' archived' if row.archived_at else ''}", soft_wrap=True)


def _document(row: answered.Dataset) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "sha256": row.sha256,
        "file_sha256": row.file_sha256,
        "answers": row.answers,
        "rows": row.n_rows,
        "report_date": row.report_date.isoformat(),
        "counts": row.counts,
        "quality": row.quality,
        "is_archived": row.archived_at is not None,
        "created_at": row.created_at.isoformat(),
    }
