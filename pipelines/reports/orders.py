"""What is to be made becomes orders: herd files are kept and named by id before a kernel is started."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from herd_engine.errors import NotFoundError, ParameterError
from herd_engine.runs.catalog import all_of
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.datasets import EVERY_DATASET, DatasetRow
from herd_engine.storage.paging import MAX_LIMIT
from pipelines.reports.edition import Order
from pipelines.reports.parameters import ReportNotebook

CELL_SECONDS = 600.0


def single_order(
    notebook: ReportNotebook,
    values: Mapping[str, Any],
    kept: KeptRuns,
    *,
    formats: Sequence[str],
    seconds: float,
) -> Order:
    """Return the order of one report.

    Parameters
    ----------
    notebook : ReportNotebook
    values : mapping
        Parameters; herd files by path, id or name.
    kept : KeptRuns
        Of the farm where the parameters name none.
    formats : sequence of str
    seconds : float
        Limit of wall time.

    Raises
    ------
    UnknownParameterError, ParameterError, ScenarioError, NotFoundError, HerdDataError
    """
    filled = notebook.checked(values)
    datasets: dict[str, str] = {}
    farm = kept.catalog.farm
    if "farm" in filled:
        filled["farm"] = filled["farm"] or ("" if farm.is_default else farm.name)
    if "dataset" in filled:
        kept = farm_of(kept, filled["farm"])
        row = find_dataset(kept, filled["dataset"])
        filled["dataset"], datasets[kept.catalog.farm.name] = row.id, row.sha256
    if "datasets" in filled:
        rows = portfolio_datasets(kept, filled["datasets"])
        filled["datasets"] = {name: row.id for name, row in rows.items()}
        datasets = {name: row.sha256 for name, row in rows.items()}
    return Order(
        notebook=notebook,
        parameters=filled,
        series=f"{notebook.name}/{','.join(datasets)}",
        farm=", ".join(datasets),
        datasets=datasets,
        formats=formats,
        day=datetime.now().astimezone().date(),
        seconds=seconds,
        cell_seconds=min(seconds, CELL_SECONDS),
    )


def farm_of(kept: KeptRuns, name: str) -> KeptRuns:
    """Return what is kept of the farm of a name; of the same one where it is empty."""
    return kept.of_farm(name) if name else kept


def find_dataset(kept: KeptRuns, text: str) -> DatasetRow:
    """Return a herd file by its id or name; one that is a path is kept first.

    Raises
    ------
    ParameterError, NotFoundError, HerdDataError
    """
    if not text:
        raise ParameterError("dataset", text, "name a herd file: its path, id or name")
    path = Path(text)
    if path.is_file():
        return kept.add_dataset(path.read_bytes(), path.name)
    return kept.catalog.datasets.find(text)


def all_datasets(kept: KeptRuns) -> list[DatasetRow]:
    """Return the herd files of a farm that are not archived."""
    datasets = kept.catalog.datasets
    return list(all_of(lambda cursor: datasets.list(EVERY_DATASET, cursor, MAX_LIMIT)))


def latest_dataset(kept: KeptRuns) -> DatasetRow:
    """Return the herd file of a farm with the latest report date, or raise NotFoundError."""
    rows = all_datasets(kept)
    if not rows:
        raise NotFoundError("dataset of farm", kept.catalog.farm.name)
    return max(rows, key=lambda row: (row.report_date, row.created_at))


def portfolio_datasets(kept: KeptRuns, named: Mapping[str, str]) -> dict[str, DatasetRow]:
    """Return a herd file a farm: the named ones, else the latest of every farm that has one."""
    if named:
        return {name: find_dataset(farm_of(kept, name), text) for name, text in named.items()}
    farms = [farm_of(kept, farm.name) for farm in kept.catalog.farms.list()]
    return {one.catalog.farm.name: latest_dataset(one) for one in farms if all_datasets(one)}
