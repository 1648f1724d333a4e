"""What is computed from a herd file at once, without anything kept."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from herd_engine.calibration.audit import Estimate, estimator_audit
from herd_engine.calibration.fit import fit_herd
from herd_engine.datasets.herd_file import NO_MAP, HerdFile, read_herd_bytes, read_herd_file
from herd_engine.datasets.history import changes
from herd_engine.engine.simulate import Execution
from herd_engine.forecasting import forecast as forecasts
from herd_engine.forecasting.forecast import make_forecast, make_forecast_and_runs
from herd_engine.model.answers import NO_ANSWERS, Answers
from herd_engine.model.changes import Changes
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import Forecast, Simulation
from herd_engine.model.scenario import ModelParameters, Scenario
from herd_engine.workbench.fits import Fits
from herd_engine.workbench.inspection import Inspection

if TYPE_CHECKING:
    import pandas as pd

    from herd_engine.engine.exact.expectation import Expectation
    from herd_engine.forecasting.backtest.backtest import BacktestPlan
    from herd_engine.model.backtest import Backtest

DEFAULT_REPLICATES = 1000
"""Replicates of a report: P5 and P95 of a count are then sure to about 0.07 standard deviations."""
MOST_REPLICATES = 20_000
"""Where a forecast that is made until its bands are stable stops at the latest."""
DEFAULT_SEED = 42


class Forecasting:
    """Reading, describing and forecasting herd files."""

    def __init__(self) -> None:
        self._fits = Fits()

    def read(
        self, path: Path, *, column_map: Mapping[str, str] = NO_MAP, answers: Answers = NO_ANSWERS
    ) -> HerdFile:
        """Read a herd file; ``HerdDataError`` lists why it cannot be used, and what must be answered."""
        return read_herd_file(path, column_map=column_map, answers=answers)

    def read_bytes(
        self, data: bytes, name: str, *, column_map: Mapping[str, str] = NO_MAP, answers: Answers = NO_ANSWERS
    ) -> HerdFile:
        """Read an upload; as ``read``."""
        return read_herd_bytes(data, name, column_map=column_map, answers=answers)

    def inspect(self, herd_file: HerdFile, parameters: ModelParameters | None = None) -> Inspection:
        """Describe a herd file: animals, quality, fitted distributions."""
        return Inspection(herd_file=herd_file, fit=fit_herd(herd_file.records, parameters))

    def changes(self, old: HerdFile, new: HerdFile) -> Changes:
        """Return what happened between two exports of a farm, animal by animal; the older one first."""
        return changes(old, new)

    def audit(self, herd_file: HerdFile) -> tuple[Estimate, ...]:
        """Return every estimate of the calibrated mode beside what the file says at its word."""
        return estimator_audit(herd_file.records, self._fits.fit(herd_file))

    def frame(self, answer: object) -> "pd.DataFrame":
        """Return a forecast, or another answer of tables, as a tidy frame; see ``frames.frame``."""
        from herd_engine.workbench.frames import frame  # noqa: PLC0415

        return frame(answer)

    def require_fit(self, herd_file: HerdFile, scenario: Scenario) -> None:
        """Refuse a herd file that lacks the records that a scenario's mode needs: ``HerdDataError``."""
        self._fits.of(herd_file)(herd_file.records, scenario.mode, scenario.model)

    def forecast(
        self,
        herd_file: HerdFile,
        scenario: Scenario | None = None,
        *,
        runs: int = DEFAULT_REPLICATES,
        seed: int = DEFAULT_SEED,
        execution: Execution | None = None,
    ) -> Forecast:
        """Forecast a herd; equal arguments (but for ``execution``) give equal results."""
        calibrate = self._fits.of(herd_file)
        return make_forecast(herd_file, scenario or Scenario(), runs, seed, execution, calibrate)

    def forecast_until_stable(
        self,
        herd_file: HerdFile,
        scenario: Scenario | None = None,
        *,
        most_runs: int = MOST_REPLICATES,
        seed: int = DEFAULT_SEED,
        execution: Execution | None = None,
    ) -> tuple[Forecast, Draws]:
        """Forecast a herd with as many runs as make its bands stable.

        Returns
        -------
        Forecast
            What ``forecast`` gives with that many replicates, and in ``meta.stability`` how it was found.
        Draws
            Its first replicates, to show how the bands settled.
        """
        runs = forecasts.ReplicateCount(most_runs, until_stable=True)
        forecast, simulation = make_forecast_and_runs(
            herd_file, scenario or Scenario(), runs, seed, execution, self._fits.of(herd_file)
        )
        return forecast, Draws.of(simulation, forecast.dates)

    def forecast_and_simulation(
        self,
        herd_file: HerdFile,
        scenario: Scenario,
        *,
        runs: int = DEFAULT_REPLICATES,
        seed: int = DEFAULT_SEED,
        execution: Execution | None = None,
    ) -> tuple[Forecast, Simulation]:
        """Forecast a herd, as ``forecast``, and return every replicate beside it."""
        calibrate, most = self._fits.of(herd_file), forecasts.ReplicateCount(runs)
        return make_forecast_and_runs(herd_file, scenario, most, seed, execution, calibrate)

    def expectation(self, herd_file: HerdFile, scenario: Scenario) -> "Expectation | None":
        """Return what is expected under a scenario, at once; None where only a simulation can tell."""
        return self._fits.expectation(herd_file, scenario)

    def fine_print(self, herd_file: HerdFile, forecast: Forecast, language: str = "en") -> str:
        """Return the check of a long forecast against the herd's own past and its long run, in words.

        Nothing of a forecast that has none; to go wherever the forecast goes.
        """
        from herd_engine.forecasting.long_run_check import fine_print  # noqa: PLC0415

        return fine_print(herd_file, forecast, language, self._fits.of(herd_file))

    def backtest(
        self,
        herd_file: HerdFile,
        plan: "BacktestPlan | None" = None,
        execution: Execution | None = None,
    ) -> "Backtest":
        """Forecast a herd from earlier dates and judge that by what happened since."""
        from herd_engine.forecasting.backtest.backtest import BacktestPlan, run_backtest  # noqa: PLC0415

        return run_backtest(herd_file, plan or BacktestPlan(), execution)
