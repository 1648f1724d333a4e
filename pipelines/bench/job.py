"""The benchmark job: every figure with its definition, and the machine they were measured on."""

import os
import platform
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from herd_engine import __version__
from herd_engine.datasets.herd_file import read_herd_file
from herd_engine.datasets.sample import make_sample
from pipelines.bench.engine_bench import engine_figures, scaling_figures
from pipelines.bench.figure import Figure
from pipelines.bench.pieces import piece_figures
from pipelines.bench.processes import process_figures

LARGE_HERD = 1_000_000


def run_bench(file: Path | None, *, cores: int, large: bool = False) -> dict[str, Any]:
    """Measure everything.

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
    with TemporaryDirectory() as folder:
        if file is None:
            file = Path(folder) / "sample.csv"
            file.write_bytes(make_sample(animals=2_800).csv)
        figures: list[Figure] = [
            *engine_figures(file, cores),
            *piece_figures(read_herd_file(file)),
            *process_figures(file, large=large),
            *(scaling_figures(file, LARGE_HERD) if large else ()),
        ]
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
