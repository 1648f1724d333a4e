"""`herd inspect`: what a herd file holds."""

from rich.markup import escape
from rich.table import Table

from herd_engine.cli.options import ColumnMap, HerdPath, Json, split_pairs
from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import new_table, out, print_issues
from herd_engine.workbench import Inspection, Workbench


def inspect(file: HerdPath, column_map: ColumnMap = None, json: Json = None) -> None:
    """Check a herd file: the herd on the report date, its quality, the fitted distributions."""
    check_outputs(json, source=file)
    workbench = Workbench.open()
    herd_file = workbench.read(file, column_map=split_pairs(column_map, "--map"))
    inspection = workbench.inspect(herd_file)
    if json is not None:
        write_text(json, inspection.document())
    else:
        print_inspection(inspection)


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
