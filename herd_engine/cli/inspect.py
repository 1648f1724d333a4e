"""`herd inspect`: what a herd file holds."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from herd_engine.cli.asking import (
    AcceptLosses,
    Dates,
    ReportDate,
    SexMap,
    Sheet,
    StatusMap,
    answers_of,
    read_or_ask,
)
from herd_engine.cli.options import ColumnMap, Farm, HerdPath, Home, Json, file_path
from herd_engine.cli.output import check_outputs, write_file, write_text
from herd_engine.cli.printing import new_table, out, print_issues
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import wording
from herd_engine.presentation.charts import audit_table
from herd_engine.presentation.charts import left_out as losses_told
from herd_engine.workbench import Inspection, Workbench
from herd_engine.workbench.fitted import Estimate
from herd_engine.workbench.forecast_files import left_out_csv, left_out_xlsx

AUDIT_WIDTHS = (12, 7, 7, 10, 10, 15, 5)


def inspect(  # noqa: PLR0913 - one argument an option
    file: HerdPath,
    column_map: ColumnMap = None,
    json: Json = None,
    *,
    map_status: StatusMap = None,
    map_sex: SexMap = None,
    dates: Dates = None,
    sheet: Sheet = "",
    accept_losses: AcceptLosses = False,
    report_date: ReportDate = None,
    home: Home = None,
    farm: Farm = None,
    left_out: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT", parser=file_path, help="Write every row that became no animal: .csv or .xlsx."
        ),
    ] = None,
    fit: Annotated[
        bool, typer.Option("--fit", help="Every estimate, beside what the file says at its word.")
    ] = False,
) -> None:
    """Check a herd file: the herd on the report date, its quality, the fitted distributions."""
    check_outputs(json, left_out, source=file)
    workbench = Workbench.open(home, farm=farm)
    answers = answers_of(column_map, map_status, map_sex, dates, sheet, accept_losses, report_date)
    herd_file = read_or_ask(workbench, file, answers, json, of_farm=farm is not None)
    if left_out is not None:
        is_workbook = left_out.suffix.lower() == ".xlsx"
        write_file(left_out, (left_out_xlsx if is_workbook else left_out_csv)(herd_file))
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
              f"report date [bold]{document['report_date']}[/]")  # fmt: skip
    if lost := losses_told(document["excluded"]):
        out.print(f"[yellow]{lost}[/]")
    out.print()
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
    words = wording(ENGLISH)
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
