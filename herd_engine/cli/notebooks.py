"""`herd notebooks`: how-to pages and notebooks for analysts, to work on."""

from pathlib import Path
from typing import Annotated

import typer

from herd_engine.cli.printing import print_paths
from widgets.analyst_notebooks import copy_out


def notebooks(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to copy into; made if missing.")],
) -> None:
    """Copy how-to pages and notebooks for analysts into a folder; files that are there stay."""
    copied = copy_out(folder)
    if copied.written:
        print_paths("Written:", *(folder / name for name in copied.written))
    if copied.kept:
        print_paths("Kept as they were:", *(folder / name for name in copied.kept))
    print_paths("Open them with `jupyter lab`, such as", folder / "guide" / "first_forecast.ipynb")
