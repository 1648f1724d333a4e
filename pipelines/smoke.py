"""The smoke job: every herd file of a folder, in each mode, inspected, forecast, and checked."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.engine.simulate import Execution, simulate
from herd_engine.errors import HerdError, ParameterError
from herd_engine.model.forecast import COUNT_COLUMNS, STOCKS, Forecast, Metric, Simulation
from herd_engine.model.scenario import Mode, Scenario
from herd_engine.runs.exports.document import forecast_json
from herd_engine.runs.forecast import forecast_of
from herd_engine.workbench import DEFAULT_SEED, Workbench

MONTHS = 36
PATTERNS = ("*.csv", "*.xlsx", "*.parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoke:
    """One file in one mode; ``broken`` names what does not hold, and is empty where all does."""

    file: str
    mode: str
    points: int
    animals: int
    broken: tuple[str, ...]


def smoke(folder: Path, modes: Sequence[Mode], runs: int, threads: int) -> list[Smoke]:
    """Check every herd file of a folder in each mode.

    Parameters
    ----------
    folder : Path
    modes : sequence of Mode
    runs : int
        Simulated futures of each forecast.
    threads : int

    Raises
    ------
    ParameterError
        The folder holds no herd file.
    """
    paths = sorted(path for pattern in PATTERNS for path in folder.glob(pattern))
    if not paths:
        raise ParameterError("DIR", str(folder), f"hold herd files ({', '.join(PATTERNS)})")
    return [_smoke(path, mode, runs, threads) for path in paths for mode in modes]


def smoke_document(results: Sequence[Smoke]) -> dict[str, Any]:
    """Return the results as plain data for JSON."""
    return {"schema": "herd-smoke/1", "results": [asdict(result) for result in results]}


def _smoke(path: Path, mode: Mode, runs: int, threads: int) -> Smoke:
    workbench = Workbench.open()
    try:
        herd_file = workbench.read(path)
        workbench.inspect(herd_file)
        forecast, simulation = _forecast(herd_file, mode, runs, threads)
        again, _ = _forecast(herd_file, mode, runs, 1)
    except HerdError as error:
        return Smoke(file=path.name, mode=mode, points=0, animals=0, broken=(f"{error.code}: {error}",))
    broken = [*_broken(forecast, simulation, herd_file)]
    if forecast_json(forecast) != forecast_json(again):
        broken.append("the same forecast again, on one thread, has other bytes")
    return Smoke(
        file=path.name,
        mode=mode,
        points=len(forecast.dates),
        animals=herd_file.herd.n_animals,
        broken=tuple(broken),
    )


def _forecast(herd_file: HerdFile, mode: Mode, runs: int, threads: int) -> tuple[Forecast, Simulation]:
    scenario = Scenario(horizon_months=MONTHS, mode=mode)
    tables = calibrate(herd_file.records, mode, scenario.model)
    simulation = simulate(herd_file.herd, tables, scenario, runs, DEFAULT_SEED, Execution(threads=threads))
    return forecast_of(herd_file, scenario, DEFAULT_SEED, simulation), simulation


def _broken(forecast: Forecast, simulation: Simulation, herd_file: HerdFile) -> Iterator[str]:
    """Yield in words what does not hold of a forecast."""
    if len(forecast.dates) != MONTHS + 1:
        yield f"there are {len(forecast.dates)} points, not {MONTHS + 1}"
    has_milking = forecast.series[Metric.MILKING_COUNT].p_low > 0
    if not np.isfinite(forecast.series[Metric.AVG_DAYS_IN_MILK].p50[has_milking]).all():
        yield "days in milk are not finite"
    for metric, series in forecast.series.items():
        levels = np.array([series.p_low, series.p25, series.p50, series.p75, series.p_high])
        if (np.diff(levels, axis=0) < 0).any():
            yield f"bands of {metric} are not ordered"
    yield from _unbalanced(simulation, herd_file)


def _unbalanced(simulation: Simulation, herd_file: HerdFile) -> Iterator[str]:
    """Yield where animals appear or vanish: heads change by births, purchases and exits alone."""
    counts = {name: simulation.counts[:, :, i].astype(np.int64) for i, name in enumerate(COUNT_COLUMNS)}
    heads = np.sum([counts[metric] for metric in STOCKS], axis=0)
    change = counts["heifer_births"] + counts[Metric.PURCHASES_IN] - counts[Metric.CULLS]
    if (heads[:, 0] != herd_file.herd.n_animals).any():
        yield "the forecast does not begin with the herd"
    if (np.diff(heads, axis=1) != change[:, 1:]).any():
        yield "animals are not conserved"
