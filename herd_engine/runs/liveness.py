"""Whether a runner is alive on this machine, how one is started, and what one that died leaves."""

import fcntl
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TextIO

from herd_engine.errors import StorageError
from herd_engine.runs.store import StoreSettings
from herd_engine.storage.database import open_database
from herd_engine.storage.run_rows import RunRow, RunStatus
from herd_engine.storage.runs import Runs

SUPERVISOR_LOCK = "up.lock"
LOST_AFTER_SECONDS = 60.0
"""A run whose runner was not heard of for so long is given up."""


@contextmanager
def alive(home: Path) -> Iterator[None]:
    """Count as a living runner for the duration of the block, however it ends.

    Raises
    ------
    StorageError
        The home cannot be written.
    """
    with _lock_file(home) as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def is_any_alive(home: Path) -> bool:
    """Tell whether a runner of this home is alive."""
    return _is_locked(home / "worker.lock")


def start_runner(home: Path) -> None:
    """Start a runner that ends when nothing is queued; it outlives whoever started it.

    Notes
    -----
    Where `herd up` is running nothing is started: it starts its own runner again if that has died.
    """
    if _is_locked(home / SUPERVISOR_LOCK):
        return
    command = [sys.executable, "-m", "herd_engine", "worker", "--until-idle", "--home", str(home)]
    with (home / "worker.log").open("ab") as log:
        subprocess.Popen(  # noqa: S603 - our own command line
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def is_lost(run: RunRow) -> bool:
    """Tell whether the runner of a running run was not heard of for too long."""
    if run.status is not RunStatus.RUNNING or run.heartbeat_at is None:
        return False
    return datetime.now(UTC) - run.heartbeat_at > timedelta(seconds=LOST_AFTER_SECONDS)


def new_runner_name() -> str:
    """Return a name that no other runner has or ever had."""
    return f"{_beginning(os.getpid())}{uuid.uuid4().hex[:8]}"


def release_runs(settings: StoreSettings, pid: int) -> None:
    """Queue again, or fail, the runs of a runner of this machine that is known to have ended."""
    with open_database(settings.database_url) as database:
        Runs(database).release(_beginning(pid))


def _lock_file(home: Path) -> TextIO:
    try:
        return (home / "worker.lock").open("a")
    except OSError as error:
        raise StorageError(str(home), error.strerror or "it cannot be written") from error


def _beginning(pid: int) -> str:
    return f"{socket.gethostname()}-{pid}-"


def _is_locked(path: Path) -> bool:
    """Tell whether a process holds a lock; the system frees that of one that died."""
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
