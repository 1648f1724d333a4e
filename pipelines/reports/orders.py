"""What is to be made becomes orders: herd files are kept and named by id before a kernel is started."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from herd_engine.errors import NotFoundError, ParameterError
from herd_engine.presentation.reports.forecast_report import plan_payload
from herd_engine.workbench import Workbench
from herd_engine.workbench.answers import Dataset
from pipelines.reports.edition import Order
from pipelines.reports.parameters import ReportNotebook

CELL_SECONDS = 600.0


def single_order(
    notebook: ReportNotebook,
    values: Mapping[str, Any],
    bench: Workbench,
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
    bench : Workbench
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
    farm = bench.farms.current()
    if "farm" in filled:
        filled["farm"] = filled["farm"] or ("" if farm.is_default else farm.name)
    if "dataset" in filled:
        bench = farm_of(bench, filled["farm"])
        row = find_dataset(bench, filled["dataset"])
        filled["dataset"], datasets[bench.farms.current().name] = row.id, row.sha256
    if "previous_run" in filled:  # the report of one forecast
        filled["payload"] = plan_payload(bench, filled["payload"])
    if "targets" in filled:  # what was aimed at is part of what an edition is of
        filled["targets"] = filled["targets"] or bench.targets().stated()
    if "datasets" in filled:
        rows = portfolio_datasets(bench, filled["datasets"])
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


def farm_of(bench: Workbench, name: str) -> Workbench:
    """Return the Workbench of the farm of a name; the same one where it is empty."""
    return bench.of_farm(name) if name else bench


def find_dataset(bench: Workbench, text: str) -> Dataset:
    """Return a herd file by its id or name; one that is a path is kept first.

    Raises
    ------
    ConflictError
        The file may be another farm's.
    ParameterError, NotFoundError, HerdDataError
    """
    if not text:
        raise ParameterError("dataset", text, "name a herd file: its path, id or name")
    path = Path(text)
    if path.is_file():
        return bench.datasets.keep_own(path.read_bytes(), path.name)
    return bench.datasets.find(text)


def latest_dataset(bench: Workbench) -> Dataset:
    """Return the herd file of a farm with the latest report date, or raise NotFoundError."""
    latest = bench.datasets.latest()
    if latest is None:
        raise NotFoundError("dataset of farm", bench.farms.current().name)
    return latest


def portfolio_datasets(bench: Workbench, named: Mapping[str, str]) -> dict[str, Dataset]:
    """Return a herd file a farm: the named ones, else the latest of every farm that has one."""
    if named:
        return {name: find_dataset(farm_of(bench, name), text) for name, text in named.items()}
    latest = {farm.name: bench.of_farm(farm.name).datasets.latest() for farm in bench.farms.list()}
    return {name: found for name, found in latest.items() if found is not None}
