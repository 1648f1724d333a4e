"""`herd bench`: how fast, measured here."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from herd_engine.cli.options import REPLICATES, Json, available_cores
from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import new_table, out
from herd_engine.errors import ParameterError
from pipelines.bench.decide import decide_figures
from pipelines.bench.figure import Figure
from pipelines.bench.files import bench_files
from pipelines.bench.job import bench_engine, bench_report, bench_runs, file_or_sample
from pipelines.bench.mc import bench_mc

app = typer.Typer(no_args_is_help=True, help="Measure how fast it is here: every figure with its definition.")
File = Annotated[Path | None, typer.Argument(metavar="FILE", help="Herd export; a sample farm by default.")]


@app.command()
def engine(
    file: File = None,
    *,
    large: Annotated[
        bool,
        typer.Option("--large", help="Also a million animals, 50,000 replicates of 120 months: minutes."),
    ] = False,
    json: Json = None,
) -> None:
    """Measure reading, fitting and simulating."""
    check_outputs(json, source=file)
    _tell(bench_engine(file, cores=available_cores(), large=large), json)


@app.command()
def runs(
    file: File = None,
    *,
    large: Annotated[
        bool,
        typer.Option(
            "--large",
            help="With 10,000 replicates, 100 variants, outputs of a thousand forecasts: minutes.",
        ),
    ] = False,
    json: Json = None,
) -> None:
    """Measure kept runs: what queue, Dask and publishing cost beside the bare engine."""
    check_outputs(json, source=file)
    _tell(bench_runs(file, cores=available_cores(), large=large), json)


@app.command()
def files(
    *,
    events: Annotated[int, typer.Option(min=1000, help="Events to fold.")] = 2_000_000,
    rows: Annotated[
        int, typer.Option(min=1000, help="Of the large text; a workbook has a quarter.")
    ] = 200_000,
    json: Json = None,
) -> None:
    """Measure what is made of herd files: exports read and fitted, a program's events folded."""
    check_outputs(json)
    figures = bench_files(events, rows, rows // 4)
    with file_or_sample(None) as sample:
        _tell(bench_report(sample, figures, available_cores()), json)


@app.command()
def mc(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Herd export.")],
    *,
    workers: Annotated[str, typer.Option(help="Numbers of workers.")] = "1,2,4",
    batch: Annotated[str, typer.Option(help="Sizes of batches, replicates.")] = "8,32,128",
    runs: Annotated[int, typer.Option(*REPLICATES, min=1, help="Futures of each measurement.")] = 2000,
    json: Json = None,
) -> None:
    """Measure simulating one run after another against many on Dask, and recommend."""
    check_outputs(json, source=file)
    result = bench_mc(file, _numbers(workers, "--workers"), _numbers(batch, "--batch"), runs)
    if json is not None:
        write_text(json, result)
        return
    table = new_table("workers", "batch", "seconds", "speed-up", "efficiency")
    table.add_row("alone", "", f"{result['sequential_seconds']:.3f}", "1.00", "")
    for row in result["parallel"]:
        gains = (f"{row[name]:.2f}" for name in ("speed_up", "efficiency"))
        table.add_row(str(row["workers"]), str(row["batch"]), f"{row['seconds']:.3f}", *gains)
    out.print(table)
    out.print(result["recommendation"], soft_wrap=True)


@app.command()
def reports(file: File = None, *, json: Json = None) -> None:
    """Measure reports: a page, a PDF, a portfolio of twenty farms."""
    check_outputs(json, source=file)
    measure = _measurement("reports", papermill="reports")
    with file_or_sample(file) as found:
        _tell(bench_report(found, measure(found), available_cores()), json)


@app.command()
def apps(file: File = None, *, json: Json = None) -> None:
    """Measure the apps in a browser: start of a page, slider to picture, memory; minutes."""
    check_outputs(json, source=file)
    measure = _measurement("apps", voila="apps", playwright="reports")
    with file_or_sample(file) as found:
        _tell(bench_report(found, measure(found), available_cores()), json)


@app.command()
def api(file: File = None, *, json: Json = None) -> None:
    """Measure the service: CPU and time of reads, what 200 watchers cost, how it ends; a minute."""
    check_outputs(json, source=file)
    measure = _measurement("api", uvicorn="api")
    with file_or_sample(file) as found:
        _tell(bench_report(found, measure(found), available_cores()), json)


@app.command()
def decide(file: File = None, *, json: Json = None) -> None:
    """Measure deciding: key figures, cards, levers, a hundred plans, six goals; a minute."""
    check_outputs(json, source=file)
    with file_or_sample(file) as found:
        _tell(bench_report(found, decide_figures(found), available_cores()), json)


def _measurement(name: str, **extras: str) -> Callable[[Path], list[Figure]]:
    """Return what measures parts whose libraries, each with its extra, are not in a plain installation."""
    missing = [library for library in extras if find_spec(library) is None]
    if missing:
        wanted = ",".join(extras[library] for library in missing)
        advice = f"`herd bench {name}` needs {', '.join(missing)}: pip install 'herd-workbench[{wanted}]'"
        typer.echo(advice, err=True)
        raise typer.Exit(2)
    measure: Callable[[Path], list[Figure]] = getattr(
        import_module(f"pipelines.bench.{name}"), f"{name}_figures"
    )
    return measure


def _numbers(text: str, option: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise ParameterError(option, text, "be whole numbers with commas between") from None


def _tell(result: dict[str, Any], json: Path | None) -> None:
    if json is not None:
        write_text(json, result)
        return
    table = Table("figure", "value", "unit", "what was measured", box=None, pad_edge=False)
    for figure in result["figures"]:
        definition = escape(figure["definition"])
        table.add_row(figure["name"], f"{figure['value']:.3g}", figure["unit"], definition)
    out.print(table)
