"""`herd demo`: the whole path on a farm that does not exist."""

from pathlib import Path
from typing import Annotated

import typer

from herd_engine.cli.forecast import print_forecast
from herd_engine.cli.inspect import print_inspection
from herd_engine.cli.options import REPLICATES, PageLanguage, Threads, available_cores
from herd_engine.cli.printing import out, print_paths, progress_bar
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.workbench.files import make_folder
from pipelines.demo import make_demo


def demo(
    *,
    folder: Annotated[Path, typer.Option(help="Where the files go; made if missing.")] = Path("herd-demo"),
    runs: Annotated[int, typer.Option(*REPLICATES, help="Simulated futures, 1 to 50000.")] = 1000,
    language: PageLanguage = ENGLISH,
    threads: Threads = None,
) -> None:
    """Make a sample farm, check it, forecast 36 months, and write a page with charts."""
    make_folder(folder)
    with progress_bar(runs, threads or available_cores()) as execution:
        result = make_demo(folder, runs=runs, language=language, execution=execution)
    print_inspection(result.inspection)
    out.print()
    print_forecast(result.shown)
    out.print()
    print_paths("Open this page in a browser:", result.page.resolve())
