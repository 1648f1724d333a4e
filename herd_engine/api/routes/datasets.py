"""Herd files: keep, list, look into, change."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from fastapi import APIRouter, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from herd_engine.api.asking import (
    Bench,
    Cursor,
    Limit,
    PageOf,
    json_bytes,
    needs,
    page,
    require_match,
    tag_of,
    tagged,
)
from herd_engine.api.conditional import ConditionalRoute, TagOf
from herd_engine.api.keyed import KeyedRoute
from herd_engine.api.kinds import BYTES, answered_with, document_of
from herd_engine.api.problems import Refusal
from herd_engine.api.uploads import Upload, UploadFields, body_of, received, with_raw
from herd_engine.workbench import Workbench
from herd_engine.workbench.answers import AddedDataset, Dataset


def _tag(found: Dataset) -> str:
    return f'"{tag_of(found.id, found.name, found.archived_at)}"'


class DatasetRoute(KeyedRoute, ConditionalRoute):
    """A route of herd files."""

    tags_of: ClassVar[dict[str, TagOf]] = {
        "datasets_get": lambda bench, dataset_id: _tag(bench.datasets.get(dataset_id)),
    }


router = APIRouter(prefix="/api/v1", tags=["herd files"], route_class=DatasetRoute)
READ, WRITE = needs("herd:read"), needs("herd:write")
IfMatch = Annotated[str | None, Header(description="The tag that was read; 412 where it has changed.")]


class DatasetChange(BaseModel):
    """What of a herd file may change."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(None, min_length=1, max_length=200)
    archived: bool | None = None


class Quality(BaseModel):
    """What is remarkable about a herd file, most severe first."""

    status: Literal["PASS", "WARN", "FAIL"]
    issues: list[dict[str, Any]]


@router.get("/datasets", operation_id="datasets_list", summary="List herd files", dependencies=[READ])
def list_datasets(  # noqa: PLR0913 - one argument a filter
    bench: Bench,
    request: Request,
    response: Response,
    text: str | None = None,
    *,
    archived: bool = False,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> PageOf[Dataset]:
    """Newest first."""
    listed = bench.datasets.list(
        text=text,
        archived=archived,
        created_after=created_after,
        created_before=created_before,
        cursor=cursor,
        limit=limit,
    )
    return page(listed, request, response)


@router.post(
    "/datasets",
    operation_id="datasets_create",
    summary="Keep a herd file",
    status_code=201,
    responses={200: {"model": Dataset, "description": "The same file was kept before."}},
    dependencies=[needs("herd:write", "herd:add")],
    openapi_extra={"requestBody": with_raw(body_of(UploadFields))},
)
async def add_dataset(bench: Bench, request: Request, response: Response) -> Dataset:
    """201 new; 200 where the same file was kept before (`Herd-Reused: true`).

    422 with all that is wrong with it, and in `questions` what must be answered before it can be kept. Where
    the body is the file itself, what the form would say is said in parameters.
    """
    upload, said = await received(request, UploadFields)
    added = await run_in_threadpool(kept, bench, upload, said)
    response.headers["location"] = f"/api/v1/datasets/{added.dataset.id}"
    response.headers["etag"] = _tag(added.dataset)
    if not added.is_new:
        response.status_code = 200
        response.headers["herd-reused"] = "true"
    return added.dataset


def kept(bench: Workbench, upload: Upload, said: UploadFields) -> AddedDataset:
    """Keep a herd file that was sent."""
    return bench.datasets.add(upload.data, upload.name, said.answers(), same_farm=said.same_farm)


@router.get(
    "/datasets/{dataset_id}",
    operation_id="datasets_get",
    summary="Show a herd file",
    dependencies=[READ],
)
def get_dataset(bench: Bench, response: Response, dataset_id: str) -> Dataset:
    """404 also for one of another farm."""
    found = bench.datasets.get(dataset_id)
    response.headers["etag"] = _tag(found)
    return found


@router.patch(
    "/datasets/{dataset_id}",
    operation_id="datasets_update",
    summary="Rename or archive",
    dependencies=[WRITE],
)
def change_dataset(
    bench: Bench, response: Response, dataset_id: str, change: DatasetChange, if_match: IfMatch = None
) -> Dataset:
    """Finished forecasts keep the name that they were made with."""
    require_match(if_match, _tag(bench.datasets.get(dataset_id)))
    if change.name is not None:
        bench.datasets.rename(dataset_id, change.name)
    if change.archived is not None:
        bench.datasets.archive(dataset_id, archived=change.archived)
    found = bench.datasets.get(dataset_id)
    response.headers["etag"] = _tag(found)
    return found


@router.delete(
    "/datasets/{dataset_id}",
    operation_id="datasets_delete",
    summary="Delete a herd file",
    status_code=204,
    dependencies=[WRITE],
)
def delete_dataset(bench: Bench, dataset_id: str, if_match: IfMatch = None) -> None:
    """409 IN_USE where runs use it, with their number: archive it instead."""
    require_match(if_match, _tag(bench.datasets.get(dataset_id)))
    if n_runs := bench.datasets.n_runs(dataset_id):
        raise Refusal(409, "IN_USE", "Runs use it: archive it instead.", n_runs=n_runs)
    bench.datasets.delete(dataset_id)


@router.get(
    "/datasets/{dataset_id}/quality",
    operation_id="datasets_quality",
    summary="What is remarkable about a herd file",
    dependencies=[READ],
    response_model=Quality,
)
def quality(bench: Bench, request: Request, dataset_id: str) -> Response:
    """`status` is FAIL with an error, WARN with a warning, else PASS."""
    found = bench.datasets.get(dataset_id)
    severities = {issue["severity"] for issue in found.quality}
    status: Literal["PASS", "WARN", "FAIL"] = (
        "FAIL" if "error" in severities else "WARN" if "warning" in severities else "PASS"
    )
    told = Quality(status=status, issues=found.quality)
    return tagged(request, f'"{found.sha256}"', lambda: told.model_dump_json().encode(), "application/json")


@router.get(
    "/datasets/{dataset_id}/inspection",
    operation_id="datasets_inspection",
    summary="What a herd file holds",
    response_class=Response,
    responses=document_of("herd-inspection/1"),
    dependencies=[READ],
)
def inspection(bench: Bench, request: Request, dataset_id: str) -> Response:
    """Animals, quality, and what calibration makes of it: `herd-inspection/1`, as `herd inspect --json`."""
    found = bench.datasets.get(dataset_id)
    tag = f'"{tag_of(found.sha256, found.name, request.app.state.package)}"'
    return tagged(request, tag, lambda: json_bytes(bench.datasets.inspection(dataset_id)), "application/json")


@router.get(
    "/datasets/{dataset_id}/file",
    operation_id="datasets_file",
    summary="The bytes that were given",
    response_class=Response,
    responses=answered_with(BYTES),
    dependencies=[WRITE],
)
def original(bench: Bench, request: Request, dataset_id: str) -> Response:
    """As an attachment."""
    found = bench.datasets.get(dataset_id)

    def make() -> bytes:
        return bench.datasets.original(dataset_id)

    return tagged(request, f'"{found.sha256}"', make, BYTES, name=found.name)
