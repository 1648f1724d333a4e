"""`dask scheduler` and `dask worker` as programs of their own."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Self

from distributed import Client

PATIENCE_SECONDS = 300
ROOT = Path(__file__).parents[3]
HANGS, KILLS, FAILS = 666, 667, 668
"""Seeds of runs whose batches hang, kill their worker, or fail with an error that Dask itself loses."""
BAD_BATCHES = f"""
import os, time
from herd_engine.execution import cluster
if not hasattr(cluster, "simulate_well"):  # Dask executes this twice
    cluster.simulate_well = cluster.simulate_batch
def simulate_badly(inputs, seed, batch):
    if seed == {HANGS}:
        time.sleep(3600)
    if seed == {KILLS}:
        os._exit(1)
    if seed == {FAILS}:
        return simulate_badly(inputs, seed, batch)
    return cluster.simulate_well(inputs, seed, batch)
cluster.simulate_batch = simulate_badly
"""
OTHER_VERSION = "import herd_engine\nherd_engine.__version__ = '0.0.1'\n"


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


class DaskPrograms:
    """A scheduler, always at the same address, and its workers; all are killed at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, free_port()
        self.address = f"tcp://127.0.0.1:{self._port}"
        self.scheduler_file = folder / "scheduler.json"
        self._scheduler: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill_scheduler()
        self.kill_workers()

    def start_scheduler(self) -> None:
        options = ["--host", "127.0.0.1", "--port", str(self._port), "--dashboard-address", "127.0.0.1:0"]
        file = ["--scheduler-file", str(self.scheduler_file), "--idle-timeout", "1h"]
        self._scheduler = self._start("scheduler", *options, *file)
        self._client().close()

    def start_workers(self, n: int, *, preload: str | None = None, nanny: bool = True) -> None:
        """Start workers of one thread each and wait for them; ``preload`` is Python that they run first."""
        options = ["--host", "127.0.0.1", "--nthreads", "1", "--dashboard-address", "127.0.0.1:0"]
        options.append("--nanny" if nanny else "--no-nanny")
        if preload is not None:
            script = self._folder / f"preload_{len(self._workers)}.py"
            script.write_text(preload)
            options += ["--preload", str(script)]
        with self._client() as client:
            wanted = len(client.nthreads()) + n
            self._workers += [self._start("worker", self.address, *options) for _ in range(n)]
            client.wait_for_workers(wanted, timeout=PATIENCE_SECONDS)

    def wait_for_workers(self, n: int) -> None:
        with self._client() as client:
            client.wait_for_workers(n, timeout=PATIENCE_SECONDS)

    def n_workers(self) -> int:
        with self._client() as client:
            return len(client.nthreads())

    def worker_pids(self) -> list[int]:
        """Return the processes that compute, not their nannies."""
        with self._client() as client:
            return list(client.run(os.getpid).values())

    def kill_scheduler(self) -> None:
        if self._scheduler is not None:
            _kill(self._scheduler)
            self._scheduler = None

    def kill_workers(self) -> None:
        for worker in self._workers:
            _kill(worker)
        self._workers = []

    def _client(self) -> Client:
        return Client(self.address, timeout=PATIENCE_SECONDS)

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        path = f"{ROOT}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
        settings = {"PYTHONPATH": path, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "60s"}
        with (self._folder / "dask.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *arguments],
                cwd=self._folder,
                env=os.environ | settings,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a program with all that it started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
