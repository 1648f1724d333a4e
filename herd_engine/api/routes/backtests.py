"""Forecasts judged by what happened since: asked for as a job, executed by a runner, read at its end."""

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from herd_engine.api.asking import (
    CHANGING,
    IMMUTABLE,
    Bench,
    Cursor,
    Limit,
    PageOf,
    matches,
    needs,
    page,
    unchanged,
)
from herd_engine.api.keyed import KeyedRoute
from herd_engine.api.routes.runs import LOOK_SECONDS, wished_seconds
from herd_engine.presentation.report_card import document
from herd_engine.workbench import Workbench
from herd_engine.workbench.backtests import BacktestJob

router = APIRouter(prefix="/api/v1", tags=["herd files"], route_class=KeyedRoute)
READ, RUN = needs("herd:read"), needs("herd:run")


class NewBacktest(BaseModel):
    """From which dates, how far and how: the rest by default."""

    model_config = ConfigDict(extra="forbid")
    origins: list[int] = Field(default_factory=list, max_length=24, description="Months before the file.")
    horizon: int | None = Field(None, ge=1, le=36)
    modes: list[str] = Field(default_factory=list, max_length=5)
    runs: int | None = Field(None, ge=10, le=2000)
    seed: int | None = Field(None, ge=0)


class BacktestState(BaseModel):
    """A backtest and, once it has succeeded, how good the forecasts were."""

    backtest: BacktestJob
    result: dict[str, Any] | None = None


BY_DEFAULT = NewBacktest.model_validate({})
FINISHED: dict[int | str, dict[str, Any]] = {
    200: {"model": BacktestState, "description": "The same backtest has finished."}
}


@router.post(
    "/datasets/{dataset_id}/backtests",
    operation_id="backtests_create",
    summary="Judge forecasts by what happened since",
    status_code=202,
    responses=FINISHED,
    dependencies=[RUN],
)
async def create(
    bench: Bench,
    request: Request,
    response: Response,
    dataset_id: str,
    plan: NewBacktest = BY_DEFAULT,
    prefer: Annotated[str | None, Header()] = None,
) -> BacktestState:
    """Once for each plan: 202 new or under way, 200 where it has finished (`Herd-Reused: true`)."""
    named = {name: value for name, value in plan.model_dump().items() if value not in (None, [])}
    wish = bench.backtest_plan(named)
    found = await run_in_threadpool(lambda: bench.datasets.get(dataset_id).id)
    job, reused = await run_in_threadpool(bench.backtests.submit, found, wish)
    if job.is_active:
        request.app.state.runners.wake()
    job = await _waited(bench, job, prefer, response)
    response.headers["location"] = f"/api/v1/backtests/{job.id}"
    if reused:
        response.headers["herd-reused"] = "true"
    if job.is_active:
        response.headers["retry-after"] = "1"
    else:
        response.status_code = 200
    return await run_in_threadpool(_state, bench, job)


@router.get(
    "/datasets/{dataset_id}/backtests",
    operation_id="backtests_list",
    summary="List the backtests of a herd file",
    dependencies=[READ],
)
def list_backtests(
    bench: Bench,
    request: Request,
    response: Response,
    dataset_id: str,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> PageOf[BacktestJob]:
    """Newest first."""
    found = bench.datasets.get(dataset_id).id
    return page(bench.backtests.list(found, cursor, limit), request, response)


@router.get(
    "/backtests/{backtest_id}",
    operation_id="backtests_get",
    summary="Show a backtest",
    dependencies=[READ],
    response_model=BacktestState,
)
async def get(
    bench: Bench,
    request: Request,
    response: Response,
    backtest_id: str,
    prefer: Annotated[str | None, Header()] = None,
) -> BacktestState | Response:
    """`result` is null before it succeeded. With `Prefer: wait=20` the answer comes at its end, or then."""
    job = await run_in_threadpool(bench.backtests.get, backtest_id)
    job = await _waited(bench, job, prefer, response)
    tag, cache = f'"{job.id}.{job.status}"', CHANGING if job.is_active else IMMUTABLE
    if matches(request.headers.get("if-none-match"), tag):
        return unchanged(tag, cache)
    response.headers.update({"etag": tag, "cache-control": cache})
    if job.is_active:
        response.headers["retry-after"] = "1"
    return await run_in_threadpool(_state, bench, job)


async def _waited(bench: Workbench, job: BacktestJob, prefer: str | None, response: Response) -> BacktestJob:
    """Return a backtest at its end, or after the time that the caller would wait."""
    seconds = wished_seconds(prefer, response)
    end = time.monotonic() + seconds
    while job.is_active and time.monotonic() < end:
        await asyncio.sleep(LOOK_SECONDS)
        job = await run_in_threadpool(bench.backtests.get, job.id)
    return job


def _state(bench: Workbench, job: BacktestJob) -> BacktestState:
    found = bench.backtests.result(job)
    return BacktestState(backtest=job, result=None if found is None else document(found))
