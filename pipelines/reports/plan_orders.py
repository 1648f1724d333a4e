"""The orders of a plan: farms are found, their herd files read and kept, parameters filled in."""

import glob
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from herd_engine.datasets.herd_file import read_herd_file
from herd_engine.errors import HerdError, NotFoundError
from herd_engine.review.portfolio import farm_seed
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.datasets import DatasetRow
from pipelines.reports.edition import Order
from pipelines.reports.orders import all_datasets, latest_dataset
from pipelines.reports.parameters import ReportNotebook, find_notebook
from pipelines.reports.plan import Plan, ReportWish


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmFile:
    """A farm of a plan and its herd file.

    Attributes
    ----------
    farm : str
    kept : KeptRuns
        Of the farm.
    dataset_id : str
        Empty where it is not kept.
    sha256 : str
    report_date : date, optional
    problem : HerdError, optional
        Why its file cannot be used.
    """

    farm: str
    kept: KeptRuns
    dataset_id: str = ""
    sha256: str = ""
    report_date: date | None = None
    problem: HerdError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One report of a plan: what is to be made, from whose store, and where it goes."""

    order: Order
    kept: KeptRuns
    wish: ReportWish


def find_farms(plan: Plan, kept: KeptRuns, *, keep: bool) -> list[FarmFile]:
    """Return the farms of a plan, each with its herd file; files are kept only where that is wanted.

    Raises
    ------
    NotFoundError
        No farm, or no farm of a name that the plan gives.
    """
    if plan.farms.files is not None:
        paths = [Path(path) for path in sorted(glob.glob(plan.farms.files))]  # noqa: PTH207 - a whole pattern
        found = [_of_file(path, kept, keep=keep) for path in paths]
    elif plan.farms.latest == "all":
        farms = (kept.of_farm(farm.name) for farm in kept.catalog.farms.list())
        found = [_of_row(farm, latest_dataset(farm)) for farm in farms if all_datasets(farm)]
    else:
        farms = (kept.of_farm(name) for name in plan.farms.latest or ())
        found = [_of_row(farm, latest_dataset(farm)) for farm in farms]
    if not found:
        raise NotFoundError("farm of the plan", plan.farms.files or str(plan.farms.latest))
    return found


def plan_items(plan: Plan, farms: list[FarmFile], kept: KeptRuns, day: date) -> Iterator[Item]:
    """Yield what a plan makes: a report a farm, or one of all farms together.

    Parameters
    ----------
    plan : Plan
    farms : list of FarmFile
    kept : KeptRuns
        For reports of all farms.
    day : date
        That editions are made for.
    """
    for wish in plan.reports:
        notebook = find_notebook(wish.report)
        if "datasets" in notebook.parameters:
            yield Item(order=_of_all(plan, wish, notebook, farms, day), kept=kept, wish=wish)
            continue
        for farm in farms:
            yield Item(order=_of_one(plan, wish, notebook, farm, day), kept=farm.kept, wish=wish)


def with_occasion(item: Item, occasion: str) -> Item:
    """Return the item as one that is made although nothing changed."""
    return replace(item, order=replace(item.order, occasion=occasion))


def _of_file(path: Path, kept: KeptRuns, *, keep: bool) -> FarmFile:
    name = path.stem
    try:
        own = kept.of_farm(name)
    except NotFoundError:
        if keep:
            kept.catalog.farms.add(name)
        own = kept.of_farm(name) if keep else kept
    try:
        if keep:
            return _of_row(own, own.add_dataset(path.read_bytes(), path.name))
        herd_file = read_herd_file(path)
    except HerdError as error:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return FarmFile(farm=name, kept=own, sha256=digest, problem=error)
    return FarmFile(farm=name, kept=own, sha256=herd_file.sha256, report_date=herd_file.herd.report_date)


def _of_row(kept: KeptRuns, row: DatasetRow) -> FarmFile:
    return FarmFile(
        farm=kept.catalog.farm.name,
        kept=kept,
        dataset_id=row.id,
        sha256=row.sha256,
        report_date=row.report_date,
    )


def _of_one(plan: Plan, wish: ReportWish, notebook: ReportNotebook, farm: FarmFile, day: date) -> Order:
    payload = {**plan.payload, **wish.parameters.get("payload", {}), "seed": farm_seed(plan.seed, farm.farm)}
    own = {"dataset": farm.dataset_id, "farm": farm.farm, "payload": payload}
    return _order(plan, wish, notebook, day, own, [farm])


def _of_all(
    plan: Plan, wish: ReportWish, notebook: ReportNotebook, farms: list[FarmFile], day: date
) -> Order:
    usable = [farm for farm in farms if farm.problem is None]
    payload = {**plan.payload, **wish.parameters.get("payload", {}), "seed": plan.seed}
    own = {
        "datasets": {farm.farm: farm.dataset_id for farm in usable},
        "missing": [farm.farm for farm in farms if farm.problem is not None],
        "payload": payload,
    }
    order = _order(plan, wish, notebook, day, own, usable)
    return order if usable else replace(order, problem=NotFoundError("usable herd file of", plan.name))


def _order(
    plan: Plan,
    wish: ReportWish,
    notebook: ReportNotebook,
    day: date,
    own: Mapping[str, Any],
    farms: list[FarmFile],
) -> Order:
    values = {**wish.parameters, "language": wish.parameters.get("language", str(plan.language)), **own}
    is_of_one = "dataset" in own
    return Order(
        notebook=notebook,
        parameters=notebook.checked({k: v for k, v in values.items() if k in notebook.parameters}),
        series=f"{plan.name}/{wish.report}/{farms[0].farm if is_of_one else 'all'}",
        farm=farms[0].farm if is_of_one else ", ".join(farm.farm for farm in farms),
        datasets={farm.farm: farm.sha256 for farm in farms},
        formats=["html", *(name for name in wish.formats if name != "html")],
        day=day,
        seconds=wish.time_limit_seconds,
        cell_seconds=wish.cell_limit_seconds,
        problem=farms[0].problem if is_of_one else None,
    )
