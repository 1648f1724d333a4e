"""The benchmark jobs: every figure with its definition, and the machine they were measured on."""

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from herd_engine import __version__
from herd_engine.datasets.herd_file import read_herd_file
from herd_engine.sample import make_sample
from pipelines.bench.engine_bench import engine_figures, scaling_figures
from pipelines.bench.figure import Figure
from pipelines.bench.outputs import MANY_RUNS, RUNS, outputs_figures
from pipelines.bench.pieces import piece_figures
from pipelines.bench.processes import process_figures
from pipelines.bench.runs_bench import LARGE, SMALL, runs_figures

LARGE_HERD = 1_000_000


def bench_engine(file: Path | None, *, cores: int, large: bool = False) -> dict[str, Any]:
    """Measure reading, fitting and simulating.

    Parameters
    ----------
    file : Path, optional
        Herd export; a sample farm of 2,800 animals by default.
    cores : int
        Threads of the parallel figures.
    large : bool
        Also a herd of a million animals, and 50,000 runs of 120 months: minutes.

    Returns
    -------
    dict
        ``machine`` and ``figures``, fit for JSON.
    """
    with file_or_sample(file) as found:
        figures = [
            *engine_figures(found, cores),
            *piece_figures(read_herd_file(found)),
            *process_figures(found, large=large),
            *(scaling_figures(found, LARGE_HERD) if large else ()),
        ]
        return bench_report(found, figures, cores)


def bench_runs(file: Path | None, *, cores: int, large: bool = False) -> dict[str, Any]:
    """Measure kept runs: submit, queue, Dask, publish, outputs; parameters and result as ``bench_engine``.

    ``large``: of 10,000 runs and a sweep of 100 variants, and outputs of a thousand runs: minutes.
    """
    size, n_stored = (LARGE, MANY_RUNS) if large else (SMALL, RUNS)
    with file_or_sample(file) as found:
        figures = [*runs_figures(found, cores, size), *outputs_figures(n_stored)]
        return bench_report(found, figures, cores)


@contextmanager
def file_or_sample(file: Path | None) -> Iterator[Path]:
    """Yield a herd file: the given one, else a sample farm of 2,800 animals."""
    if file is not None:
        yield file
        return
    with TemporaryDirectory() as folder:
        sample = Path(folder) / "sample.csv"
        sample.write_bytes(make_sample(animals=2_800).csv)
        yield sample


def bench_report(file: Path, figures: list[Figure], cores: int) -> dict[str, Any]:
    """Return figures with the machine that they were measured on, fit for JSON."""
    return {
        "schema": "herd-bench/1",
        "machine": {
            "cores": cores,
            "processor": platform.processor() or platform.machine(),
            "python": platform.python_version(),
            "version": __version__,
            "load": os.getloadavg()[0],
        },
        "file": file.name,
        "figures": [asdict(figure) for figure in figures],
    }
