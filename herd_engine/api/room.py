"""Whether there is room for a request on its farm: what is switched off, what its people ask for together."""

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from herd_engine.api.gate import SUBMIT, class_of, takes_file
from herd_engine.api.places import HeavyPlaces
from herd_engine.api.problems import Refusal
from herd_engine.api.rates import Rates
from herd_engine.api.settings import OF_FARM
from herd_engine.api.switches import RememberedSwitches
from herd_engine.api.tickets import BY_TICKET
from herd_engine.model.service_limits import EVERYWHERE, HEAVY_AT_ONCE, QUEUE, UPLOAD_KIB, ServiceFlag
from herd_engine.model.visitor import Visitor
from herd_engine.workbench import Workbench
from herd_engine.workbench.switches import SwitchBoard

AGAIN_SECONDS = 5
"""When something of a full queue may have been executed."""


async def require_room(request: Request, who: Visitor, bench: Workbench, farm_id: str) -> None:
    """Count a request on its farm, and refuse one too many.

    Raises
    ------
    Refusal
        429: too many requests, or too much waits in the queue; 403: tickets are switched off.
    """
    board, rates = await _board(request), _rates(request)
    kind = class_of(request.scope, request.headers)
    if getattr(request.state, BY_TICKET, False) and not board.is_on(ServiceFlag.SHARING, farm_id):
        raise switched_off(ServiceFlag.SHARING)
    counted = {kind: 1}
    if takes_file(request.scope, request.headers):
        counted[UPLOAD_KIB] = _kib(request)
    for each, cost in counted.items():
        own = board.person(each, who.name, farm_id)
        if own is not None:
            await rates.check_farm(each, farm_id, own, who.name, cost)
        await rates.check_farm(each, farm_id, board.farm(each, farm_id), cost=cost)
    if kind == "heavy":
        await _enter(request, board, who.name, farm_id)
    path = request.url.path
    if request.method == "POST" and (SUBMIT.search(path) or path.endswith("/reproduce")):
        await run_in_threadpool(_require_place_in_queue, request, board, bench, farm_id)


def _kib(request: Request) -> int:
    """Return how much is sent; of what does not say so, the most that is taken."""
    said = request.headers.get("content-length", "")
    size = int(said) if said.isdigit() else request.app.state.settings.largest_upload
    return max(1, -(-size // 1024))


async def _enter(request: Request, board: SwitchBoard, name: str, farm_id: str) -> None:
    usual = request.app.state.settings.limits
    of_person = board.person(HEAVY_AT_ONCE, name, farm_id) or board.person(HEAVY_AT_ONCE, name)
    most = {
        f"person {name}": of_person or usual.get(HEAVY_AT_ONCE),
        f"farm {farm_id}": board.farm(HEAVY_AT_ONCE, farm_id) or usual.get(f"{OF_FARM}{HEAVY_AT_ONCE}"),
    }
    places: HeavyPlaces = request.app.state.places
    await places.enter(request.scope["state"], {each: most[each] and int(most[each]) for each in most})


def _require_place_in_queue(request: Request, board: SwitchBoard, bench: Workbench, farm_id: str) -> None:
    most = board.farm(QUEUE, farm_id) or request.app.state.settings.limits.get(QUEUE)
    if most is not None and bench.runs.n_waiting() >= int(most):
        text = "Too many forecasts of this farm wait for their turn; ask again later."
        raise Refusal(429, "QUEUE_FULL", text, {"Retry-After": str(AGAIN_SECONDS)}, waiting=int(most))


async def refuse_what_is_off(request: Request, flag: ServiceFlag, farm_id: str = EVERYWHERE) -> None:
    """Refuse what is switched off, on a farm or everywhere: Refusal 403."""
    if not (await _board(request)).is_on(flag, farm_id):
        raise switched_off(flag)


def switched_off(flag: ServiceFlag) -> Refusal:
    """Return the answer to who asks for what is switched off; it is no outage, so it may not be retried."""
    return Refusal(403, "FEATURE_DISABLED", f"{flag.capitalize()} is switched off here.", flag=flag.value)


async def _board(request: Request) -> SwitchBoard:
    switches: RememberedSwitches = request.app.state.switches
    return await switches.now()


def _rates(request: Request) -> Rates:
    found: Rates = request.app.state.rates
    return found
