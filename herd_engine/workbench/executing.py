"""What is queued, executed here and now, in place of a worker."""

import os
from contextlib import AbstractContextManager
from threading import Event

from herd_engine.execution.cluster import Cluster, open_cluster, settings_from_environment
from herd_engine.execution.runner import Runner
from herd_engine.runs.liveness import alive
from herd_engine.workbench.workbench import Workbench

__all__ = ["Cluster", "execute_queued", "this_cluster"]


def this_cluster() -> AbstractContextManager[Cluster]:
    """Open this machine's cores as a cluster, or the one of ``HERD_DASK_ADDRESS``."""
    return open_cluster(settings_from_environment(os.cpu_count() or 1, processes=False))


def execute_queued(workbench: Workbench, cluster: Cluster) -> int:
    """Execute what is queued in a home until nothing is; return how many runs were begun."""
    with alive(workbench.home):
        return Runner(workbench.kept.store, cluster).work(Event(), until_idle=True)
