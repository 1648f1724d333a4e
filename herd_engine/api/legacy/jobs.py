"""Jobs of the first contract: a job is a submission."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict

from herd_engine.api.asking import Bench, attachment, flagged, needs
from herd_engine.api.kinds import CSV, XLSX, answered_with
from herd_engine.api.legacy.shapes import found, job_info, job_result
from herd_engine.model.service_limits import ServiceFlag
from herd_engine.workbench import Workbench
from herd_engine.workbench.answers import Asked

router = APIRouter(prefix="/api/forecast", tags=["first contract"], deprecated=True)
READ, RUN = needs("herd:read"), needs("herd:run")


class Params(BaseModel):
    """A scenario of `herd_m5_v2` on a dataset; what it does not know is refused, not ignored."""

    model_config = ConfigDict(extra="allow")
    dataset_id: str


class Job(BaseModel):
    """A job as it stands."""

    job: dict[str, Any]


@router.post(
    "/jobs", operation_id="legacy_jobs_create", summary="Queue a job", status_code=202, dependencies=[RUN]
)
def add_job(
    bench: Bench,
    request: Request,
    params: Params,
    idempotency_key: Annotated[str | None, Header(max_length=255)] = None,
) -> Job:
    """An equal job is not simulated twice; it has an id of its own."""
    with found("DATASET_NOT_FOUND"):
        bench.datasets.get(params.dataset_id)
    payload = params.model_dump(exclude_unset=True)
    return queued(bench, request, params.dataset_id, payload=payload, idempotency_key=idempotency_key)


@router.get("/jobs/{job_id}", operation_id="legacy_jobs_get", summary="Show a job", dependencies=[READ])
def get_job(bench: Bench, job_id: str) -> dict[str, Any]:
    """404 JOB_NOT_FOUND."""
    return job_info(job_of(bench, job_id))


@router.get(
    "/jobs/{job_id}/result", operation_id="legacy_jobs_result", summary="The forecast", dependencies=[READ]
)
def result(bench: Bench, job_id: str) -> dict[str, Any]:
    """409 JOB_NOT_READY unless it succeeded."""
    return job_result(bench, job_of(bench, job_id).run)


@router.get(
    "/jobs/{job_id}/export/csv",
    operation_id="legacy_jobs_csv",
    summary="As CSV",
    response_class=Response,
    responses=answered_with(CSV),
    dependencies=[READ, flagged(ServiceFlag.CSV)],
)
def export_csv(bench: Bench, job_id: str, blocks: str = "all") -> Response:
    """`blocks=seed` leaves out the first block, `[META]`."""
    run = job_of(bench, job_id).run
    job_result(bench, run)
    data = bench.runs.csv(run.id, with_meta=blocks != "seed")
    return Response(data, media_type=CSV, headers={"content-disposition": attachment("forecast.csv")})


@router.get(
    "/jobs/{job_id}/export/xlsx",
    operation_id="legacy_jobs_xlsx",
    summary="As a workbook",
    response_class=Response,
    responses=answered_with(XLSX),
    dependencies=[READ],
)
def export_xlsx(bench: Bench, job_id: str) -> Response:
    """409 JOB_NOT_READY unless it succeeded."""
    run = job_of(bench, job_id).run
    job_result(bench, run)
    headers = {"content-disposition": attachment("forecast.xlsx")}
    return Response(bench.runs.legacy_xlsx(run.id), media_type=XLSX, headers=headers)


def queued(bench: Workbench, request: Request, dataset_id: str, **wishes: Any) -> Job:
    """Queue a run and return the job that stands for the wish."""
    submitted = bench.runs.submit(dataset_id, **wishes)
    if submitted.run.is_active:
        request.app.state.runners.wake()
    return Job(job=job_info(Asked(submission=submitted.submission, run=submitted.run)))


def job_of(bench: Workbench, job_id: str) -> Asked:
    """Return a job of the farm."""
    with found("JOB_NOT_FOUND"):
        return bench.submissions.get(job_id, anybodys=True)
