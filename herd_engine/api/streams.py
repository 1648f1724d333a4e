"""What happens to a run, as it happens: one reader of the store a run and process, however many watch."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from fastapi.concurrency import run_in_threadpool

from herd_engine.workbench.answers import RunEvent
from herd_engine.workbench.runs import Runs

LOOK_SECONDS = 0.25
QUIET_SECONDS = 15.0
LONGEST_SECONDS = 3600.0
MOST_BEHIND = 100
ENDED = ("succeeded", "failed", "canceled", "timeout")


@dataclass(eq=False)
class Watcher:
    """Who watches a run: what is still to be sent; of progress only the newest once too much waits."""

    waiting: list[RunEvent] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, events: tuple[RunEvent, ...]) -> None:
        """Add events."""
        self.waiting.extend(events)
        if len(self.waiting) > MOST_BEHIND:
            progress = [event for event in self.waiting if event.type == "progress"]
            newest = progress[-1:]
            self.waiting = [event for event in self.waiting if event.type != "progress" or event in newest]
        self.news.set()


class EventPump:
    """Reads the events of one run while anybody watches it."""

    def __init__(self, runs: Runs, run_id: str, seen: int) -> None:
        self._runs, self._run_id, self._seen = runs, run_id, seen
        self.watchers: set[Watcher] = set()
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while self.watchers or self._seen == 0:
            events = await run_in_threadpool(self._runs.events, self._run_id, self._seen)
            if events:
                self._seen = events[-1].seq
                for watcher in self.watchers:
                    watcher.tell(events)
            if not self.watchers:
                return
            await asyncio.sleep(LOOK_SECONDS)


Pumps = dict[str, EventPump]
"""By id of the run."""


class Watching:
    """A watcher beside the pump of a run, for the duration of a block.

    It is placed before the store is read, so that nothing falls between the two.
    """

    def __init__(self, pumps: Pumps, runs: Runs, run_id: str, seen: int) -> None:
        self._pumps, self._runs, self._run_id, self._seen = pumps, runs, run_id, seen
        self._watcher = Watcher()

    def __enter__(self) -> Self:
        pump = self._pumps.get(self._run_id)
        if pump is None or pump.task.done():
            pump = self._pumps[self._run_id] = EventPump(self._runs, self._run_id, self._seen)
        pump.watchers.add(self._watcher)
        self._pump = pump
        return self

    def __exit__(self, *_: object) -> None:
        self._pump.watchers.discard(self._watcher)
        if not self._pump.watchers:
            self._pump.task.cancel()
            self._pumps.pop(self._run_id, None)

    def take(self) -> list[RunEvent]:
        """Return what has happened since this was asked last."""
        waiting, self._watcher.waiting = self._watcher.waiting, []
        self._watcher.news.clear()
        return waiting

    async def news(self, *others: Awaitable[Any], seconds: float = QUIET_SECONDS) -> bool:
        """Wait for news, or one of others; tell whether there are any before it gets too quiet."""
        mine = asyncio.create_task(self._watcher.news.wait())
        waits = [mine, *(asyncio.ensure_future(each) for each in others)]
        try:
            done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each, given in zip(waits[1:], others, strict=True):
                if each is not given:
                    each.cancel()
            mine.cancel()
        return bool(done)


async def frames(
    pumps: Pumps, runs: Runs, run_id: str, seen: int, draining: asyncio.Event
) -> AsyncIterator[str]:
    """Yield the frames of a stream, from event number ``seen`` on, until the run or the service ends."""
    with Watching(pumps, runs, run_id, seen) as watching:
        yield "retry: 2000\n\n"
        waiting = await run_in_threadpool(_history, runs, run_id, seen)
        end = asyncio.get_running_loop().time() + LONGEST_SECONDS
        while True:
            for event in (*waiting, *watching.take()):
                if event.seq <= seen:
                    continue
                seen = event.seq
                yield frame(event)
                if event.type in ENDED:
                    yield "event: end\ndata: {}\n\n"
                    return
            waiting = []
            if draining.is_set() or asyncio.get_running_loop().time() > end:
                yield "retry: 1000\nevent: drain\ndata: {}\n\n"
                return
            if not await watching.news(draining.wait()):
                yield ": keep-alive\n\n"


async def counted(body: AsyncIterator[str], watching: Counter[str], name: str) -> AsyncIterator[str]:
    """Yield the frames of a stream, which counts as one of its watcher's while it is open."""
    watching[name] += 1
    try:
        async for each in body:
            yield each
    finally:
        watching[name] -= 1


def _history(runs: Runs, run_id: str, seen: int) -> list[RunEvent]:
    """Return all events so far, however many: what was is told whole."""
    found: list[RunEvent] = []
    while more := runs.events(run_id, found[-1].seq if found else seen):
        found += more
    return found


def frame(event: RunEvent) -> str:
    """Return one event as it is sent; its id is its number in the store, in any process."""
    values = {**asdict(event), "at": event.at.isoformat().replace("+00:00", "Z")}
    return f"id: {event.seq}\nevent: {event.type}\ndata: {json.dumps(values, ensure_ascii=False)}\n\n"
