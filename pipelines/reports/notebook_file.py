"""Notebooks as files."""

from pathlib import Path
from typing import Any

import nbformat

from herd_engine.workbench.files import write_atomically


def read_file(path: Path) -> Any:
    """Return a notebook."""
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def write_file(path: Path, notebook: Any) -> None:
    """Write a notebook, whole or not at all."""
    write_atomically(path, nbformat.writes(notebook).encode())  # type: ignore[no-untyped-call]
