"""The orders of a plan: farms are found, their herd files read and kept, parameters filled in."""

import glob
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from herd_engine.errors import HerdDataError, HerdError, NotFoundError
from herd_engine.model.file_names import is_by_the_way, shown_name
from herd_engine.model.source import PLAN_PREFIX
from herd_engine.presentation.reports.forecast_report import plan_payload
from herd_engine.workbench import Workbench
from herd_engine.workbench.answers import Dataset
from herd_engine.workbench.groups import farm_seed
from pipelines.reports.edition import Order
from pipelines.reports.orders import latest_dataset
from pipelines.reports.parameters import ReportNotebook, find_notebook
from pipelines.reports.plan import Plan, ReportWish


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmFile:
    """A farm of a plan and its herd file.

    Attributes
    ----------
    farm : str
    bench : Workbench
        Of the farm.
    dataset_id : str
        Empty where it is not kept.
    sha256 : str
    report_date : date, optional
    problem : HerdError, optional
        Why its file cannot be used.
    """

    farm: str
    bench: Workbench
    dataset_id: str = ""
    sha256: str = ""
    report_date: date | None = None
    problem: HerdError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One report of a plan: what is to be made, from whose store, and where it goes."""

    order: Order
    bench: Workbench
    wish: ReportWish


def find_farms(plan: Plan, bench: Workbench, *, keep: bool) -> list[FarmFile]:
    """Return the farms of a plan, each with its herd file; files are kept only where that is wanted.

    Raises
    ------
    NotFoundError
        No farm, or no farm of a name that the plan gives.
    """
    if plan.farms.files is not None:
        found = [_of_file(path, bench, keep=keep) for path in herd_files(plan.farms.files)]
    elif plan.farms.latest == "all":
        farms = [bench.of_farm(farm.name) for farm in bench.farms.list()]
        latest = [(farm, farm.datasets.latest()) for farm in farms]
        found = [_of_row(farm, row) for farm, row in latest if row is not None]
    else:
        farms = [bench.of_farm(name) for name in plan.farms.latest or ()]
        found = [_of_row(farm, latest_dataset(farm)) for farm in farms]
    if not found:
        raise NotFoundError("farm of the plan", plan.farms.files or str(plan.farms.latest))
    return found


def herd_files(pattern: str) -> list[Path]:
    """Return the files that a pattern means; hidden, lock and temporary ones it does not."""
    paths = (Path(path) for path in sorted(glob.glob(pattern)))  # noqa: PTH207 - a whole pattern
    return [path for path in paths if path.is_file() and not is_by_the_way(path)]


def plan_items(plan: Plan, farms: list[FarmFile], bench: Workbench, day: date) -> Iterator[Item]:
    """Yield what a plan makes: a report a farm, or one of all farms together.

    Parameters
    ----------
    plan : Plan
    farms : list of FarmFile
    bench : Workbench
        For reports of all farms.
    day : date
        That editions are made for.
    """
    for wish in plan.reports:
        notebook = find_notebook(wish.report)
        if "datasets" in notebook.parameters:
            yield Item(order=_of_all(plan, wish, notebook, farms, day), bench=bench, wish=wish)
            continue
        for farm in farms:
            yield Item(order=_of_one(plan, wish, notebook, farm, day), bench=farm.bench, wish=wish)


def with_occasion(item: Item, occasion: str) -> Item:
    """Return the item as one that is made although nothing changed."""
    return replace(item, order=replace(item.order, occasion=occasion))


def _of_file(path: Path, bench: Workbench, *, keep: bool) -> FarmFile:
    """Return the farm of a file; one that cannot be used, or read, costs the others nothing."""
    name, own, digest = shown_name(path.stem), bench, ""
    try:
        own = _farm_called(name, bench, keep=keep)
        data = path.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if keep:
            return _of_row(own, own.datasets.keep_own(data, path.name))
        herd_file = own.read_bytes(data, path.name)
    except HerdError as error:
        return FarmFile(farm=name, bench=own, sha256=digest, problem=error)
    except OSError as error:
        problem = HerdDataError(f"{shown_name(str(path))} cannot be read: {error.strerror or error}.")
        return FarmFile(farm=name, bench=own, problem=problem)
    return FarmFile(farm=name, bench=own, sha256=herd_file.sha256, report_date=herd_file.herd.report_date)


def _farm_called(name: str, bench: Workbench, *, keep: bool) -> Workbench:
    try:
        return bench.of_farm(name)
    except NotFoundError:
        if not keep:
            return bench
    bench.farms.add(name)
    return bench.of_farm(name)


def _of_row(bench: Workbench, row: Dataset) -> FarmFile:
    return FarmFile(
        farm=bench.farms.current().name,
        bench=bench,
        dataset_id=row.id,
        sha256=row.sha256,
        report_date=row.report_date,
    )


def _of_one(plan: Plan, wish: ReportWish, notebook: ReportNotebook, farm: FarmFile, day: date) -> Order:
    payload = {**plan.payload, **wish.parameters.get("payload", {})}
    is_known = farm.bench.farms.current().name == farm.farm
    is_of_one_forecast = "previous_run" in notebook.parameters and is_known
    starred = plan_payload(farm.bench, payload) if not payload and is_of_one_forecast else {}
    payload = starred or {**payload, "seed": farm_seed(plan.seed, farm.farm)}
    targets = wish.parameters.get("targets") or (farm.bench.targets().stated() if is_known else {})
    own = {"dataset": farm.dataset_id, "farm": farm.farm, "payload": payload, "targets": targets}
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
        submitter=f"{PLAN_PREFIX}{plan.name}",
    )
