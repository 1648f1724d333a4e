"""What one asked for oneself."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from herd_engine.api.asking import Bench, Cursor, Limit, PageOf, needs, page
from herd_engine.api.problems import Refusal
from herd_engine.model.visitor import ANONYMOUS
from herd_engine.workbench.answers import Asked


def known(request: Request) -> None:
    """Refuse whom nobody knows: what is personal needs a person."""
    if request.state.principal.name == ANONYMOUS:
        raise Refusal(401, "TOKEN_MISSING", "What is yours needs a token.", {"WWW-Authenticate": "Bearer"})


router = APIRouter(prefix="/api/v1/me", tags=["me"], dependencies=[Depends(known)])
READ, RUN = needs("herd:read"), needs("herd:run")


class SubmissionIds(BaseModel):
    """Several submissions."""

    model_config = ConfigDict(extra="forbid")
    ids: list[str] = Field(min_length=1, max_length=500)


@router.get("/submissions", operation_id="submissions_list", summary="What I asked for", dependencies=[READ])
def list_submissions(  # noqa: PLR0913, PLR0917 - one argument a filter
    bench: Bench,
    request: Request,
    response: Response,
    status: Annotated[list[str] | None, Query(description="Of the run; several.")] = None,
    text: Annotated[str | None, Query(max_length=100, description="Part of an id.")] = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    cursor: Cursor = None,
    limit: Limit = 20,
) -> PageOf[Asked]:
    """Newest first, each with its run; a run that others want too stands here once for each wish."""
    listed = bench.submissions.list(
        status=status or (),
        text=text,
        created_after=created_after,
        created_before=created_before,
        cursor=cursor,
        limit=limit,
    )
    return page(listed, request, response)


@router.get(
    "/submissions/{submission_id}",
    operation_id="submissions_get",
    summary="Show a submission",
    dependencies=[READ],
)
def get_submission(bench: Bench, submission_id: str) -> Asked:
    """404 also for one of somebody else."""
    return bench.submissions.get(submission_id)


@router.delete(
    "/submissions/{submission_id}",
    operation_id="submissions_delete",
    summary="Delete a submission",
    dependencies=[RUN],
)
def delete_submission(bench: Bench, submission_id: str) -> dict[str, Any]:
    """409 while its run is active. The run goes with its last submission, unless it is pinned or starred."""
    if bench.submissions.get(submission_id).run.is_active:
        raise Refusal(409, "IN_USE", "The run has not ended: cancel it first.")
    return bench.submissions.delete([submission_id])


@router.post(
    "/submissions:bulkDelete",
    operation_id="submissions_bulk_delete",
    summary="Delete submissions",
    dependencies=[RUN],
)
def delete_submissions(bench: Bench, several: SubmissionIds) -> dict[str, Any]:
    """Tells which were deleted, and which not and why."""
    return bench.submissions.delete(several.ids)
