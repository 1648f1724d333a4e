"""`Idempotency-Key` on what creates something: a repeated request is answered as it was, and done once."""

import hashlib
import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from herd_engine.api.asking import bench_of, principal
from herd_engine.errors import HerdError
from herd_engine.workbench import Workbench
from herd_engine.workbench.keyed import Keyed, Replayed

HEADER = "idempotency-key"
KEPT_HEADERS = ("location", "etag", "herd-reused")
LARGEST_BODY = 64 << 10
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class KeyedRoute(APIRoute):
    """A route whose POST may carry a key; the answers of others are not touched.

    `POST /runs` and the jobs of the first contract keep theirs in the transaction of the run itself.
    """

    def get_route_handler(self) -> Handler:
        """Return what answers a request, once for each key."""
        carry_out = super().get_route_handler()
        if "POST" not in (self.methods or ()) or self.path.endswith(("/runs", "/jobs")):
            return carry_out

        async def handle(request: Request) -> Response:
            key = request.headers.get(HEADER)
            if key is None:
                return await carry_out(request)
            keyed = await _keyed(request, self.path, key)
            before = await run_in_threadpool(keyed.begin)
            if before is not None:
                headers = {**before.headers, "idempotent-replayed": "true"}
                return Response(_bytes(before.body), before.status, headers, "application/json")
            try:
                response = await carry_out(request)
            except (HTTPException, HerdError):  # what was refused is refused again
                await run_in_threadpool(keyed.give_up)
                raise
            await run_in_threadpool(_keep, keyed, response)
            return response

        return handle


async def _keyed(request: Request, route: str, key: str) -> Keyed:
    body = await request.body()
    _, _, boundary = request.headers.get("content-type", "").partition("boundary=")
    if boundary:  # another one each time
        body = body.replace(boundary.strip('"').encode(), b"")
    query = sorted(request.query_params.multi_items())
    fingerprint = hashlib.sha256(json.dumps(query).encode() + b"\0" + _canonical(body)).hexdigest()
    farm = request.query_params.get("farm") or request.headers.get("herd-farm")
    bench: Workbench = await run_in_threadpool(bench_of, request, principal(request), farm)
    return bench.keyed(request.method, route, key, fingerprint)


def _keep(keyed: Keyed, response: Response) -> None:
    body = bytes(response.body)
    if response.status_code >= 300 or len(body) > LARGEST_BODY:
        keyed.give_up()
        return
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    keyed.finish(Replayed(status=response.status_code, headers=headers, body=json.loads(body)))


def _canonical(body: bytes) -> bytes:
    """Return JSON in one form, whatever its spaces and order; anything else as it is."""
    try:
        return _bytes(json.loads(body))
    except ValueError:
        return body


def _bytes(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
