"""What every request passes before its body is read: host, origin, who asks, size, rate, capacity."""

import asyncio
import json
import logging
import re
import time
import uuid
from collections.abc import Callable, MutableMapping
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from herd_engine.api.counting import method_and_route
from herd_engine.api.identity import Identity
from herd_engine.api.legacy.problems import GONE, is_legacy, legacy_headers
from herd_engine.api.places import HeavyPlaces
from herd_engine.api.problems import Refusal, rendered
from herd_engine.api.proxies import Proxies
from herd_engine.api.rates import Rates
from herd_engine.api.settings import ANY_HOST, LOOPBACK_NAMES, ApiSettings
from herd_engine.api.strict_json import checked, is_json
from herd_engine.api.switches import RememberedSwitches
from herd_engine.logs import Fields, bound, note
from herd_engine.workbench.service_metrics import ServiceMetrics

log = logging.getLogger(__name__)
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
TRACE = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
"""`traceparent` of W3C Trace Context; the first group is the trace."""
READING = ("GET", "HEAD", "OPTIONS")
FREE = ("/api/health/live", "/api/health/ready")
"""No token, no limit: whoever watches the service asks here."""
PAGES = "/problems/"
"""What a refusal means: whoever was refused may read it."""
HEAVY = re.compile(
    r"/(export|artifacts|file|inspection|outputs\.csv)(/|$)|:(compare|expectation)$|/(verify|reproduce)$"
    r"|/datasets/[^/]+/(cards|values|sensitivity|whatif|optimize)$"
)
ROWS = re.compile(r"/outputs(/|$)|/metrics/latest$")
"""Rows of results, which may be asked for as CSV."""
UPLOAD = re.compile(r"/(datasets|datasets/upload)$")
SUBMIT = re.compile(r"/(runs|runs:bulk|sweeps|portfolios|jobs|run|backtests)$")


class Gate:
    """ASGI middleware around the whole application.

    Parameters
    ----------
    app : FastAPI
        Its state has the metrics.
    settings : ApiSettings
    identity : Identity
        Tells who asks.
    """

    def __init__(self, app: FastAPI, settings: ApiSettings, identity: Identity) -> None:
        self._app, self._settings, self._identity = app, settings, identity
        self._metrics: ServiceMetrics = app.state.metrics
        self._writes = asyncio.Semaphore(settings.writes_at_once)
        self._uploads = asyncio.Semaphore(settings.uploads_at_once)
        self._places: HeavyPlaces = app.state.places
        self._waiting = 0
        self._rates: Rates = app.state.rates
        self._switches: RememberedSwitches = app.state.switches
        self._proxies = Proxies(settings.proxies, settings.root_path)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer why not; what is logged meanwhile belongs to it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope, prefix = self._proxies.seen_through(scope)
        headers = Headers(scope=scope)
        asked, trace = headers.get("x-request-id", ""), TRACE.fullmatch(headers.get("traceparent", ""))
        request_id = asked if REQUEST_ID.fullmatch(asked) else str(uuid.uuid4())
        scope.setdefault("state", {})["request_id"] = request_id
        with bound(request_id=request_id, **({"trace_id": trace[1]} if trace else {})):
            if scope["type"] == "websocket":
                await self._admit_socket(scope)
                await self._app(scope, receive, send)
            else:
                await self._answer(scope, headers, receive, _Sender(send, prefix))

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive, sender: "_Sender") -> None:
        request_id, method, began = scope["state"]["request_id"], scope["method"], time.perf_counter()
        extra = sender.extra
        extra["x-request-id"] = request_id
        if is_legacy(scope["path"]):
            extra |= legacy_headers(scope["path"])
        if method == "HEAD":
            sender.is_head, scope = True, {**scope, "method": "GET"}
        try:
            with self._metrics.in_progress(rate_class(method, scope["path"])):
                await self._admit(scope, headers, extra)
                body = _counted(receive, headers, self._limit_of(scope))
                if method not in READING and is_json(headers):
                    body = await checked(body)
                await self._carry_out(scope, body, sender)
        except Refusal as refusal:
            self._count_refusal(refusal, rate_class(method, scope["path"]))
            if not sender.has_started:
                await sender.refuse(refusal, scope["path"], request_id)
        finally:
            self._places.leave(scope["state"])
            if method not in READING and "app" in scope:
                scope["app"].state.benches.forget()
                self._switches.forget()
            seconds = time.perf_counter() - began
            self._metrics.answered(*method_and_route(scope), sender.status, seconds)
            if scope["path"] not in FREE:
                told = _told(scope, method, sender)
                log.info("request", extra={**told, "duration_ms": round(1000 * seconds, 1)})

    def _count_refusal(self, refusal: Refusal, kind: str) -> None:
        if refusal.status_code == 401:
            self._metrics.refused("missing" if refusal.code == "TOKEN_MISSING" else "invalid")
        elif refusal.status_code == 429:
            self._metrics.limited(kind)

    async def _admit(self, scope: Scope, headers: Headers, extra: dict[str, str]) -> None:
        self._check_host(headers)
        if scope["path"] in FREE or scope["path"].startswith(PAGES):
            return
        self._check_origin(headers)
        self._check_gone(scope)
        address = (scope.get("client") or ("",))[0]
        principal = await self._identity.of(scope, headers, address)
        scope["state"]["principal"] = principal
        note(principal=principal.name)
        kind, board = class_of(scope, headers), await self._switches.now()
        await self._rates.check(kind, principal.name, extra, board.person(kind, principal.name))
        size = headers.get("content-length", "")
        if size.isdigit() and int(size) > self._limit_of(scope):
            raise _too_large(self._limit_of(scope))

    async def _admit_socket(self, scope: Scope) -> None:
        """Find out who asks; who may not is told after the handshake, for before it nobody sees why."""
        headers = Headers(scope=scope)
        state = scope.setdefault("state", {})
        try:
            self._check_host(headers)
            self._check_origin(headers)
            words = [each.strip() for each in headers.get("sec-websocket-protocol", "").split(",")]
            token = next((each.removeprefix("bearer.") for each in words if each.startswith("bearer.")), None)
            if token is not None and "authorization" not in headers:
                headers = Headers({"authorization": f"Bearer {token}"})
            address = (scope.get("client") or ("",))[0]
            state["principal"] = await self._identity.of(scope, headers, address)
        except Refusal as refusal:
            state["refusal"] = refusal

    def _check_gone(self, scope: Scope) -> None:
        """Answer what is gone before anything is asked for or read."""
        if not self._settings.legacy or GONE.fullmatch(scope["path"]) is None:
            return
        if scope["method"] == "POST":
            text = "Forecasts are jobs: submit one, and ask for its result."
            raise Refusal(410, "SYNC_ENDPOINT_REMOVED", text, use="/api/v1/runs")
        raise Refusal(405, "METHOD_NOT_ALLOWED", "This cannot be done here.", {"Allow": "POST"})

    def _check_host(self, headers: Headers) -> None:
        host = urlsplit(f"//{headers.get('host', '')}").hostname or ""
        if ANY_HOST not in self._settings.hosts and host not in (*LOOPBACK_NAMES, *self._settings.hosts):
            raise Refusal(421, "HOST_UNKNOWN", "The service is not known by this name (HERD_API_HOSTS).")

    def _check_origin(self, headers: Headers) -> None:
        origin = headers.get("origin")
        own = urlsplit(origin or "").netloc == headers.get("host")
        is_foreign = origin is not None and not own and origin.lower() not in self._settings.origins
        if is_foreign or (headers.get("sec-fetch-site") == "cross-site" and origin is None):
            raise Refusal(403, "ORIGIN_FORBIDDEN", "Pages of other origins may not ask here.")

    def _limit_of(self, scope: Scope) -> int:
        is_upload = takes_file(scope, Headers(scope=scope))
        return self._settings.largest_upload if is_upload else self._settings.largest_body

    async def _carry_out(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Plain reads never wait behind writes: a store that is locked must not silence the service.

        Heavy requests find their places when their farm is known. Reading a file takes ten times its size.
        """
        headers = Headers(scope=scope)
        if class_of(scope, headers) in ("read", "heavy"):
            known = "if-none-match" in headers and scope["method"] == "GET"
            unchanged = await self._app.state.unchanged.answer(scope) if known else None
            await (unchanged or self._app)(scope, receive, send)
            return
        if self._waiting >= self._settings.writes_waiting:
            raise Refusal(503, "BUSY", "Too much is being written just now.", {"Retry-After": "2"})
        async with AsyncExitStack() as held:
            self._waiting += 1
            try:
                if takes_file(scope, headers):
                    await held.enter_async_context(self._uploads)
                await held.enter_async_context(self._writes)
            finally:
                self._waiting -= 1
            await self._app(scope, receive, send)


def rate_class(method: str, path: str) -> str:
    """Return what a request counts as: read, heavy, write, submit or upload."""
    if HEAVY.search(path):
        return "heavy"
    if method in READING:
        return "read"
    if UPLOAD.search(path):
        return "upload"
    return "submit" if SUBMIT.search(path) else "write"


def takes_file(scope: Scope, headers: Headers) -> bool:
    """Tell whether a request brings a herd file: to keep it, or together with a wish for a run."""
    is_form = "multipart/" in headers.get("content-type", "")
    is_place = UPLOAD.search(scope["path"]) or (scope["path"] == "/api/v1/runs" and is_form)
    return scope["method"] == "POST" and bool(is_place)


def class_of(scope: Scope, headers: Headers) -> str:
    """Return what this request counts as: rows as CSV, of any length, are no plain read."""
    path, query = scope["path"], scope["query_string"]
    as_csv = b"format=csv" in query or (b"format=" not in query and "text/csv" in headers.get("accept", ""))
    return "heavy" if as_csv and ROWS.search(path) else rate_class(scope["method"], path)


def _told(scope: Scope, method: str, sender: "_Sender") -> Fields:
    """Return what the line of a request says: the pattern of its path, for a path names things."""
    route, run_id = scope.get("route"), scope.get("path_params", {}).get("run_id")
    told: Fields = {"method": method, "route": getattr(route, "path", None), "status": sender.status}
    return told if run_id is None else {**told, "run_id": run_id}


class _Sender:
    """Sends an answer on, with headers that every answer has; the body of HEAD stays here."""

    def __init__(self, send: Send, prefix: str = "") -> None:
        self._send, self._prefix = send, prefix
        self.extra: dict[str, str] = {}
        self.has_started, self.status, self.is_head = False, 0, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_started, self.status = True, message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in self.extra.items():
                headers[name] = value
            if self._prefix:
                self._lead_outside(headers)
            headers["x-content-type-options"] = "nosniff"
            headers["referrer-policy"] = "no-referrer"
            headers.setdefault("cache-control", "private, no-cache")
            headers.add_vary_header("Authorization")
            headers.add_vary_header("X-API-Key")
        elif self.is_head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    def _lead_outside(self, headers: MutableHeaders) -> None:
        """Let addresses of ours begin as they are seen from outside."""
        if headers.get("location", "").startswith("/"):
            headers["location"] = self._prefix + headers["location"]
        if "link" in headers:
            headers["link"] = headers["link"].replace("</", f"<{self._prefix}/")

    async def refuse(self, refusal: Refusal, path: str, request_id: str) -> None:
        """Answer a refusal; the rest of the request is not read."""
        document, media_type = rendered(refusal, path, request_id, [])
        body = json.dumps(document).encode()
        headers = {
            "content-type": media_type,
            "content-length": str(len(body)),
            "cache-control": "no-store",
            "connection": "close",
            **(refusal.headers or {}),
        }
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await self({"type": "http.response.start", "status": refusal.status_code, "headers": raw})
        await self({"type": "http.response.body", "body": body})


def _counted(receive: Receive, headers: Headers, limit: int) -> Callable[[], Any]:
    """Return what hands the body on, and stops at the first byte over the limit."""
    seen = 0

    async def counted() -> MutableMapping[str, Any]:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _too_large(limit)
        return message

    return counted


def _too_large(limit: int) -> Refusal:
    return Refusal(413, "PAYLOAD_TOO_LARGE", f"At most {limit:,} bytes are taken here.", limit=limit)
