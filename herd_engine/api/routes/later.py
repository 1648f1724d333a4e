"""What later parts fill: there already, with its keys, and nothing in it."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from herd_engine.api.asking import Bench, needs
from herd_engine.api.kinds import document_of
from herd_engine.api.problems import Refusal

router = APIRouter(prefix="/api/v1", tags=["later"])
READ = needs("herd:read")
LATER: dict[str, dict[str, Any]] = {
    "review": {"kpis": [], "changes": [], "findings": [], "actions": []},
    "counterfactual": {"items": [], "next_cursor": None},
    "counterfactual/series": {"items": [], "next_cursor": None},
    "counterfactual/heatmap": {"rows": [], "columns": [], "values": []},
}
"""What later parts fill, with the keys that it will have."""


class Nothing(BaseModel):
    """A list that nothing fills yet."""

    available: bool = False
    items: list[dict[str, str]] = []
    next_cursor: str | None = None


@router.get(
    "/experiments",
    operation_id="experiments_list",
    summary="Not there yet",
    dependencies=[needs("herd:read")],
)
async def experiments() -> Nothing:
    """`available` is false until experiments are kept."""
    return Nothing()


@router.get(
    "/runs/{run_id}/counterfactual/{part}",
    operation_id="runs_counterfactual_part",
    summary="Not there yet",
    response_class=Response,
    responses=document_of("available, and the keys that it will have"),
    dependencies=[READ],
)
def counterfactual_part(bench: Bench, run_id: str, part: str) -> JSONResponse:
    """`series` and `heatmap`: as `counterfactual`."""
    return view_of_run(bench, run_id, f"counterfactual/{part}")


@router.get(
    "/runs/{run_id}/{view}",
    operation_id="runs_view",
    summary="Not there yet",
    response_class=Response,
    responses=document_of("available, and the keys that it will have"),
    dependencies=[READ],
)
def view_of_run(bench: Bench, run_id: str, view: str) -> JSONResponse:
    """`review` and `counterfactual` answer with their keys and `available: false` until they are built."""
    run = bench.runs.get(run_id)
    if view not in LATER:
        raise Refusal(404, "NOT_FOUND", "There is nothing here.")
    return JSONResponse({"run_id": run.id, "available": False, **LATER[view]})
