"""Whether a runner is alive on this machine, how one is started, and what one that died leaves."""

import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from herd_engine.runs.home import owners_alone
from herd_engine.runs.signs_of_life import Beat, beating, is_held, signs
from herd_engine.runs.store import StoreSettings
from herd_engine.storage.database import open_database
from herd_engine.storage.runs import RunTable

SUPERVISOR_LOCK = "up.lock"
RUNNER = "runner"


@contextmanager
def alive(home: Path) -> Iterator[Beat]:
    """Count as a living runner for the duration of the block, however it ends.

    Raises
    ------
    StorageError
        The home cannot be written.
    """
    with beating(home, RUNNER) as beat:
        yield beat


def is_any_alive(home: Path) -> bool:
    """Tell whether a runner of this home gets on; one that was stopped does not."""
    return any(sign.gets_on for sign in signs(home, RUNNER))


def is_any_there(home: Path) -> bool:
    """Tell whether there is a runner of this home, also one that does not get on."""
    return bool(signs(home, RUNNER))


def start_runner(home: Path) -> None:
    """Start a runner that ends when nothing is queued; it outlives whoever started it.

    Notes
    -----
    Where `herd up` is running nothing is started: it starts its own runner again if that has died.
    """
    if _is_locked(home / SUPERVISOR_LOCK):
        return
    command = [sys.executable, "-m", "herd_engine", "worker", "--until-idle", "--home", str(home)]
    with open(home / "worker.log", "ab", opener=owners_alone) as log:
        subprocess.Popen(  # noqa: S603 - our own command line
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def new_runner_name() -> str:
    """Return a name that no other runner has or ever had."""
    return f"{_beginning(os.getpid())}{uuid.uuid4().hex[:8]}"


def release_runs(settings: StoreSettings, pid: int) -> None:
    """Queue again, or fail, the runs of a runner of this machine that is known to have ended."""
    with open_database(settings.database_url) as database:
        RunTable(database).release(_beginning(pid))


def _beginning(pid: int) -> str:
    return f"{socket.gethostname()}-{pid}-"


def _is_locked(path: Path) -> bool:
    try:
        with path.open("rb") as lock:
            return is_held(lock.fileno())
    except OSError:
        return False
