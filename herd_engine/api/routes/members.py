"""Who is who: one's own keys and tickets; members of a farm and all keys, for who governs."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from herd_engine.api.asking import Asker, Bench, PageOf, needs
from herd_engine.api.problems import unauthorized
from herd_engine.api.room import refuse_what_is_off
from herd_engine.api.tickets import LIVES_SECONDS
from herd_engine.model.service_limits import ServiceFlag
from herd_engine.model.visitor import ANONYMOUS, LONGEST_NAME
from herd_engine.workbench import Workbench
from herd_engine.workbench.answers import ApiKey, Member, NewApiKey

router = APIRouter(prefix="/api/v1")
ADMIN = needs("herd:admin")
NEVER_KEPT = {"Cache-Control": "no-store"}
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class WantedKey(BaseModel):
    """A key for a program: no more scopes than its maker has, on these farms or on all of them."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=100)
    scopes: list[str] = Field(min_length=1, max_length=10)
    farms: list[str] = Field(default_factory=list, max_length=100)
    days: int = Field(90, ge=1, le=365)


class Grant(BaseModel):
    """A role on the farm."""

    model_config = ConfigDict(extra="forbid")
    principal: Name
    role: Literal["viewer", "adviser", "manager", "admin"]


class Wanted(BaseModel):
    """Where a ticket is to lead."""

    model_config = ConfigDict(extra="forbid")
    path: str = Field(pattern="^/api/", max_length=1000)


class Ticket(BaseModel):
    """What opens one address once; it goes there as the parameter `ticket`."""

    ticket: str
    expires_in: int


def _own(request: Request, who: Asker) -> Workbench:
    """Return the Workbench of who said who they are, which is asked for here everywhere."""
    if who.name == ANONYMOUS:
        raise unauthorized("TOKEN_MISSING", "Send a key or a token as `Authorization: Bearer …`.")
    whole: Workbench = request.app.state.workbench
    return whole.of(who)


@router.get("/me/api-keys", operation_id="me_keys_list", summary="List my keys", tags=["me"])
def my_keys(request: Request, who: Asker) -> PageOf[ApiKey]:
    """Those that have ended among them; never a key itself."""
    return PageOf(items=list(_own(request, who).api_keys.list()), next_cursor=None)


@router.post(
    "/me/api-keys", operation_id="me_keys_create", summary="Make a key", tags=["me"], status_code=201
)
def make_key(request: Request, response: Response, who: Asker, wanted: WantedKey) -> NewApiKey:
    """The key is shown now and never again."""
    response.headers.update(NEVER_KEPT)
    return _own(request, who).api_keys.create(wanted.name, wanted.scopes, wanted.farms, wanted.days)


@router.delete("/me/api-keys/{key_id}", operation_id="me_keys_revoke", summary="End a key", tags=["me"])
def end_key(request: Request, who: Asker, key_id: str) -> ApiKey:
    """At once; by its id or its eight letters."""
    return _own(request, who).api_keys.revoke(key_id)


@router.post(
    "/tickets", operation_id="tickets_create", summary="Ask for a ticket", tags=["me"], status_code=201
)
async def ticket(request: Request, response: Response, who: Asker, wanted: Wanted) -> Ticket:
    """For what can send no header, as a browser's EventSource: one address, once, within 30 seconds."""
    response.headers.update(NEVER_KEPT)
    await refuse_what_is_off(request, ServiceFlag.SHARING)
    given = request.app.state.tickets.give(who, wanted.path)
    return Ticket(ticket=given, expires_in=LIVES_SECONDS)


@router.get(
    "/admin/memberships",
    operation_id="members_list",
    summary="List the members of a farm",
    tags=["admin"],
    dependencies=[ADMIN],
)
def members(bench: Bench) -> PageOf[Member]:
    """A farm without members is open to everybody who may come in by the home's own door."""
    farm = bench.farms.current().id
    return PageOf(items=list(bench.farms.members(farm)), next_cursor=None)


@router.put(
    "/admin/memberships",
    operation_id="members_grant",
    summary="Give somebody a role",
    tags=["admin"],
    dependencies=[ADMIN],
)
def grant(bench: Bench, new: Grant) -> Member:
    """In place of the one that they had on this farm; `group:<name>` is a group."""
    return bench.farms.grant(bench.farms.current().id, new.principal, new.role)


@router.delete(
    "/admin/memberships/{principal}",
    operation_id="members_revoke",
    summary="Take a role away",
    tags=["admin"],
    status_code=204,
    dependencies=[ADMIN],
)
def revoke(bench: Bench, principal: str, *, open_to_all: bool = False) -> None:
    """409 for the last member, unless the farm is to be open to everybody."""
    bench.farms.revoke(bench.farms.current().id, principal, open_to_all=open_to_all)


@router.get(
    "/admin/api-keys",
    operation_id="keys_list",
    summary="List keys",
    tags=["admin"],
    dependencies=[ADMIN],
)
def keys(bench: Bench) -> PageOf[ApiKey]:
    """All keys for the owner of the home, else those that one has made."""
    return PageOf(items=list(bench.api_keys.list()), next_cursor=None)


@router.post(
    "/admin/api-keys",
    operation_id="keys_create",
    summary="Make a key for a program",
    tags=["admin"],
    status_code=201,
    dependencies=[ADMIN],
)
def add_key(bench: Bench, response: Response, wanted: WantedKey) -> NewApiKey:
    """The key is shown now and never again."""
    response.headers.update(NEVER_KEPT)
    return bench.api_keys.create(wanted.name, wanted.scopes, wanted.farms, wanted.days)


@router.delete(
    "/admin/api-keys/{key_id}",
    operation_id="keys_revoke",
    summary="End anybody's key",
    tags=["admin"],
    dependencies=[ADMIN],
)
def revoke_key(bench: Bench, key_id: str) -> ApiKey:
    """At once; the owner of the home ends all keys, others those that they have made."""
    return bench.api_keys.revoke(key_id)
