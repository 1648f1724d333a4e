"""A file appears whole or not at all."""

import os
import secrets
from pathlib import Path

from herd_engine.errors import HerdError


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file under a temporary name beside its own, then give it its name.

    Parameters
    ----------
    path : Path
        A file that stands there already is replaced. Folders are not created.
    data : bytes

    Raises
    ------
    HerdError
        The folder does not exist or the file cannot be written; then nothing has changed.
    """
    path = Path(path)
    if not path.parent.is_dir():
        raise HerdError(f"The folder {path.parent} does not exist. Create it or choose another one.")
    temporary = path.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise HerdError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        temporary.unlink(missing_ok=True)
