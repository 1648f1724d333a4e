"""Herd files and scenarios of the first contract."""

from pathlib import PurePosixPath
from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Request, UploadFile
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from herd_engine.api.asking import Bench, needs
from herd_engine.api.legacy.jobs import Job, queued
from herd_engine.api.legacy.shapes import dataset_info, found, issues, scenario_info, scenario_item
from herd_engine.api.problems import Refusal
from herd_engine.errors import ConflictError
from herd_engine.workbench import Workbench
from herd_engine.workbench.answers import ScenarioAnswer

router = APIRouter(prefix="/api", tags=["first contract"], deprecated=True)
READ, RUN = needs("herd:read"), needs("herd:run")
ADD = needs("herd:write", "herd:add")
CONTENT_TYPES = ("", "text/csv", "application/csv", "text/plain", "application/vnd.ms-excel")
LONGEST_NAME = 100
Most = Annotated[int, Query(ge=1, le=500)]


class NamedParams(BaseModel):
    """A scenario to be kept; its parameters name the dataset."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=120)
    params: dict[str, Any]


@router.post(
    "/datasets/upload", operation_id="legacy_datasets_upload", summary="Upload a CSV", dependencies=[ADD]
)
async def upload(bench: Bench, file: Annotated[UploadFile, File()]) -> dict[str, Any]:
    """The same bytes are the same dataset."""
    name = PurePosixPath(file.filename or "").name
    if PurePosixPath(name).suffix.lower() != ".csv":
        raise Refusal(400, "INVALID_FILE_TYPE", "Only files named .csv are taken here.")
    kind = (file.content_type or "").partition(";")[0].strip().lower()
    if kind not in CONTENT_TYPES:
        raise Refusal(400, "INVALID_CONTENT_TYPE", "The content is declared as no CSV.", content_type=kind)
    data = await file.read()
    # Its clients cannot be asked whose animals these are.
    added = await run_in_threadpool(bench.datasets.add, data, name, same_farm=True)
    return await run_in_threadpool(_info, bench, added.dataset.id)


@router.get("/datasets", operation_id="legacy_datasets_list", summary="List datasets", dependencies=[READ])
def list_datasets(bench: Bench, limit: Most = 100) -> list[dict[str, Any]]:
    """Newest first, of the farm."""
    listed = bench.datasets.list(limit=limit).items
    return [dataset_info(each, bench.datasets.status_counts(each.id)) for each in listed]


@router.get(
    "/datasets/{dataset_id}",
    operation_id="legacy_datasets_get",
    summary="Show a dataset",
    dependencies=[READ],
)
def get_dataset(bench: Bench, dataset_id: str) -> dict[str, Any]:
    """404 DATASET_NOT_FOUND."""
    with found("DATASET_NOT_FOUND"):
        return _info(bench, dataset_id)


@router.get(
    "/datasets/{dataset_id}/quality",
    operation_id="legacy_datasets_quality",
    summary="What is remarkable",
    dependencies=[READ],
)
def quality(bench: Bench, dataset_id: str) -> dict[str, Any]:
    """Issues with up to five lines of the file."""
    with found("DATASET_NOT_FOUND"):
        return {"dataset_id": dataset_id, "quality_issues": issues(bench.datasets.get(dataset_id))}


@router.post(
    "/scenarios", operation_id="legacy_scenarios_create", summary="Keep a scenario", dependencies=[ADD]
)
def add_scenario(bench: Bench, new: NamedParams) -> dict[str, Any]:
    """Names need not be unique: one that is taken gets a number."""
    _require_dataset(bench, new.params)
    return scenario_info(_saved(bench, new))


@router.get("/scenarios", operation_id="legacy_scenarios_list", summary="List scenarios", dependencies=[READ])
def list_scenarios(bench: Bench, limit: Most = 100) -> list[dict[str, Any]]:
    """Newest first."""
    return [scenario_item(each) for each in bench.scenarios.list(limit=limit).items]


@router.get(
    "/scenarios/{scenario_id}",
    operation_id="legacy_scenarios_get",
    summary="Show a scenario",
    dependencies=[READ],
)
def get_scenario(bench: Bench, scenario_id: str) -> dict[str, Any]:
    """With its parameters; none of an older schema."""
    with found("SCENARIO_NOT_FOUND"):
        return scenario_info(bench.scenarios.get(scenario_id))


@router.post(
    "/scenarios/{scenario_id}/run",
    operation_id="legacy_scenarios_run",
    summary="Queue a scenario",
    status_code=202,
    dependencies=[RUN],
)
def run_scenario(bench: Bench, request: Request, scenario_id: str) -> Job:
    """409 LEGACY_SCENARIO_READ_ONLY for one of an older schema."""
    with found("SCENARIO_NOT_FOUND"):
        scenario = bench.scenarios.get(scenario_id)
    dataset_id = _require_dataset(bench, scenario.params)
    return queued(bench, request, dataset_id, scenario_id=scenario_id)


def _info(bench: Workbench, dataset_id: str) -> dict[str, Any]:
    return dataset_info(bench.datasets.get(dataset_id), bench.datasets.status_counts(dataset_id))


def _require_dataset(bench: Workbench, params: dict[str, Any]) -> str:
    dataset_id = params.get("dataset_id")
    if not isinstance(dataset_id, str):
        raise Refusal(422, "SCENARIO_PARAMS_INVALID", "`params.dataset_id` is missing.")
    with found("DATASET_NOT_FOUND"):
        return bench.datasets.get(dataset_id).id


def _saved(bench: Workbench, new: NamedParams) -> ScenarioAnswer:
    number = 1
    while True:
        mark = "" if number == 1 else f" ({number})"
        try:
            return bench.scenarios.save(new.name[: LONGEST_NAME - len(mark)] + mark, new.params)
        except ConflictError as taken:
            if taken.case != "scenario_taken":
                raise
        number += 1
