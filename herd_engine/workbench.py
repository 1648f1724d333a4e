"""The facade: every use case once. The command line, notebooks and services speak to it alone."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from herd_engine.calibration.audit import Estimate, estimator_audit
from herd_engine.calibration.calibrate import calibrate
from herd_engine.calibration.fit import Fit, fit_herd
from herd_engine.datasets.herd_file import NO_MAP, HerdFile, read_herd_bytes, read_herd_file
from herd_engine.engine.simulate import Execution
from herd_engine.model.comparison import Comparison
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import Forecast
from herd_engine.model.scenario import ModelParameters, Scenario
from herd_engine.review.comparison import Candidate, compare
from herd_engine.runs.forecast import Runs, make_forecast, make_forecast_and_runs

if TYPE_CHECKING:
    from herd_engine.engine.expectation import Expectation
    from herd_engine.model.backtest import Backtest
    from herd_engine.review.backtest.backtest import BacktestPlan
    from herd_engine.runs.catalog import Catalog
    from herd_engine.runs.kept import KeptRuns

DEFAULT_RUNS = 1000
"""Runs of a report: P5 and P95 of a count are then sure to about 0.07 standard deviations."""
MOST_RUNS = 20_000
"""Where a forecast that is made until its bands are stable stops at the latest."""
DEFAULT_SEED = 42


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What a herd file holds: the herd, its quality, and what calibration makes of it."""

    herd_file: HerdFile
    fit: Fit

    def document(self) -> dict[str, Any]:
        """Return the inspection as plain data for JSON."""
        herd_file, herd = self.herd_file, self.herd_file.herd
        return {
            "schema": "herd-inspection/1",
            "dataset": {"name": herd_file.name, "sha256": herd_file.sha256, "rows": herd_file.n_rows},
            "report_date": herd.report_date.isoformat(),
            "counts": herd.counts(),
            "mean_days_in_milk": herd.mean_days_in_milk,
            "cull_flagged": int(herd.is_flagged.sum()),
            "excluded": herd.excluded,
            "status_counts": herd_file.status_counts,
            "quality": [asdict(issue) for issue in (*herd_file.issues, *self.fit.issues)],
            "fit": self.fit.document(),
        }


class Workbench:
    """All that can be done with herds.

    Examples
    --------
    >>> from herd_engine.datasets.sample import make_sample
    >>> workbench = Workbench.open()
    >>> herd_file = workbench.read_bytes(make_sample(animals=200).csv, "sample.csv")
    >>> forecast = workbench.forecast(herd_file, Scenario(horizon_months=12), runs=20)
    >>> len(forecast.dates)
    13
    """

    def __init__(self, home: Path | None = None, owner: str = "local", farm: str | None = None) -> None:
        self._home, self._owner, self._farm = home, owner, farm

    @classmethod
    def open(cls, home: Path | None = None, *, farm: str | None = None) -> Self:
        """Return the workbench; nothing needs to be installed or running.

        Parameters
        ----------
        home : Path, optional
            Folder of what is kept; ``HERD_HOME``, else ``~/.herd-workbench``. It is made when something
            is kept for the first time.
        farm : str, optional
            Name of the farm whose datasets, scenarios and runs are meant; the default one otherwise.
        """
        return cls(home, farm=farm)

    @cached_property
    def kept(self) -> "KeptRuns":
        """Runs that are kept: opened, and brought up to date, when first needed."""
        # Database and migration libraries take longer to import than a forecast takes.
        from herd_engine.runs.kept import KeptRuns  # noqa: PLC0415
        from herd_engine.runs.store import Store, StoreSettings  # noqa: PLC0415

        return KeptRuns(Store(StoreSettings.from_environment(self._home)), self._owner, self._farm)

    @property
    def catalog(self) -> "Catalog":
        """Farms, datasets, scenarios and presets that are kept."""
        return self.kept.catalog

    def read(self, path: Path, *, column_map: Mapping[str, str] = NO_MAP) -> HerdFile:
        """Read a herd file (CSV, XLSX or Parquet); ``HerdDataError`` lists why it cannot be used."""
        return read_herd_file(path, column_map=column_map)

    def read_bytes(self, data: bytes, name: str, *, column_map: Mapping[str, str] = NO_MAP) -> HerdFile:
        """Read an upload; as ``read``."""
        return read_herd_bytes(data, name, column_map=column_map)

    def inspect(self, herd_file: HerdFile, parameters: ModelParameters | None = None) -> Inspection:
        """Describe a herd file: animals, quality, fitted distributions."""
        return Inspection(herd_file=herd_file, fit=fit_herd(herd_file.records, parameters))

    def audit(self, herd_file: HerdFile) -> tuple[Estimate, ...]:
        """Return every estimate of the calibrated mode beside what the file says at its word."""
        return estimator_audit(herd_file.records)

    def require_fit(self, herd_file: HerdFile, scenario: Scenario) -> None:
        """Refuse a herd file that lacks the records that a scenario's mode needs: ``HerdDataError``."""
        calibrate(herd_file.records, scenario.mode, scenario.model)

    def forecast(
        self,
        herd_file: HerdFile,
        scenario: Scenario | None = None,
        *,
        runs: int = DEFAULT_RUNS,
        seed: int = DEFAULT_SEED,
        execution: Execution | None = None,
    ) -> Forecast:
        """Forecast a herd; equal arguments (but for ``execution``) give equal results."""
        return make_forecast(herd_file, scenario or Scenario(), runs, seed, execution)

    def forecast_until_stable(
        self,
        herd_file: HerdFile,
        scenario: Scenario | None = None,
        *,
        most_runs: int = MOST_RUNS,
        seed: int = DEFAULT_SEED,
        execution: Execution | None = None,
    ) -> tuple[Forecast, Draws]:
        """Forecast a herd with as many runs as make its bands stable.

        Returns
        -------
        Forecast
            What ``forecast`` gives with that number of runs, and in ``meta.stability`` how it was found.
        Draws
            Its first runs, to show how the bands settled.
        """
        runs = Runs(most_runs, until_stable=True)
        forecast, simulation = make_forecast_and_runs(
            herd_file, scenario or Scenario(), runs, seed, execution
        )
        return forecast, Draws.of(simulation, forecast.dates)

    def expectation(self, herd_file: HerdFile, scenario: Scenario) -> "Expectation | None":
        """Return what is expected under a scenario, at once; None where only a simulation can tell."""
        from herd_engine.runs.at_once import expectation  # noqa: PLC0415

        return expectation(herd_file, scenario)

    def fine_print(self, herd_file: HerdFile, forecast: Forecast, language: str = "en") -> str:
        """Return the check of a long forecast against the herd's own past and its long run, in words.

        Nothing of a forecast that has none; to go wherever the forecast goes.
        """
        from herd_engine.review.sanity_line import fine_print  # noqa: PLC0415

        return fine_print(herd_file, forecast, language)

    def backtest(
        self,
        herd_file: HerdFile,
        plan: "BacktestPlan | None" = None,
        execution: Execution | None = None,
    ) -> "Backtest":
        """Forecast a herd from earlier dates and judge that by what happened since."""
        from herd_engine.review.backtest.backtest import BacktestPlan, run_backtest  # noqa: PLC0415

        return run_backtest(herd_file, plan or BacktestPlan(), execution)

    def kept_backtest(
        self, dataset: str, plan: "BacktestPlan | None" = None, execution: Execution | None = None
    ) -> "Backtest":
        """Return the backtest of a kept herd file, by id or name; it is made once for each plan."""
        from herd_engine.review.backtest.backtest import BacktestPlan  # noqa: PLC0415
        from herd_engine.review.backtest.kept_backtest import kept_backtest  # noqa: PLC0415

        row = self.catalog.datasets.find(dataset)
        return kept_backtest(self.kept, row, plan or BacktestPlan(), execution)

    def compare(self, run_ids: Sequence[str], base: str) -> Comparison:
        """Return by how much kept runs differ from one of them.

        Parameters
        ----------
        run_ids : sequence of str
            2…6 runs that succeeded.
        base : str
            The one of them that the others are compared with.

        Raises
        ------
        ParameterError, NotFoundError
        ConflictError
            A run has no replicates, or the runs have no date in common.
        """
        candidates = {
            run_id: Candidate(forecast=self.kept.forecast(run_id), draws=self.kept.draws(run_id))
            for run_id in run_ids
        }
        return compare(candidates, base)
