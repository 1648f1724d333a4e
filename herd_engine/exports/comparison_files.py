"""What runs differ by, as CSV and as an Excel workbook."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from herd_engine.exports.cells import Cell, harmless
from herd_engine.exports.workbook import Sheet, add_sheet, new_workbook, workbook_bytes
from herd_engine.forecasting.forecast import ENGINE
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.comparison import DIFFERENCE_LEVELS, ComparedRun, Comparison, Difference
from herd_engine.model.forecast import STATISTICS, Metric

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


def comparison_xlsx(comparison: Comparison, names: Mapping[str, str], *, language: str = ENGLISH) -> bytes:
    """Return the sheets Differences and Forecasts; equal comparisons give equal bytes."""
    words = wording(language)
    workbook = new_workbook(comparison.dates[0], ENGINE)
    named = {metric.value: words.metric(metric, "name") for metric in Metric}
    for title, columns, rows in (
        ("sheet_differences", COLUMNS, difference_rows(comparison, names)),
        ("sheet_runs", RUN_COLUMNS, run_rows(comparison, names)),
    ):
        header = [_column(name, words) for name in columns]
        told = (
            [_told(name, cell, named, words) for name, cell in zip(columns, row, strict=True)] for row in rows
        )
        add_sheet(workbook, Sheet(title=words.text(title), header=header, rows=told))
    return workbook_bytes(workbook)


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as plain values; what is not known is None."""
    return {
        "schema": "herd-comparison/1",
        "base": comparison.base,
        "dates": [day.isoformat() for day in comparison.dates],
        "levels": DIFFERENCE_LEVELS,
        "runs": [
            {
                "run_id": run.key,
                "is_paired": run.is_paired,
                "n_replicates": run.n_replicates,
                "differences": {
                    metric.value: _difference(difference) for metric, difference in run.differences.items()
                },
            }
            for run in comparison.runs
        ],
    }


def _difference(difference: Difference) -> dict[str, list[float | None]]:
    series = {name: getattr(difference.series, name) for name in STATISTICS}
    others = {name: getattr(difference, name) for name in SHARES}
    return {
        name: [None if np.isnan(value) else float(value) for value in values]
        for name, values in (series | others).items()
    }


def _column(name: str, words: Wording) -> str:
    """Return what people call a column; of a standard error with what it is of."""
    of = name.removeprefix("mcse_")
    told = words.text(f"difference_{of}")
    return told if of == name else words.text("difference_mcse", of=told)


def _told(column: str, cell: Cell, metrics: Mapping[str, str], words: Wording) -> Cell:
    """Return the cell in words where it holds a code."""
    match column:
        case "metric":
            return metrics[str(cell)]
        case "paired":
            return words.text(str(cell))
        case _:
            return cell


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
