"""What routes are given: the Workbench of the caller's farm, rights, pages, tags."""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import quote

from fastapi import Depends, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import HTTPConnection

from herd_engine.api.gate import FREE, PAGES
from herd_engine.api.problems import Refusal
from herd_engine.api.room import refuse_what_is_off, require_room
from herd_engine.errors import NotFoundError
from herd_engine.logs import note
from herd_engine.model.service_limits import ServiceFlag
from herd_engine.model.visitor import ANONYMOUS, Visitor
from herd_engine.workbench import Workbench
from herd_engine.workbench.answers import Listed

Item = TypeVar("Item")
BENCH_SECONDS = 1.5
"""Below the time within which rights are read anew: a request of who is remembered asks no store for them."""
MOST_BENCHES = 1000
ASKED = "workbench"
"""Where the state of a request has the Workbench that was found for it."""


class PageOf(BaseModel, Generic[Item]):
    """One page, newest first; ``next_cursor`` asks the next one."""

    items: list[Item]
    next_cursor: str | None


Cursor = Annotated[str | None, Query(max_length=1000, description="`next_cursor` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=500)]


def principal(request: HTTPConnection) -> Visitor:
    """Return who asks; whom nobody knows has the default farm alone."""
    found: Visitor = request.state.principal
    if found.name == ANONYMOUS:
        whole: Workbench = request.app.state.workbench
        return replace(found, farms=frozenset((whole.farms.find().id,)))
    return found


async def asker(request: HTTPConnection) -> Visitor:
    """Return who asks, as ``principal``; a thread is asked only where the store is."""
    found: Visitor = request.state.principal
    return await run_in_threadpool(principal, request) if found.name == ANONYMOUS else found


Asker = Annotated[Visitor, Depends(asker)]


class RememberedBenches:
    """Workbenches of farms by who asked for them, for a moment: most requests come in rows.

    Whatever is changed over this service is seen at once, for all is forgotten then; what others change,
    within the time that a page needs for it, too.

    Parameters
    ----------
    clock : callable
        Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._found: dict[tuple[Visitor, str | None], tuple[float, Workbench]] = {}

    def get(self, who: Visitor, farm: str | None) -> Workbench | None:
        """Return what was found a moment ago."""
        at, found = self._found.get((who, farm), (0.0, None))
        return found if found is not None and self._clock() - at < BENCH_SECONDS else None

    def keep(self, who: Visitor, farm: str | None, found: Workbench) -> None:
        """Remember what was found."""
        if len(self._found) >= MOST_BENCHES:
            self.forget()
        self._found[who, farm] = self._clock(), found

    def forget(self) -> None:
        """Find everything anew: something was changed."""
        self._found = {}


async def workbench(
    request: Request,
    who: Asker,
    farm: Annotated[str | None, Query(description="Name or id of a farm; the default one otherwise.")] = None,
    herd_farm: Annotated[str | None, Header(description="As `farm`.")] = None,
) -> Workbench:
    """Return the Workbench of a farm for who asks; what they may not see is not there."""
    asked: Workbench | None = getattr(request.state, ASKED, None)
    if asked is not None:  # a request counts once on its farm
        return asked
    if farm and herd_farm and farm != herd_farm:
        raise Refusal(400, "PARAMETER_INVALID", "`farm` and the header Herd-Farm name different farms.")
    name = farm or herd_farm
    remembered: RememberedBenches = request.app.state.benches
    found = remembered.get(who, name) if request.method == "GET" else None
    if found is None:
        found = await run_in_threadpool(bench_of, request, who, name)
        remembered.keep(who, name, found)
    farm_id = found.farms.current().id
    note(farm=farm_id)
    await require_room(request, who, found, farm_id)
    setattr(request.state, ASKED, found)
    return found


def bench_of(connection: HTTPConnection, who: Visitor, name: str | None) -> Workbench:
    """Return the Workbench of a farm for who asks, over whatever connection."""
    whole: Workbench = connection.app.state.workbench
    try:
        found = whole.of(who, name)
    except NotFoundError:
        raise Refusal(404, "NOT_FOUND", "There is nothing here.") from None
    if not name and not found.farms.current().is_default and len(found.farms.list()) > 1:
        raise Refusal(400, "FARM_REQUIRED", "Name one of your farms: `farm`, or the header Herd-Farm.")
    return found


Bench = Annotated[Workbench, Depends(workbench)]


class Needs:
    """Refuses who may do none of these on the farm; the first one is what OpenAPI names."""

    def __init__(self, *scopes: str) -> None:
        self.scopes = scopes

    async def __call__(self, bench: Bench) -> None:
        """Raise ForbiddenError."""
        bench.require(*self.scopes)


class Flagged:
    """Refuses what is switched off on the farm."""

    def __init__(self, flag: ServiceFlag) -> None:
        self._flag = flag

    async def __call__(self, request: Request, bench: Bench) -> None:
        """Raise Refusal: 403."""
        await refuse_what_is_off(request, self._flag, bench.farms.current().id)


def flagged(flag: ServiceFlag) -> Any:
    """Return the dependency that refuses what is switched off on the farm."""
    return Depends(Flagged(flag))


def needs(*scopes: str) -> Any:
    """Return the dependency that refuses who has none of these rights on the farm."""
    return Depends(Needs(*scopes))


def scope_of(route: APIRoute) -> str:
    """Return the scope that a route declares: ``any`` for who has shown who they are, ``none`` for all."""
    declared = [each.dependency for each in route.dependencies if isinstance(each.dependency, Needs)]
    if declared:
        return declared[0].scopes[0]
    return "none" if route.path in FREE or route.path.startswith(PAGES) else "any"


def page(listed: Listed[Item], request: Request, response: Response) -> PageOf[Item]:
    """Return a page, and say in a header where the next one is."""
    if listed.next_cursor:
        url = request.url.include_query_params(cursor=listed.next_cursor)
        response.headers["link"] = f'<{url.path}?{url.query}>; rel="next"'
    return PageOf(items=list(listed.items), next_cursor=listed.next_cursor)


def matches(header: str | None, tag: str) -> bool:
    """Tell whether a caller has what this tag names; weak comparison, lists and ``*``."""
    if header is None:
        return False
    bare = tag.removeprefix("W/")
    return any(each.strip() == "*" or each.strip().removeprefix("W/") == bare for each in header.split(","))


def json_bytes(document: object) -> bytes:
    """Return a document as it is sent."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def tag_of(*facts: object) -> str:
    """Return a short text that is another one where any of these facts is."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:24]


def require_match(header: str | None, tag: str) -> None:
    """Refuse a change of what is no longer as its sender has read it."""
    if header is not None and not matches(header, tag):
        raise Refusal(412, "VERSION_MISMATCH", "It was changed meanwhile; read it first.")


def unchanged(tag: str, cache: str) -> Response:
    """Return the answer that has no body."""
    return Response(status_code=304, headers={"etag": tag, "cache-control": cache})


IMMUTABLE = "private, max-age=31536000, immutable"
CHANGING = "private, no-cache"


def attachment(name: str) -> str:
    """Return the header that gives a download its name, in any alphabet (RFC 6266)."""
    plain = "".join(each if each.isascii() and (each.isalnum() or each in "-_.") else "_" for each in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def tagged(
    request: Request, tag: str, make: Callable[[], bytes], media_type: str, *, name: str | None = None
) -> Response:
    """Answer something that never changes; its tag is compared before the body is made."""
    if matches(request.headers.get("if-none-match"), tag):
        return unchanged(tag, IMMUTABLE)
    headers = {"etag": tag, "cache-control": IMMUTABLE}
    if name is not None:
        headers["content-disposition"] = attachment(name)
    return Response(make(), media_type=media_type, headers=headers)
