"""What runs differ by, as CSV and as an Excel workbook."""

import csv
import io
from collections.abc import Iterator, Mapping

import numpy as np

from herd_engine.model.comparison import ComparedRun, Comparison
from herd_engine.model.forecast import STATISTICS, Metric
from herd_engine.runs.exports.cells import Cell, harmless
from herd_engine.runs.exports.xlsx_file import add_sheet, new_workbook, workbook_bytes
from herd_engine.runs.forecast import ENGINE

RUN_COLUMNS = ["run", "name", "base", "base_name", "paired", "replicates"]
SHARES = ("more", "less", "mcse_more", "mcse_less", "variance_reduction")
COLUMNS = [
    "run",
    "name",
    "metric",
    "date",
    *STATISTICS,
    *(f"mcse_{name}" for name in STATISTICS),
    *SHARES,
]


def comparison_csv(comparison: Comparison, names: Mapping[str, str], *, excel: bool = False) -> bytes:
    """Return the blocks ``[RUNS]`` and ``[DIFFERENCES]``, an empty line between; as ``forecast_csv``.

    Parameters
    ----------
    comparison : Comparison
    names : mapping of str to str
        What to call the runs, by key.
    excel : bool
        With a byte order mark and semicolons, as spreadsheets of many countries expect.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if excel else ",", lineterminator="\n")
    runs: list[list[Cell]] = [["[RUNS]"], [*RUN_COLUMNS], *run_rows(comparison, names)]
    differences: list[list[Cell]] = [["[DIFFERENCES]"], [*COLUMNS], *difference_rows(comparison, names)]
    for row in (*runs, [], *differences):
        writer.writerow([harmless(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig" if excel else "utf-8")


def comparison_xlsx(comparison: Comparison, names: Mapping[str, str]) -> bytes:
    """Return the sheets Differences and Runs; equal comparisons give equal bytes."""
    workbook = new_workbook(comparison.dates[0], ENGINE)
    add_sheet(workbook, "Differences", COLUMNS, difference_rows(comparison, names))
    add_sheet(workbook, "Runs", RUN_COLUMNS, run_rows(comparison, names))
    return workbook_bytes(workbook)


def run_rows(comparison: Comparison, names: Mapping[str, str]) -> Iterator[list[Cell]]:
    """Yield one row a run: whether it shares its luck with the base, and over how many replicates."""
    base = comparison.base
    for run in comparison.runs:
        paired = "yes" if run.is_paired else "no"
        yield [run.key, names[run.key], base, names[base], paired, run.n_replicates]


def difference_rows(comparison: Comparison, names: Mapping[str, str]) -> Iterator[list[Cell]]:
    """Yield one row a run, metric and date: run minus base in the metric's unit, shares of 0…1."""
    for run in comparison.runs:
        for metric in Metric:
            for point, day in enumerate(comparison.dates):
                yield [run.key, names[run.key], metric.value, day, *_numbers(run, metric, point)]


def _numbers(run: ComparedRun, metric: Metric, point: int) -> Iterator[float | None]:
    difference = run.differences[metric]
    columns = [getattr(difference.series, name) for name in STATISTICS]
    columns += [getattr(difference.series, f"mcse_{name}") for name in STATISTICS]
    columns += [getattr(difference, name) for name in SHARES]
    for values in columns:
        yield None if np.isnan(values[point]) else float(values[point])
