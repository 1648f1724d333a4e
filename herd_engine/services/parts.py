"""The parts that `herd up` runs, in the order in which they start."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from herd_engine.errors import ClusterError
from herd_engine.runs.cluster import SETTINGS, ClusterSettings, open_cluster
from herd_engine.runs.cluster_key import key_options, new_cluster_key
from herd_engine.runs.liveness import is_any_alive, release_runs
from herd_engine.runs.store import StoreSettings
from herd_engine.services.ports import APPS_PORT, LOOPBACK, free_port, is_listening

WORKERS_SHARE = 0.75
"""Part of the machine's memory that Dask workers may use together; the rest is for all others."""
SECRET = ("HERD_DATABASE_URL", "HERD_STORAGE_URL", "HERD_CACHE_URL", "AWS_")
"""Beginnings of variables that only those parts get that need them; never an argument, which `ps` shows."""


def _nothing(_pid: int) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A process that is kept running.

    Attributes
    ----------
    name : str
        Also the name of its log.
    command : tuple of str
        Program, as a full path, and arguments; no secrets.
    environment : mapping
        All of it.
    probe : callable
        Called until it returns a text: the part is ready then, and that is its address ("" for none).
    needs : tuple of str
        Names of parts that must be ready before, and with which this one is started again.
    after_end : callable
        Called with the process id whenever a process of the part has ended, however it did.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    probe: Callable[[], str | None]
    needs: tuple[str, ...] = ()
    after_end: Callable[[int], None] = _nothing


def standard_parts(settings: StoreSettings, workers: int) -> tuple[Part, ...]:
    """Return the parts of a Workbench on this machine.

    Parameters
    ----------
    settings : StoreSettings
    workers : int
        Dask worker processes, of one thread each; none where the environment names a cluster elsewhere.
    """
    if os.environ.get("HERD_DASK_ADDRESS") or os.environ.get("HERD_DASK_SCHEDULER_FILE"):
        return (_runner(settings, {}), *_apps(settings), *_schedule(settings))
    address_file = scheduler_file(settings.home)
    address_file.parent.mkdir(parents=True, exist_ok=True)
    key = key_options(new_cluster_key(address_file))
    return (
        _scheduler(address_file, key),
        _workers(address_file, workers, key),
        _runner(settings, {"HERD_DASK_SCHEDULER_FILE": str(address_file)}, needs=("scheduler",)),
        *_apps(settings),
        *_schedule(settings),
    )


def scheduler_file(home: Path) -> Path:
    """Return where the address of our own Dask scheduler stands while it runs."""
    return home / "dask" / "scheduler.json"


def python(*arguments: str) -> tuple[str, ...]:
    """Return a command of this Python that imports nothing from the folder it happens to be started in."""
    return (sys.executable, "-P", *arguments)


def without_secrets() -> dict[str, str]:
    """Return the environment of a part that never touches what is kept."""
    return {name: value for name, value in os.environ.items() if not name.startswith(SECRET)}


def _scheduler(address_file: Path, key: tuple[str, ...]) -> Part:
    def probe() -> str | None:
        try:
            address = str(json.loads(address_file.read_bytes())["address"])
        except (OSError, ValueError):
            return None  # not written yet, or half
        where = urlsplit(address)
        return address if is_listening(where.hostname or LOOPBACK, where.port or 0) else None

    options = ("--protocol", "tls", *key)
    options += ("--host", LOOPBACK, "--port", "0", "--dashboard-address", f"{LOOPBACK}:0")
    return Part(
        name="scheduler",
        command=python("-m", "dask", "scheduler", *options, "--scheduler-file", str(address_file)),
        environment=without_secrets() | _dask_settings(),
        probe=probe,
    )


def _workers(address_file: Path, n_workers: int, key: tuple[str, ...]) -> Part:
    def probe() -> str | None:
        try:
            with open_cluster(ClusterSettings(scheduler_file=str(address_file))) as cluster:
                n_found = len(cluster.workers)
        except ClusterError:
            return None
        return f"{n_found} on {LOOPBACK}" if n_found >= n_workers else None

    options = {
        "--scheduler-file": address_file,
        "--host": LOOPBACK,
        "--dashboard-address": f"{LOOPBACK}:0",  # without it, and without pages, it listens to every network
        "--nworkers": n_workers,
        "--nthreads": 1,
        "--memory-limit": f"{WORKERS_SHARE / n_workers:.4f}",
        "--local-directory": address_file.parent,
    }
    arguments = (str(word) for option in options.items() for word in option)
    return Part(
        name="workers",
        command=python("-m", "dask", "worker", *arguments, *key, "--nanny"),
        environment=without_secrets() | _dask_settings(),
        probe=probe,
        needs=("scheduler",),
    )


def _runner(settings: StoreSettings, more: Mapping[str, str], needs: tuple[str, ...] = ()) -> Part:
    return Part(
        name="runner",
        command=python("-m", "herd_engine", "worker", "--home", str(settings.home)),
        environment={**os.environ, **more},
        probe=lambda: "" if is_any_alive(settings.home) else None,
        needs=needs,
        after_end=lambda pid: release_runs(settings, pid),
    )


def _apps(settings: StoreSettings) -> tuple[Part, ...]:
    """Return the server of the apps, where the extra `apps` is installed."""
    if find_spec("voila") is None:
        return ()
    port = APPS_PORT if not is_listening(LOOPBACK, APPS_PORT) else free_port()
    address = f"http://{LOOPBACK}:{port}/"
    return (
        Part(
            name="apps",
            command=python("-m", "widgets.serve", "--ip", LOOPBACK, "--port", str(port)),
            environment={**os.environ, "HERD_HOME": str(settings.home)},
            probe=lambda: address if is_listening(LOOPBACK, port) else None,
        ),
    )


def _schedule(settings: StoreSettings) -> tuple[Part, ...]:
    """Return the daemon that makes reports when they are due, where the extra `reports` is installed."""
    if find_spec("papermill") is None:
        return ()
    return (
        Part(
            name="schedule",
            command=python("-m", "herd_engine", "schedule", "daemon", "--home", str(settings.home)),
            environment=dict(os.environ),
            probe=lambda: "",  # nobody waits for it
        ),
    )


def _dask_settings() -> dict[str, str]:
    """Return the settings of our clusters as variables that Dask's programs read."""
    names = {key: key.upper().replace(".", "__").replace("-", "_") for key in SETTINGS}
    return {f"DASK_{names[key]}": str(value) for key, value in SETTINGS.items()}
