"""One file that holds everything of an embedded store, made while runs go on.

The databases are copied first, then the files: a run is published by a transaction after its files are
written, so every file that the copy names was there. Files of a run that is deleted meanwhile may be
missing: then the databases are copied again, and what is new is added.
"""

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from herd_engine import __version__
from herd_engine.errors import OutputError, ParameterError, StorageError
from herd_engine.exports.atomic_write import require_folder
from herd_engine.monitoring.supervision_report import now
from herd_engine.operations.places import kept_database
from herd_engine.runs.store import StoreSettings
from herd_engine.storage.database import open_database
from herd_engine.storage.files import FileStore, open_file_store
from herd_engine.storage.maintenance import copy_sqlite, named_files
from herd_engine.storage.upgrading import revisions

FORMAT = "herd-backup/1"
MANIFEST = "manifest.json"
ROUNDS = 3
"""After so many copies a file that is named but not there is not one of a run that was just deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What was written.

    Attributes
    ----------
    n_files, n_databases : int
    size : int
        Bytes.
    missing : tuple of str
        Files that the database names and the store has lost: not by this backup.
    """

    n_files: int
    n_databases: int
    size: int
    missing: tuple[str, ...]


@dataclass(slots=True)
class _Archive:
    """A tar file and what is in it."""

    tar: tarfile.TarFile
    members: dict[str, dict[str, object]] = field(default_factory=dict)

    def add(self, name: str, file: io.BufferedReader) -> None:
        """Add a file as long as it is now; only its bytes are kept, nobody's name and no rights."""
        info = tarfile.TarInfo(name)
        info.size = os.fstat(file.fileno()).st_size
        digest = hashlib.file_digest(file, "sha256")
        file.seek(0)
        self.tar.addfile(info, file)
        self.members[name] = {"sha256": digest.hexdigest(), "size": info.size}


def write_backup(settings: StoreSettings, target: Path) -> Backup:
    """Write everything that is kept into one tar file, whole or not at all.

    Parameters
    ----------
    settings : StoreSettings
    target : Path
        A file there is replaced.

    Raises
    ------
    ParameterError
        The store is not embedded.
    StorageError
        There is no store, or it cannot be read.
    OutputError
        The file cannot be written.
    """
    if not settings.is_embedded:
        rule = "be the embedded one; use pg_dump for PostgreSQL and the tools of its maker for a bucket"
        raise ParameterError("store", "HERD_DATABASE_URL or HERD_STORAGE_URL", rule)
    with kept_database(settings) as database:
        revision = revisions(database).found
    require_folder(target)
    with (
        _written_whole(target) as file,
        tempfile.TemporaryDirectory(prefix=".herd-backup-", dir=target.parent) as folder,
        tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        archive = _Archive(tar)
        missing = _add_files(settings, archive, Path(folder))
        n_files = len(archive.members)
        for copy in sorted(Path(folder).rglob("*.sqlite")):
            with copy.open("rb") as stream:
                archive.add(copy.relative_to(folder).as_posix(), stream)
        _add_manifest(archive, revision)
    n_databases = len(archive.members) - n_files
    return Backup(n_files=n_files, n_databases=n_databases, size=target.stat().st_size, missing=missing)


def _add_files(settings: StoreSettings, archive: _Archive, folder: Path) -> tuple[str, ...]:
    """Copy the databases into a folder and archive the files; return what is named but not there."""
    store = open_file_store(settings.storage_url)
    missing: frozenset[str] = frozenset()
    for _ in range(ROUNDS):
        _copy_databases(settings.home, folder)
        _add_new_files(store, Path(settings.storage_url), archive)
        with open_database(f"sqlite:///{folder / 'herd.sqlite'}") as copy:
            named = named_files(copy)
        missing = frozenset(key for key in named if f"files/{key}" not in archive.members)
        if not missing:
            break
    return tuple(sorted(missing))


def _copy_databases(home: Path, folder: Path) -> None:
    for path in sorted(home.rglob("*.sqlite")):
        copy = folder / path.relative_to(home)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.unlink(missing_ok=True)
        try:
            copy_sqlite(path, copy)
        except sqlite3.Error as error:
            raise StorageError(str(path), f"it cannot be copied: {error}") from error


def _add_new_files(store: FileStore, folder: Path, archive: _Archive) -> None:
    for key in store.list():
        name = f"files/{key}"
        if name in archive.members or key.endswith(".sqlite"):
            continue
        with suppress(FileNotFoundError), (folder / key).open("rb") as stream:  # it may be deleted meanwhile
            archive.add(name, stream)


def _add_manifest(archive: _Archive, revision: str | None) -> None:
    document = {
        "format": FORMAT,
        "version": __version__,
        "revision": revision,
        "made_at": now(),
        "members": archive.members,
    }
    data = json.dumps(document, indent=1).encode()
    info = tarfile.TarInfo(MANIFEST)
    info.size = len(data)
    archive.tar.addfile(info, io.BytesIO(data))


@contextmanager
def _written_whole(target: Path) -> Iterator[IO[bytes]]:
    """Yield a temporary file beside the target that gets its name when all is on disk."""
    temporary = target.with_name(f".{target.name}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as error:
        raise OutputError(str(target), error.strerror or str(error)) from error
    finally:
        temporary.unlink(missing_ok=True)
