"""The service under steady load, and after much of everything: whether anything breaks or is left open.

Requests are sent on a schedule, not as fast as they are answered: a service that falls behind is seen to.
"""

import asyncio
import json
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from pipelines.bench.figure import Figure
from pipelines.smoke_api import ServiceClient

READS_PER_SECOND, LOAD_SECONDS, CONNECTIONS, LOAD_STREAMS, SUBMITS = 500, 60.0, 10, 100, 5
REQUESTS, OPENED = 10_000, 1_000
AT_ONCE = 50
"""Requests of the warm-up: as many threads as there will ever be have begun then."""
SETTLE_SECONDS = 30.0
LOOK_SECONDS = 0.2


class LoadRequest(NamedTuple):
    """A request of the load."""

    method: str
    path: str
    body: bytes = b""
    more: str = ""


@dataclass
class Load:
    """What was answered: how often with which status, how long each took."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    @property
    def n_broken(self) -> int:
        """How many answers were errors of the service."""
        return sum(n for status, n in self.statuses.items() if status >= 500)


class LoadConnection:
    """One connection that is kept open."""

    def __init__(self, service: ServiceClient, load: Load) -> None:
        self._host, self._token, self._load = service.base.partition("//")[2], service.token, load

    async def __aenter__(self) -> "LoadConnection":
        await self._open()
        return self

    async def _open(self) -> None:
        port = int(self._host.rpartition(":")[2])
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()

    async def ask(self, asked: LoadRequest) -> int:
        """Ask for one thing, read all of the answer, and write down how it was."""
        begun = time.perf_counter()
        status, head = await self._begin(asked)
        lengths = [int(each[16:]) for each in head if each.startswith(b"content-length: ")]
        if lengths:
            await self._reader.readexactly(lengths[0])
        self._load.seconds.append(time.perf_counter() - begun)
        if b"connection: close" in head:  # so ends what is refused at the gate
            await self.__aexit__()
            await self._open()
        return status

    async def begin_stream(self, path: str) -> None:
        """Open a stream and read its first words; leaving the block cuts it."""
        await self._begin(LoadRequest("GET", path))
        await self._reader.readuntil(b"retry: 2000\n")

    async def _begin(self, asked: LoadRequest) -> tuple[int, list[bytes]]:
        head = f"{asked.method} {asked.path} HTTP/1.1\r\nHost: {self._host}\r\n"
        head += f"Authorization: Bearer {self._token}\r\n{asked.more}"
        if asked.body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(asked.body)}\r\n"
        self._writer.write(head.encode() + b"\r\n" + asked.body)
        answered = (await self._reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
        status = int(answered[0].split()[1])
        self._load.statuses[status] += 1
        return status, answered


async def steady(
    service: ServiceClient, path: str, wish: LoadRequest, *, seconds: float, per_second: float
) -> tuple[Load, Load]:
    """Read one thing again and again on a schedule, and submit now and then; return both loads."""
    reads, submits = Load(), Load()
    begun = time.perf_counter()

    async def read(number: int) -> None:
        every = CONNECTIONS / per_second
        async with LoadConnection(service, reads) as connection:
            due = begun + every * number / CONNECTIONS
            while due < begun + seconds:
                await asyncio.sleep(due - time.perf_counter())
                await connection.ask(LoadRequest("GET", path))
                due += every

    async def submit() -> None:
        for seed in range(SUBMITS):
            await asyncio.sleep(seconds / (SUBMITS + 1))
            document = json.loads(wish.body)
            document["payload"]["seed"] = 1000 + seed
            # A connection on which nothing is asked for some seconds is closed by the service.
            async with LoadConnection(service, submits) as connection:
                await connection.ask(wish._replace(body=json.dumps(document).encode()))

    await asyncio.gather(submit(), *(read(number) for number in range(CONNECTIONS)))
    return reads, submits


async def soaked(
    service: ServiceClient, mixed: list[LoadRequest], stream: str, *, n: int, n_streams: int
) -> Load:
    """Ask for all kinds of things, open streams and leave them; return what was answered."""
    load = Load()

    async def ask(number: int) -> None:
        async with LoadConnection(service, load) as connection:
            for index in range(number, n, CONNECTIONS):
                await connection.ask(mixed[index % len(mixed)])

    async def watch(number: int) -> None:
        for _ in range(number, n_streams, CONNECTIONS):
            async with LoadConnection(service, load) as connection:
                await connection.begin_stream(stream)

    both = [task(number) for number in range(CONNECTIONS) for task in (ask, watch)]
    await asyncio.gather(*both)
    return load


async def warmed_up(service: ServiceClient, mixed: list[LoadRequest]) -> None:
    """Ask for many things at once: what is made once, and kept, is there then."""

    async def ask(number: int) -> None:
        async with LoadConnection(service, Load()) as connection:
            await connection.ask(mixed[number % len(mixed)])

    await asyncio.gather(*(ask(number) for number in range(AT_ONCE)))


class OpenThings(NamedTuple):
    """What a process holds."""

    descriptors: int
    threads: int


def open_things(pid: int) -> OpenThings:
    """Return how many descriptors and threads a process has."""
    place = Path(f"/proc/{pid}")
    return OpenThings(len(list((place / "fd").iterdir())), len(list((place / "task").iterdir())))


def settled(service: ServiceClient, pid: int, before: OpenThings) -> OpenThings:
    """Return what a process holds once it holds no more than before, or after a while.

    The pool of threads ends those that were idle for ten seconds, but only when it is given
    something to do: it is asked for a little meanwhile.
    """
    deadline = time.monotonic() + SETTLE_SECONDS
    while (now := open_things(pid)) > before or now.threads > before.threads:
        if time.monotonic() > deadline:
            break
        service.ask("GET", "/api/v1/me")
        time.sleep(LOOK_SECONDS)
    return now


def mixed_requests(dataset: str, run: str) -> list[LoadRequest]:
    """Return what programs ask for, some of it in vain."""
    payload = json.dumps({"horizon_months": 12}).encode()
    return [
        LoadRequest("GET", f"/api/v1/runs/{run}"),
        LoadRequest("GET", "/api/v1/runs?limit=20"),
        LoadRequest("GET", f"/api/v1/runs/{run}/result", more="If-None-Match: *\r\n"),
        LoadRequest("GET", f"/api/v1/runs/{run}/summary"),
        LoadRequest("GET", f"/api/v1/datasets/{dataset}/quality"),
        LoadRequest("GET", "/api/v1/runs/00000000-0000-0000-0000-000000000000"),
        LoadRequest("GET", "/api/v1/me"),
        LoadRequest("POST", "/api/v1/scenarios:validate", payload),
        LoadRequest("POST", "/api/v1/scenarios:validate", b"[" * 100),
    ]


def load_figures_of(reads: Load, submits: Load, seconds: float, grown: float, lasted: int) -> list[Figure]:
    """Return what steady load did."""
    cut = quantiles(reads.seconds, n=100)
    told = [
        (
            "load_reads",
            len(reads.seconds) / seconds,
            "1/s",
            f"Reads of a run, of {READS_PER_SECOND} sent",
        ),
        ("load_p50", cut[49] * 1000, "ms", "Such a read under this load, median"),
        ("load_p99", cut[98] * 1000, "ms", "The same, 99th percentile"),
        ("load_broken", reads.n_broken + submits.n_broken, "", "Answers of 500 and above under this load"),
        ("load_submitted", submits.statuses[202], "", f"Of {SUBMITS} forecasts submitted meanwhile: queued"),
        ("load_streams", lasted, "", f"Of {LOAD_STREAMS} streams: open until the end of the load"),
        ("load_memory", grown, "MiB", "By how much the memory of the service grew under this load"),
    ]
    return [Figure(name=name, value=value, unit=unit, definition=text) for name, value, unit, text in told]


def soak_figures_of(load: Load, before: OpenThings, after: OpenThings) -> list[Figure]:
    """Return what is left of much of everything."""
    n, what = load.statuses.total(), f"after {REQUESTS:,} requests and {OPENED:,} streams"
    told = [
        ("soak_answers", n, "", f"Answers {what}"),
        ("soak_broken", load.n_broken, "", "Those of 500 and above among them"),
        ("soak_descriptors", after.descriptors - before.descriptors, "", f"More open descriptors {what}"),
        ("soak_threads", after.threads - before.threads, "", f"More threads {what}"),
    ]
    return [Figure(name=name, value=value, unit=unit, definition=text) for name, value, unit, text in told]
