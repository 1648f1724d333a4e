"""`herd zoo`: forecasts of simulated farms of many kinds, judged by how the farms went on."""

import json as jsons
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from herd_engine.cli.options import REPLICATES, Json, available_cores
from herd_engine.cli.output import TERMINAL, check_outputs, write_text
from herd_engine.cli.printing import err, new_table, out, print_paths
from herd_engine.errors import ParameterError
from pipelines.zoo.farms.kinds import KINDS
from pipelines.zoo.judge import ZooPlan, visit
from pipelines.zoo.report import BROKEN, report

app = typer.Typer(no_args_is_help=True, help="Judge forecasts on simulated farms of many kinds.")


@app.command()
def run(
    output: Annotated[Path, typer.Argument(metavar="OUT", help="JSON file of what was judged.")],
    *,
    kind: Annotated[list[str] | None, typer.Option(help=f"Of {', '.join(KINDS)}; repeat.")] = None,
    kept_back: Annotated[
        bool, typer.Option("--kept-back", help="Also the kinds on which nothing may be tuned.")
    ] = False,
    farms: Annotated[int, typer.Option(min=1, max=1000, help="Farms of each kind.")] = 4,
    runs: Annotated[int, typer.Option(*REPLICATES, min=2, help="Simulated futures of each forecast.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="Of the first farm of each kind.")] = 1,
) -> None:
    """Simulate farms day by day, forecast each from its export, and judge 36 months: some seconds a farm."""
    check_outputs(output)
    chosen = _kinds(kind) if kind else [k for k in KINDS.values() if kept_back or not k.is_kept_back]
    plan = ZooPlan(farms=farms, runs=runs, seed=seed, threads=available_cores())
    write_text(output, visit(chosen, plan, lambda farm: err.print(farm, style="dim")))
    if output != TERMINAL:
        print_paths("Written:", output)


@app.command("report")
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Written by `herd zoo run`.")],
    *,
    before: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The same farms, judged by an earlier version.")
    ] = None,
    gate: Annotated[
        bool, typer.Option("--gate", help="End with 3 where a rule of the gate is broken.")
    ] = False,
    json: Json = None,
) -> None:
    """Show coverage of 80 % bands by kind, metric and year, skill, bias, and the gate."""
    check_outputs(json, source=file)
    judged = report(_read(file), None if before is None else _read(before))
    if json is not None:
        write_text(json, judged)
    if json != TERMINAL:
        _show_rows(judged["rows"])
        _show_gate(judged["gate"])
    if gate and any(rule["state"] == BROKEN for rule in judged["gate"]):
        raise typer.Exit(3)


def _kinds(names: list[str]) -> list[Any]:
    for name in names:
        if name not in KINDS:
            raise ParameterError("--kind", name, f"be one of {', '.join(KINDS)}")
    return [KINDS[name] for name in names]


def _read(path: Path) -> dict[str, Any]:
    try:
        document = jsons.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ParameterError("FILE", str(path), f"be readable JSON: {error}") from error
    return document if isinstance(document, dict) else {}


def _show_rows(rows: list[dict[str, Any]]) -> None:
    compared = any("crps_to_before" in row for row in rows)
    more = ("before", "CRPS/before") if compared else ()
    table = new_table(
        "kind", "metric", "farms", "years 1/2/3", "80 % band", "95 %", "CRPS/empirical", "bias", *more
    )
    for row in rows:
        years = "/".join(f"{100 * share:.0f}" for share in row["coverage_by_year"])
        ends = f"{100 * row['coverage_low']:.0f}…{100 * row['coverage_high']:.0f}"
        cells = [
            row["kind"], row["metric"], str(row["farms"]), years, f"{100 * row['coverage']:.0f}", ends,
            f"{row['crps_to_reference']:.2f}", f"{100 * row['bias']:+.1f} %",
        ]  # fmt: skip
        if "crps_to_before" in row:
            cells += [f"{100 * row['coverage_before']:.0f}", f"{row['crps_to_before']:.2f}"]
        table.add_row(*cells)
    out.print(table)


def _show_gate(rules: list[dict[str, Any]]) -> None:
    table = new_table("rule", "value", "95 %", "allowed", "")
    for rule in rules:
        ends = "" if rule["low"] is None else f"{rule['low']:.3f}…{rule['high']:.3f}"
        allowed = f"{rule['from']:g}…{rule['to']:g}"
        table.add_row(escape(rule["rule"]), f"{rule['value']:.3f}", ends, allowed, rule["state"])
    out.print(table)
