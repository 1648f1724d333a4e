"""What a supervisor tells others: that it lives, by a lock, and how its parts are, in a file."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TextIO

from herd_engine.errors import ConflictError
from herd_engine.runs.exports.atomic_write import write_atomically
from herd_engine.runs.liveness import SUPERVISOR_LOCK

LOCK, REPORT = SUPERVISOR_LOCK, "up.json"
LOOK_SECONDS = 0.5
KILL_SECONDS = 20.0
"""A supervisor that is asked to end kills its parts after half of this."""


class PartState(StrEnum):
    """``waiting -> starting -> ready``, and back to waiting when it ends."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReport:
    """How a part is.

    Attributes
    ----------
    name : str
    state : PartState
    pid : int or None
    since : str or None
        When the process was started; ISO 8601, UTC.
    restarts : int
    address : str
    log : str
        Path.
    """

    name: str
    state: PartState
    pid: int | None
    since: str | None
    restarts: int
    address: str
    log: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a supervisor and its parts are."""

    pid: int
    host: str
    version: str
    since: str
    parts: tuple[PartReport, ...]

    @property
    def is_ready(self) -> bool:
        """Whether every part is."""
        return all(part.state is PartState.READY for part in self.parts)


@contextmanager
def sole_supervisor(home: Path) -> Iterator[None]:
    """Be the only one of this home for the duration of the block; the system frees the lock of one that died.

    Raises
    ------
    ConflictError
        Another one lives; its process id is told.
    """
    with (home / LOCK).open("a+") as lock:
        if not _lock(lock):
            lock.seek(0)
            told = lock.read().strip() or "it has just begun"
            raise ConflictError(f"Herd Workbench is up already for {home} ({told}). End it with `herd down`.")
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, since {now()}\n")
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


def living_supervisor(home: Path) -> int | None:
    """Return the process id of the supervisor of a home, or None where none lives."""
    while (home / LOCK).exists():
        with (home / LOCK).open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                if words := lock.read():
                    return int(words.removeprefix("process ").partition(",")[0])
            else:
                return None
        time.sleep(0.02)  # it is just beginning or ending
    return None


def end_supervisor(home: Path) -> Report | None:
    """End the supervisor of a home with all its parts; return how they were, None where none lives."""
    pid = living_supervisor(home)
    if pid is None:
        return None
    report = read_report(home)
    deadline = time.monotonic() + KILL_SECONDS
    os.kill(pid, signal.SIGTERM)
    while living_supervisor(home) == pid:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)  # its parts then die with it
        time.sleep(0.05)
    return report


def write_report(home: Path, report: Report) -> None:
    """Tell others how the parts are."""
    write_atomically(home / REPORT, json.dumps(asdict(report), indent=2).encode())


def read_report(home: Path) -> Report | None:
    """Return what the last supervisor told, be it alive or not; None where there was none."""
    try:
        values = json.loads((home / REPORT).read_bytes())
    except FileNotFoundError:
        return None
    parts = (PartReport(**{**part, "state": PartState(part["state"])}) for part in values.pop("parts"))
    return Report(**values, parts=tuple(parts))


def _lock(lock: TextIO) -> bool:
    """Take the lock; whoever only looks whether it is taken holds it for a moment, which is waited for."""
    deadline = time.monotonic() + LOOK_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        else:
            return True


def now() -> str:
    """Return the moment as ISO 8601, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
