"""The folder of what is kept: nobody but its owner may read it."""

import logging
import os
import stat
from contextlib import suppress
from pathlib import Path

from herd_engine.errors import StorageError
from herd_engine.settings import Settings

logger = logging.getLogger(__name__)

OTHERS = 0o077
"""Rights of anybody but the owner."""


def home_folder(given: Path | None = None) -> Path:
    """Return where everything is kept: as given, else ``HERD_HOME``, else a folder of the user's."""
    return given or Settings.read().home or Path.home() / ".herd-workbench"


def make_home(home: Path) -> None:
    """Make the folder, or take from others what rights a version before left them.

    Raises
    ------
    StorageError
        It is no folder, or cannot be made.
    """
    try:
        home.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        if not home.is_dir():
            raise StorageError(str(home), "it is a file, not a folder") from None
        _tighten(home)
    except NotADirectoryError as error:
        raise StorageError(str(home), "a part of its path is a file") from error
    except OSError as error:
        raise StorageError(str(home), error.strerror or "it cannot be made") from error


def owners_alone(path: str, flags: int) -> int:
    """Open a file, which others may not read if it is made: an ``opener``."""
    return os.open(path, flags, 0o600)


def _tighten(home: Path) -> None:
    is_older = (home / "herd.sqlite").exists()
    rights = home.stat()
    is_ours = rights.st_uid == os.geteuid() and not rights.st_mode & stat.S_ISVTX
    if not rights.st_mode & OTHERS or not is_ours or home.resolve() in (Path("/"), Path.home().resolve()):
        return
    for folder, _, names in os.walk(home) if is_older else ((str(home), [], []),):
        for path in (Path(folder), *(Path(folder, name) for name in names)):
            with suppress(OSError):  # a disk that is read-only, a file of somebody else
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode & ~OTHERS)
    if is_older and not home.stat().st_mode & OTHERS:
        logger.warning("Other users of this machine could read %s; now only its owner can.", home)
