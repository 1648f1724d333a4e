"""What the files of a farm tell together: history, changes, and forecasts judged by what happened since."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from herd_engine.api.asking import Bench, json_bytes, needs, tag_of, tagged
from herd_engine.api.kinds import document_of
from herd_engine.api.problems import Refusal

router = APIRouter(prefix="/api/v1", tags=["herd files"])
READ = needs("herd:read")


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
