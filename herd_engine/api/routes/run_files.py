"""Files of a run: the forecast as CSV, workbook or page, and what was published."""

import base64

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from herd_engine.api.asking import IMMUTABLE, Bench, attachment, matches, needs, tagged, unchanged
from herd_engine.api.kinds import BYTES, CSV, HTML, XLSX, answered_with
from herd_engine.api.problems import Refusal
from herd_engine.api.ranges import ranged
from herd_engine.api.room import refuse_what_is_off
from herd_engine.api.routes.runs import succeeded_run
from herd_engine.i18n.catalogue import languages
from herd_engine.model.service_limits import ServiceFlag
from herd_engine.presentation.shown_forecast import ShownForecast
from herd_engine.workbench import Workbench
from herd_engine.workbench.answers import RunFile

router = APIRouter(prefix="/api/v1", tags=["runs"])
READ = needs("herd:read")
KINDS = {"csv": CSV, "xlsx": XLSX, "html": HTML}


@router.get(
    "/runs/{run_id}/export/{kind}",
    operation_id="runs_export",
    summary="The forecast as a file",
    response_class=Response,
    responses=answered_with(*KINDS.values()),
    dependencies=[READ],
)
async def export(
    bench: Bench, request: Request, run_id: str, kind: str, language: str = "en", *, excel: bool = False
) -> Response:
    """`csv`, `xlsx`, or `html`: one page that needs nothing else; `language` is one that is spoken here."""
    if kind not in KINDS or language not in languages():
        raise Refusal(404, "NOT_FOUND", "There is nothing here.")
    if kind == "csv":
        await refuse_what_is_off(request, ServiceFlag.CSV, bench.farms.current().id)
    return await run_in_threadpool(_exported, bench, request, run_id, kind, language, excel)


def _exported(
    bench: Workbench, request: Request, run_id: str, kind: str, language: str, excel: bool
) -> Response:
    run = succeeded_run(bench, run_id)
    make = {
        "csv": lambda: bench.runs.csv(run.id, excel=excel),
        "xlsx": lambda: bench.runs.xlsx(run.id, language),
        "html": lambda: _page(bench, run.id, language),
    }
    tag = f'"{run.content_hash}.{kind}.{int(excel)}.{language}"'
    return tagged(request, tag, make[kind], KINDS[kind], name=f"forecast-{run.id[:8]}.{kind}")


@router.get(
    "/runs/{run_id}/artifacts", operation_id="runs_artifacts", summary="Files of a run", dependencies=[READ]
)
def artifacts(bench: Bench, run_id: str) -> dict[str, list[RunFile]]:
    """Names, sizes and hashes."""
    return {"items": list(bench.runs.files(bench.runs.get(run_id).id))}


@router.get(
    "/runs/{run_id}/artifacts/{name}",
    operation_id="runs_artifact",
    summary="One file of a run",
    response_class=Response,
    responses=answered_with(BYTES)
    | answered_with(BYTES, status=206, description="The part that `Range` asks for."),
    dependencies=[READ],
)
def artifact(bench: Bench, request: Request, run_id: str, name: str) -> Response:
    """Names come from the rows alone: nothing else of the machine can be asked for. `Range` gives a part."""
    run = bench.runs.get(run_id)
    found = next((each for each in bench.runs.files(run.id) if each.name == name), None)
    if found is None:
        raise Refusal(404, "NOT_FOUND", "There is nothing here.")
    tag = f'"{found.sha256}"'
    if matches(request.headers.get("if-none-match"), tag):
        return unchanged(tag, IMMUTABLE)
    digest = base64.b64encode(bytes.fromhex(found.sha256)).decode()
    headers = {
        "etag": tag,
        "cache-control": IMMUTABLE,
        "content-disposition": attachment(name),
        "repr-digest": f"sha-256=:{digest}:",
    }
    return ranged(request, bench.runs.file(run.id, name), tag, headers)


def _page(bench: Workbench, run_id: str, language: str) -> bytes:
    runs = bench.runs
    shown = ShownForecast(
        workbench=bench, forecast=runs.forecast(run_id), herd_file=lambda: runs.herd_file(run_id)
    )
    return shown.page(language)
