"""Where results go: a file, whole or not at all, or the terminal."""

import json
import sys
from pathlib import Path
from typing import Any

from herd_engine.runs.exports.atomic_write import require_folder, write_atomically

TERMINAL = Path("-")


def write_text(path: Path, content: str | dict[str, Any]) -> None:
    """Write a text, or plain data as JSON, to a file or (``-``) to standard output."""
    if not isinstance(content, str):
        content = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    if path == TERMINAL:
        sys.stdout.write(content)
    else:
        write_atomically(path, content.encode())


def check_folders(*paths: Path | None) -> None:
    """Refuse a missing folder before long work, not after it."""
    for path in paths:
        if path is not None and path != TERMINAL:
            require_folder(path)
