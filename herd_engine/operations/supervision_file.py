"""What a supervisor tells others: that it lives, by a lock, and how its parts are, in a file."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from filelock import lock_descriptor

from herd_engine.errors import ConflictError, OutputError
from herd_engine.exports.atomic_write import write_atomically
from herd_engine.monitoring.supervision_report import REPORT, Report, living_supervisor, now, read_report
from herd_engine.runs.liveness import SUPERVISOR_LOCK

LOCK = SUPERVISOR_LOCK
LOOK_SECONDS = 0.5
KILL_SECONDS = 20.0
"""A supervisor that is asked to end kills its parts after half of this."""


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
            message = f"Herd Workbench is up already for {home} ({told}). End it with `herd down`."
            raise ConflictError(message, "up_already", str(home))
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, since {now()}\n")
        lock.flush()
        try:
            yield
        finally:
            lock.truncate(0)


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
    """Tell others how the parts are; where a full disk leaves no room for a new file, in the old one."""
    path, text = home / REPORT, report.text()
    try:
        write_atomically(path, text)
        path.chmod(0o600)
    except OutputError:
        if not path.is_file() or path.stat().st_size != len(text):
            raise
        with path.open("r+b") as file:
            file.write(text)


def is_told(home: Path, report: Report) -> bool:
    """Whether the file says just this; somebody may have torn or deleted it."""
    try:
        return (home / REPORT).read_bytes() == report.text()
    except OSError:
        return False


def _lock(lock: TextIO) -> bool:
    """Take the lock; whoever only looks whether it is taken holds it for a moment, which is waited for."""
    deadline = time.monotonic() + LOOK_SECONDS
    while not lock_descriptor(lock.fileno(), blocking=False):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
