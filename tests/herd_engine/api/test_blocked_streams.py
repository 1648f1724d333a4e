"""A proxy that lets no stream through: the client of the guide ends by asking, with the same run (A12)."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import KEY, PAYLOAD, work

GUIDE = Path(__file__).parents[3] / "notebooks/guide/service.ipynb"


class Blocking:
    """What stands between: it answers streams itself, or cuts them after their first words."""

    def __init__(self, app: ASGIApp, *, cuts: bool) -> None:
        self._app, self._cuts, self.n_blocked = app, cuts, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            self.n_blocked += 1
            await send({"type": "websocket.close", "code": 1006})
        elif scope["type"] == "http" and scope["path"].endswith("/stream"):
            self.n_blocked += 1
            await self._block(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _block(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._cuts:
            await send({"type": "http.response.start", "status": 502, "headers": []})
            await send({"type": "http.response.body", "body": b"<html>Bad gateway</html>"})
            return
        sent = 0

        async def cut(message: Message) -> None:
            nonlocal sent
            sent += message["type"] == "http.response.body"
            if sent <= 1:
                await send(message)

        await self._app(scope, receive, cut)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


HTTPX = sys.modules[TestClient.__mro__[1].__module__.partition(".")[0]]
"""The library whose client the client of tests is."""


def as_in_the_guide(client: TestClient, run: str) -> tuple[list[str], dict[str, Any]]:
    """Watch a run as the guide does, word for word; return the kinds of events that came, and its end."""
    cells = json.loads(GUIDE.read_text("utf-8"))["cells"]
    (source,) = ("".join(each["source"]) for each in cells if each["id"] == "watch")
    names: dict[str, Any] = {"client": client, "httpx": HTTPX, "run": {"id": run}}
    exec(source, names)  # noqa: S102 - our own guide
    return names["kinds"], names["run"]


@pytest.mark.parametrize("cuts", [False, True])
def test_the_client_of_the_guide_ends_with_the_same_run_where_no_stream_comes_through(
    client: TestClient, bench: Workbench, dataset: str, cuts: bool
) -> None:
    wish = {"dataset_id": dataset, "payload": PAYLOAD}
    asked = client.post("/api/v1/runs", json=wish).json()
    run = asked["run"]["id"]
    work(bench.kept)
    between = Blocking(client.app, cuts=cuts)
    headers = {"Authorization": f"Bearer {KEY}"}
    behind = TestClient(between, base_url="http://127.0.0.1:8867", headers=headers)

    kinds, final = as_in_the_guide(behind, run)
    free_kinds, free = as_in_the_guide(client, run)

    assert (between.n_blocked, kinds) == (1, [])
    assert free_kinds[-2:] == ["succeeded", "end"]
    assert final == free == client.get(f"/api/v1/runs/{run}").json()
    with (
        pytest.raises(WebSocketDisconnect),
        behind.websocket_connect(f"ws://127.0.0.1:8867/api/ws/forecast/jobs/{asked['submission']['id']}"),
    ):
        pass
    job = behind.get(f"/api/forecast/jobs/{asked['submission']['id']}").json()
    assert (job["status"], job["run_id"]) == (final["status"], run)
