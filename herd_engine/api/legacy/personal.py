"""History and presets of the first contract: one's own alone."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from herd_engine.api.asking import Bench, needs
from herd_engine.api.legacy.shapes import found, history_item, job_result, preset_info
from herd_engine.api.problems import Refusal
from herd_engine.errors import ConflictError
from herd_engine.model.visitor import ANONYMOUS
from herd_engine.workbench import Workbench
from herd_engine.workbench.answers import Asked, PresetAnswer


def known(request: Request) -> None:
    """Refuse whom nobody knows: what is personal needs a person."""
    if request.state.principal.name == ANONYMOUS:
        raise Refusal(401, "TOKEN_MISSING", "What is yours needs a token.", {"WWW-Authenticate": "Bearer"})


router = APIRouter(prefix="/api/me", tags=["first contract"], deprecated=True, dependencies=[Depends(known)])
READ, RUN = needs("herd:read"), needs("herd:run")
MOST_PRESETS = 500
REASONS = {"not_found": "NOT_FOUND", "active": "JOB_ACTIVE", "built_in": "NOT_FOUND"}
STATUSES = {
    "queued": ("queued",),
    "running": ("running",),
    "succeeded": ("succeeded",),
    "failed": ("failed", "timeout"),
    "canceled": ("canceled",),
}


class SeveralIds(BaseModel):
    """What is to be deleted."""

    model_config = ConfigDict(extra="forbid")
    ids: list[str] = Field(min_length=1, max_length=500)


class PresetParams(BaseModel):
    """A preset to be kept."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=120)
    params: dict[str, Any]


class LegacyPresetChange(BaseModel):
    """What of a preset is to change: at least one."""

    model_config = ConfigDict(extra="forbid")
    name: str | None = Field(None, min_length=1, max_length=120)
    params: dict[str, Any] | None = None


@router.get(
    "/history/jobs", operation_id="legacy_history_list", summary="List one's jobs", dependencies=[READ]
)
def history(  # noqa: PLR0913, PLR0917 - one argument a filter
    bench: Bench,
    page: Annotated[int, Query(ge=1)] = 1,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    status: str | None = None,
    q: str | None = None,
    date_from: date | None = None,
    date_to: date | None = None,
) -> dict[str, Any]:
    """Newest queued first; days are of UTC and inclusive."""
    if status is not None and status not in STATUSES:
        raise Refusal(422, "HISTORY_PARAMS_INVALID", f"`status` is one of {', '.join(STATUSES)}.")
    if date_from and date_to and date_from > date_to:
        raise Refusal(422, "HISTORY_PARAMS_INVALID", "`date_from` is after `date_to`.")
    items, total = bench.submissions.numbered(
        page,
        limit,
        status=STATUSES[status] if status else (),
        text=q,
        created_after=_begin(date_from),
        created_before=_begin(date_to and date_to + timedelta(days=1)),
    )
    return {"items": [history_item(each) for each in items], "total": total, "page": page, "limit": limit}


@router.get(
    "/history/jobs/{job_id}", operation_id="legacy_history_get", summary="Show one's job", dependencies=[READ]
)
def history_job(bench: Bench, job_id: str) -> dict[str, Any]:
    """With its parameters."""
    asked = _mine(bench, job_id)
    params = {**bench.runs.payload(asked.run.id), "dataset_id": asked.run.dataset_id}
    return {**history_item(asked), "params": params}


@router.get(
    "/history/jobs/{job_id}/result",
    operation_id="legacy_history_result",
    summary="The forecast of one's job",
    dependencies=[READ],
)
def history_result(bench: Bench, job_id: str) -> dict[str, Any]:
    """409 JOB_NOT_READY unless it succeeded."""
    return job_result(bench, _mine(bench, job_id).run)


@router.delete(
    "/history/jobs/{job_id}",
    operation_id="legacy_history_delete",
    summary="Delete one's job",
    dependencies=[RUN],
)
def delete_job(bench: Bench, job_id: str) -> dict[str, Any]:
    """409 HISTORY_JOB_ACTIVE while it is queued or running."""
    if _mine(bench, job_id).run.is_active:
        raise Refusal(409, "HISTORY_JOB_ACTIVE", "The job has not ended.")
    return _deleted(bench.submissions.delete([job_id]))


@router.post(
    "/history/jobs/bulk-delete",
    operation_id="legacy_history_bulk_delete",
    summary="Delete jobs of one's own",
    dependencies=[RUN],
)
def delete_jobs(bench: Bench, several: SeveralIds) -> dict[str, Any]:
    """200 also where all are skipped."""
    return _deleted(bench.submissions.delete(several.ids))


@router.get("/presets", operation_id="legacy_presets_list", summary="List one's presets", dependencies=[READ])
def list_presets(bench: Bench) -> list[dict[str, Any]]:
    """Last changed first."""
    own = [each for each in bench.presets.list(limit=MOST_PRESETS).items if not each.built_in]
    changed: Callable[[PresetAnswer], datetime] = lambda each: each.updated_at  # noqa: E731
    return [preset_info(each) for each in sorted(own, key=changed, reverse=True)]


@router.post(
    "/presets",
    operation_id="legacy_presets_create",
    summary="Keep a preset",
    status_code=201,
    dependencies=[RUN],
)
def add_preset(bench: Bench, new: PresetParams) -> dict[str, Any]:
    """Parameters without a dataset."""
    return preset_info(bench.presets.save(new.name, new.params))


@router.put(
    "/presets/{preset_id}",
    operation_id="legacy_presets_update",
    summary="Change a preset",
    dependencies=[RUN],
)
def change_preset(bench: Bench, preset_id: str, change: LegacyPresetChange) -> dict[str, Any]:
    """422 where nothing is named."""
    if change.name is None and change.params is None:
        raise Refusal(422, "REQUEST_VALIDATION_ERROR", "Name `name`, `params` or both.")
    with found("PRESET_NOT_FOUND"):
        try:
            return preset_info(bench.presets.edit(preset_id, name=change.name, payload=change.params))
        except ConflictError as conflict:
            if conflict.case == "preset_built_in":
                raise Refusal(404, "PRESET_NOT_FOUND", "There is nothing of this id.") from conflict
            raise


@router.delete(
    "/presets/{preset_id}",
    operation_id="legacy_presets_delete",
    summary="Delete a preset",
    dependencies=[RUN],
)
def delete_preset(bench: Bench, preset_id: str) -> dict[str, Any]:
    """404 PRESET_NOT_FOUND."""
    deleted = _deleted(asdict(bench.presets.delete([preset_id])))
    if not deleted["deleted_ids"]:
        raise Refusal(404, "PRESET_NOT_FOUND", "There is nothing of this id.")
    return deleted


@router.post(
    "/presets/bulk-delete",
    operation_id="legacy_presets_bulk_delete",
    summary="Delete presets of one's own",
    dependencies=[RUN],
)
def delete_presets(bench: Bench, several: SeveralIds) -> dict[str, Any]:
    """200 also where all are skipped."""
    return _deleted(asdict(bench.presets.delete(several.ids)))


def _mine(bench: Workbench, job_id: str) -> Asked:
    with found("HISTORY_ITEM_NOT_FOUND"):
        return bench.submissions.get(job_id)


def _deleted(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what was deleted and what was not; files that are left are told, and the id is gone."""
    skipped = [{"id": each["id"], "reason": REASONS[each["reason"]]} for each in answer["skipped"]]
    left = [
        {"id": each, "reason": "OBJECT_DELETE_FAILED:result:storage"} for each in answer.get("files_left", ())
    ]
    return {"deleted_ids": list(answer["deleted_ids"]), "skipped": [*skipped, *left]}


def _begin(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), timezone.utc)  # noqa: UP017
