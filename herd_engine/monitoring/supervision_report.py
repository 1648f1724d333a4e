"""What `herd up` tells others of its parts, in a file: how each is, and why one is not as it should be."""

import json
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from herd_engine.runs.liveness import SUPERVISOR_LOCK
from herd_engine.runs.signs_of_life import is_held

REPORT = "up.json"
AGAIN_SECONDS = 0.02
ROOM_BYTES = 1 << 14
"""Eight parts, each with a long reason, take about half of it."""


class PartState(StrEnum):
    """``waiting -> starting -> ready``, from there to troubled or silent and back; waiting when it ends."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    TROUBLED = "troubled"
    """It gets on, but waits for something that it needs."""
    SILENT = "silent"
    """It was ready, and gives no answer: it is stopped, or hangs."""


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
    reason : str
        Why it is not ready, in words; empty where it is.
    retry_at : str or None
        When it is started again; ISO 8601, UTC.
    """

    name: str
    state: PartState
    pid: int | None
    since: str | None
    restarts: int
    address: str
    log: str
    reason: str = ""
    retry_at: str | None = None

    def __str__(self) -> str:
        return f"{self.name} is {self.state}" + (f": {self.reason}" if self.reason else "")


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
        return not self.down

    @property
    def down(self) -> tuple[PartReport, ...]:
        """The parts that are not ready."""
        return tuple(part for part in self.parts if part.state is not PartState.READY)

    def text(self) -> bytes:
        """Return the report as it stands in the file; with room for a longer one on a full disk."""
        return json.dumps(asdict(self), indent=2).encode().ljust(ROOM_BYTES)


def read_report(home: Path) -> Report | None:
    """Return what the last supervisor told, be it alive or not; None where nothing can be read."""
    try:
        values = json.loads((home / REPORT).read_bytes())
        parts = (PartReport(**{**part, "state": PartState(part["state"])}) for part in values.pop("parts"))
        return Report(**values, parts=tuple(parts))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # a living supervisor writes it again


def living_supervisor(home: Path) -> int | None:
    """Return the process id of the supervisor of a home, or None where none lives."""
    while True:
        try:
            with (home / SUPERVISOR_LOCK).open("rb") as lock:
                if not is_held(lock.fileno()):
                    return None
                words = lock.read().decode(errors="replace")
        except OSError:
            return None
        number = words.removeprefix("process ").partition(",")[0]
        if number.isdecimal():
            return int(number)
        time.sleep(AGAIN_SECONDS)  # it is just beginning or ending


def what_is_down(home: Path) -> tuple[PartReport, ...]:
    """Return the parts of a living `herd up` that ought to be ready and are not (not those that begin)."""
    report = read_report(home) if living_supervisor(home) is not None else None
    return () if report is None else tuple(part for part in report.down if part.reason or part.restarts)


def now() -> str:
    """Return the moment as ISO 8601, UTC, to the second."""
    return moment(time.time())


def moment(seconds: float) -> str:
    """Return a number of seconds since 1970 as ISO 8601, UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
