"""The runner as a process of its own: it takes what is queued, until it is ended or nothing is left."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from threading import Event

from herd_engine.execution.cluster import open_cluster, settings_from_environment
from herd_engine.execution.patience import Patience
from herd_engine.execution.runner import Runner
from herd_engine.logs import configure
from herd_engine.runs.home import OTHERS, make_home
from herd_engine.runs.liveness import alive
from herd_engine.runs.outputs_background import keeping_outputs
from herd_engine.runs.signs_of_life import Beat
from herd_engine.runs.store import Store, StoreSettings


def work(
    home: Path | None, threads: int, tell: Callable[[str], None], *, processes: bool, until_idle: bool
) -> int:
    """Execute queued runs, on this machine's cores or on the Dask cluster of HERD_DASK_ADDRESS.

    Parameters
    ----------
    home : Path, optional
    threads : int
        Of this machine, where no cluster is named.
    tell : callable
        Gets a sentence about what it is.
    processes : bool
        Simulate in processes, not threads.
    until_idle : bool
        End when nothing is queued.

    Returns
    -------
    int
        How many runs were begun.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    configure()
    os.umask(OTHERS)  # all that a runner writes is kept
    wanted = StoreSettings.from_environment(home)
    make_home(wanted.home)
    settings = settings_from_environment(threads, processes=processes)
    with (
        alive(wanted.home) as beat,
        _opened(wanted, beat, waits=not until_idle) as store,
        open_cluster(settings) as cluster,
        keeping_outputs(store),
    ):
        runner = Runner(store, cluster, beat.tell)
        where = settings.place or f"{settings.workers} threads of this machine"
        tell(f"Worker {runner.name} on {where}; what is kept: {wanted.home}")
        return runner.work(Event(), until_idle=until_idle)


def _opened(wanted: StoreSettings, beat: Beat, *, waits: bool) -> AbstractContextManager[Store]:
    """Open what is kept; a runner that is kept running waits until that is possible."""
    return closing(Patience(waits=waits, tell=beat.tell).lasting(lambda: Store(wanted)))
