"""The service under load: what a request costs, what watching costs, how it ends.

The processor's time of the service is measured beside the clock: other work on the machine stretches the
second, not the first. Rates are not limited here, only counted.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import NamedTuple

from herd_engine.errors import ServiceError
from herd_engine.workbench import Workbench
from pipelines.bench.api_load import (
    LOAD_SECONDS,
    LOAD_STREAMS,
    OPENED,
    READS_PER_SECOND,
    REQUESTS,
    LoadRequest,
    load_figures_of,
    mixed_requests,
    open_things,
    settled,
    soak_figures_of,
    soaked,
    steady,
    warmed_up,
)
from pipelines.bench.figure import Figure
from pipelines.smoke_api import ServiceClient, any_free_port, token_when_ready

READS, LISTED, STREAMS = 400, 20, 200
IDLE_SECONDS = 10.0
ENDED_SECONDS = 60.0
UNLIMITED = "1000000000/second"
SHORT = {"horizon_months": 12, "mc_runs": 200, "seed": 5}
TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """Of one request: the processor's milliseconds of the service, and what the clock says of each."""

    cpu: float
    p50: float
    p99: float


@dataclass
class Watchers:
    """Streams that are open: how many said why they ended, and when the last one did."""

    n_drained: int = 0
    n_open: int = 0
    ended_at: float = 0.0
    tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def watch(self, base: str, path: str, token: str) -> None:
        """Read a stream to its end."""
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", int(base.rpartition(":")[2]), limit=1 << 20
        )
        host = base.partition("//")[2]
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n"
        try:
            writer.write(head.encode())
            await reader.readuntil(b"retry: 2000\n")
            self.n_open += 1
            rest = await reader.read(-1)
            self.n_drained += b"event: drain" in rest
            self.ended_at = time.perf_counter()
        finally:
            writer.close()
            await writer.wait_closed()

    async def leave(self) -> int:
        """Cut all streams; return how many were open until now."""
        n_open = sum(not task.done() for task in self.tasks)
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        return n_open


def api_figures(file: Path) -> list[Figure]:
    """Measure a service over a home of its own that keeps one forecast of a file.

    Raises
    ------
    ServiceError
        It did not become ready, or a run did not succeed.
    """
    with TemporaryDirectory(prefix="herd-bench-") as folder:
        home = Path(folder)
        dataset, run = _kept_run(home, file)
        begun = time.perf_counter()
        with unlimited_service(home) as service:
            ready = time.perf_counter() - begun
            figures = [
                Figure(
                    name="ready",
                    value=ready,
                    unit="s",
                    definition="From the start of the process until it says that it is ready",
                )
            ]
            figures += _read_figures(service, run)
            queued = _queued_run(service, dataset)
            figures += _load_figures(service, dataset, run, queued)
            figures += _soak_figures(service, dataset, run, queued)
            return figures + _stream_figures(service, queued)


def _kept_run(home: Path, file: Path) -> tuple[str, str]:
    """Keep a file and a finished forecast of it; return their ids."""
    workbench = Workbench.open(home)
    dataset = workbench.datasets.add(file.read_bytes(), file.name).dataset.id
    run = workbench.runs.submit(dataset, SHORT).run.id
    worker = [sys.executable, "-m", "herd_engine", "worker", "--until-idle", "--home", str(home)]
    subprocess.run(worker, check=True, capture_output=True)  # noqa: S603 - our own command line
    if workbench.runs.get(run).status != "succeeded":
        raise ServiceError("runner", f"the run that is to be read is {workbench.runs.get(run).status}")
    workbench.kept.close()
    return dataset, run


def _read_figures(service: ServiceClient, run: str) -> list[Figure]:
    path = f"/api/v1/runs/{run}"
    tag = service.ask("GET", path).headers["etag"]
    one = _cost(service, path)
    same = _cost(service, path, If_None_Match=tag)
    listed, result = _cost(service, f"/api/v1/runs?limit={LISTED}"), _cost(service, f"{path}/result")
    told = [
        ("run_read_p50", one.p50, "ms", f"Reading a run over one connection, median of {READS}, alone"),
        ("run_read_p99", one.p99, "ms", "The same, 99th percentile"),
        ("run_reads_per_core", 1000 / one.cpu, "1/s", "Reads of a run that one core can answer: 1 / its CPU"),
        ("run_read_cpu", one.cpu, "ms", "CPU of the service for reading a run"),
        ("run_unchanged_ratio", same.cpu / one.cpu, "", "CPU of a 304 by the CPU of the 200"),
        ("run_list_cpu", listed.cpu, "ms", f"CPU of the service for a list of {LISTED} runs"),
        ("result_cpu", result.cpu, "ms", "CPU of the service for a result"),
    ]
    return [Figure(name=name, value=value, unit=unit, definition=text) for name, value, unit, text in told]


def _cost(service: ServiceClient, path: str, **headers: str) -> Cost:
    """Ask for one thing again and again over one connection."""
    connection, seconds = service.connection(), []
    sent = {
        "Authorization": f"Bearer {service.token}",
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    for _ in range(READS // 10):
        _ask(connection, path, sent)
    before = cpu_seconds(service)
    for _ in range(READS):
        begun = time.perf_counter()
        _ask(connection, path, sent)
        seconds.append(time.perf_counter() - begun)
    cpu = cpu_seconds(service) - before
    connection.close()
    cut = quantiles(seconds, n=100)
    return Cost(cpu / READS * 1000, cut[49] * 1000, cut[98] * 1000)


def _ask(connection: HTTPConnection, path: str, headers: dict[str, str]) -> None:
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    response.read()
    if response.status not in (200, 304):
        raise ServiceError("api", f"{path} was answered with {response.status}")


def _queued_run(service: ServiceClient, dataset: str) -> str:
    """Return a run that nobody executes: nothing happens to it."""
    wish = {"dataset_id": dataset, "payload": {**SHORT, "seed": 6}}
    return str(service.send("/api/v1/runs", wish).document(202)["run"]["id"])


def _load_figures(service: ServiceClient, dataset: str, run: str, queued: str) -> list[Figure]:
    wish = LoadRequest("POST", "/api/v1/runs", json.dumps({"dataset_id": dataset, "payload": SHORT}).encode())

    async def load() -> list[Figure]:
        watchers = await opened(service, f"/api/v1/runs/{queued}/events/stream", LOAD_STREAMS)
        before = resident_mib(service)
        path, speed = f"/api/v1/runs/{run}", READS_PER_SECOND
        begun = time.perf_counter()
        reads, submits = await steady(service, path, wish, seconds=LOAD_SECONDS, per_second=speed)
        took, grown = time.perf_counter() - begun, resident_mib(service) - before
        return load_figures_of(reads, submits, took, grown, await watchers.leave())

    return asyncio.run(load())


def _soak_figures(service: ServiceClient, dataset: str, run: str, queued: str) -> list[Figure]:
    mixed, stream = mixed_requests(dataset, run), f"/api/v1/runs/{queued}/events/stream"
    asyncio.run(warmed_up(service, mixed))
    before = open_things(pid_of(service))
    load = asyncio.run(soaked(service, mixed, stream, n=REQUESTS, n_streams=OPENED))
    return soak_figures_of(load, before, settled(service, pid_of(service), before))


def _stream_figures(service: ServiceClient, run: str) -> list[Figure]:
    before = resident_mib(service)
    busy, after, watchers, drain, end = asyncio.run(_watched(service, f"/api/v1/runs/{run}/events/stream"))
    told = [
        ("idle_streams_cpu", busy, "cores", f"{STREAMS} streams on which nothing happens"),
        ("streams_memory", after - before, "MiB", f"Memory that {STREAMS} streams take"),
        ("memory", before, "MiB", "Memory of the service after these reads"),
        ("streams_drained", watchers.n_drained, "", f"Of {STREAMS} streams: told `drain` before they ended"),
        ("drain", drain, "s", "From SIGTERM until the last of them has ended"),
        ("end", end, "s", "From SIGTERM until the process has ended"),
    ]
    return [Figure(name=name, value=value, unit=unit, definition=text) for name, value, unit, text in told]


async def _watched(service: ServiceClient, path: str) -> tuple[float, float, Watchers, float, float]:
    """Open the streams, let nothing happen, end the service; return what that took."""
    watchers = await opened(service, path)
    before = cpu_seconds(service)
    await asyncio.sleep(IDLE_SECONDS)
    busy, memory = (cpu_seconds(service) - before) / IDLE_SECONDS, resident_mib(service)
    seconds, end = await drained(service, watchers)
    return busy, memory, watchers, seconds, end


async def opened(service: ServiceClient, path: str, number: int = STREAMS) -> Watchers:
    """Open streams; return when all have begun."""
    found = Watchers()
    found.tasks = [asyncio.create_task(found.watch(service.base, path, service.token)) for _ in range(number)]
    deadline = time.monotonic() + ENDED_SECONDS
    while found.n_open < number:
        if time.monotonic() > deadline:
            raise ServiceError("api", f"only {found.n_open} of {number} streams began")
        await asyncio.sleep(0.05)
    return found


async def drained(service: ServiceClient, watchers: Watchers) -> tuple[float, float]:
    """Send SIGTERM; return the seconds until the last stream has ended, and until the process has."""
    begun = time.perf_counter()
    os.kill(pid_of(service), signal.SIGTERM)
    await asyncio.wait_for(asyncio.gather(*watchers.tasks), ENDED_SECONDS)
    if service.process is not None:
        await asyncio.to_thread(service.process.wait, ENDED_SECONDS)
    return watchers.ended_at - begun, time.perf_counter() - begun


def pid_of(service: ServiceClient) -> int:
    """Return the process of a service that was started here."""
    if service.process is None:
        raise ServiceError("api", "it was not started here")
    return service.process.pid


def cpu_seconds(service: ServiceClient) -> float:
    """Return what its process has taken of the processor until now."""
    fields = Path(f"/proc/{pid_of(service)}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mib(service: ServiceClient) -> float:
    """Return the memory of its process."""
    pages = Path(f"/proc/{pid_of(service)}/statm").read_text(encoding="utf-8").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def unlimited_service(home: Path) -> Iterator[ServiceClient]:
    """Serve a home in a process of its own, with rates that nobody reaches."""
    port = any_free_port()
    command = [sys.executable, "-m", "herd_engine", "api", "--no-runner"]
    command += ["--port", str(port), "--home", str(home)]
    names = ("read", "farm_read", "write", "farm_write", "submit", "heavy")
    rates = ",".join([*(f"{name}={UNLIMITED}" for name in names), "stream=1000"])
    environment = {**os.environ, "HERD_API_AUTH": "key", "HERD_API_RATES": rates}
    with ExitStack() as stack:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command, stderr=subprocess.DEVNULL, env=environment
        )
        stack.callback(process.wait)
        stack.callback(process.kill)
        yield ServiceClient(f"http://127.0.0.1:{port}", token_when_ready(home, port, process), process)
