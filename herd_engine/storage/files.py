"""Files by key, in a folder or in an S3 bucket; a file is there whole or not at all."""

import importlib
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

import fsspec
from fsspec.implementations.local import LocalFileSystem

from herd_engine.errors import NotFoundError, ParameterError, StorageError

SEGMENT = r"[A-Za-z0-9_][A-Za-z0-9._=-]{0,199}"
KEY = re.compile(rf"{SEGMENT}(/{SEGMENT}){{0,9}}")
"""No segment begins with a dot: no ``..``, nothing hidden, and temporary names can never be asked for."""


class FileStore:
    """Files under one root; ``open_file_store`` makes it.

    Parameters
    ----------
    filesystem : fsspec.AbstractFileSystem
    root : str
        Folder, or bucket and prefix.
    faults : tuple of exception classes
        What the file system raises where it cannot be used.
    private : bool
        Whether files of this machine are for their owner alone.
    """

    def __init__(
        self,
        filesystem: fsspec.AbstractFileSystem,
        root: str,
        faults: tuple[type[Exception], ...],
        *,
        private: bool = False,
    ) -> None:
        self._filesystem, self._root, self._faults = filesystem, root.rstrip("/"), faults
        self._mode = 0o600 if private else 0o666

    @property
    def place(self) -> str:
        """Where the files are."""
        return str(self._filesystem.unstrip_protocol(self._root))

    @property
    def is_local(self) -> bool:
        """Whether the files are in a folder of this machine."""
        return isinstance(self._filesystem, LocalFileSystem)

    @property
    def faults(self) -> tuple[type[Exception], ...]:
        """What the file system raises where it cannot be used."""
        return self._faults

    def copy_here(self, paths: Sequence[str], targets: Sequence[Path]) -> None:
        """Copy files, several at a time, from full paths in the store to this machine."""
        with self._friendly_errors():
            self._filesystem.get(list(paths), [str(target) for target in targets])

    def modified(self, key: str) -> datetime:
        """Return when a file was written, or raise NotFoundError."""
        path = self._path(key)
        with self._reading(key):
            return cast("datetime", self._filesystem.modified(path))

    def put(self, key: str, data: bytes) -> None:
        """Write a file; one that is there is replaced.

        Raises
        ------
        StorageError
            It cannot be written; then nothing has changed.
        """
        path = self._path(key)
        with self._friendly_errors():
            if self.is_local:
                _write_durably(Path(path), data, self._mode)
            else:
                self._filesystem.pipe_file(path, data)

    def get(self, key: str) -> bytes:
        """Return the bytes of a file, or raise NotFoundError."""
        path = self._path(key)
        with self._reading(key):
            return cast("bytes", self._filesystem.cat_file(path))

    @contextmanager
    def open_stream(self, key: str) -> Iterator[BinaryIO]:
        """Open a file to be read in pieces, or raise NotFoundError."""
        path = self._path(key)
        with self._reading(key):
            stream = self._filesystem.open(path, "rb")
        with stream:
            yield cast("BinaryIO", stream)

    def exists(self, key: str) -> bool:
        """Whether there is such a file."""
        path = self._path(key)
        with self._friendly_errors():
            return bool(self._filesystem.isfile(path))

    def size(self, key: str) -> int:
        """Return the number of bytes of a file, or raise NotFoundError."""
        path = self._path(key)
        with self._reading(key):
            return int(self._filesystem.size(path))

    def list(self, prefix: str = "") -> tuple[str, ...]:
        """Return the keys of all files below a prefix (whole segments; all files where empty), in order."""
        folder = self._path(prefix) if prefix else self._root
        with self._friendly_errors():
            found = self._filesystem.find(folder)
        keys = (str(path)[len(self._root) + 1 :] for path in found)
        return tuple(sorted(key for key in keys if KEY.fullmatch(key)))

    def delete_prefix(self, prefix: str) -> None:
        """Delete all files below a prefix (whole segments); nothing to delete is no fault."""
        folder = self._path(prefix)
        with self._friendly_errors(), suppress(FileNotFoundError):
            self._filesystem.rm(folder, recursive=True)

    def _path(self, key: str) -> str:
        if not KEY.fullmatch(key):
            rule = (
                "be up to ten parts of letters, digits and . _ = - joined by /, none beginning with . = or -"
            )
            raise ParameterError("key", key, rule)
        return f"{self._root}/{key}"

    @contextmanager
    def _reading(self, key: str) -> Iterator[None]:
        with self._friendly_errors():
            try:
                yield
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
                raise NotFoundError("file", key) from error

    @contextmanager
    def _friendly_errors(self) -> Iterator[None]:
        try:
            yield
        except self._faults as error:
            raise StorageError(self.place, _reason(error)) from error


def open_file_store(url: str, *, make: bool = True, private: bool = False) -> FileStore:
    """Open a file store.

    Parameters
    ----------
    url : str
        A folder (it is made), or ``s3://bucket/prefix``: credentials, region and endpoint come from the
        environment (``AWS_ACCESS_KEY_ID``, ``AWS_ENDPOINT_URL`` …), the bucket exists.
    make : bool
        Make a folder that is not there.
    private : bool
        Files of this machine are for their owner alone.

    Raises
    ------
    StorageError
        The folder cannot be made, or the kind of store is unknown or not installed.
    """
    protocol = url.partition("://")[0] if "://" in url else "file"
    if protocol == "s3":
        return _s3_store(url)
    if protocol != "file":
        raise StorageError(url, "only folders and s3:// are known")
    folder = Path(url.removeprefix("file://")).absolute()
    try:
        if make:
            folder.mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(str(folder), _reason(error)) from error
    return FileStore(LocalFileSystem(), str(folder), (OSError,), private=private)


def _s3_store(url: str) -> FileStore:
    try:
        exceptions = importlib.import_module("botocore.exceptions")
        filesystem = fsspec.filesystem("s3", use_listings_cache=False, skip_instance_cache=True)
    except ImportError as error:
        raise StorageError(url, "s3fs is not installed") from error
    return FileStore(filesystem, url.removeprefix("s3://"), (OSError, exceptions.BotoCoreError))


def _write_durably(path: Path, data: bytes, mode: int) -> None:
    """Write under a temporary name beside the file's own, then give it its name; survives a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text.rstrip(".") or type(error).__name__
