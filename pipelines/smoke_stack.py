"""Whether everything holds together: store, contract, file, run, report, service, alert, webhook, metrics."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from prometheus_client.parser import text_string_to_metric_families
from standardwebhooks import Webhook, WebhookVerificationError

from herd_engine.workbench.samples import make_sample
from pipelines.smoke_api import (
    Broken,
    ServiceClient,
    Step,
    any_free_port,
    carry_out,
    hold,
    run_steps,
    token_when_ready,
)

SCHEMA = "herd-smoke-stack/1"
COMMAND = (sys.executable, "-P", "-m", "herd_engine")
COMMAND_SECONDS, ALERT_SECONDS = 600.0, 120.0
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the example of Standard Webhooks
POLICY = """\
version: 1
policies:
  - {id: smoke, severity: HIGH, metric: queue_length, operator: ">=", threshold: 0, channels: [smoke]}
"""
CHANNEL = """\
version: 1
channels:
  - {{id: smoke, kind: webhook, url: "{url}", secrets: ["${{SMOKE_SECRET}}"], allow: [127.0.0.1/32]}}
"""


class Sink(ThreadingHTTPServer):
    """A web address that keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keeper)
        self.got: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}/"


class _Keeper(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append(({name.lower(): value for name, value in self.headers.items()}, data))  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass(slots=True)
class Stack:
    """A home of its own, and what runs over it."""

    home: Path
    environment: Mapping[str, str]
    sink: Sink
    processes: ExitStack
    service: ServiceClient = field(default_factory=lambda: ServiceClient("", ""))

    def herd(self, *arguments: str) -> str:
        """Run a command; what it prints."""
        done = subprocess.run(  # noqa: S603 - our own command line
            [*COMMAND, *arguments, "--home", str(self.home)],
            env=dict(self.environment),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        hold(done.returncode == 0, f"herd {arguments[0]} ended with {done.returncode}: {done.stderr[-300:]}")
        return done.stdout

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start a part; it is ended with the rest."""
        process = subprocess.Popen(  # noqa: S603 - our own command line
            [*COMMAND, *arguments, "--home", str(self.home)],
            env=dict(self.environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.callback(process.wait)
        self.processes.callback(process.kill)
        return process


def smoke_stack(runs: int = 30, environment: Mapping[str, str] | None = None) -> tuple[Step, ...]:
    """Try everything in order over a home that is made, and taken away again.

    Parameters
    ----------
    runs : int
        Simulated futures of the forecast.
    environment : mapping, optional
        As of the processes; a database and a file store that it names are used. This one by default.
    """
    steps: list[Step] = []
    with _stack(environment or os.environ) as stack:
        own: dict[str, Callable[[Stack], None]] = {
            "the store is made": lambda each: hold("->" in each.herd("db", "upgrade"), "no tables"),
            "a file keeps its contract": _contract,
            "the service is ready": _serve,
        }
        carry_out(stack, own, steps)
        if not steps[-1].fault:
            carry_out(stack.service, run_steps(runs), steps)
        if not steps[-1].fault:
            carry_out(
                stack,
                {
                    "a report is made": _report,
                    "an alert fires": _alert,
                    "a webhook tells it, and its signature holds": _webhook,
                    "metrics show it": _metrics,
                },
                steps,
            )
    return tuple(steps)


@contextmanager
def _stack(environment: Mapping[str, str]) -> Iterator[Stack]:
    with TemporaryDirectory(prefix="herd-smoke-") as folder, ExitStack() as processes, Sink() as sink:
        Thread(target=sink.serve_forever, daemon=True).start()
        processes.callback(sink.shutdown)
        home = Path(folder) / "home"
        (home / "alerts").mkdir(parents=True, mode=0o700)
        (home / "alerts" / "smoke.yaml").write_text(POLICY, encoding="utf-8")
        (home / "channels.yaml").write_text(CHANNEL.format(url=sink.url), encoding="utf-8")
        more = {"HERD_API_AUTH": "key", "SMOKE_SECRET": SECRET, "HERD_METRICS_ADDRESS": "off"}
        yield Stack(home, {**environment, **more}, sink, processes)


def _contract(stack: Stack) -> None:
    path = stack.home / "smoke.csv"
    path.write_bytes(make_sample(animals=150, seed=11).csv)
    stack.herd("datasets", "add", str(path))
    said = json.loads(stack.herd("preflight", "run", str(path), "--json", "-"))
    hold("FAIL" not in json.dumps(said), f"the sample breaks its contract: {said}")


def _serve(stack: Stack) -> None:
    port = any_free_port()
    process = stack.start("api", "--port", str(port), "--no-runner")
    stack.start("worker")
    token = token_when_ready(stack.home, port, process)
    stack.service = ServiceClient(f"http://127.0.0.1:{port}", token, process)
    hold(stack.herd("api", "probe") == "", "the probe says something")


def _report(stack: Stack) -> None:
    stack.herd("report", "run", "quality", "--param", "dataset=smoke.csv")
    editions = json.loads(stack.herd("report", "list", "--json", "-"))["editions"]
    hold([each["status"] for each in editions] == ["succeeded"], f"editions: {editions}")


def _alert(stack: Stack) -> None:
    stack.start("watch")
    deadline = time.monotonic() + ALERT_SECONDS
    while time.monotonic() < deadline:
        on = stack.service.ask("GET", "/api/v1/diagnostics/alerts/active").document(200)["items"]
        if [each["state"] for each in on if each["policy_id"] == "smoke"] == ["FIRING"]:
            return
        time.sleep(0.5)
    raise Broken(f"it did not fire within {ALERT_SECONDS:g} s")


def _webhook(stack: Stack) -> None:
    deadline = time.monotonic() + ALERT_SECONDS
    while not stack.sink.got:
        hold(time.monotonic() < deadline, f"nothing came within {ALERT_SECONDS:g} s")
        time.sleep(0.2)
    headers, data = stack.sink.got[0]
    try:
        event = Webhook(SECRET).verify(data, headers)
    except WebhookVerificationError as error:
        raise Broken(f"its signature does not hold: {error}") from error
    hold(event["type"] == "alert.firing", f"it tells {event['type']}")
    try:
        Webhook(SECRET).verify(data.replace(b"smoke", b"smoky"), headers)
    except WebhookVerificationError:
        return
    raise Broken("a message that was changed is taken")


def _metrics(stack: Stack) -> None:
    text = stack.service.ask("GET", "/api/v1/diagnostics/metrics").body.decode()
    found = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    firing = found["herd_alerts_active", (("severity", "HIGH"), ("status", "FIRING"))]
    hold(firing == 1, f"{firing} grave alerts instead of one")
    succeeded = sum(value for (name, labels), value in found.items()
                    if name == "herd_runs_total" and ("status", "succeeded") in labels)  # fmt: skip
    hold(succeeded >= 1, "no run is counted")
