"""The apps, served on a port of their own to a browser of ours."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from herd_engine.errors import ServiceError
from herd_engine.workbench import Workbench

HOST = "127.0.0.1"
POLL_SECONDS = 0.05
PATIENCE_SECONDS = 180


@dataclass(frozen=True)
class AppsServer:
    """The apps, served on a port of their own."""

    process: subprocess.Popen[bytes]
    port: int
    key: str

    @property
    def address(self) -> str:
        """Where a browser finds it."""
        return f"http://{HOST}:{self.port}"

    def page(self, path: str) -> str:
        """Return the address of a page for a browser that has not been here before."""
        return f"{self.address}/{path}{'&' if '?' in path else '?'}token={self.key}"

    def kernels(self) -> list[psutil.Process]:
        """Return its child processes, the newest last; all of them are kernels."""
        return sorted(psutil.Process(self.process.pid).children(), key=psutil.Process.create_time)

    def is_ready(self) -> bool:
        """Tell whether somebody answers."""
        if self.process.poll() is not None:
            raise ServiceError("apps", f"the server ended with {self.process.returncode}")
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0

    def n_waiting(self) -> int:
        """Return how many kernels wait for a visitor: those that hold a connection to the server."""
        return sum(self._is_waiting(kernel) for kernel in self.kernels())

    def _is_waiting(self, kernel: psutil.Process) -> bool:
        try:
            return any(item.raddr and item.raddr.port == self.port for item in kernel.net_connections("tcp"))
        except psutil.NoSuchProcess:  # a visitor left, and it ended
            return False


@contextmanager
def served(home: Path, *, preheat: int) -> Iterator[AppsServer]:
    """Serve the apps of a home, so many kernels of each kept ready."""
    with socket.create_server((HOST, 0)) as probe:
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "widgets.serve", "--port", str(port), "--preheat", str(preheat)]
    with (home / "apps.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command, env={**os.environ, "HERD_HOME": str(home)}, stdout=log, stderr=log
        )
    server = AppsServer(process, port, Workbench.open(home).access_key())
    try:
        wait_until(server.is_ready, "the server does not answer")
        yield server
    finally:
        process.terminate()
        process.wait()


def wait_until(is_reached: Callable[[], bool], trouble: str) -> None:
    """Wait; ServiceError with these words where it takes too long."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_reached():
        if time.monotonic() > end:
            raise ServiceError("apps", f"{trouble} after {PATIENCE_SECONDS} s")
        time.sleep(POLL_SECONDS)
