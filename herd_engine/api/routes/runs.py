"""Runs: submit, watch, read."""

import asyncio
import re
import time
from dataclasses import asdict, replace
from datetime import datetime
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from herd_engine.api.asking import (
    CHANGING,
    Bench,
    Cursor,
    Limit,
    PageOf,
    flagged,
    matches,
    needs,
    page,
    tagged,
    unchanged,
)
from herd_engine.api.conditional import ConditionalRoute, TagOf
from herd_engine.api.kinds import EVENTS, answered_with, document_of
from herd_engine.api.problems import Refusal
from herd_engine.api.run_wishes import run_body, wished
from herd_engine.api.streams import counted, frames
from herd_engine.api.switches import RememberedSwitches
from herd_engine.model.service_limits import STREAM, ServiceFlag
from herd_engine.workbench import Workbench
from herd_engine.workbench.answers import (
    CanceledRun,
    Run,
    RunEvent,
    RunSummary,
    SubmissionAnswer,
    SubmittedRun,
    answer,
)


class RunRoute(ConditionalRoute):
    """A route of runs."""

    tags_of: ClassVar[dict[str, TagOf]] = {
        "runs_get": lambda bench, run_id: f'"{bench.runs.version(run_id)}"',
        "runs_summary": lambda bench, run_id: f'"{bench.runs.version(run_id)}"',
        "runs_events": lambda bench, run_id: f'"{bench.runs.events_version(run_id)}"',
    }


router = APIRouter(prefix="/api/v1", tags=["runs"], route_class=RunRoute)
READ, RUN, WRITE = needs("herd:read"), needs("herd:run"), needs("herd:write")
LONGEST_WAIT = 30.0
LOOK_SECONDS = 0.25
After = Annotated[int, Query(ge=0, le=2**31 - 1, description="Number of an event.")]
WAIT = re.compile(r"(?:^|,)\s*wait=(\d+)")


class Submission(BaseModel):
    """What became of a wish."""

    run: Run
    submission: SubmissionAnswer
    reused: bool
    issues: Annotated[
        list[dict[str, Any]] | None, Field(description="Of a herd file that came with the wish.")
    ] = None


FINISHED: dict[int | str, dict[str, Any]] = {
    200: {"model": Submission, "description": "The same run has finished."}
}
"""What is answered in place of 202."""
STREAMED = {
    **answered_with(EVENTS, description="Server-sent events."),
    204: {"description": "The run has ended, and all of it was seen."},
}


class Change(BaseModel):
    """What of a run may change."""

    model_config = ConfigDict(extra="forbid")
    pinned: bool | None = None
    starred: bool | None = None
    name: str | None = Field(None, max_length=200)


class RunIds(BaseModel):
    """Several runs."""

    model_config = ConfigDict(extra="forbid")
    ids: list[str] = Field(min_length=1, max_length=500)


@router.post(
    "/runs",
    operation_id="runs_create",
    summary="Queue a forecast",
    status_code=202,
    dependencies=[RUN],
    responses=FINISHED,
    openapi_extra={"requestBody": run_body()},
)
async def submit(
    bench: Bench,
    request: Request,
    response: Response,
    prefer: Annotated[str | None, Header()] = None,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
) -> Submission:
    """202 new or under way; 200 where the same run has finished (`Herd-Reused: true`).

    As a form with the herd file itself, and `payload` as JSON, the file is kept before; `issues` tells of it.
    """
    new, issues = await wished(bench, request)
    if new.priority > 0 or new.force:
        bench.require("herd:write")
    wishes: dict[str, Any] = {
        "scenario_id": new.scenario_id,
        "priority": new.priority,
        "timeout_seconds": new.timeout_seconds,
        "force": new.force,
        "note": new.note,
        "idempotency_key": idempotency_key,
    }
    asked = await run_in_threadpool(bench.runs.submit, new.dataset_id, new.payload, **wishes)
    submitted = asked.first or asked  # a repeated request is answered as the first one was
    if submitted.run.is_active:
        request.app.state.runners.wake()
    run = await _waited(bench, submitted.run, prefer, response)
    found = submitted_answer(request, response, replace(submitted, run=run))
    return found.model_copy(update={"issues": issues})


def submitted_answer(request: Request, response: Response, submitted: SubmittedRun) -> Submission:
    """Return what became of a wish, and say in headers where the run is."""
    run = submitted.run
    response.headers["location"] = f"/api/v1/runs/{run.id}"
    if submitted.reused:
        response.headers["herd-reused"] = "true"
    if submitted.replayed:
        response.headers["idempotent-replayed"] = "true"
    if run.is_active:
        request.app.state.runners.wake()
        response.headers["retry-after"] = "1"
    else:
        response.status_code = 200
    return Submission(run=run, submission=submitted.submission, reused=submitted.reused)


@router.get("/runs", operation_id="runs_list", summary="List runs", dependencies=[READ])
def list_runs(  # noqa: PLR0913, PLR0917 - one argument a filter
    bench: Bench,
    request: Request,
    response: Response,
    status: Annotated[list[str] | None, Query()] = None,
    text: str | None = None,
    dataset_id: str | None = None,
    scenario_id: str | None = None,
    group_id: str | None = None,
    *,
    pinned: bool | None = None,
    mine: bool = False,
    queued_after: datetime | None = None,
    queued_before: datetime | None = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> PageOf[Run]:
    """Newest first."""
    listed = bench.runs.list(
        status=status or (),
        text=text,
        dataset_id=dataset_id,
        scenario_id=scenario_id,
        group_id=group_id,
        owner=request.state.principal.name if mine else None,
        pinned=pinned,
        queued_after=queued_after,
        queued_before=queued_before,
        cursor=cursor,
        limit=limit,
    )
    return page(listed, request, response)


@router.get(
    "/runs/{run_id}", operation_id="runs_get", summary="Show a run", dependencies=[READ], response_model=Run
)
async def get_run(
    bench: Bench,
    request: Request,
    response: Response,
    run_id: str,
    prefer: Annotated[str | None, Header()] = None,
) -> Run | Response:
    """With `Prefer: wait=20` the answer comes at the end of the run, or after so many seconds."""
    run, version = await run_in_threadpool(bench.runs.get_versioned, run_id)
    if run.is_active and prefer:
        await _waited(bench, run, prefer, response)
        run, version = await run_in_threadpool(bench.runs.get_versioned, run.id)
    tag = f'"{version}"'
    if matches(request.headers.get("if-none-match"), tag):
        return unchanged(tag, CHANGING)
    response.headers["etag"] = tag
    if run.is_active:
        response.headers["retry-after"] = "1"
    return run


@router.patch(
    "/runs/{run_id}", operation_id="runs_update", summary="Name, star or pin a run", dependencies=[WRITE]
)
def change_run(bench: Bench, run_id: str, change: Change) -> Run:
    """A pinned run is never pruned; the starred one is the farm's plan."""
    run = bench.runs.get(run_id)
    if "name" in change.model_fields_set:
        run = bench.runs.rename(run.id, change.name)
    if change.starred is not None:
        run = bench.runs.star(run.id, starred=change.starred)
    return run if change.pinned is None else bench.runs.pin(run.id, pinned=change.pinned)


@router.post("/runs/{run_id}/cancel", operation_id="runs_cancel", summary="Stop a run", dependencies=[RUN])
def cancel(bench: Bench, run_id: str) -> CanceledRun:
    """As often as wished; a run that has ended stays as it is.

    One that others want too goes on for them: `left` is true then.
    """
    run = bench.runs.cancel(bench.runs.get(run_id).id)
    return answer(CanceledRun, run, left=run.is_active and not run.cancel_requested)


@router.delete("/runs/{run_id}", operation_id="runs_delete", summary="Delete a run", dependencies=[WRITE])
def delete_run(bench: Bench, run_id: str) -> dict[str, Any]:
    """With its files."""
    return asdict(bench.runs.delete([bench.runs.get(run_id).id]))


@router.post("/runs:bulkDelete", operation_id="runs_bulk_delete", summary="Delete runs", dependencies=[WRITE])
def delete_runs(bench: Bench, several: RunIds) -> dict[str, Any]:
    """Tells which were deleted, and which not and why."""
    return asdict(bench.runs.delete(several.ids))


@router.get(
    "/runs/{run_id}/events", operation_id="runs_events", summary="What happened to a run", dependencies=[READ]
)
def events(bench: Bench, response: Response, run_id: str, after: After = 0, limit: Limit = 500) -> Any:
    """The first that have a number above `after`; ends at once."""
    run = bench.runs.get(run_id)
    response.headers["etag"] = f'"{bench.runs.events_version(run.id)}"'
    items: list[RunEvent] = list(bench.runs.events(run.id, after))[:limit]
    return {"items": items}


@router.get(
    "/runs/{run_id}/events/stream",
    operation_id="runs_stream",
    summary="Watch a run",
    response_class=Response,
    responses=STREAMED,
    dependencies=[READ, flagged(ServiceFlag.STREAMING)],
)
async def stream(
    bench: Bench,
    request: Request,
    run_id: str,
    after: After = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Server-sent events; `Last-Event-ID` resumes in any process. 204: ended, and all was seen."""
    await _check_streams(request)
    run = await run_in_threadpool(bench.runs.get, run_id)
    seen = int(last_event_id) if last_event_id and last_event_id.isdigit() else after
    last = await run_in_threadpool(bench.runs.events, run.id, seen)
    if not run.is_active and not last and seen:
        return Response(status_code=204)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    body = frames(request.app.state.pumps, bench.runs, run.id, seen, request.app.state.draining)
    body = counted(body, request.app.state.watching, request.state.principal.name)
    return StreamingResponse(body, media_type=EVENTS, headers=headers)


@router.get(
    "/runs/{run_id}/result",
    operation_id="runs_result",
    summary="The forecast",
    response_class=Response,
    responses=document_of("herd-forecast/2"),
    dependencies=[READ],
)
def result(bench: Bench, request: Request, run_id: str) -> Response:
    """As it was published; 409 NOT_READY before, RUN_FAILED where there will be none."""
    run = succeeded_run(bench, run_id)
    return tagged(
        request, f'"{run.content_hash}"', lambda: bench.runs.file(run.id, "result.json"), "application/json"
    )


@router.post(
    "/runs/{run_id}/verify",
    operation_id="runs_verify",
    summary="Hash the files of a run again",
    dependencies=[READ],
)
def verify(bench: Bench, run_id: str) -> dict[str, Any]:
    """`faults` is empty where every file is as it was published."""
    return {"faults": list(bench.runs.faults(bench.runs.get(run_id).id))}


@router.get(
    "/runs/{run_id}/manifest",
    operation_id="runs_manifest",
    summary="What a run was made of and gave",
    response_class=Response,
    responses=document_of("herd-manifest/1"),
    dependencies=[READ],
)
def manifest(bench: Bench, request: Request, run_id: str) -> Response:
    """Hashes of all files, and the link to the manifest before it in the chain of the farm."""
    run = succeeded_run(bench, run_id)
    tag, make = f'"{run.manifest_hash}"', lambda: bench.runs.file(run.id, "manifest.json")
    return tagged(request, tag, make, "application/json")


@router.post(
    "/runs/{run_id}/reproduce",
    operation_id="runs_reproduce",
    summary="Simulate a run again",
    status_code=202,
    responses=FINISHED,
    dependencies=[RUN],
)
def reproduce(bench: Bench, request: Request, response: Response, run_id: str) -> Submission:
    """A new run of the same herd file, scenario and seed; its `content_hash` must come out equal."""
    run = succeeded_run(bench, run_id)
    submitted = bench.runs.submit(run.dataset_id, bench.runs.payload(run.id), force=True)
    return submitted_answer(request, response, submitted)


@router.get(
    "/runs/{run_id}/summary",
    operation_id="runs_summary",
    summary="A run in a few numbers",
    dependencies=[READ],
)
def summary(bench: Bench, response: Response, run_id: str) -> RunSummary:
    """Its keys are always the same; before the end the numbers are null."""
    response.headers["etag"] = f'"{bench.runs.version(run_id)}"'
    return bench.runs.summary(bench.runs.get(run_id).id)


async def _check_streams(request: Request) -> None:
    """Refuse who watches too much already, and everybody where too much is watched."""
    settings, watching = request.app.state.settings, request.app.state.watching
    switches: RememberedSwitches = request.app.state.switches
    name = request.state.principal.name
    most = (await switches.now()).person(STREAM, name) or settings.limits.get(STREAM)
    is_too_much = most is not None and watching[name] >= int(most)
    if is_too_much or watching.total() >= settings.streams_at_once:
        text = "Too many streams are open; close one, or ask for `/events` again and again."
        raise Refusal(429, "STREAM_LIMIT", text, {"Retry-After": "5"})


async def _waited(bench: Workbench, run: Run, prefer: str | None, response: Response) -> Run:
    """Return a run at its end, or after the time that the caller would wait."""
    end = time.monotonic() + wished_seconds(prefer, response)
    while run.is_active and time.monotonic() < end:
        await asyncio.sleep(LOOK_SECONDS)
        run = await run_in_threadpool(bench.runs.get, run.id)
    return run


def wished_seconds(prefer: str | None, response: Response) -> float:
    """Return how long a caller would wait, and tell them how long we do; 0 where they said nothing."""
    wish = WAIT.search(prefer or "")
    if wish is None:
        return 0.0
    seconds = min(float(wish[1]), LONGEST_WAIT)
    response.headers["preference-applied"] = f"wait={seconds:.0f}"
    return seconds


def succeeded_run(bench: Workbench, run_id: str) -> Run:
    """Return a run that has a result; 409 says why another has none."""
    run = bench.runs.get(run_id)
    if run.is_active:
        text = "The run has not ended."
        raise Refusal(409, "NOT_READY", text, {"Retry-After": "1"}, status=run.status)
    if run.status != "succeeded":
        text = run.error_message or f"The run is {run.status}."
        raise Refusal(409, "RUN_FAILED", text, status=run.status, error_code=run.error_code)
    return run
