"""Signs of life: a file that its process touches again and again, so that whoever looks sees progress.

That a process exists says little: it may be stopped, or hang. A file ``HERD_HOME/beats/{role}-{pid}`` is
locked as long as its process lives, and touched as long as that gets on; what troubles it stands in the file.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from filelock import lock_descriptor, unlock_descriptor

from herd_engine.errors import StorageError

FOLDER = "beats"
BEAT_SECONDS = 1.0
SILENT_SECONDS = 10.0
"""A process that has not beaten for so long does not get on."""
LOOKS, LOOK_SECONDS = 4, 0.002
ROOM_BYTES = 1000
"""A file has its whole length from the beginning: what is written later needs no space of a full disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What a living process says of itself.

    Attributes
    ----------
    pid : int
    silent_seconds : float
        Since its last beat.
    trouble : str
        What it waits for, in words; empty where all is well.
    """

    pid: int
    silent_seconds: float
    trouble: str

    @property
    def gets_on(self) -> bool:
        """Whether the last beat is young enough."""
        return self.silent_seconds < SILENT_SECONDS


class Beat:
    """The sign of life of this process in one role.

    Parameters
    ----------
    home : Path
    role : str
        Such as ``runner``.

    Raises
    ------
    StorageError
        The home cannot be written.
    """

    def __init__(self, home: Path, role: str) -> None:
        folder = home / FOLDER
        self._path, self._told = folder / f"{role}-{os.getpid()}", ""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _clear_away(folder, role)
            self._file = self._path.open("w+b", buffering=0)
            lock_descriptor(self._file.fileno())
            self._write("")
        except OSError as error:
            raise StorageError(str(home), error.strerror or "it cannot be written") from error

    def touch(self) -> None:
        """Say that this process gets on."""
        with suppress(OSError):  # a disk that cannot be written now may be later; until then we are silent
            os.utime(self._file.fileno())

    def tell(self, trouble: str) -> None:
        """Say what this process waits for, in words; nothing where all is well again."""
        if trouble != self._told:
            self._told = trouble
            with suppress(OSError):
                self._write(trouble)

    def close(self) -> None:
        """Take the sign away."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        self._file.close()

    def _write(self, text: str) -> None:
        words = text.encode()[:ROOM_BYTES].decode(errors="ignore").encode()
        os.pwrite(self._file.fileno(), words.ljust(ROOM_BYTES), 0)


@contextmanager
def beating(home: Path, role: str) -> Iterator[Beat]:
    """Give signs of life from a thread for the duration of the block; as ``Beat``."""
    beat, is_over = Beat(home, role), Event()

    def go_on() -> None:
        while not is_over.wait(BEAT_SECONDS):
            beat.touch()

    thread = Thread(target=go_on, name=f"beat-{role}", daemon=True)
    thread.start()
    try:
        yield beat
    finally:
        is_over.set()
        thread.join()
        beat.close()


def signs(home: Path, role: str) -> tuple[Sign, ...]:
    """Return the signs of all processes of a role that exist; those of dead ones count for nothing."""
    found = (_sign(path) for path in sorted((home / FOLDER).glob(f"{role}-*")))
    return tuple(sign for sign in found if sign is not None)


def sign_of(home: Path, role: str, pid: int) -> Sign | None:
    """Return the sign of one process, None where there is none."""
    return _sign(home / FOLDER / f"{role}-{pid}")


def _sign(path: Path) -> Sign | None:
    try:
        with path.open("rb") as file:
            if not is_held(file.fileno()):
                return None
            trouble = file.read(ROOM_BYTES).decode(errors="replace").strip(" \0")
            silent = abs(time.time() - os.fstat(file.fileno()).st_mtime)  # the clock may have been set back
    except OSError:
        return None
    return Sign(pid=int(path.name.rpartition("-")[2]), silent_seconds=silent, trouble=trouble)


def is_held(descriptor: int) -> bool:
    """Tell whether a process holds the lock; the system frees that of one that died.

    Another that looks at the same time holds it for a moment: so we look more than once.
    """
    for _ in range(LOOKS):
        if lock_descriptor(descriptor, blocking=False):
            unlock_descriptor(descriptor)
            return False
        time.sleep(LOOK_SECONDS)
    return True


def _clear_away(folder: Path, role: str) -> None:
    """Delete what processes left that were killed; one that is just beginning has no lock yet, but exists."""
    for path in folder.glob(f"{role}-*"):
        if not Path("/proc", path.name.rpartition("-")[2]).exists():
            path.unlink(missing_ok=True)
