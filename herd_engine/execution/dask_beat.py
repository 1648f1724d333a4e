"""Signs of life and logs of Dask's own programs: loaded by scheduler, nannies and workers (``--preload``).

They beat from the loop that answers everybody: where that hangs, they are silent.
"""

import os
from pathlib import Path
from typing import Any

from distributed import Nanny, Scheduler, Worker
from distributed.core import Status
from tornado.ioloop import PeriodicCallback

from herd_engine.logs import configure
from herd_engine.runs.signs_of_life import BEAT_SECONDS, Beat

ROLES = {Scheduler: "scheduler", Nanny: "nanny", Worker: "worker"}
AT_WORK = {Status.running, Status.paused}
_loops: dict[str, PeriodicCallback] = {}
"""One of each role a process: several nannies share one."""


def dask_setup(server: Any) -> None:
    """Begin to beat, as soon as the program does its work and as long as it does."""
    role = next(role for kind, role in ROLES.items() if isinstance(server, kind))
    if role in _loops:
        return
    configure()
    beats: list[Beat] = []

    def touch() -> None:
        if role == "worker" and server.status not in AT_WORK:
            return  # it belongs to no scheduler, yet or any more
        if not beats:
            beats.append(Beat(Path(os.environ["HERD_HOME"]), role))
        beats[0].touch()

    _loops[role] = PeriodicCallback(touch, BEAT_SECONDS * 1000)
    _loops[role].start()
