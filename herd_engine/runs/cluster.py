"""Where batches of runs are simulated: the only module that knows Dask.

With an address (``HERD_DASK_ADDRESS``, or a scheduler file) an existing cluster is used, whose workers
must have this version of the package; otherwise a ``LocalCluster`` in this process, whose worker
threads the kernel keeps busy because it releases Python's lock, or worker processes of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import dask
import numpy as np
from distributed import Client, Future, KilledWorker, LocalCluster, wait
from numpy.typing import NDArray

from herd_engine import __version__
from herd_engine.engine.inputs import Inputs
from herd_engine.engine.simulate import simulate_batch
from herd_engine.errors import BatchError, ClusterError

IN_FLIGHT_PER_THREAD = 2
"""Batches handed out at a time: one running, one waiting, so that a cancel is heard within two."""
POLL_SECONDS = 0.25

SETTINGS = {
    "distributed.scheduler.worker-ttl": "60s",  # a worker that is silent for this long is given up
    "distributed.scheduler.no-workers-timeout": "60s",  # otherwise a run without workers waits for ever
    "distributed.scheduler.allowed-failures": 2,  # a batch that kills three workers is at fault itself
    "distributed.admin.large-graph-warning-threshold": "100MB",
}


class Batch(NamedTuple):
    """The records of some runs: month sums, never animals; shapes as in ``Simulation``."""

    runs: range
    counts: NDArray[np.int32]
    days_in_milk_sum: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSettings:
    """Where and how wide; never part of a run's identity.

    Attributes
    ----------
    address : str, optional
        Of a Dask scheduler.
    scheduler_file : str, optional
        File with that address, as ``dask scheduler --scheduler-file`` writes it.
    workers : int
        Threads, or processes, of the local cluster.
    processes : bool
        Whether local workers are processes.
    """

    address: str | None = None
    scheduler_file: str | None = None
    workers: int = 1
    processes: bool = False


class Cluster:
    """Workers that simulate batches."""

    def __init__(self, client: Client, batch_prefix: str = "herd") -> None:
        self._client = client
        self._prefix = batch_prefix

    @property
    def n_threads(self) -> int:
        """Number of batches that can run at the same time."""
        return max(1, sum(int(threads) for threads in self._client.nthreads().values()))

    @property
    def dashboard(self) -> str:
        """Address of Dask's own pages, for analysts."""
        return str(self._client.dashboard_link)

    def simulate(self, inputs: Inputs, seed: int, batches: list[range], name: str) -> Iterator[Batch | None]:
        """Simulate batches of runs; yield each as it is finished, and None whenever nothing was for a while.

        Parameters
        ----------
        inputs : Inputs
            Sent to each worker once.
        seed : int
        batches : list of range
            Numbers of the runs.
        name : str
            Unique: keys of the tasks begin with it.

        Raises
        ------
        BatchError
            A batch killed several workers, or cannot be simulated.
        ClusterError
            The scheduler or all workers are gone.

        Notes
        -----
        Closing the iterator cancels what is outstanding; a batch that a worker has begun runs to its end.
        """
        todo = iter(batches)
        pending: dict[Future[Any], range] = {}
        try:
            shared = self._client.scatter(inputs, broadcast=True, hash=False)

            def submit(batch: range) -> tuple[Future[Any], range]:
                key = f"{name}-{batch.start}"
                return self._client.submit(simulate_batch, shared, seed, batch, key=key, pure=False), batch

            pending.update(map(submit, islice(todo, IN_FLIGHT_PER_THREAD * self.n_threads)))
            while pending:
                done = self._wait(list(pending))
                for future in done:
                    batch = pending.pop(future)
                    counts, sums = self._result(future, batch)
                    pending.update(map(submit, islice(todo, 1)))
                    yield Batch(batch, counts, sums)
                if not done:
                    yield None
        except OSError as error:
            raise ClusterError(f"the Dask cluster is gone: {error}") from error
        finally:
            if pending and self._client.status == "running":
                self._client.cancel(list(pending), force=True)

    def _wait(self, futures: list[Future[Any]]) -> set[Future[Any]]:
        if self._client.status != "running":
            raise ClusterError("the connection to the Dask scheduler is lost")
        try:
            return set(wait(futures, timeout=POLL_SECONDS, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            return set()

    @staticmethod
    def _result(future: Future[Any], batch: range) -> Any:
        if future.status == "cancelled":
            raise ClusterError("the Dask scheduler forgot a batch")
        try:
            return future.result()
        except KilledWorker as error:
            raise BatchError(batch.start, "it ended several workers; memory may be too small") from error


@contextmanager
def open_cluster(settings: ClusterSettings) -> Iterator[Cluster]:
    """Connect to a cluster or start one; it ends with the block if it was started here.

    Raises
    ------
    ClusterError
        The scheduler cannot be reached, or workers have another version of this package.
    """
    with dask.config.set(SETTINGS):
        if settings.address or settings.scheduler_file:
            with _connect(settings) as client:
                yield Cluster(client)
        else:
            with _local_cluster(settings) as cluster, Client(cluster) as client:
                yield Cluster(client)


def _connect(settings: ClusterSettings) -> Client:
    try:
        client = Client(settings.address, scheduler_file=settings.scheduler_file, timeout="10s")
    except (OSError, ValueError) as error:
        where = settings.address or settings.scheduler_file
        raise ClusterError(f"no Dask scheduler answers at {where}") from error
    others = {name: found for name, found in client.run(worker_version).items() if found != __version__}
    if others:
        client.close()
        listed = ", ".join(f"{name}: {found}" for name, found in sorted(others.items()))
        raise ClusterError(f"workers have another version than {__version__} of this package ({listed})")
    return client


def _local_cluster(settings: ClusterSettings) -> LocalCluster:
    return LocalCluster(
        n_workers=settings.workers if settings.processes else 1,
        threads_per_worker=1 if settings.processes else settings.workers,
        processes=settings.processes,
        dashboard_address=":0",  # None still asks for port 8787
        memory_limit="2GiB" if settings.processes else 0,
        silence_logs=40,
    )


def worker_version() -> str:
    """Return the version of this package where it is called: on a worker."""
    return __version__


def settings_from_environment(workers: int, *, processes: bool = False) -> ClusterSettings:
    """Return settings from ``HERD_DASK_ADDRESS`` and ``HERD_DASK_SCHEDULER_FILE``."""
    return ClusterSettings(
        address=os.environ.get("HERD_DASK_ADDRESS"),
        scheduler_file=os.environ.get("HERD_DASK_SCHEDULER_FILE"),
        workers=workers,
        processes=processes,
    )
