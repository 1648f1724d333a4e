"""Where results go: a file, whole or not at all, or the terminal."""

import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from herd_engine.errors import OutputError
from herd_engine.workbench.files import require_folder, write_atomically

TERMINAL = Path("-")


def write_text(path: Path, content: str | dict[str, Any]) -> None:
    """Write a text, or plain data as JSON, to a file or (``-``) to standard output."""
    if not isinstance(content, str):
        content = json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    if path == TERMINAL:
        sys.stdout.write(content)
    else:
        write_atomically(path, content.encode())


def write_file(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all; OutputError."""
    write_atomically(path, content)


def check_outputs(*paths: Path | None, source: Path | None = None) -> None:
    """Refuse before long work, not after it, what cannot be written or would destroy another file."""
    seen = {} if source is None else {source.resolve(): "the herd file itself"}
    for path in paths:
        if path is None or path == TERMINAL:
            continue
        require_folder(path)
        if path.is_dir():
            raise OutputError(str(path), "it is a folder; name a file in it")
        if (taken := seen.get(path.resolve())) is not None:
            raise OutputError(str(path), f"it is {taken}; choose another name")
        seen[path.resolve()] = "the file of another output too"


def document_of(item: Any) -> dict[str, Any]:
    """Return the fields of an answer as JSON has them: moments as text."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(item).items()
    }
