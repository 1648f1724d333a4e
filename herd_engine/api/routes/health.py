"""Whether the service lives and is ready; who asks; how everything is."""

import time
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from herd_engine.api.asking import Asker, Bench, needs
from herd_engine.api.switches import RememberedSwitches
from herd_engine.errors import NotFoundError
from herd_engine.model.service_limits import PERSON_CLASSES, ServiceFlag
from herd_engine.model.visitor import Visitor, implied
from herd_engine.workbench import Workbench
from herd_engine.workbench.switches import SwitchBoard
from herd_engine.workbench.system import SystemState

router = APIRouter()
REMEMBERED_SECONDS = 2.0


class Readiness(BaseModel):
    """Whether work can be done, and by what that is known."""

    status: str
    checks: dict[str, bool]


@router.get(
    "/api/health/live", operation_id="health_live", summary="Does the service answer?", tags=["health"]
)
async def live() -> dict[str, str]:
    """Answered without any input or output."""
    return {"status": "live"}


@router.get(
    "/api/health/ready",
    operation_id="health_ready",
    summary="Can work be done?",
    tags=["health"],
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Not now."}},
)
def ready(request: Request, response: Response) -> Readiness:
    """Answered from the store, at most every two seconds; 503 while it ends."""
    state = request.app.state
    checked_at, checks = getattr(state, "readiness", (0.0, {}))
    if time.monotonic() - checked_at > REMEMBERED_SECONDS:
        checks = state.workbench.readiness()
        state.readiness = (time.monotonic(), checks)
    is_ready = all(checks.values()) and not state.draining.is_set()
    status = "draining" if state.draining.is_set() else "ready" if is_ready else "unavailable"
    response.status_code = 200 if is_ready else 503
    return Readiness(status=status, checks=checks)


@router.get("/api/v1/me", operation_id="me_get", summary="Who am I here?", tags=["me"])
async def me(request: Request, who: Asker) -> dict[str, Any]:
    """The first call of every client: principal, rights, farms with roles; what is on, how much is allowed.

    What differs on one of the farms stands beside that farm.
    """
    switches: RememberedSwitches = request.app.state.switches
    board = await switches.now()
    usual = request.app.state.settings.limits
    own = {kind: board.person(kind, who.name) for kind in PERSON_CLASSES}
    return {
        "principal": who.name,
        "scopes": sorted(implied(who.scopes)),
        "farms": await run_in_threadpool(_farms, request.app.state.workbench, who, board),
        "limits": usual | {kind: rate for kind, rate in own.items() if rate is not None},
        "flags": {flag.value: board.is_on(flag) for flag in ServiceFlag},
    }


def _farms(whole: Workbench, who: Visitor, board: SwitchBoard) -> list[dict[str, Any]]:
    try:
        farms = whole.of(who).farms
    except NotFoundError:  # no farm is open to them
        return []
    return [
        {
            "id": farm.id,
            "name": farm.name,
            "is_default": farm.is_default,
            "role": farms.role(farm.id),
            "scopes": sorted(farms.scopes(farm.id)),
            "flags": {flag.value: board.is_on(flag, farm.id) for flag in ServiceFlag},
        }
        for farm in farms.list()
    ]


@router.get(
    "/api/v1/status",
    operation_id="status_get",
    summary="How is everything?",
    tags=["health"],
    dependencies=[needs("diagnostics:read")],
)
def status(request: Request) -> dict[str, Any]:
    """As `herd status --json`; 200 also when faults are listed."""
    document: dict[str, Any] = request.app.state.status()
    return document


@router.get(
    "/api/v1/diagnostics/system",
    operation_id="system_get",
    summary="What is alive, what waits, what is kept?",
    tags=["health"],
    dependencies=[needs("diagnostics:read")],
)
def system(bench: Bench) -> SystemState:
    """Counts are of the farms that the caller may see; `last_tick_at` null is never."""
    return bench.system.state()


@router.get(
    "/api/v1/diagnostics/metrics",
    operation_id="metrics_get",
    summary="The numbers that Prometheus scrapes",
    tags=["health"],
    response_class=PlainTextResponse,
    dependencies=[needs("metrics:read")],
)
def metrics(request: Request) -> Response:
    """As text, of the kind that is accepted; a part that cannot be read is left out, and counted."""
    body, content_type = request.app.state.metrics.render(request.headers.get("accept", ""))
    return Response(body, media_type=content_type)
