"""Runs that belong together: of a scenario, of a sweep, of many farms; and runs side by side."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from herd_engine.api.asking import Bench, Cursor, Limit, PageOf, needs, page
from herd_engine.api.keyed import KeyedRoute
from herd_engine.api.problems import Refusal
from herd_engine.api.routes.runs import FINISHED, Submission, submitted_answer
from herd_engine.api.run_wishes import Note, without_choice
from herd_engine.errors import HerdError
from herd_engine.workbench.answers import Run, SubmissionAnswer
from herd_engine.workbench.groups import (
    Portfolio,
    Sweep,
    find_portfolio,
    submit_portfolio,
    submit_sweep,
    told,
)

router = APIRouter(prefix="/api/v1", tags=["runs"], route_class=KeyedRoute)
READ, RUN = needs("herd:read"), needs("herd:run")


class RunOptions(BaseModel):
    """How a run is wished for."""

    model_config = ConfigDict(extra="forbid")
    dataset_id: str
    priority: int = Field(0, ge=-10, le=10)
    timeout_seconds: float | None = Field(None, ge=1, le=86_400)
    force: bool = False
    note: Note = None
    _choice = model_validator(mode="before")(without_choice)


class BulkItem(RunOptions):
    """One of several wishes; its key makes it safe to repeat."""

    key: str | None = Field(None, min_length=1, max_length=255)


class Bulk(BaseModel):
    """Several runs of one scenario."""

    model_config = ConfigDict(extra="forbid")
    items: list[BulkItem] = Field(min_length=1, max_length=100)


class BulkAnswer(BaseModel):
    """What became of one of several wishes."""

    index: int
    key: str | None
    run: Run | None = None
    submission: SubmissionAnswer | None = None
    reused: bool = False
    error: dict[str, str] | None = None


class NewSweep(RunOptions):
    """Every combination of values on one payload, with the random numbers of one seed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"dataset_id": "5f0c…", "values": {"model.female_fraction": [0.4, 0.5]}}]
        },
    )
    payload: dict[str, Any] = Field(default_factory=dict)
    values: dict[str, list[Any]] = Field(min_length=1, max_length=10)


class PortfolioItem(BaseModel):
    """A farm, by name or id, and a herd file of it."""

    model_config = ConfigDict(extra="forbid")
    farm: str
    dataset_id: str


class NewPortfolio(BaseModel):
    """One scenario on many farms."""

    model_config = ConfigDict(extra="forbid")
    items: list[PortfolioItem] = Field(min_length=2, max_length=50)
    payload: dict[str, Any] = Field(default_factory=dict)


@router.post(
    "/scenarios/{scenario_id}/runs",
    operation_id="scenarios_runs_create",
    summary="Queue a kept scenario",
    status_code=202,
    responses=FINISHED,
    dependencies=[RUN],
)
def run_scenario(
    bench: Bench, request: Request, response: Response, scenario_id: str, wish: RunOptions
) -> Submission:
    """As `POST /runs` with `scenario_id`."""
    _require_rights(bench, wish)
    options = wish.model_dump(exclude={"dataset_id"})
    submitted = bench.runs.submit(wish.dataset_id, scenario_id=scenario_id, **options)
    return submitted_answer(request, response, submitted)


@router.get(
    "/scenarios/{scenario_id}/runs",
    operation_id="scenarios_runs_list",
    summary="List the runs of a scenario",
    dependencies=[READ],
)
def runs_of_scenario(
    bench: Bench,
    request: Request,
    response: Response,
    scenario_id: str,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> PageOf[Run]:
    """Newest first, of all versions."""
    found = bench.scenarios.get(scenario_id)
    return page(bench.runs.list(scenario_id=found.id, cursor=cursor, limit=limit), request, response)


@router.post(
    "/scenarios/{scenario_id}/runs:bulk",
    operation_id="scenarios_runs_bulk",
    summary="Queue a kept scenario several times",
    status_code=202,
    dependencies=[RUN],
)
def run_scenario_often(
    bench: Bench, request: Request, scenario_id: str, wishes: Bulk
) -> dict[str, list[BulkAnswer]]:
    """One that cannot be queued never stops the others; its `error` says why."""
    bench.scenarios.get(scenario_id)
    keys = [each.key for each in wishes.items if each.key is not None]
    if len(keys) != len(set(keys)):
        raise Refusal(422, "REQUEST_INVALID", "Every key stands for one wish; some are there twice.")
    answers = []
    for index, each in enumerate(wishes.items):
        _require_rights(bench, each)
        options = each.model_dump(exclude={"dataset_id", "key"})
        try:
            submitted = bench.runs.submit(
                each.dataset_id, scenario_id=scenario_id, idempotency_key=each.key, **options
            )
        except HerdError as error:
            answers.append(BulkAnswer(index=index, key=each.key, error=told(error)))
            continue
        answers.append(
            BulkAnswer(
                index=index,
                key=each.key,
                run=submitted.run,
                submission=submitted.submission,
                reused=submitted.reused,
            )
        )
    request.app.state.runners.wake()
    return {"items": answers}


@router.post(
    "/sweeps",
    operation_id="sweeps_create",
    summary="Queue every combination of values",
    status_code=202,
    dependencies=[RUN],
)
def add_sweep(bench: Bench, request: Request, wish: NewSweep) -> Sweep:
    """At most 100 combinations; one that is not valid says why in its `error`."""
    _require_rights(bench, wish)
    options = wish.model_dump(exclude={"dataset_id", "payload", "values"})
    found = submit_sweep(bench, wish.dataset_id, wish.payload, wish.values, **options)
    request.app.state.runners.wake()
    return found


@router.post(
    "/portfolios",
    operation_id="portfolios_create",
    summary="Queue one scenario on many farms",
    status_code=202,
    dependencies=[RUN],
)
def add_portfolio(bench: Bench, request: Request, response: Response, wish: NewPortfolio) -> Portfolio:
    """Each farm has a seed of its own, made of the payload's."""
    items = [(each.farm, each.dataset_id) for each in wish.items]
    found, _ = submit_portfolio(bench, items, wish.payload)
    request.app.state.runners.wake()
    response.headers["location"] = f"/api/v1/portfolios/{found.group_id}"
    return found


@router.get(
    "/portfolios/{group_id}",
    operation_id="portfolios_get",
    summary="Many farms as one",
    dependencies=[READ],
)
def get_portfolio(bench: Bench, group_id: str) -> Portfolio:
    """`total` is the forecast of all together, added up replicate by replicate, once every run succeeded."""
    return find_portfolio(bench, group_id)


@router.get(
    "/runs:compare", operation_id="runs_compare", summary="Runs against one of them", dependencies=[READ]
)
def compare(
    bench: Bench,
    ids: Annotated[str, Query(description="2 … 6 ids, with commas between.")],
    base: str | None = None,
) -> dict[str, Any]:
    """Differences over replicates, with the luck that runs share; the first one is the base by default."""
    wanted = [bench.runs.get(each.strip()).id for each in ids.split(",") if each.strip()]
    if not wanted:
        raise Refusal(422, "REQUEST_INVALID", "`ids` names 2 … 6 runs.")
    return bench.comparison(wanted, bench.runs.get(base).id if base else wanted[0])


def _require_rights(bench: Bench, wish: RunOptions) -> None:
    if wish.priority > 0 or wish.force:
        bench.require("herd:write")
