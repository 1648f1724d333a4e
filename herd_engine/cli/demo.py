"""`herd demo`: the whole path on a farm that does not exist."""

from pathlib import Path
from typing import Annotated

import typer

from herd_engine.cli.forecast import print_forecast
from herd_engine.cli.inspect import print_inspection
from herd_engine.cli.options import PageLanguage, Threads, available_cores
from herd_engine.cli.printing import out, print_paths, progress_bar
from herd_engine.errors import OutputError
from herd_engine.figures.wording import Language
from pipelines.demo import make_demo


def demo(
    *,
    folder: Annotated[Path, typer.Option(help="Where the files go; made if missing.")] = Path("herd-demo"),
    runs: Annotated[int, typer.Option(help="Simulated futures, 1 to 50000.")] = 1000,
    language: PageLanguage = Language.ENGLISH,
    threads: Threads = None,
) -> None:
    """Make a sample farm, check it, forecast 36 months, and write a page with charts."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(str(folder), f"no such folder can be made ({error.strerror})") from error
    with progress_bar(runs, threads or available_cores()) as execution:
        result = make_demo(folder, runs=runs, language=language, execution=execution)
    print_inspection(result.inspection)
    out.print()
    print_forecast(result.forecast, result.fine_print)
    out.print()
    print_paths("Open this page in a browser:", result.page.resolve())
