"""`herd bench`: how fast, measured here."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from herd_engine.cli.options import Json, available_cores
from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import out
from pipelines.bench.job import bench_engine, bench_runs

app = typer.Typer(no_args_is_help=True, help="Measure how fast it is here: every figure with its definition.")
File = Annotated[Path | None, typer.Argument(metavar="FILE", help="Herd export; a sample farm by default.")]


@app.command()
def engine(
    file: File = None,
    *,
    large: Annotated[
        bool, typer.Option("--large", help="Also a million animals, and 50,000 runs of 120 months: minutes.")
    ] = False,
    json: Json = None,
) -> None:
    """Measure reading, fitting and simulating."""
    check_outputs(json, source=file)
    _tell(bench_engine(file, cores=available_cores(), large=large), json)


@app.command()
def runs(file: File = None, *, json: Json = None) -> None:
    """Measure kept runs: what queue, Dask and publishing cost beside the bare engine."""
    check_outputs(json, source=file)
    _tell(bench_runs(file, cores=available_cores()), json)


def _tell(result: dict[str, Any], json: Path | None) -> None:
    if json is not None:
        write_text(json, result)
        return
    table = Table("figure", "value", "unit", "what was measured", box=None, pad_edge=False)
    for figure in result["figures"]:
        definition = escape(figure["definition"])
        table.add_row(figure["name"], f"{figure['value']:.3g}", figure["unit"], definition)
    out.print(table)
