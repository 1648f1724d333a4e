"""Whole processes, as a user starts them: wall time and memory."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.bench.figure import Figure

COMMAND = (sys.executable, "-m", "herd_engine")


def process_figures(file: Path, *, large: bool) -> list[Figure]:
    """Measure `herd forecast` with a warm and a cold compile cache and, on request, at its largest."""
    arguments: tuple[str, ...] = ("forecast", str(file), "--policy", "auto_counter", "--runs", "1000")
    with TemporaryDirectory() as folder:
        cold_cache = {"NUMBA_CACHE_DIR": folder}
        cold, _ = _run(arguments, Path(folder), cold_cache)
        warm = min(_run(arguments, Path(folder), cold_cache)[0] for _ in range(3))
        figures = [
            Figure(name="forecast_first_start", value=cold, unit="s",
                   definition="`herd forecast` with 1,000 runs, process start to end, nothing compiled yet"),
            Figure(name="forecast", value=warm, unit="s",
                   definition="the same with the kernel compiled before; best of 3"),
        ]  # fmt: skip
        if large:
            arguments = (*arguments[:-1], "50000", "--months", "120")
            seconds, peak = _run(arguments, Path(folder), cold_cache)
            figures += [
                Figure(name="forecast_50000_runs_120_months", value=seconds, unit="s",
                       definition="`herd forecast` with 50,000 runs of 120 months, process start to end"),
                Figure(name="forecast_50000_runs_120_months_memory", value=peak, unit="GiB",
                       definition="largest resident memory of that process"),
            ]  # fmt: skip
    return figures


def _run(arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> tuple[float, float]:
    """Return wall seconds and largest resident memory in GiB of one command."""
    start = time.perf_counter()
    command = (*COMMAND, *arguments, "--json", str(folder / "forecast.json"))
    with (folder / "messages.txt").open("w+", encoding="utf-8") as messages:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, stderr=messages
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            messages.seek(0)
            raise subprocess.CalledProcessError(process.returncode, command, stderr=messages.read())
    return time.perf_counter() - start, usage.ru_maxrss / 2**20
