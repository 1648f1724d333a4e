"""What a cluster on this machine shows to others: nothing."""

import psutil
import pytest

from herd_engine.execution.cluster import ClusterSettings, open_cluster


@pytest.mark.parametrize("processes", [False, True])
def test_nothing_listens_to_a_network(processes: bool) -> None:
    with open_cluster(ClusterSettings(workers=2, processes=processes)) as cluster:
        before = cluster.workers
        us = psutil.Process()
        connections = [c for process in (us, *us.children(recursive=True)) for c in process.net_connections()]

    listening = {c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN}
    assert before
    assert listening == {"127.0.0.1"}
