"""What of the service is switched off and who may ask for how much; who did what. For who governs a farm."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from herd_engine.api.asking import Bench, Limit, PageOf, needs
from herd_engine.errors import NotFoundError
from herd_engine.model.service_limits import EVERYBODY, EVERYWHERE
from herd_engine.model.visitor import LONGEST_NAME
from herd_engine.workbench.alerts import AuditEntry
from herd_engine.workbench.switches import FlagState, LimitState

router = APIRouter(prefix="/api/v1/admin", tags=["admin"])
ADMIN = needs("herd:admin")
Who = Annotated[
    str, Query(max_length=LONGEST_NAME, description="A person; otherwise all of the farm together.")
]


class SwitchedFlag(BaseModel):
    """On or off."""

    model_config = ConfigDict(extra="forbid")
    enabled: bool


class NewLimit(BaseModel):
    """How much may be asked for in place of the usual; until then, or until it is taken back."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"rate": "120/minute"}]})
    rate: str = Field(
        max_length=40, description="`60/2 second`; of `stream`, `queue` and `heavy_at_once`, how many."
    )
    until: AwareDatetime | None = Field(None, description="With its time zone.")


@router.get("/flags", operation_id="flags_list", summary="List flags that were set", dependencies=[ADMIN])
def list_flags(bench: Bench, place: str = EVERYWHERE) -> PageOf[FlagState]:
    """`place` is a farm, or `*` for what holds everywhere. What is not listed is on."""
    return PageOf(items=list(bench.switches.flags(place)), next_cursor=None)


@router.get("/flags/{farm_id}/{name}", operation_id="flags_get", summary="Show a flag", dependencies=[ADMIN])
def get_flag(bench: Bench, farm_id: str, name: str) -> FlagState:
    """404 where nothing was said of it."""
    found = [each for each in bench.switches.flags(farm_id) if each.name == name]
    if not found:
        raise NotFoundError("flag", name)
    return found[0]


@router.put(
    "/flags/{farm_id}/{name}",
    operation_id="flags_set",
    summary="Switch something on or off",
    dependencies=[ADMIN],
)
def set_flag(bench: Bench, farm_id: str, name: str, wanted: SwitchedFlag) -> FlagState:
    """On a farm, or everywhere (`*`): `outputs`, `csv`, `streaming`, `sharing`; obeyed within 5 s."""
    bench.switches.set_flag(name, enabled=wanted.enabled, farm=farm_id)
    return get_flag(bench, farm_id, name)


@router.delete(
    "/flags/{farm_id}/{name}",
    operation_id="flags_reset",
    summary="Take back what was said of a flag",
    status_code=204,
    dependencies=[ADMIN],
)
def reset_flag(bench: Bench, farm_id: str, name: str) -> None:
    """It is then as is said everywhere, else on."""
    bench.switches.set_flag(name, enabled=None, farm=farm_id)


@router.get("/limits", operation_id="limits_list", summary="List exceptions", dependencies=[ADMIN])
def list_limits(bench: Bench, place: str = EVERYWHERE) -> PageOf[LimitState]:
    """`place` is a farm, or `*` for those that hold everywhere; the usual limits are in `/me`."""
    return PageOf(items=list(bench.switches.limits(place)), next_cursor=None)


@router.get(
    "/limits/{farm_id}/{kind}", operation_id="limits_get", summary="Show an exception", dependencies=[ADMIN]
)
def get_limit(bench: Bench, farm_id: str, kind: str, principal: Who = EVERYBODY) -> LimitState:
    """404 where there is none in force."""
    listed = bench.switches.limits(farm_id)
    found = [each for each in listed if (each.kind, each.principal) == (kind, principal)]
    if not found:
        raise NotFoundError("limit", kind)
    return found[0]


@router.put(
    "/limits/{farm_id}/{kind}", operation_id="limits_set", summary="Allow more or less", dependencies=[ADMIN]
)
def set_limit(
    bench: Bench, farm_id: str, kind: str, wanted: NewLimit, principal: Who = EVERYBODY
) -> LimitState:
    """`read`, `heavy`, `write`, `submit`, `upload`, `heavy_at_once`, `upload_kib`; of a person `stream`.

    Of a farm `queue`, too.
    """
    bench.switches.set_limit(kind, wanted.rate, farm=farm_id, principal=principal, until=wanted.until)
    return get_limit(bench, farm_id, kind, principal)


@router.delete(
    "/limits/{farm_id}/{kind}",
    operation_id="limits_reset",
    summary="Take an exception back",
    status_code=204,
    dependencies=[ADMIN],
)
def reset_limit(bench: Bench, farm_id: str, kind: str, principal: Who = EVERYBODY) -> None:
    """The usual limit holds again."""
    bench.switches.set_limit(kind, None, farm=farm_id, principal=principal)


@router.post(
    "/cache/scenario/{scenario_id}/invalidate",
    operation_id="cache_invalidate",
    summary="Let the numbers of a scenario be read anew",
    status_code=204,
    dependencies=[ADMIN],
)
def invalidate(bench: Bench, scenario_id: str) -> None:
    """What is remembered of the farm's outputs, in any process and by tags, is old from now on."""
    bench.outputs.forget(f"scenario/{bench.scenarios.get(scenario_id).id}")


@router.get("/audit", operation_id="admin_audit", summary="List who did what", dependencies=[ADMIN])
def audit(bench: Bench, limit: Limit = 50) -> PageOf[AuditEntry]:
    """Newest first: what was it before, by whom, with which request."""
    return PageOf(items=list(bench.alerts.audit(limit)), next_cursor=None)
