"""`herd inspect`: what a herd file holds."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from herd_engine.calibration.audit import Estimate
from herd_engine.cli.options import ColumnMap, HerdPath, Json, split_pairs
from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import new_table, out, print_issues
from herd_engine.figures.audit import audit_table
from herd_engine.figures.wording import Language, wording
from herd_engine.workbench import Inspection, Workbench

AUDIT_WIDTHS = (12, 7, 7, 10, 10, 15, 5)


def inspect(
    file: HerdPath,
    column_map: ColumnMap = None,
    json: Json = None,
    *,
    fit: Annotated[
        bool, typer.Option("--fit", help="Every estimate, beside what the file says at its word.")
    ] = False,
) -> None:
    """Check a herd file: the herd on the report date, its quality, the fitted distributions."""
    check_outputs(json, source=file)
    workbench = Workbench.open()
    herd_file = workbench.read(file, column_map=split_pairs(column_map, "--map"))
    inspection = workbench.inspect(herd_file)
    audit = workbench.audit(herd_file) if fit else None
    if json is not None:
        estimates = {} if audit is None else {"estimates": [asdict(item) for item in audit]}
        write_text(json, inspection.document() | estimates)
        return
    print_inspection(inspection)
    if audit is not None:
        print_audit(audit)


def print_inspection(inspection: Inspection) -> None:
    """Print an inspection for people."""
    document = inspection.document()
    dim = document["mean_days_in_milk"]
    out.print(f"[bold]{escape(document['dataset']['name'])}[/]: {document['dataset']['rows']:,} rows, "
              f"report date [bold]{document['report_date']}[/]\n")  # fmt: skip
    herd = new_table("herd on the report date", "")
    for name, count in document["counts"].items():
        herd.add_row(name.replace("_", " "), f"{count:,}")
    herd.add_row("all on the farm", f"{inspection.herd_file.herd.n_animals:,}")
    herd.add_row("of these marked for culling", f"{document['cull_flagged']:,}")
    herd.add_row("mean days in milk", "-" if dim is None else f"{dim:.2f}")
    for reason, count in document["excluded"].items():
        herd.add_row(f"[dim]left out: {reason.replace('_', ' ')}[/]", f"[dim]{count:,}[/]")
    out.print(herd, "", _fit_table(document["fit"]), "")
    print_issues((*inspection.herd_file.issues, *inspection.fit.issues))


def print_audit(audit: Sequence[Estimate]) -> None:
    """Print every estimate, a table for each kind, all with the same columns."""
    words = wording(Language.ENGLISH)
    _, *columns = audit_table(audit).columns
    for quantity, rows in groupby(
        zip(audit, audit_table(audit).rows, strict=True), lambda row: row[0].quantity
    ):
        table = new_table(*columns)
        for column, width in zip(table.columns, AUDIT_WIDTHS, strict=True):
            column.width, column.no_wrap = width, False  # headers may take two lines
        for _, (_, *cells) in rows:
            table.add_row(*cells)
        out.print(f"\n[bold]{words.text(f'audit_{quantity}')}[/]", table)


def _fit_table(fit: dict[str, dict[str, dict[str, float]]]) -> Table:
    table = new_table("days, as fitted", "mode", "records", "mean", "sd", "min", "5 %", "50 %", "95 %", "max")
    modes = [mode for mode in fit if mode != "daily_exit_probability"]
    for name in fit[modes[0]] if modes else ():
        for mode in modes:
            row = fit[mode][name]
            records = f"{row['n_observed']:,}" if row["n_observed"] else "-"
            numbers = [f"{row[key]:.1f}" for key in ("mean", "sd")]
            numbers += [f"{row[key]:,}" for key in ("min", "p05", "p50", "p95", "max")]
            table.add_row("" if mode != modes[0] else name.replace("_", " "), mode, records, *numbers)
    return table
