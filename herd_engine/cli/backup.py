"""`herd backup`: everything that is kept, in one file."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.options import Home
from herd_engine.cli.printing import err, out
from herd_engine.operations.backup import write_backup
from herd_engine.workbench.home import StoreSettings


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE.tar", help="Replaced if it is there.")],
    *,
    home: Home = None,
) -> None:
    """Write all farms, files and runs into one file; runs may go on meanwhile."""
    written = write_backup(StoreSettings.from_environment(home), file)
    size = f"{written.size / 2**20:,.1f} MiB"
    counts = f"files: {written.n_files:,}, databases: {written.n_databases}"
    out.print(f"Written: [bold]{escape(str(file))}[/], {size} ({counts})", soft_wrap=True)
    for key in written.missing:
        err.print(f"[yellow]{escape(key)} was lost before: no backup can hold it.[/]", soft_wrap=True)
