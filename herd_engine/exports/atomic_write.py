"""A file appears whole or not at all."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from herd_engine.errors import OutputError


def write_atomically(path: Path, data: bytes | Iterable[bytes]) -> None:
    """Write a file under a temporary name beside its own, then give it its name.

    Parameters
    ----------
    path : Path
        A file that stands there already is replaced. Folders are not created.
    data : bytes, or bytes in pieces

    Raises
    ------
    OutputError
        The folder does not exist or the file cannot be written; then nothing has changed.
    """
    path = path.resolve()  # what a link points to is replaced, not the link
    require_folder(path)
    if path.exists() and not path.is_file():
        raise OutputError(str(path), "it is no regular file")
    temporary = path.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        with temporary.open("xb") as file:
            file.writelines((data,) if isinstance(data, bytes) else data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise OutputError(str(path), error.strerror or "unknown reason") from error
    finally:
        temporary.unlink(missing_ok=True)


def require_folder(path: Path) -> None:
    """Refuse a file whose folder does not exist or is closed to us: worth knowing before long work."""
    if not path.parent.is_dir():
        raise OutputError(str(path), f"the folder {path.parent} does not exist; create it or choose another")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(str(path), f"nothing may be written into the folder {path.parent}")


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, where they are not there yet; OutputError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(str(folder), f"no such folder can be made ({error.strerror})") from error
