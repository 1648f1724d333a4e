"""Put back what a backup holds, after looking at every byte of it; nothing of it is trusted before."""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from herd_engine.errors import ConflictError, OutputError, StorageError
from herd_engine.monitoring.supervision_report import living_supervisor
from herd_engine.operations.backup import FORMAT, MANIFEST
from herd_engine.runs.liveness import is_any_there
from herd_engine.storage.files import KEY
from herd_engine.storage.maintenance import sqlite_faults, sqlite_revision
from herd_engine.storage.upgrading import is_newer

DATABASE = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)*\.sqlite")
MAIN = "herd.sqlite"
CHUNK_BYTES = 2**20
MANIFEST_BYTES = 2**30
"""A manifest has some 150 bytes for each file."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and where what stood there is now."""

    n_members: int
    made_at: str
    kept_aside: Path | None


def restore_backup(source: Path, home: Path, *, force: bool = False) -> Restored:
    """Make a home of a backup, whole or not at all.

    Parameters
    ----------
    source : Path
    home : Path
        Not there, or an empty folder.
    force : bool
        What stands there is kept aside, under a name with the date.

    Raises
    ------
    ConflictError
        Something stands there, or is running there.
    StorageError
        The archive is damaged, was tampered with, or is of a newer version.
    OutputError
        The home cannot be written.
    """
    home = home.absolute()
    _refuse_living(home)
    if _holds_something(home) and not force:
        message = f"{home} is not empty. With --force what it holds is kept aside."
        raise ConflictError(message, "home_not_empty", str(home))
    with _new_folder_beside(home) as folder:
        manifest = _unpack(source, folder)
        _check_databases(source, folder, str(manifest["revision"]))
        _refuse_living(home)
        kept_aside = _make_way(home)
        folder.replace(home)
    return Restored(len(manifest["members"]), str(manifest["made_at"]), kept_aside)


def _refuse_living(home: Path) -> None:
    if (pid := living_supervisor(home)) is not None:
        message = f"Herd Workbench is up for {home} (process {pid}). End it with `herd down` first."
        raise ConflictError(message, "up_already", str(home))
    if is_any_there(home):
        message = f"A worker of {home} is running. Wait until it has ended, or end it."
        raise ConflictError(message, "worker_running", str(home))


def _holds_something(home: Path) -> bool:
    """Whether there is anything but what looking at it leaves."""
    return home.exists() and any(path.suffix != ".lock" for path in home.iterdir())


@contextmanager
def _new_folder_beside(home: Path) -> Iterator[Path]:
    """Yield a folder on the disk of the home; what is left of it at the end is deleted."""
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{home.name}-", dir=home.parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise OutputError(str(home), error.strerror or str(error)) from error


def _make_way(home: Path) -> Path | None:
    """Move what stands there aside."""
    if not home.exists():
        return None
    aside = home.with_name(f"{home.name}.{datetime.now(UTC):%Y%m%dT%H%M%S}")
    is_worth_it = _holds_something(home)
    home.replace(aside)
    if is_worth_it:
        return aside
    shutil.rmtree(aside)
    return None


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Unpack an archive into an empty folder and compare every file with the manifest."""
    found: dict[str, dict[str, object]] = {}
    manifest = None
    try:
        with tarfile.open(source, mode="r:") as tar:
            for member in tar:
                stream = _checked(source, member, {*found, *([MANIFEST] if manifest else [])}, tar)
                if member.name == MANIFEST:
                    manifest = json.loads(stream.read(MANIFEST_BYTES))
                else:
                    found[member.name] = _write(stream, folder / member.name)
    except (tarfile.TarError, ValueError, FileNotFoundError, IsADirectoryError) as error:
        raise StorageError(str(source), f"it is no whole backup: {error}") from error
    return _matching(source, manifest, found)


def _check_databases(source: Path, folder: Path, revision: str) -> None:
    """Refuse what only has the name of a database, and one that is broken or of other tables than is said."""
    for path in sorted(folder.rglob("*.sqlite")):
        name = path.relative_to(folder)
        try:
            faults = sqlite_faults(path)
            found = sqlite_revision(path) if str(name) == MAIN else revision
        except sqlite3.DatabaseError as error:
            raise StorageError(str(source), f"{name} in it is no database of ours: {error}") from error
        if faults:
            raise StorageError(str(source), f"{name} in it is broken: {faults[0]}")
        if found != revision:
            raise StorageError(str(source), f"{name} in it has tables {found}, not {revision}")


def _checked(source: Path, member: tarfile.TarInfo, seen: set[str], tar: tarfile.TarFile) -> IO[bytes]:
    """Return the bytes of a member, if it is a plain file in a place where a backup has files."""
    stream = tar.extractfile(member) if member.isreg() and not member.issparse() else None
    if stream is None:
        raise StorageError(str(source), f"{member.name!r} in it is not a plain file")
    is_known = member.name == MANIFEST or DATABASE.fullmatch(member.name)
    if not (is_known or (member.name.startswith("files/") and KEY.fullmatch(member.name[6:]))):
        raise StorageError(str(source), f"{member.name!r} in it has no place in a backup")
    if member.name in seen:
        raise StorageError(str(source), f"{member.name!r} is in it twice")
    return stream


def _write(stream: IO[bytes], path: Path) -> dict[str, object]:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return {"sha256": digest.hexdigest(), "size": size}


def _matching(source: Path, manifest: Any, found: dict[str, dict[str, object]]) -> dict[str, Any]:
    """Return the manifest if it is one of ours and says what was found."""
    if not isinstance(manifest, dict) or not {"revision", "members", "made_at"} <= set(manifest):
        raise StorageError(str(source), "it has no manifest of a backup")
    if manifest.get("format") != FORMAT or is_newer(str(manifest["revision"])):
        raise StorageError(str(source), f"it was made by a newer version ({manifest.get('version')})")
    members = manifest["members"]
    if not isinstance(members, dict) or MAIN not in found:
        raise StorageError(str(source), "it holds no database")
    different = [name for name in {*members, *found} if members.get(name) != found.get(name)]
    if different:
        raise StorageError(
            str(source), f"{len(different)} files differ from its manifest, {min(different)} first"
        )
    return manifest
