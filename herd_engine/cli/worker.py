"""`herd worker`: the process that executes queued runs."""

from typing import Annotated

import typer

from herd_engine.cli.options import Home, Threads, available_cores
from herd_engine.cli.printing import err
from herd_engine.operations.worker import work


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
    cores = threads or available_cores()
    n_runs = work(home, cores, err.print, processes=processes, until_idle=until_idle)
    err.print(f"Executed {n_runs} runs.")
