"""The WebSocket of the first contract: a snapshot, then progress until the job has ended."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from fastapi.concurrency import run_in_threadpool

from herd_engine.api.asking import bench_of, principal
from herd_engine.api.legacy.shapes import job_info
from herd_engine.api.problems import Refusal, refusal_of
from herd_engine.api.room import switched_off
from herd_engine.api.streams import ENDED, Watching
from herd_engine.errors import ForbiddenError, HerdError, NotFoundError
from herd_engine.model.service_limits import ServiceFlag
from herd_engine.workbench import Workbench

router = APIRouter()
HEARTBEAT_SECONDS = 15.0
LARGEST_RESULT = 256 << 10
LARGEST_FRAME = 1 << 10
ENDS = {"succeeded": "job_succeeded", "failed": "job_failed", "canceled": "job_canceled"}
CODES = {401: 4401, 403: 4403, 404: 4404, 421: 4403, 429: 4429, 503: 1013}
DONE, DRAINING, BAD_FRAME = 1000, 1001, 4400
PROTOCOL = "herd.v1"


@router.websocket("/api/ws/forecast/jobs/{job_id}")
async def watch(socket: WebSocket, job_id: str) -> None:
    """Accept first, then close with a code: browsers cannot see why a handshake was refused."""
    offered = socket.headers.get("sec-websocket-protocol", "")
    await socket.accept(PROTOCOL if PROTOCOL in [each.strip() for each in offered.split(",")] else None)
    try:
        refusal: Refusal | None = socket.scope["state"].get("refusal")
        if refusal is not None:
            await socket.close(CODES.get(refusal.status_code, BAD_FRAME), refusal.code)
            return
        bench = await run_in_threadpool(_bench, socket)
        await _tell(socket, bench, job_id)
    except (Refusal, HerdError) as error:
        refused = error if isinstance(error, Refusal) else refusal_of(error)[0]
        await socket.close(CODES.get(refused.status_code, BAD_FRAME), refused.code)
    except WebSocketDisconnect:
        return


def _bench(socket: WebSocket) -> Workbench:
    bench = bench_of(socket, principal(socket), socket.query_params.get("farm"))
    bench.require("herd:read")
    if not bench.switches.board().is_on(ServiceFlag.STREAMING, bench.farms.current().id):
        raise switched_off(ServiceFlag.STREAMING)
    return bench


async def _tell(socket: WebSocket, bench: Workbench, job_id: str) -> None:
    try:
        asked = await run_in_threadpool(bench.submissions.get, job_id, anybodys=True)
    except NotFoundError:
        missing = {"type": "job_failed", "job_id": job_id, "error_message": "JOB_NOT_FOUND", "ts": _now()}
        await socket.send_json({**missing, "status": "failed", "progress_pct": 0})
        await socket.close(4404)
        return
    state = socket.app.state
    # Watched before it is read: what happens between the two is told twice, never not at all.
    with Watching(state.pumps, bench.runs, asked.run.id, 0) as watching:
        frames = Frames(bench, job_id)
        listener = asyncio.create_task(_listen(socket, bench, job_id))
        try:
            await socket.send_json(await run_in_threadpool(frames.now, is_snapshot=True))
            while not frames.has_ended:
                watching.take()
                news = await watching.news(state.draining.wait(), listener, seconds=HEARTBEAT_SECONDS)
                if listener.done():
                    await socket.close(listener.result())
                    return
                if state.draining.is_set():
                    await socket.close(DRAINING)
                    return
                if news:
                    await socket.send_json(await run_in_threadpool(frames.now))
                else:
                    await socket.send_json({"type": "heartbeat", "job_id": job_id, "ts": _now()})
            await socket.close(DONE)
        finally:
            listener.cancel()


class Frames:
    """What a job is said to be, again and again; its percentage never falls."""

    def __init__(self, bench: Workbench, job_id: str) -> None:
        self._bench, self._job_id, self._most, self.has_ended = bench, job_id, 0, False

    def now(self, *, is_snapshot: bool = False) -> dict[str, Any]:
        """Return the frame of this moment; the last one carries the forecast."""
        asked = self._bench.submissions.get(self._job_id, anybodys=True)
        job = job_info(asked)
        self._most = max(self._most, job["progress_pct"])
        self.has_ended = asked.run.status in ENDED
        frame = {name: job[name] for name in ("job_id", "status", "completed_runs", "total_runs")}
        frame |= {"type": ENDS.get(job["status"], "job_progress"), "progress_pct": self._most, "ts": _now()}
        frame |= {"partial_result": None, "error_message": job["error_message"]}
        if job["status"] == "succeeded" and not is_snapshot:
            result = self._bench.runs.legacy_result(asked.run.id)
            if len(json.dumps(result)) <= LARGEST_RESULT:
                frame["partial_result"] = result
        return frame


async def _listen(socket: WebSocket, bench: Workbench, job_id: str) -> int:
    """Take what a client says, which is ``cancel`` and nothing else; return the code to close with."""
    while True:
        try:
            text = await socket.receive_text()
        except (WebSocketDisconnect, KeyError):
            return BAD_FRAME
        try:
            is_cancel = len(text) <= LARGEST_FRAME and json.loads(text) == {"type": "cancel"}
        except ValueError:
            is_cancel = False
        if not is_cancel:
            return BAD_FRAME
        try:
            await run_in_threadpool(bench.require, "herd:run")
        except ForbiddenError:
            return CODES[403]
        asked = await run_in_threadpool(bench.submissions.get, job_id, anybodys=True)
        await run_in_threadpool(bench.runs.cancel, asked.run.id)


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")
