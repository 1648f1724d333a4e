"""Names of files: which of a folder are nobody's, how one is shown that is no text, which are short."""

import os
import re
import tempfile
from pathlib import PurePath

_HALF = re.compile("[\ud800-\udfff]")
"""What Python makes of a byte that is no UTF-8."""
_BEGINNINGS = (".", "~$")
"""Hidden files, with what macOS (``._x``) and LibreOffice (``.~lock``) leave; Excel's locks."""
_ENDINGS = ("~", ".bak", ".crdownload", ".download", ".part", ".partial", ".swp", ".tmp")
"""Copies that editors leave, and what is still on its way."""

LONGEST_OF_SOCKETS = 40
"""Bytes of the path of a folder."""


def is_by_the_way(path: PurePath) -> bool:
    """Tell whether a file is a hidden, lock or temporary one, which nobody means by the folder it is in.

    Examples
    --------
    >>> [is_by_the_way(PurePath(name)) for name in ("~$farm.xlsx", "._farm.csv", "farm.csv")]
    [True, True, False]
    """
    name = path.name.lower()
    return name.startswith(_BEGINNINGS) or name.endswith(_ENDINGS)


def shown_name(name: str) -> str:
    r"""Return the name of a file as it can be shown and written: what is no UTF-8 in it becomes �.

    Examples
    --------
    >>> shown_name("herd\udcf1.csv")
    'herd�.csv'
    """
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", name)


def short_temporary_folder() -> str:
    """Return a folder for temporary files in which programs can make sockets.

    The path of a socket has some hundred bytes at most, and Jupyter and Chromium need about sixty below this
    folder. The usual one is taken where its path is short enough, however long ``TMPDIR`` may be.
    """
    usual = tempfile.gettempdir()
    for folder in (usual, os.environ.get("XDG_RUNTIME_DIR", ""), "/tmp", "/var/tmp", "/dev/shm"):  # noqa: S108
        if folder and len(os.fsencode(folder)) <= LONGEST_OF_SOCKETS and os.access(folder, os.W_OK | os.X_OK):
            return folder
    return usual
