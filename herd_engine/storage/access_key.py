"""The key of a home: who knows it may come in. Made at first start, the same for all servers of that home."""

import os
import secrets
import stat
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from filelock import lock_descriptor

from herd_engine.errors import StorageError

KEY_FILE = "access.key"
KEY_BYTES = 32
LEAST_LETTERS = 32
"""A shorter text may be guessed, and is no key of ours."""


def access_key(home: Path) -> str:
    """Return the key of a home; it is made when it is asked for the first time; as ``secret``."""
    return secret(home, KEY_FILE)


def secret(home: Path, name: str) -> str:
    """Return a secret that a file of a home holds; it is made when it is asked for the first time.

    A key that other users of the machine could read, or that belongs to one of them, is replaced by a new
    one: whoever had come in with the old one is asked again.

    Parameters
    ----------
    home : Path
        Made where it is missing, for its owner alone.
    name : str
        Of the file.

    Returns
    -------
    str
        At least 256 random bits, in letters that an address may hold.

    Raises
    ------
    StorageError
        The file cannot be read or written, or what it holds is no key.
    """
    path = home / name
    try:
        if not _is_private(path):
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make(path)
        key = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise StorageError(str(path), str(error)) from error
    if len(key) < LEAST_LETTERS or not key.isascii() or not key.isprintable():
        raise StorageError(str(path), "it holds no key; delete it, and a new one is made at the next start")
    return key


def with_key(address: str, key: str) -> str:
    """Return the address of a page at which the key is shown for the first time."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'token': key})}"


def _is_private(path: Path) -> bool:
    """Tell whether the file is there, ours, and nobody else's to read or write."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    return found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077


def _make(path: Path) -> None:
    """Write a new key, whole or not at all; of several processes that begin together one does."""
    with os.fdopen(os.open(path.with_name(f".{path.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)) as lock:
        lock_descriptor(lock.fileno())
        if _is_private(path):
            return
        # A temporary file is its maker's alone from its first byte on.
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{secrets.token_urlsafe(KEY_BYTES)}\n")
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
