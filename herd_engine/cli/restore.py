"""`herd restore`: what a backup holds, back in its place."""

from pathlib import Path
from typing import Annotated

import typer

from herd_engine.cli.options import Home
from herd_engine.cli.printing import out, print_paths
from herd_engine.operations.restore import restore_backup
from herd_engine.workbench.home import StoreSettings


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE.tar", help="Written by `herd backup`.")],
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Where something is kept already: put that aside.")
    ] = False,
    home: Home = None,
) -> None:
    """Put a backup in place of an empty home; every byte is checked before."""
    place = StoreSettings.from_environment(home).home
    restored = restore_backup(file, place, force=force)
    if restored.kept_aside is not None:
        print_paths("Kept aside:", restored.kept_aside)
    out.print(
        f"Restored {restored.n_members:,} files, as they were {restored.made_at}, to {place}", soft_wrap=True
    )
