"""Notebooks for analysts and how-to pages: where they are, and copies of them to work on."""

from dataclasses import dataclass
from pathlib import Path

from herd_engine.workbench.files import make_folder, write_atomically

PACKAGE = Path(__file__).parent
FOLDERS = ("guide", "explore")
ENDINGS = {".ipynb", ".md"}


@dataclass(frozen=True, slots=True)
class Copied:
    """Which notebooks were written, and which stood there already; paths within the folder."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]


def notebooks_in(folder: str) -> tuple[Path, ...]:
    """Return what is in one of ``FOLDERS``: inside an installed package, or beside it in a checkout."""
    installed = PACKAGE / "notebooks" / folder
    source = installed if installed.is_dir() else PACKAGE.parent / "notebooks" / folder
    return tuple(sorted(path for path in source.iterdir() if path.suffix in ENDINGS))


def copy_out(target: Path) -> Copied:
    """Copy all notebooks into a folder, which is made where it is missing.

    A file that stands there is somebody's work and stays as it is.

    Parameters
    ----------
    target : Path

    Returns
    -------
    Copied

    Raises
    ------
    OutputError
        No such folder can be made, or a file cannot be written.
    """
    written, kept = [], []
    for folder in FOLDERS:
        make_folder(target / folder)
        for source in notebooks_in(folder):
            name = Path(folder) / source.name
            if (target / name).exists():
                kept.append(name)
            else:
                write_atomically(target / name, source.read_bytes())
                written.append(name)
    return Copied(tuple(written), tuple(kept))
