"""Whether the service does what programs need, from an upload to the end of its process."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar
from urllib.parse import urlsplit

from herd_engine.errors import ServiceError
from herd_engine.workbench.samples import make_sample

READY_SECONDS, RUN_SECONDS, DRAIN_SECONDS = 120.0, 300.0, 60.0
SCHEMA = "herd-smoke-api/1"
LONG_PAYLOAD = {"horizon_months": 120, "mc_runs": 20_000, "seed": 3}


Tried = TypeVar("Tried")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was tried; ``fault`` is empty where it held."""

    name: str
    seconds: float
    fault: str = ""


@dataclass(slots=True)
class ServiceClient:
    """A service somewhere, asked as any program would."""

    base: str
    token: str
    process: "subprocess.Popen[bytes] | None" = None
    seen: dict[str, Any] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> "HttpAnswer":
        """Ask for one thing and read all of the answer."""
        connection = self.connection()
        try:
            connection.request(method, path, body, self._headers(headers))
            response = connection.getresponse()
            return HttpAnswer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def send(self, path: str, document: dict[str, Any], **headers: str) -> "HttpAnswer":
        """Send a document."""
        return self.ask(
            "POST", path, json.dumps(document).encode(), **{"content_type": "application/json"} | headers
        )

    @contextmanager
    def stream(self, path: str, **headers: str) -> Iterator[HTTPResponse]:
        """Open a stream for the duration of a block."""
        connection = self.connection()
        try:
            connection.request("GET", path, None, self._headers(headers))
            yield connection.getresponse()
        finally:
            connection.close()

    def connection(self) -> HTTPConnection:
        """Return a new connection."""
        parts = urlsplit(self.base)
        return HTTPConnection(parts.hostname or "", parts.port or 80, timeout=RUN_SECONDS)

    def _headers(self, more: dict[str, str]) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in more.items()}
        return {"Authorization": f"Bearer {self.token}", **named}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What was answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    def document(self, *expected: int) -> Any:
        """Return the JSON of an answer of one of these states."""
        hold(self.status in expected, f"answered {self.status}: {self.body[:300]!r}")
        return json.loads(self.body)


class Broken(Exception):  # noqa: N818 - it is no error of ours: it ends a step
    """Something does not hold."""


def hold(claim: bool, fault: str) -> None:
    """End a step where a claim does not hold."""
    if not claim:
        raise Broken(fault)


def smoke_api(base: str | None = None, token: str = "", runs: int = 30) -> tuple[Step, ...]:
    """Try a service: the one at ``base``, else one that is started and ended for this.

    Raises
    ------
    ServiceError
        It cannot be reached, or did not become ready.
    """
    steps: list[Step] = []
    if base is not None:
        carry_out(ServiceClient(base, token), run_steps(runs), steps)
        return tuple(steps)
    with TemporaryDirectory(prefix="herd-smoke-") as folder, _started(Path(folder)) as service:
        carry_out(service, {**run_steps(runs), "streams are drained": _drained}, steps)
    return tuple(steps)


def smoke_api_document(steps: tuple[Step, ...], schema: str = SCHEMA) -> dict[str, Any]:
    """Return what was tried as plain values."""
    listed = [
        {"name": each.name, "holds": not each.fault, "fault": each.fault, "seconds": round(each.seconds, 3)}
        for each in steps
    ]
    return {"schema": schema, "holds": all(each["holds"] for each in listed), "steps": listed}


def carry_out(tried: Tried, todo: dict[str, Callable[[Tried], None]], steps: list[Step]) -> None:
    """Carry out steps in order; the first that does not hold ends it, for the others need it."""
    for name, step in todo.items():
        begun, fault = time.perf_counter(), ""
        try:
            step(tried)
        except (Broken, KeyError, ValueError) as error:
            fault = str(error) or type(error).__name__
        except (OSError, HTTPException) as error:
            if not steps:
                raise ServiceError("api", f"it does not answer: {error}") from error
            fault = f"the connection broke: {error}"
        steps.append(Step(name=name, seconds=time.perf_counter() - begun, fault=fault))
        if fault:
            return


def run_steps(runs: int) -> dict[str, Callable[[ServiceClient], None]]:
    """Return what programs do from an upload to the exports, in order."""
    payload = {"horizon_months": 12, "mc_runs": runs, "seed": secrets.randbelow(10**6)}
    return {
        "it is ready": _ready,
        "a file is kept": _upload,
        "its quality is told": _quality,
        "a run is queued": lambda service: _submit(service, payload),
        "a stream that was cut resumes": _watch,
        "the result is there": _result,
        "the exports are there": _exports,
        "a key that is repeated does nothing twice": lambda service: _repeat(service, payload),
        "a preset is kept and deleted": _preset,
    }


def _ready(service: ServiceClient) -> None:
    checks = service.ask("GET", "/api/health/ready").document(200)["checks"]
    hold(all(checks.values()), f"not ready: {checks}")


def _upload(service: ServiceClient) -> None:
    data = make_sample(animals=150, seed=11).csv
    path = "/api/v1/datasets?name=smoke.csv&same_farm=true"
    kept = service.ask("POST", path, data, content_type="text/csv").document(200, 201)
    service.seen["dataset"] = kept["id"]
    hold(sum(kept["counts"].values()) >= 150, f"animals are missing: {kept['counts']}")


def _quality(service: ServiceClient) -> None:
    told = service.ask("GET", f"/api/v1/datasets/{service.seen['dataset']}/quality").document(200)
    hold(told["status"] in {"PASS", "WARN"}, f"the quality of a sound file is {told['status']}")


def _submit(service: ServiceClient, payload: dict[str, Any]) -> None:
    service.seen["key"] = secrets.token_hex(8)
    wish = {"dataset_id": service.seen["dataset"], "payload": payload}
    queued = service.send("/api/v1/runs", wish, idempotency_key=service.seen["key"]).document(202)
    service.seen |= {"run": queued["run"]["id"], "submission": queued["submission"]["id"]}


def _watch(service: ServiceClient) -> None:
    path = f"/api/v1/runs/{service.seen['run']}/events/stream"
    with service.stream(path) as first:
        before = [next(_ids(first))]
    with service.stream(path, last_event_id=str(before[-1])) as rest:
        after = list(_ids(rest))
    wanted = list(range(1, len(after) + 2))
    hold(before + after == wanted, f"events {before + after} instead of {wanted}")
    run = service.ask("GET", f"/api/v1/runs/{service.seen['run']}").document(200)
    hold(run["status"] == "succeeded", f"the run is {run['status']}: {run['error_message']}")


def _ids(response: HTTPResponse) -> Iterator[int]:
    """Yield the numbers of events as they come."""
    for line in response:
        if line.startswith(b"id: "):
            yield int(line[4:])


def _result(service: ServiceClient) -> None:
    points = service.ask("GET", f"/api/v1/runs/{service.seen['run']}/result").document(200)["points"]
    hold(len(points) == 13, f"{len(points)} points instead of 13")


def _exports(service: ServiceClient) -> None:
    path = f"/api/v1/runs/{service.seen['run']}/export"
    table, book = (service.ask("GET", f"{path}/{kind}") for kind in ("csv", "xlsx"))
    hold(b"[SERIES]" in table.body, f"the CSV has no [SERIES] ({table.status})")
    hold(book.body.startswith(b"PK"), f"the workbook is none ({book.status})")


def _repeat(service: ServiceClient, payload: dict[str, Any]) -> None:
    wish = {"dataset_id": service.seen["dataset"], "payload": payload}
    again = service.send("/api/v1/runs", wish, idempotency_key=service.seen["key"]).document(202)
    hold(again["submission"]["id"] == service.seen["submission"], "the wish was written down twice")
    other = {**wish, "payload": {**payload, "horizon_months": 6}}
    refused = service.send("/api/v1/runs", other, idempotency_key=service.seen["key"])
    hold(refused.status == 422, f"the key was taken for something else ({refused.status})")


def _preset(service: ServiceClient) -> None:
    preset = {"name": f"smoke {secrets.token_hex(4)}", "payload": {"seed": secrets.randbelow(10**9)}}
    kept = service.send("/api/v1/presets", preset).document(200, 201)
    deleted = service.ask("DELETE", f"/api/v1/presets/{kept['id']}").document(200)
    hold(deleted["deleted_ids"] == [kept["id"]], f"it was not deleted: {deleted}")


def _drained(service: ServiceClient) -> None:
    """End the service while somebody watches: the stream says so and ends whole."""
    wish = {"dataset_id": service.seen["dataset"], "payload": LONG_PAYLOAD}
    run = service.send("/api/v1/runs", wish).document(202)["run"]["id"]
    hold(service.process is not None, "it was not started here")
    with service.stream(f"/api/v1/runs/{run}/events/stream") as stream:
        next(_ids(stream))
        os.kill(service.process.pid, signal.SIGTERM)  # type: ignore[union-attr]
        rest = stream.read()
    hold(b"event: drain" in rest, "the stream was cut")
    try:
        code = service.process.wait(DRAIN_SECONDS)  # type: ignore[union-attr]
    except subprocess.TimeoutExpired:
        raise Broken(f"it did not end within {DRAIN_SECONDS:g} s") from None
    hold(code == 0, f"it ended with {code}")


@contextmanager
def _started(home: Path) -> Iterator[ServiceClient]:
    """Start a service and a runner over an empty home, and end both."""
    port = any_free_port()
    command = [sys.executable, "-P", "-m", "herd_engine"]
    environment = {**os.environ, "HERD_API_AUTH": "key"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environment}
    api = [*command, "api", "--port", str(port), "--no-runner", "--home", str(home)]
    process = subprocess.Popen(api, **quiet)  # type: ignore[call-overload]  # noqa: S603 - our own command line
    runner = None
    try:
        token = token_when_ready(home, port, process)
        worker = [*command, "worker", "--home", str(home)]
        runner = subprocess.Popen(worker, **quiet)  # type: ignore[call-overload]  # noqa: S603 - as above
        yield ServiceClient(f"http://127.0.0.1:{port}", token, process)
    finally:
        for each in filter(None, (process, runner)):
            each.kill()
            each.wait()


def any_free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def token_when_ready(home: Path, port: int, process: "subprocess.Popen[bytes]") -> str:
    """Wait until the service is ready; return the key of its home."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if ServiceClient(f"http://127.0.0.1:{port}", "").ask("GET", "/api/health/ready").status == 200:
                return (home / "access.key").read_text(encoding="utf-8").strip()
        except (OSError, HTTPException):
            time.sleep(0.1)
    raise ServiceError("api", "it did not become ready")
