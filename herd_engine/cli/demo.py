"""`herd demo`: the whole path on a farm that does not exist."""

from pathlib import Path
from typing import Annotated

import typer

from herd_engine.cli.forecast import print_forecast
from herd_engine.cli.inspect import print_inspection
from herd_engine.cli.options import Threads, available_cores
from herd_engine.cli.printing import out, progress_bar
from pipelines.demo import make_demo


def demo(
    *,
    folder: Annotated[Path, typer.Option(help="Where the files go; made if missing.")] = Path("herd-demo"),
    runs: Annotated[int, typer.Option(help="Simulated futures.")] = 1000,
    language: Annotated[str, typer.Option(help="Language of the page: en or ru.")] = "en",
    threads: Threads = None,
) -> None:
    """Make a sample farm, check it, forecast 36 months, and write a page with charts."""
    with progress_bar(runs, threads or available_cores()) as execution:
        result = make_demo(folder, runs=runs, language=language, execution=execution)
    print_inspection(result.inspection)
    print_forecast(result.forecast)
    out.print(f"\nOpen this page in a browser: [bold]{result.page.resolve()}[/]", soft_wrap=True)
