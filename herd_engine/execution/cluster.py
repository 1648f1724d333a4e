"""Where batches of replicates are simulated: the only module that knows Dask.

With an address (``HERD_DASK_ADDRESS``, or a scheduler file) an existing cluster is used, whose workers
must have this version of the package; otherwise a ``LocalCluster`` in this process, whose worker
threads the kernel keeps busy because it releases Python's lock, or worker processes of its own.

A batch that does not end when its run does is ended by force, with the worker process that it runs in.
Dask's nanny (``dask worker --nanny``, its default) starts another; a worker without one is gone until whoever
started it does so again. A thread cannot be killed: it goes on to the end of its batch, while the following
runs get new threads.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple, cast

import dask
import numpy as np
from distributed import Client, Future, KilledWorker, LocalCluster, Worker
from distributed.scheduler import NoValidWorkerError, NoWorkerError
from numpy.typing import NDArray

from herd_engine import __version__
from herd_engine.engine.inputs import Inputs
from herd_engine.engine.simulate import simulate_batch
from herd_engine.errors import BatchError, ClusterError, HerdError
from herd_engine.execution.cluster_key import security_beside
from herd_engine.logs import bound
from herd_engine.settings import Settings

logger = logging.getLogger(__name__)

IN_FLIGHT_PER_THREAD = 2
"""Batches handed out at a time: one running, one waiting, so that a cancel is heard within two."""
POLL_SECONDS = 0.25
CONNECT_SECONDS = 10.0
NO_WORKERS_SECONDS = 60.0
"""A run that has no workers for so long is given up."""
END_SECONDS = 5.0
"""A batch whose run has ended may go on for so long before it is ended by force."""
ANSWER_SECONDS = 5.0
FIRST_ANSWER_SECONDS = 60.0
"""A worker imports this package before its first answer."""
RESTART_SECONDS = 30.0

SETTINGS = {
    "distributed.scheduler.worker-ttl": "60s",  # a worker that is silent for this long is given up
    "distributed.scheduler.no-workers-timeout": f"{NO_WORKERS_SECONDS:g}s",
    "distributed.scheduler.allowed-failures": 2,  # a batch that kills three workers is at fault itself
    "distributed.deploy.lost-worker-timeout": "300s",  # a killed process of ours may be slow to start again
    "distributed.admin.large-graph-warning-threshold": "100MB",
}
GONE = (OSError, CancelledError, NoValidWorkerError, NoWorkerError)
"""What Dask raises where scheduler or workers are lost."""


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

    @property
    def place(self) -> str | None:
        """Where the scheduler of an existing cluster is to be found."""
        return self.address or self.scheduler_file


class Cluster:
    """Workers that simulate batches: connected to when first needed, and again when they were lost."""

    def __init__(self, settings: ClusterSettings) -> None:
        self._settings = settings
        self._client: Client | None = None
        self._opened = ExitStack()

    def connect(self) -> Client:
        """Connect to the cluster, or start the local one, unless that is done and holds.

        Raises
        ------
        ClusterError
            The scheduler cannot be reached, or has no workers or such of another version.
        """
        if self._client is None or self._client.status != "running":
            self.close()
            self._client = self._open()
        return self._client

    def close(self) -> None:
        """Let go of the cluster; a local one ends."""
        self._client = None
        self._opened.close()

    @property
    def n_threads(self) -> int:
        """Number of batches that can run at the same time."""
        return max(1, sum(self.workers.values()))

    @property
    def workers(self) -> dict[str, int]:
        """Address of each worker, and its threads."""
        with self._loss_told():
            threads = self.connect().nthreads()
        return {str(address): int(n) for address, n in threads.items()}

    @property
    def dashboard(self) -> str:
        """Address of Dask's own pages, for analysts."""
        return str(self.connect().dashboard_link)

    def simulate(self, inputs: Inputs, seed: int, batches: list[range], name: str) -> Iterator[Batch | None]:
        """Simulate batches of replicates; yield each when finished, and None when nothing was for a while.

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
            The scheduler or all workers are gone, or a worker has another version.

        Notes
        -----
        Closing the iterator cancels what is outstanding, and ends by force what does not end by itself.
        """
        client = self.connect()
        todo = iter(batches)
        flight = _Flight(client, seed, name)
        try:
            with self._loss_told():
                flight.start(inputs, islice(todo, IN_FLIGHT_PER_THREAD * self.n_threads))
                while not flight.is_over:
                    landed = flight.land()
                    flight.hand_out(islice(todo, len(landed)))
                    yield from landed or (None,)
        finally:
            if not flight.is_over and client.status == "running":
                self._free(client, flight, name)

    @contextmanager
    def _loss_told(self) -> Iterator[None]:
        """Turn whatever shows that the cluster is lost into ClusterError; it is then connected to anew."""
        try:
            yield
        except ClusterError:
            self.close()
            raise
        except GONE as error:
            self.close()
            raise ClusterError(f"the Dask cluster is gone: {error}") from error

    def _free(self, client: Client, flight: _Flight, name: str) -> None:
        """Cancel what is outstanding; end by force the batches that were begun and do not end."""
        try:
            self._await_end(client, flight.cancel(), name)
        except GONE as error:
            logger.warning("The Dask cluster was lost while a run was stopped: %s", error)
            self.close()

    def _await_end(self, client: Client, addresses: list[str], name: str) -> None:
        deadline = time.monotonic() + END_SECONDS
        while busy := client.sync(_busy, client, addresses, name):
            if time.monotonic() > deadline:
                self._end_by_force(client, busy)
                return
            time.sleep(POLL_SECONDS / 5)

    def _end_by_force(self, client: Client, addresses: list[str]) -> None:
        if self._settings.place is None and not self._settings.processes:
            logger.warning("A batch that does not end keeps its thread; the next runs get new threads.")
            local: Any = client.cluster
            for worker in local.workers.values():
                local.sync(worker.close, executor_wait=False)
            self.close()
            return
        known = client.scheduler_info()["workers"]
        watched = [address for address in addresses if known.get(address, {}).get("nanny")]
        alone = [address for address in addresses if address not in watched]
        if alone:
            logger.warning(
                "Ending a batch by force, and with it %s, which no nanny starts again: start it by hand.",
                ", ".join(alone),
            )
            client.sync(_end_workers, client, alone)
        if watched:
            logger.warning("Ending a batch by force: starting %s again.", ", ".join(watched))
            client.restart_workers(watched, timeout=RESTART_SECONDS, raise_for_error=False)

    def _open(self) -> Client:
        if self._settings.place is None:
            cluster = self._opened.enter_context(_local_cluster(self._settings))
            client = Client(cluster)
        else:
            client = _attached(self._settings)
        self._opened.callback(client.close)
        return client


class _Flight:
    """Batches that are handed out and not yet back."""

    def __init__(self, client: Client, seed: int, name: str) -> None:
        self._client, self._seed, self._name = client, seed, name
        self._loop: asyncio.AbstractEventLoop = cast("Any", client.loop).asyncio_loop
        self._alone_since: float | None = None
        self._handed_out: dict[concurrent.futures.Future[Any], tuple[Future[Any], range]] = {}

    @property
    def is_over(self) -> bool:
        """Whether all that was handed out is back."""
        return not self._handed_out

    def start(self, inputs: Inputs, batches: Iterable[range]) -> None:
        # A task rather than scattered data: where all workers that hold it are killed, it is made again.
        self._inputs = self._client.submit(_same, inputs, key=f"{self._name}-inputs", pure=False)
        self.hand_out(batches)

    def hand_out(self, batches: Iterable[range]) -> None:
        for batch in batches:
            task = (_simulate, __version__, self._inputs, self._seed, batch, self._name)
            future = self._client.submit(*task, key=f"{self._name}-{batch.start}", pure=False)
            # Fetched in the client's own thread: a worker may hang with a result that it no longer sends.
            fetched = self._client.gather(future, asynchronous=True)
            arrival = asyncio.run_coroutine_threadsafe(fetched, self._loop)
            self._handed_out[arrival] = future, batch

    def land(self) -> list[Batch]:
        """Return the batches that came back, as soon as there are some but no later than after a while."""
        arrived = wait(self._handed_out, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED).done
        if not arrived:
            self._check_workers()
            return []
        self._alone_since = None
        return [_result(arrival, self._handed_out.pop(arrival)[1]) for arrival in arrived]

    def cancel(self) -> list[str]:
        """Cancel what is outstanding; return the addresses of the workers that have to do with it."""
        by_worker = (*self._client.processing().items(), *self._client.has_what().items())
        futures = [future for future, _ in self._handed_out.values()]
        self._client.cancel([self._inputs, *futures], force=True)
        concerned = (
            str(address)
            for address, keys in by_worker
            if any(str(key).startswith(self._name) for key in keys)
        )
        return list(dict.fromkeys(concerned))

    def _check_workers(self) -> None:
        """Give up where the scheduler has had no workers for long: not every one does so by itself."""
        if self._client.nthreads():
            self._alone_since = None
            return
        now = time.monotonic()
        self._alone_since = self._alone_since or now
        if now - self._alone_since > NO_WORKERS_SECONDS:
            raise ClusterError(f"the Dask scheduler has had no workers for {NO_WORKERS_SECONDS:g} s")


@contextmanager
def open_cluster(settings: ClusterSettings) -> Iterator[Cluster]:
    """Give a cluster for the duration of the block; it is connected to, or started, when first needed."""
    with dask.config.set(SETTINGS):
        cluster = Cluster(settings)
        try:
            yield cluster
        finally:
            cluster.close()


def _attached(settings: ClusterSettings) -> Client:
    try:
        client = Client(
            settings.address,
            scheduler_file=settings.scheduler_file,
            security=security_beside(settings.scheduler_file),
            timeout=CONNECT_SECONDS,
        )
    except (OSError, ValueError) as error:
        raise ClusterError(f"no Dask scheduler answers at {settings.place}") from error
    try:
        _check_versions(client, settings.place)
    except BaseException:
        client.close()
        raise
    return client


def _check_versions(client: Client, place: str | None) -> None:
    try:
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except TimeoutError as error:
        raise ClusterError(f"the Dask scheduler at {place} has no workers") from error
    # Who does not answer may be busy: each batch tells the version again.
    found = client.sync(_answers, client, list(client.nthreads()), FIRST_ANSWER_SECONDS, worker_version)
    told = {address: version for address, version in found.items() if not isinstance(version, OSError)}
    others = {address: version for address, version in told.items() if version != __version__}
    if others:
        listed = ", ".join(f"{address}: {version}" for address, version in sorted(others.items()))
        raise ClusterError(f"workers have another version than {__version__} of this package ({listed})")


def _local_cluster(settings: ClusterSettings) -> LocalCluster:
    try:
        return LocalCluster(
            n_workers=settings.workers if settings.processes else 1,
            threads_per_worker=1 if settings.processes else settings.workers,
            processes=settings.processes,
            # Any user of this machine could reach sockets; threads use none.
            security=True if settings.processes else None,
            # Nothing listens to a network. None would still ask for port 8787.
            dashboard_address="127.0.0.1:0",
            worker_dashboard_address="127.0.0.1:0",
            memory_limit="2GiB" if settings.processes else 0,
            silence_logs=40,
        )
    except (OSError, RuntimeError) as error:
        raise ClusterError(f"no Dask cluster can be started here: {error}") from error


def worker_version() -> str:
    """Return the version of this package where it is called: on a worker."""
    return __version__


def _same(inputs: Inputs) -> Inputs:
    return inputs


def _simulate(version: str, inputs: Inputs, seed: int, batch: range, name: str = "") -> Batch | HerdError:
    """Simulate a batch on a worker, also one that joined late, if it has the runner's version.

    What the worker logs meanwhile belongs to the run, whose id the name of the work begins with.

    An error is returned, not raised: Dask loses errors with tracebacks that it cannot send.
    """
    if version != __version__:
        return ClusterError(f"a worker has version {__version__} of this package, not {version}")
    try:
        with bound(run_id=name.rpartition("-")[0], batch=batch.start):
            return _simulated(inputs, seed, batch)
    except Exception as error:  # noqa: BLE001 - whatever it is, the runner must hear of it
        return BatchError(batch.start, f"{type(error).__name__}: {error}")


def _simulated(inputs: Inputs, seed: int, batch: range) -> Batch:
    try:
        return Batch(batch, *simulate_batch(inputs, seed, batch))
    except Exception:
        logger.exception("batch_failed")
        raise


def _result(arrival: concurrent.futures.Future[Any], batch: range) -> Batch:
    try:
        result = arrival.result()
    except KilledWorker as error:
        raise BatchError(batch.start, "it ended several workers; memory may be too small") from error
    if isinstance(result, HerdError):
        raise result
    return cast("Batch", result)


async def _answers(
    client: Client, addresses: list[str], seconds: float, function: Callable[..., object], *arguments: object
) -> dict[str, Any]:
    """Return what a function gives on workers, or the error; those that do not answer are left out."""

    async def ask(address: str) -> dict[str, Any]:
        asked = client.run(function, *arguments, workers=[address], on_error="return")
        try:
            return dict(await asyncio.wait_for(asked, seconds))
        except TimeoutError:
            return {}

    return {
        key: value for answer in await asyncio.gather(*map(ask, addresses)) for key, value in answer.items()
    }


async def _end_workers(client: Client, addresses: list[str]) -> None:
    """Let worker processes end themselves, whatever their threads are at."""
    asked = client.run(_exit_soon, workers=addresses, wait=False, on_error="ignore")
    with suppress(TimeoutError):  # one that does not even answer is given up by the scheduler
        await asyncio.wait_for(asked, ANSWER_SECONDS)


async def _exit_soon() -> None:
    await asyncio.sleep(POLL_SECONDS)  # so that the order is answered before
    os._exit(1)


async def _busy(client: Client, addresses: list[str], name: str) -> list[str]:
    """Return the workers that run a batch of this name, or do not even answer."""
    answers = await _answers(client, addresses, ANSWER_SECONDS, _runs, name)
    return [address for address in addresses if answers.get(address, True)]


def _runs(name: str, dask_worker: Worker) -> bool:
    return any(str(key).startswith(name) for key in list(dask_worker.active_threads.values()))


def settings_from_environment(workers: int, *, processes: bool = False) -> ClusterSettings:
    """Return settings from ``HERD_DASK_ADDRESS`` and ``HERD_DASK_SCHEDULER_FILE``."""
    said = Settings.read()
    return ClusterSettings(
        address=said.dask_address,
        scheduler_file=said.dask_scheduler_file,
        workers=workers,
        processes=processes,
    )
