"""One number of the forecast under any parameters: what is expected, or a mean over the same luck."""

from dataclasses import dataclass, replace

import numpy as np

from herd_engine.calibration.calibrate import Calibrate
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.engine.simulate import Execution, simulate
from herd_engine.forecasting.instant_preview import expectation, is_expected
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.forecast import COUNT_COLUMNS, Metric
from herd_engine.model.scenario import Mode, ModelParameters, Scenario
from herd_engine.model.sensitivity import Sensitivity, WatchedNumber
from herd_engine.model.tables import Calibrated, Tables
from herd_engine.review.sensitivity.steps import reaches
from herd_engine.review.sensitivity.tornado import tornado, with_morris

_REPLICATES = 100
"""Of each simulated forecast: the same luck in all, so that what a lever moves is left."""
_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedNumber:
    """A number of a herd's forecast, to be asked for under other parameters.

    Attributes
    ----------
    herd_file : HerdFile
    calibrate : callable
        As ``calibrate.calibrate``.
    scenario : Scenario
        What is assumed beside the parameters.
    number : WatchedNumber
    seed : int
    execution : Execution
    """

    herd_file: HerdFile
    calibrate: Calibrate
    scenario: Scenario
    number: WatchedNumber
    seed: int
    execution: Execution

    def __call__(self, parameters: ModelParameters) -> float:
        """Return the number under parameters."""
        scenario = replace(self.scenario, model=parameters)
        exact = expectation(self.herd_file, scenario, self.calibrate)
        if exact is not None:
            return float(exact.values[self.number.metric][self.number.month])
        return self._simulated(scenario)

    @property
    def replicates(self) -> int:
        """Simulated futures of each forecast; 0 where the expectation is exact."""
        return 0 if is_expected(self.scenario) else _REPLICATES

    def tables(self) -> Tables:
        """Return the laws of the herd as the scenario has them."""
        return self.calibrate(self.herd_file.records, self.scenario.mode, self.scenario.model)

    def _simulated(self, scenario: Scenario) -> float:
        tables = self.calibrate(self.herd_file.records, scenario.mode, scenario.model)
        runs = simulate(self.herd_file.herd, tables, scenario, _REPLICATES, self.seed, self.execution)
        month, milking = self.number.month, COUNT_COLUMNS.index(Metric.MILKING_COUNT)
        if self.number.metric is Metric.AVG_DAYS_IN_MILK:
            cows = runs.counts[:, month, milking].sum()
            return float(runs.days_in_milk_sum[:, month].sum() / cows) if cows else float(np.nan)
        return float(runs.counts[:, month, COUNT_COLUMNS.index(self.number.metric)].mean())


def sensitivity(asked: AskedNumber, *, by_morris: bool) -> Sensitivity:
    """Return what moves a number: each lever one step by itself, or also wherever the others stand."""
    parameters = asked.scenario.model
    levers = tuple(reaches(parameters, _observed_calf_loss(asked.tables())))
    swings, points = tornado(asked, parameters, levers), 1 + 2 * len(levers)
    if by_morris:
        swings, effects = with_morris(swings, asked, parameters, asked.seed)
        points += effects.points
    report_date = asked.herd_file.herd.report_date
    return Sensitivity(
        number=asked.number,
        as_of=report_date,
        at=month_starts(report_date, asked.number.month)[asked.number.month - 1],
        base=asked(parameters),
        swings=swings,
        points=points,
        replicates=asked.replicates,
    )


def _observed_calf_loss(tables: Tables) -> float:
    """Return the share of heifer calves that leave within the first band of ages."""
    known = tables.calibrated
    if not isinstance(known, Calibrated):
        raise TypeError(f"tables of another mode than {Mode.CALIBRATED}")  # asked for that mode alone
    rate = known.exits.shape[0, 0, 0] / known.exits.years[0, 0, 0]
    return float(-np.expm1(-rate * known.exits.edges[0, 1] / _DAYS_PER_YEAR))
