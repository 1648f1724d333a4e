"""Whether a runner is alive on this machine, and how one is started."""

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def alive(home: Path) -> Iterator[None]:
    """Count as a living runner for the duration of the block, however it ends."""
    with (home / "worker.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def is_any_alive(home: Path) -> bool:
    """Tell whether a runner of this home is alive: the system frees the lock of one that died."""
    with (home / "worker.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def start_runner(home: Path) -> None:
    """Start a runner that ends when nothing is queued; it outlives whoever started it."""
    command = [sys.executable, "-m", "herd_engine", "worker", "--until-idle", "--home", str(home)]
    with (home / "worker.log").open("ab") as log:
        subprocess.Popen(  # noqa: S603 - our own command line
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
