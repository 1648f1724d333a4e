"""Data files where DuckDB can read them: where they are, or copied here from a remote store."""

import os
import re
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from herd_engine.storage.files import FileStore
from herd_engine.storage.outputs.table import OutputFile

UNUSED_SECONDS = 3600.0
"""A copy that nobody read for so long is deleted."""


class LocalFiles:
    """Data files of the table as local files. They never change, so that each is copied once."""

    def __init__(self, files: FileStore) -> None:
        self._files = files
        self._copies = None if files.is_local else TemporaryDirectory(prefix="herd-outputs-")

    def close(self) -> None:
        """Delete the copies."""
        if self._copies is not None:
            self._copies.cleanup()

    def paths(self, files: Sequence[OutputFile]) -> list[str]:
        """Return local paths, as DuckDB wants them: no character in them asks for several files.

        Raises
        ------
        StorageError
            A file cannot be copied.
        """
        if self._copies is None:
            paths = [file.path.removeprefix("file://") for file in files]
        else:
            paths = self._copied(Path(self._copies.name), files)
        return [re.sub(r"([*?\[])", r"[\1]", path) for path in paths]

    def _copied(self, folder: Path, files: Sequence[OutputFile]) -> list[str]:
        copies = {file.path: folder / Path(file.path).name for file in files}
        missing = []
        for path, copy in copies.items():
            try:
                os.utime(copy)
            except FileNotFoundError:
                missing.append(path)
        if missing:
            _delete_unused(folder)
            # Under other names first: another thread may be copying the same.
            fresh = [folder / f"{uuid.uuid4()}.part" for _ in missing]
            self._files.copy_here(missing, fresh)
            for path, copy in zip(missing, fresh, strict=True):
                copy.replace(copies[path])
        return [str(copy) for copy in copies.values()]


def _delete_unused(folder: Path) -> None:
    for copy in folder.glob("*.parquet"):
        if time.time() - copy.stat().st_mtime > UNUSED_SECONDS:
            copy.unlink(missing_ok=True)
