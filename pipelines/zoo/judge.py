"""Farms of the zoo forecast from their export, and judged by how they went on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from herd_engine import __version__
from herd_engine.model.backtest import BANDS, JUDGED_BAND
from herd_engine.model.forecast import COUNT_COLUMNS, Metric, Simulation
from herd_engine.model.scenario import Mode, Scenario
from herd_engine.workbench import Execution, Workbench
from herd_engine.workbench.scores import judge
from pipelines.zoo.farms.export import export_csv
from pipelines.zoo.farms.farm import ZooFarm
from pipelines.zoo.farms.kinds import FarmKind

SCHEMA = "herd-zoo/1"
MONTHS = 36
LAST_DAY = 31 * (MONTHS + 1)
METRICS = (
    Metric.MILKING_COUNT, Metric.DRY_COUNT, Metric.HEIFER_COUNT, Metric.PREGNANT_HEIFER_COUNT,
    Metric.AVG_DAYS_IN_MILK, Metric.CALVINGS, Metric.DRYOFFS, Metric.CULLS,
)  # fmt: skip
MODES = (Mode.CALIBRATED, Mode.EMPIRICAL)
_BAND = BANDS.index(JUDGED_BAND)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZooPlan:
    """How many farms of each kind are looked at, and how.

    Attributes
    ----------
    farms : int
        Of each kind.
    runs : int
        Simulated futures of each forecast.
    seed : int
        Of the first farm of a kind; the others count on.
    cows : int, optional
        On every farm, in place of what its kind has.
    threads : int
        Of a forecast; never change a result.
    """

    farms: int = 4
    runs: int = 200
    seed: int = 1
    cows: int | None = None
    threads: int = 1


def visit(
    kinds: Sequence[FarmKind], plan: ZooPlan, told: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Forecast farms of each kind and judge every month by what happened.

    ``told`` hears of each farm that was judged.

    Returns
    -------
    dict
        Fit for JSON: per farm, mode and metric what each of 36 months was judged.
    """
    judged = []
    for kind in kinds:
        for number in range(plan.seed, plan.seed + plan.farms):
            judged.append(_judged(ZooFarm(kind, number, report_date_of(number), plan.cows), number, plan))
            told(f"{kind.name} {number}")
    return {"schema": SCHEMA, "version": __version__, "runs": plan.runs, "months": MONTHS, "farms": judged}


def report_date_of(number: int) -> date:
    """Return when a farm sends its file: in another season each."""
    return date(2025, 1 + 5 * number % 12, 15)


def _judged(farm: ZooFarm, number: int, plan: ZooPlan) -> dict[str, Any]:
    farm.live_until(0)
    workbench = Workbench.open()
    herd_file = workbench.read_bytes(export_csv(farm), f"{farm.kind.name}_{number}.csv")
    farm.live_until(LAST_DAY)
    happened = {name: _happened(farm.records, name) for name in METRICS}
    modes = {}
    for mode in MODES:
        scenario = Scenario(horizon_months=MONTHS, mode=mode)
        _, simulation = workbench.forecast_and_simulation(
            herd_file, scenario, runs=plan.runs, seed=number, execution=Execution(threads=plan.threads)
        )
        modes[mode.value] = dict(_by_metric(simulation, happened))
    return {"kind": farm.kind.name, "number": number, "animals": herd_file.herd.n_animals, "modes": modes}


def _happened(records: Sequence[Mapping[str, float]], name: str) -> NDArray[np.float64]:
    return np.array([record[name] for record in records[:MONTHS]])


def _by_metric(
    simulation: Simulation, happened: Mapping[Metric, NDArray[np.float64]]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each metric with what its months were judged; months of no cow in milk are left out."""
    milking = simulation.counts[:, 1:, COUNT_COLUMNS.index(Metric.MILKING_COUNT)]
    for metric in METRICS:
        if metric is Metric.AVG_DAYS_IN_MILK:
            draws = simulation.days_in_milk_sum[:, 1:] / np.where(milking == 0, np.nan, milking)
        else:
            draws = simulation.counts[:, 1:, COUNT_COLUMNS.index(metric)].astype(np.float64)
        known = ~np.isnan(happened[metric]) & ~np.isnan(draws).any(axis=0)
        judged = judge(draws[:, known], happened[metric][known])
        yield (
            metric.value,
            {
                "month": (np.flatnonzero(known) + 1).tolist(),
                "inside": judged.inside[:, _BAND].astype(int).tolist(),
                "crps": judged.crps.round(4).tolist(),
                "expected": draws[:, known].mean(axis=0).round(3).tolist(),
                "happened": judged.happened.round(3).tolist(),
            },
        )
