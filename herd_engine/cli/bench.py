"""`herd bench`: how fast, measured here."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from herd_engine.cli.options import Json, available_cores
from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import out
from pipelines.bench.job import run_bench


def bench(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Herd export; a sample farm by default.")
    ] = None,
    *,
    large: Annotated[
        bool, typer.Option("--large", help="Also a million animals, and 50,000 runs of 120 months: minutes.")
    ] = False,
    json: Json = None,
) -> None:
    """Measure the engine: every figure with its definition."""
    check_outputs(json, source=file)
    result = run_bench(file, cores=available_cores(), large=large)
    if json is not None:
        write_text(json, result)
        return
    table = Table("figure", "value", "unit", "what was measured", box=None, pad_edge=False)
    for figure in result["figures"]:
        definition = escape(figure["definition"])
        table.add_row(figure["name"], f"{figure['value']:.3g}", figure["unit"], definition)
    out.print(table)
