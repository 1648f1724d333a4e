"""The parts that `herd up` runs, in the order in which they start."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from herd_engine.api.settings import PORT as API_PORT
from herd_engine.execution import dask_beat
from herd_engine.execution.cluster import SETTINGS
from herd_engine.execution.cluster_key import key_options, new_cluster_key
from herd_engine.operations.ports import APPS_PORT, LOOPBACK
from herd_engine.runs.home import OTHERS
from herd_engine.runs.liveness import RUNNER, release_runs
from herd_engine.runs.signs_of_life import sign_of, signs
from herd_engine.runs.store import StoreSettings
from herd_engine.settings import Settings

WORKERS_SHARE = 0.75
"""Part of the machine's memory that Dask workers may use together; the rest is for all others."""
SECRET = ("HERD_DATABASE_URL", "HERD_STORAGE_URL", "HERD_CACHE_URL", "AWS_")
"""Beginnings of variables that only those parts get that need them; never an argument, which `ps` shows."""


AS_USUAL = -1
"""The mask of whoever started `herd up`."""
ANSWER_SECONDS = 5.0
SCHEDULE = "schedule"
WATCH = "watch"
API = "api"
OPTIONAL = {
    "apps": ("voila", "apps"),
    API: ("uvicorn", "api"),
    SCHEDULE: ("papermill", "reports"),
    WATCH: ("standardwebhooks", "watch"),
}
"""Part, the library that it cannot do without, and the extra that has it."""


class Answer(NamedTuple):
    """What a part that gets on says of itself: where it is, and what it waits for, in words."""

    address: str = ""
    trouble: str = ""


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
        Asked again and again, with the process id: None as long as the part does not get on.
    needs : tuple of str
        Names of parts that must be ready before, and with which this one is started again.
    after_end : callable
        Called with the process id whenever a process of the part has ended, however it did.
    umask : int
        Rights that its files do not have.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    probe: Callable[[int], Answer | None]
    needs: tuple[str, ...] = ()
    after_end: Callable[[int], None] = _nothing
    umask: int = OTHERS


def standard_parts(
    settings: StoreSettings, workers: int, apps_port: int = APPS_PORT, api_port: int = API_PORT
) -> tuple[Part, ...]:
    """Return the parts of a Workbench on this machine.

    Parameters
    ----------
    settings : StoreSettings
    workers : int
        Dask worker processes, of one thread each; none where the environment names a cluster elsewhere.
    apps_port, api_port : int
        Where the apps, and the service for programs, are served.
    """
    fronts = (*_apps(settings, apps_port), *_api(settings, api_port), *_schedule(settings), *_watch(settings))
    said = Settings.read()
    if said.dask_address or said.dask_scheduler_file:
        return (_runner(settings, {}), *fronts)
    address_file = scheduler_file(settings.home)
    address_file.parent.mkdir(parents=True, exist_ok=True)
    key = key_options(new_cluster_key(address_file))
    return (
        _scheduler(address_file, key),
        _workers(address_file, workers, key),
        _runner(settings, {"HERD_DASK_SCHEDULER_FILE": str(address_file)}, needs=("scheduler",)),
        *fronts,
    )


def left_out() -> tuple[str, ...]:
    """Return in words the parts that are not started because their libraries are not installed."""
    return tuple(
        f"{name} is left out: it needs {library}: pip install 'herd-workbench[{extra}]'"
        for name, (library, extra) in OPTIONAL.items()
        if find_spec(library) is None
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
    home = address_file.parent.parent

    def probe(pid: int) -> Answer | None:
        try:
            address = str(json.loads(address_file.read_bytes())["address"])
        except (OSError, ValueError):
            return None  # not written yet, or half
        return None if _beat_of(home, "scheduler", pid) is None else Answer(address)

    options = ("--protocol", "tls", *key)
    options += ("--host", LOOPBACK, "--port", "0", "--dashboard-address", f"{LOOPBACK}:0")
    options += ("--preload", dask_beat.__name__, "--scheduler-file", str(address_file))
    return Part(
        name="scheduler",
        command=python("-m", "dask", "scheduler", *options),
        environment=without_secrets() | _dask_settings() | {"HERD_HOME": str(home)},
        probe=probe,
    )


def _workers(address_file: Path, n_workers: int, key: tuple[str, ...]) -> Part:
    home = address_file.parent.parent

    def probe(pid: int) -> Answer | None:
        found = signs(home, "worker")
        if _beat_of(home, "nanny", pid) is None or not found or not all(sign.gets_on for sign in found):
            return None
        missing = f"{len(found)} of {n_workers} processes are there" if len(found) < n_workers else ""
        return Answer(f"{len(found)} on {LOOPBACK}", missing)

    options = {
        "--scheduler-file": address_file,
        "--host": LOOPBACK,
        "--dashboard-address": f"{LOOPBACK}:0",  # without it, and without pages, it listens to every network
        "--nworkers": n_workers,
        "--nthreads": 1,
        "--memory-limit": f"{WORKERS_SHARE / n_workers:.4f}",
        "--local-directory": address_file.parent,
        "--preload": dask_beat.__name__,
        "--preload-nanny": dask_beat.__name__,
    }
    arguments = (str(word) for option in options.items() for word in option)
    return Part(
        name="workers",
        command=python("-m", "dask", "worker", *arguments, *key, "--nanny"),
        environment=without_secrets() | _dask_settings() | {"HERD_HOME": str(home)},
        probe=probe,
        needs=("scheduler",),
    )


def _runner(settings: StoreSettings, more: Mapping[str, str], needs: tuple[str, ...] = ()) -> Part:
    return Part(
        name="runner",
        command=python("-m", "herd_engine", "worker", "--home", str(settings.home)),
        environment={**os.environ, **more},
        probe=lambda pid: _beat_of(settings.home, RUNNER, pid),
        needs=needs,
        after_end=lambda pid: release_runs(settings, pid),
    )


def _apps(settings: StoreSettings, port: int) -> tuple[Part, ...]:
    """Return the server of the apps, where the extra `apps` is installed."""
    if find_spec(OPTIONAL["apps"][0]) is None:
        return ()
    return (
        Part(
            name="apps",
            command=python("-m", "widgets.serve", "--ip", LOOPBACK, "--port", str(port)),
            environment={**os.environ, "HERD_HOME": str(settings.home)},
            probe=lambda _pid: _page_of(port),
        ),
    )


def _api(settings: StoreSettings, port: int) -> tuple[Part, ...]:
    """Return the service for programs, where the extra `api` is installed."""
    if find_spec(OPTIONAL[API][0]) is None:
        return ()
    options = ("--ip", LOOPBACK, "--port", str(port), "--no-runner", "--home", str(settings.home))
    return (
        Part(
            name=API,
            command=python("-m", "herd_engine", "api", *options),
            environment=dict(os.environ),
            probe=lambda _pid: _service_at(port),
        ),
    )


def _schedule(settings: StoreSettings) -> tuple[Part, ...]:
    """Return the daemon that makes reports when they are due, where the extra `reports` is installed."""
    if find_spec(OPTIONAL[SCHEDULE][0]) is None:
        return ()
    return (
        Part(
            name=SCHEDULE,
            command=python("-m", "herd_engine", "schedule", "daemon", "--home", str(settings.home)),
            environment=dict(os.environ),
            probe=lambda pid: _beat_of(settings.home, SCHEDULE, pid),
            umask=AS_USUAL,  # it delivers to folders that others read
        ),
    )


def _watch(settings: StoreSettings) -> tuple[Part, ...]:
    """Return what looks at policies and tells others, where the extra `watch` is installed."""
    if find_spec(OPTIONAL[WATCH][0]) is None:
        return ()
    return (
        Part(
            name=WATCH,
            command=python("-m", "herd_engine", "watch", "--home", str(settings.home)),
            environment=dict(os.environ),
            probe=lambda pid: _beat_of(settings.home, WATCH, pid),
        ),
    )


def _beat_of(home: Path, role: str, pid: int) -> Answer | None:
    """Return what a process says of itself, None unless it gets on."""
    sign = sign_of(home, role, pid)
    return Answer(trouble=sign.trouble) if sign is not None and sign.gets_on else None


def _page_of(port: int) -> Answer | None:
    """Ask for a page, for the system takes connections also where nobody answers; any answer will do."""
    status = _status_at(port, "/voila/static/style.css")
    return None if status is None else Answer(f"http://{LOOPBACK}:{port}/")


def _service_at(port: int) -> Answer | None:
    """Ask the service whether it can work; one that answers lives, whatever its store does."""
    status = _status_at(port, "/api/health/ready")
    if status is None:
        return None
    trouble = "" if status == HTTPStatus.OK else "its store cannot be used just now"
    return Answer(f"http://{LOOPBACK}:{port}/api/v1", trouble)


def _status_at(port: int, path: str) -> int | None:
    """Return with which status a page is answered, None where nobody answers."""
    connection = HTTPConnection(LOOPBACK, port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def _dask_settings() -> dict[str, str]:
    """Return the settings of our clusters as variables that Dask's programs read."""
    names = {key: key.upper().replace(".", "__").replace("-", "_") for key in SETTINGS}
    return {f"DASK_{names[key]}": str(value) for key, value in SETTINGS.items()}
