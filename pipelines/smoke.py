"""The smoke job: every herd file of a folder, in each mode, inspected, forecast, and checked."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from herd_engine.errors import HerdError, ParameterError
from herd_engine.model.file_names import is_by_the_way, shown_name
from herd_engine.model.forecast import COUNT_COLUMNS, STOCKS, Forecast, Metric, Simulation
from herd_engine.model.scenario import Mode, Scenario
from herd_engine.workbench import Execution, HerdFile, Workbench
from herd_engine.workbench.forecast_files import forecast_json

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
    found = (path for pattern in PATTERNS for path in folder.glob(pattern))
    paths = sorted(path for path in found if path.is_file() and not is_by_the_way(path))
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
        scenario = Scenario(horizon_months=MONTHS, mode=mode)
        forecast, simulation = workbench.forecast_and_simulation(
            herd_file, scenario, runs=runs, execution=Execution(threads=threads)
        )
        again = workbench.forecast(herd_file, scenario, runs=runs, execution=Execution(threads=1))
    except HerdError as error:
        return Smoke(
            file=shown_name(path.name), mode=mode, points=0, animals=0, broken=(f"{error.code}: {error}",)
        )
    broken = [*_broken(forecast, simulation, herd_file)]
    # How long it took may differ; nothing else.
    if forecast_json(replace(forecast, timing={})) != forecast_json(replace(again, timing={})):
        broken.append("the same forecast again, on one thread, has other bytes")
    return Smoke(
        file=shown_name(path.name),
        mode=mode,
        points=len(forecast.dates),
        animals=herd_file.herd.n_animals,
        broken=tuple(broken),
    )


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
