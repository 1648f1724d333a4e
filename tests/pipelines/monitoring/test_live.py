"""Prometheus and Alertmanager as they are, beside a real service: it is killed, a page goes out, and ends."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipelines.monitoring.export import export_monitoring
from tests.herd_engine.runs.dask_programs import free_port
from tests.stores import absent

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 300
PROGRAMS = ("prometheus", "prometheus-alertmanager")
WAITS = (("1m", "1s"), ("15s", "1s"), ("10s", "1s"), ("30s", "1s"), ("5m", "1s"))
"""Of the files that are written for every day, as short as both programs bear."""
BESIDE = """
groups:
  - name: beside
    rules:
      - {alert: SameInstance, expr: 'up{job="herd"} == 0', labels: {severity: warning, subsystem: other}}
      - alert: OtherInstance
        expr: label_replace(up{job="herd"} == 0, "instance", "barn:9", "instance", ".*")
        labels: {severity: warning, subsystem: other}
"""


class Desk(ThreadingHTTPServer):
    """Where alerts go: what was told, by receiver, name and status."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Clerk)
        self.told: set[tuple[str, str, str]] = set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Clerk(BaseHTTPRequestHandler):
    server: Desk

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        for alert in body["alerts"]:
            self.server.told.add((self.path, alert["labels"]["alertname"], alert["status"]))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.2)


def asked(address: str) -> Any:
    """Return what an address answers; None where it does not."""
    try:
        answer = httpx.get(address, timeout=5).raise_for_status()
    except httpx.HTTPError:
        return None
    return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text


def written(folder: Path, scraped: str, desk: str, alertmanager: str) -> None:
    """Write the files of `herd monitoring export`, and let both programs hurry."""
    export_monitoring(folder, scraped, desk)
    for name in ("rules.yml", "prometheus.yml", "alertmanager.yml"):
        text = (folder / name).read_text("utf-8").replace("127.0.0.1:9093", alertmanager)
        for often, seldom in WAITS:
            text = re.sub(rf"(\w+: ){often}\b", rf"\g<1>{seldom}", text)
        (folder / name).write_text(text.replace("[rules.yml]", "[rules.yml, beside.yml]"), encoding="utf-8")
    (folder / "beside.yml").write_text(BESIDE, encoding="utf-8")


class Watchers:
    """Both programs and the service, each a process."""

    def __init__(self, folder: Path, desk: Desk, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self.metrics, alertmanager, prometheus = (f"127.0.0.1:{free_port()}" for _ in range(3))
        self.alerts = f"http://{alertmanager}/api/v2/alerts"
        written(folder, self.metrics, desk.address, alertmanager)
        self._start(
            "prometheus-alertmanager", "--config.file=alertmanager.yml", "--storage.path=told",
            f"--web.listen-address={alertmanager}", "--cluster.listen-address=", "--log.level=error",
        )  # fmt: skip
        wait(lambda: asked(f"http://{alertmanager}/-/ready") is not None)
        self._prometheus = prometheus

    def serve(self) -> subprocess.Popen[bytes]:
        """Start the service; return once it shows its metrics."""
        port = free_port()
        process = self._start(sys.executable, "-m", "herd_engine", "api", "--no-runner", "--port", port)
        wait(lambda: asked(f"http://{self.metrics}/metrics") is not None)
        return process

    def look(self) -> None:
        """Start to look at the service; return once it is seen."""
        self._start(
            "prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=seen",
            f"--web.listen-address={self._prometheus}", "--rules.alert.resend-delay=1s", "--log.level=error",
        )  # fmt: skip
        wait(lambda: self.is_seen() == ["1"])

    def is_seen(self) -> list[str]:
        answer = asked(f"http://{self._prometheus}/api/v1/query?query=up")
        return [] if answer is None else [each["value"][1] for each in answer["data"]["result"]]

    def inhibited(self) -> set[str]:
        answer = asked(f"{self.alerts}?inhibited=true&active=false")
        return {each["labels"]["alertname"] for each in answer or ()}

    def _start(self, *command: object) -> subprocess.Popen[bytes]:
        home = {"HERD_HOME": str(self._folder / "home"), "HERD_METRICS_ADDRESS": self.metrics}
        with (self._folder / "programs.log").open("ab") as log:
            process = subprocess.Popen(
                [str(each) for each in command],
                cwd=self._folder,
                env={**os.environ, **home},
                stdout=log,
                stderr=log,
            )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        return process


def test_a_killed_service_is_paged_hides_its_other_alerts_and_is_over_once_it_is_back(
    tmp_path: Path, desk: Desk
) -> None:
    if not all(map(shutil.which, PROGRAMS)):
        absent("Prometheus is not installed (apt-get install prometheus prometheus-alertmanager)")
    with ExitStack() as stack:
        watchers = Watchers(tmp_path, desk, stack)
        service = watchers.serve()
        watchers.look()
        assert ("/page", "HerdApiDown", "firing") not in desk.told

        service.send_signal(signal.SIGKILL)
        wait(lambda: ("/page", "HerdApiDown", "firing") in desk.told)
        wait(lambda: "SameInstance" in watchers.inhibited())
        wait(lambda: ("/desk", "OtherInstance", "firing") in desk.told)
        assert watchers.inhibited() == {"SameInstance"}

        watchers.serve()
        wait(lambda: ("/page", "HerdApiDown", "resolved") in desk.told)
