"""What the files of a farm tell together: history, changes, and forecasts judged by what happened since."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from herd_engine.api.asking import Bench, json_bytes, needs, tag_of, tagged
from herd_engine.api.kinds import document_of
from herd_engine.api.problems import Refusal
from herd_engine.presentation.report_card import document

router = APIRouter(prefix="/api/v1", tags=["herd files"])
READ, RUN = needs("herd:read"), needs("herd:run")


class NewBacktest(BaseModel):
    """From which dates, how far and how: the rest by default."""

    model_config = ConfigDict(extra="forbid")
    origins: list[int] = Field(default_factory=list, max_length=24, description="Months before the file.")
    horizon: int | None = Field(None, ge=1, le=36)
    modes: list[str] = Field(default_factory=list, max_length=5)
    runs: int | None = Field(None, ge=10, le=2000)
    seed: int | None = Field(None, ge=0)


BY_DEFAULT = NewBacktest.model_validate({})


@router.get(
    "/history", operation_id="history_get", summary="What all files of a farm tell", dependencies=[READ]
)
def history(bench: Bench) -> dict[str, Any]:
    """The herd over time, and what changed from each file to the next: `herd-history/1`."""
    return bench.history_document()


@router.get(
    "/datasets/compare",
    operation_id="datasets_compare",
    summary="What changed between two files",
    response_class=Response,
    responses=document_of("herd-changes/1"),
    dependencies=[READ],
)
def compare(
    bench: Bench,
    request: Request,
    old: Annotated[str, Query(description="Id of the older file.")],
    new: Annotated[str, Query(description="Id of the newer one.")],
) -> Response:
    """Which animals came, left, calved, conceived, were dried off."""
    pair = [bench.datasets.get(each) for each in (old, new)]
    tag = f'"{tag_of(*(each.sha256 for each in pair), request.app.state.package)}"'
    make = lambda: json_bytes(bench.changes_document(*(each.id for each in pair)))  # noqa: E731
    return tagged(request, tag, make, "application/json")


@router.get(
    "/runs/{run_id}/changes",
    operation_id="runs_changes",
    summary="What is different from an earlier forecast",
    dependencies=[READ],
)
def run_changes(
    bench: Bench,
    run_id: str,
    since: Annotated[
        str | None, Query(description="Id of the earlier run; the farm's plan otherwise.")
    ] = None,
) -> dict[str, Any]:
    """What was expected of the herd, what it is; how medians moved; which settings differ."""
    run = bench.runs.get(run_id)
    earlier = bench.runs.get(since) if since else bench.runs.starred()
    if earlier is None:
        raise Refusal(422, "REQUEST_INVALID", "The farm has no plan: name the earlier run with `since`.")
    return bench.run_changes(run.id, earlier.id)


@router.post(
    "/datasets/{dataset_id}/backtests",
    operation_id="backtests_create",
    summary="Judge forecasts by what happened since",
    dependencies=[RUN],
)
def backtest(bench: Bench, dataset_id: str, plan: NewBacktest = BY_DEFAULT) -> dict[str, Any]:
    """Made once for each plan, then kept beside the file; it takes seconds to a minute the first time."""
    named = {name: value for name, value in plan.model_dump().items() if value not in (None, [])}
    return document(bench.kept_backtest(bench.datasets.get(dataset_id).id, bench.backtest_plan(named)))
