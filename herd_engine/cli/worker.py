"""`herd worker`: the process that executes queued runs."""

import signal
import sys
from threading import Event
from typing import Annotated

import typer

from herd_engine.cli.options import Home, Threads, available_cores
from herd_engine.cli.printing import err
from herd_engine.runs.cluster import open_cluster, settings_from_environment
from herd_engine.runs.liveness import alive
from herd_engine.runs.outputs_background import keeping_outputs
from herd_engine.runs.runner import Runner
from herd_engine.workbench import Workbench


def worker(
    *,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="End when nothing is queued.")] = False,
    processes: Annotated[
        bool, typer.Option("--processes", help="Simulate in processes, not threads.")
    ] = False,
    threads: Threads = None,
    home: Home = None,
) -> None:
    """Execute queued runs, on this machine's cores or on the Dask cluster of HERD_DASK_ADDRESS."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    store = Workbench.open(home).kept.store
    settings = settings_from_environment(threads or available_cores(), processes=processes)
    with open_cluster(settings) as cluster, keeping_outputs(store), alive(store.settings.home):
        runner = Runner(store, cluster)
        where = settings.place or f"{settings.workers} threads of this machine"
        err.print(f"Worker {runner.name} on {where}; what is kept: {store.settings.home}")
        n_runs = runner.work(Event(), until_idle=until_idle)
    err.print(f"Executed {n_runs} runs.")
