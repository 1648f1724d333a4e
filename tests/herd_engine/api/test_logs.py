"""The log of the service: one line a request, that says whose it was; nothing that opens a door."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from herd_engine.logs import configure
from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import KEY, PAYLOAD, Start
from tests.herd_engine.runs.conftest import work

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Log(io.StringIO):
    """What was logged, line by line."""

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in self.getvalue().splitlines()]
        ours = [line for line in found if line["logger"] != "werkzeug"]  # the S3 server of the tests
        return [line for line in ours if event in (None, line["event"])]


@pytest.fixture
def log() -> Iterator[Log]:
    root, ours = logging.getLogger(), logging.getLogger("herd_engine")
    before = (root.handlers[:], root.level, ours.level)
    stream = Log()
    configure(stream)
    yield stream
    root.handlers[:], root.level, ours.level = before
    logging.captureWarnings(False)


def test_a_request_is_one_line_and_health_is_none(client: TestClient, dataset: str, log: Log) -> None:
    client.get("/api/health/live")
    client.get("/api/health/ready")
    client.get(
        f"/api/v1/datasets/{dataset}",
        headers={"X-Request-Id": "asked-by-test", "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"},
    )

    (line,) = log.lines()
    farm = client.get("/api/v1/me").json()["farms"][0]["id"]
    assert {name: line[name] for name in line if name not in ("timestamp", "duration_ms")} == {
        "event": "request",
        "level": "info",
        "logger": "herd_engine.api.gate",
        "request_id": "asked-by-test",
        "trace_id": TRACE,
        "principal": "local",
        "farm": farm,
        "method": "GET",
        "route": "/api/v1/datasets/{dataset_id}",
        "status": 200,
    }
    assert line["duration_ms"] > 0


@pytest.mark.parametrize(
    "header", ["", "nonsense", f"ff-{TRACE}-00f067aa0ba902b7-01", f"00-{'0' * 32}-00f067aa0ba902b7-01"]
)
def test_a_trace_that_is_none_is_not_taken_over(client: TestClient, log: Log, header: str) -> None:
    client.get("/api/v1/me", headers={"traceparent": header})

    assert "trace_id" not in log.lines("request")[0]


def test_a_run_is_followed_by_its_id_from_request_to_workers(
    client: TestClient, bench: Workbench, dataset: str, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("no such batch")

    monkeypatch.setattr("herd_engine.execution.cluster.simulate_batch", fails)
    wish = {"dataset_id": dataset, "payload": PAYLOAD}
    run = client.post("/api/v1/runs", json=wish, headers={"X-Request-Id": "asked-by-test"}).json()["run"]
    work(bench.kept)

    (submitted,), failed, (finished,) = map(log.lines, ("run_submitted", "batch_failed", "run_finished"))
    assert (submitted["run_id"], submitted["request_id"]) == (run["id"], "asked-by-test")
    assert failed
    assert {line["run_id"] for line in failed} == {run["id"]}
    assert (finished["run_id"], finished["status"], finished["error_code"]) == (
        run["id"],
        "failed",
        "BATCH_FAILED",
    )
    assert finished["farm"] == submitted["farm"]


def test_who_is_refused_is_told_without_what_they_showed(start: Start, log: Log) -> None:
    start("wrong-" + "x" * 40).get("/api/v1/me")

    assert [line["event"] for line in log.lines()] == ["auth_failed", "request"]
    assert log.lines("request")[0]["status"] == 401
    assert "x" * 40 not in log.getvalue()


def test_a_defect_is_told_with_its_request_and_no_token(
    start: Start, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_: object) -> None:
        shown = f"Bearer {KEY}"
        raise RuntimeError(f"could not use {shown}")

    monkeypatch.setattr("herd_engine.api.routes.health._farms", lambda *_: breaks(None))
    client = TestClient(start().app, base_url="http://127.0.0.1:8867", raise_server_exceptions=False)
    answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {KEY}"})

    assert answer.json()["code"] == "INTERNAL_ERROR"
    (defect,) = [line for line in log.lines() if line["level"] == "error"]
    assert defect["exception"][0]["exc_type"] == "RuntimeError"
    assert defect["request_id"] == answer.headers["x-request-id"]
    assert KEY not in log.getvalue()
