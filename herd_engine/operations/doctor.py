"""What is wrong with a Workbench on this machine, and what to do about it.

Nothing of the engine or of Dask is imported here: that they can be imported is one of the questions.
"""

import json
import os
import platform
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from herd_engine import __version__
from herd_engine.errors import HerdError, StorageError
from herd_engine.monitoring.supervision_report import Report, living_supervisor, read_report
from herd_engine.monitoring.told_checks import ToldTrouble, channel_troubles, policy_troubles
from herd_engine.operations.places import LITTLE_BYTES, TOO_LITTLE_BYTES, existing, kept_database
from herd_engine.operations.ports import LOOPBACK, WISHED, is_listening
from herd_engine.operations.store_checks import (
    exceptions_told,
    kept_files,
    lost_database,
    missing_files,
    require_writable,
)
from herd_engine.operations.supervision_file import LOCK
from herd_engine.operations.supervisor import ROLE
from herd_engine.runs.signs_of_life import sign_of
from herd_engine.runs.store import StoreSettings
from herd_engine.settings import Settings
from herd_engine.storage.database import Database
from herd_engine.storage.maintenance import integrity_faults
from herd_engine.storage.upgrading import is_current, is_newer, revisions

NETWORK_FILESYSTEMS = ("nfs", "cifs", "smb", "9p", "afs", "fuse.sshfs", "ceph", "gluster")
"""Kinds on which SQLite's write-ahead log does not work; see https://sqlite.org/wal.html."""
ANSWER_SECONDS = 180
OPEN_TO_ALL = ("off", "optional")
"""Values of HERD_API_AUTH with which who has no key comes in."""


class Grade(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found.

    Attributes
    ----------
    code : str
        Stable.
    grade : Grade
    what : str
    to_do : str
        Empty where nothing is to do.
    """

    code: str
    grade: Grade
    what: str
    to_do: str = ""


Answer = tuple[Grade, str, str]
Check = Callable[[StoreSettings], Answer]


def examine(settings: StoreSettings) -> tuple[Finding, ...]:
    """Make every check; one that cannot be made is a finding too."""
    return tuple(_find(code, check, settings) for code, check in CHECKS.items())


def _find(code: str, check: Check, settings: StoreSettings) -> Finding:
    try:
        grade, what, to_do = check(settings)
    except HerdError as error:
        grade, what, to_do = Grade.ERROR, str(error), "Make it reachable and writable, then ask again."
    except Exception as error:  # noqa: BLE001 - the border: a check that fails is what was asked for
        grade, what, to_do = Grade.ERROR, f"{type(error).__name__}: {error}", "See the reason."
    return Finding(code=code, grade=grade, what=what, to_do=to_do)


def _home(settings: StoreSettings) -> Answer:
    place = existing(settings.home)
    is_there = "" if place == settings.home else " (not there yet)"
    what = f"HERD_HOME is {settings.home}{is_there}"
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        what = f"{what}; nothing can be written to {place}: {error.strerror}"
        return (
            Grade.ERROR,
            what,
            "Give yourself the right to write there, or set HERD_HOME to another folder.",
        )
    kind = _filesystem(place)
    if kind.startswith(NETWORK_FILESYSTEMS) and settings.is_embedded:
        what = f"{what}, on a network disk ({kind})"
        return (
            Grade.WARNING,
            what,
            "Set HERD_HOME to a local disk, or HERD_DATABASE_URL to a PostgreSQL server.",
        )
    return Grade.OK, f"{what}, on a local disk ({kind}), writable", ""


def _filesystem(path: Path) -> str:
    """Return the kind of the file system that a path is on, by the longest mount point above it."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    resolved = path.resolve()
    above = [(len(mount[1]), mount[2]) for mount in mounts if resolved.is_relative_to(mount[1])]
    # Of several mounts on one folder the last one counts.
    return max(reversed(above), key=lambda mount: mount[0])[1]


def _disk_space(settings: StoreSettings) -> Answer:
    free = shutil.disk_usage(existing(settings.home)).free
    what = f"{free / 2**20:,.0f} MiB are free on the disk of {settings.home}"
    if free >= LITTLE_BYTES:
        return Grade.OK, what, ""
    grade = Grade.WARNING if free >= TOO_LITTLE_BYTES else Grade.ERROR
    return grade, what, "Free space: `herd runs prune` deletes old runs."


def _database(settings: StoreSettings) -> Answer:
    if lost := lost_database(settings):
        return Grade.ERROR, lost, "Restore a backup: `herd restore FILE.tar --force`."
    if settings.is_missing:
        return Grade.OK, "there is no database yet; the first command that keeps something makes it", ""
    with kept_database(settings) as database:
        found, needed = revisions(database)
        what = f"{database.place} answers, its tables are {found or 'missing'}, needed are {needed}"
        if found == needed:
            require_writable(database)
            return Grade.OK, what, ""
    if is_newer(found):
        return Grade.ERROR, what, "Install the version of Herd Workbench that made them, or a newer one."
    return Grade.ERROR, what, "Run `herd db upgrade`."


def _integrity(settings: StoreSettings) -> Answer:
    if settings.is_missing:
        return Grade.OK, "there is no database yet", ""
    with kept_database(settings) as database:
        if not database.is_sqlite:
            return Grade.OK, "a PostgreSQL server looks after its pages by itself", ""
        faults = integrity_faults(database)
    if not faults:
        return Grade.OK, "no page and no reference of the database is broken", ""
    return Grade.ERROR, "; ".join(faults[:5]), "Restore a backup: `herd restore FILE.tar --force`."


def _file_store(settings: StoreSettings) -> Answer:
    if settings.is_missing:
        return Grade.OK, "there are no files yet", ""
    store = kept_files(settings)
    folder, data = f"doctor/{secrets.token_hex(8)}", secrets.token_bytes(64)
    try:
        store.put(f"{folder}/file", data)
        is_same = store.get(f"{folder}/file") == data
    finally:
        store.delete_prefix(folder)
    if is_same:
        return Grade.OK, f"files are written to and read from {store.place}", ""
    return Grade.ERROR, f"{store.place} returns other bytes than it was given", "Check the disk."


def _kept_files(settings: StoreSettings) -> Answer:
    if settings.is_missing:
        return Grade.OK, "there are no files yet", ""
    try:
        n_named, missing = missing_files(settings, all_of_them=True)
    except StorageError as error:  # what is wrong with it is told by another check
        return Grade.WARNING, f"which files there should be cannot be told: {error}", "Ask again."
    if not missing:
        return Grade.OK, f"all {n_named:,} files that the database names are there", ""
    what = f"{len(missing):,} of {n_named:,} files that the database names are gone, {missing[0]} first"
    to_do = "Bring them back, or restore a backup: `herd restore FILE.tar --force`. Which runs they are of:"
    return Grade.ERROR, what, f"{to_do} `herd runs verify`."


def _told(
    find: Callable[[Database, Path], Iterable[ToldTrouble]], well: str
) -> Callable[[StoreSettings], Answer]:
    """Return a check of who is told, or of what is watched."""

    def check(settings: StoreSettings) -> Answer:
        if settings.is_missing:
            return Grade.OK, "there is no database yet", ""
        try:
            with kept_database(settings) as database:
                if not is_current(database):
                    return Grade.WARNING, "it cannot be told of tables of another version", "Ask again."
                found = [*find(database, settings.home)]
        except StorageError as error:  # what is wrong with it is told by another check
            return Grade.WARNING, f"it cannot be told: {error}", "Ask again."
        if not found:
            return Grade.OK, well, ""
        grade = Grade.ERROR if any(each.is_fault for each in found) else Grade.WARNING
        to_do = " ".join(dict.fromkeys(each.to_do for each in found))
        return grade, "; ".join(each.what for each in found), to_do

    return check


def _living(home: Path, pid: int, report: Report | None) -> Answer:
    if report is not None and report.version != __version__:
        what = f"`herd up` (process {pid}) is of version {report.version}, this is {__version__}"
        return Grade.ERROR, what, "Run `herd down`, then `herd up`."
    sign = sign_of(home, ROLE, pid)
    if sign is None or not sign.gets_on:
        what = f"`herd up` (process {pid}) does not get on: it was stopped, or hangs"
        return Grade.ERROR, what, "Let it go on, or run `herd down`, then `herd up`."
    if report is None:
        what = f"what `herd up` (process {pid}) tells of its parts cannot be read"
        return Grade.WARNING, what, "Ask again: it writes that anew by itself."
    if report.down:
        what = "; ".join(map(str, report.down))
        return Grade.ERROR, what, f"It is tried again without end; see the logs in {home / 'logs'}."
    return Grade.OK, f"`herd up` runs as process {pid}; a second one would be refused", ""


def _supervisor(settings: StoreSettings) -> Answer:
    pid, report = living_supervisor(settings.home), read_report(settings.home)
    if pid is not None:
        return _living(settings.home, pid, report)
    left = [] if report is None else [part for part in report.parts if _is_ours(part.pid, settings.home)]
    if left:
        what = "without `herd up` there still run " + ", ".join(f"{part.name} ({part.pid})" for part in left)
        return Grade.ERROR, what, "End these processes."
    lock = settings.home / LOCK
    if lock.exists() and (told := lock.read_text(encoding="utf-8").strip()):
        what = f"the last `herd up` ({told}) was killed, and all its parts with it"
        return Grade.WARNING, what, "Nothing to clear away: `herd up` starts again."
    return Grade.OK, "`herd up` does not run", ""


def _is_ours(pid: int | None, home: Path) -> bool:
    """Tell whether a process still runs and names our home: its number may be somebody else's by now."""
    try:
        return os.fsencode(home) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _ports(settings: StoreSettings) -> Answer:
    if living_supervisor(settings.home) is not None:
        return Grade.OK, "`herd up` has the ports that it wished for", ""
    taken = [f"{port} (for {part})" for part, port in WISHED.items() if is_listening(LOOPBACK, port)]
    if taken:
        return Grade.ERROR, f"taken by another program: port {', '.join(taken)}", "End that program."
    return Grade.OK, "no port that is wished for is taken", ""


def _kernel(_: StoreSettings) -> Answer:
    """Ask another process: without a writable cache the engine cannot even be imported."""
    code = "from herd_engine.engine.kernel.run import run_many; print(run_many.stats.cache_path)"
    asked = _python("-c", code)
    place = asked.stdout.strip()
    if asked.returncode == 0 and os.access(place, os.W_OK):
        return Grade.OK, f"compiled code is kept in {place}", ""
    reason = place if asked.returncode == 0 else asked.stderr.strip().rpartition("\n")[2]
    to_do = "Set NUMBA_CACHE_DIR to a folder that you may write to."
    return Grade.ERROR, f"compiled code cannot be kept: {reason}", to_do


def _cluster(settings: StoreSettings) -> Answer:
    if living_supervisor(settings.home) is None and "HERD_DASK_ADDRESS" not in os.environ:
        return Grade.OK, "no cluster runs; a runner simulates by itself", ""
    asked = _python("-m", "herd_engine", "status", "--json", "-", "--home", str(settings.home))
    found = json.loads(asked.stdout)
    if found["workers"]:
        return Grade.OK, f"{len(found['workers'])} Dask workers answer, of version {__version__}", ""
    what = " ".join(found["faults"]) or "no Dask worker answers"
    return Grade.ERROR, what, "See workers.log in the folder of logs; run `herd down`, then `herd up`."


def _service(settings: StoreSettings) -> Answer:
    """Tell what weakens or changes the service: it is easily forgotten."""
    told = []
    said = Settings.read().api_auth
    if said in OPEN_TO_ALL:
        told.append(f"HERD_API_AUTH={said}: the service asks nobody who they are")
    if not settings.is_missing:
        try:
            told += _exceptions(settings)
        except StorageError as error:  # what is wrong with it is told by another check
            told.append(f"its flags and limits cannot be told: {error}")
    if not told:
        return (
            Grade.OK,
            "nothing of the service is switched off, and nobody is an exception to its limits",
            "",
        )
    return (
        Grade.WARNING,
        "; ".join(told),
        "Look whether it is still meant: `herd api flags`, `herd api limits`.",
    )


def _exceptions(settings: StoreSettings) -> list[str]:
    with kept_database(settings) as database:
        return exceptions_told(database) if is_current(database) else []


def _versions(_: StoreSettings) -> Answer:
    what = (
        f"Herd Workbench and its engine {__version__}, Python {platform.python_version()} ({sys.executable})"
    )
    return Grade.OK, what, ""


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command line
        [sys.executable, "-P", *arguments],
        capture_output=True,
        encoding="utf-8",
        timeout=ANSWER_SECONDS,
        check=False,
    )


CHECKS: dict[str, Check] = {
    "versions": _versions,
    "home": _home,
    "disk_space": _disk_space,
    "database": _database,
    "integrity": _integrity,
    "file_store": _file_store,
    "kept_files": _kept_files,
    "channels": _told(channel_troubles, "everybody who is to be told can be"),
    "policies": _told(policy_troubles, "everything that is to be watched can be"),
    "herd_up": _supervisor,
    "ports": _ports,
    "service": _service,
    "cluster": _cluster,
    "compiled_code": _kernel,
}
