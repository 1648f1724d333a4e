"""All that can be done with herds, and where the nouns are found."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from herd_engine.calibration.audit import Estimate, estimator_audit
from herd_engine.calibration.fit import fit_herd
from herd_engine.datasets.herd_file import NO_MAP, HerdFile, read_herd_bytes, read_herd_file
from herd_engine.datasets.history import changes
from herd_engine.engine.simulate import Execution
from herd_engine.errors import ParameterError
from herd_engine.forecasting import forecast as forecasts
from herd_engine.forecasting.comparison import Candidate, compare
from herd_engine.forecasting.forecast import make_forecast, make_forecast_and_runs
from herd_engine.model.answers import NO_ANSWERS, Answers
from herd_engine.model.changes import Changes, History
from herd_engine.model.comparison import Comparison
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import Forecast, Simulation
from herd_engine.model.gate import GateMode
from herd_engine.model.scenario import ModelParameters, Scenario
from herd_engine.model.source import PLAN_PREFIX, Source
from herd_engine.model.verdicts import RecordOfForecasts
from herd_engine.model.visitor import LOCAL, Visitor
from herd_engine.settings import Settings
from herd_engine.workbench.fits import Fits
from herd_engine.workbench.inspection import Inspection

if TYPE_CHECKING:
    import pandas as pd

    from herd_engine.engine.exact.expectation import Expectation
    from herd_engine.forecasting.backtest.backtest import BacktestPlan
    from herd_engine.model.backtest import Backtest
    from herd_engine.monitoring.supervision_report import PartReport
    from herd_engine.runs.catalog import Catalog
    from herd_engine.runs.kept import KeptRuns
    from herd_engine.workbench.alerts import Alerts
    from herd_engine.workbench.api_keys import ApiKeys
    from herd_engine.workbench.contracts import Contracts
    from herd_engine.workbench.datasets import Datasets
    from herd_engine.workbench.deliveries import Deliveries
    from herd_engine.workbench.farms import Farms
    from herd_engine.workbench.herd_facts import HerdFacts
    from herd_engine.workbench.keyed import Keyed
    from herd_engine.workbench.outputs import Outputs
    from herd_engine.workbench.preflight import FarmPreflights
    from herd_engine.workbench.presets import Presets
    from herd_engine.workbench.runs import Runs
    from herd_engine.workbench.scenarios import Scenarios
    from herd_engine.workbench.submissions import Submissions

DEFAULT_RUNS = 1000
"""Runs of a report: P5 and P95 of a count are then sure to about 0.07 standard deviations."""
MOST_RUNS = 20_000
"""Where a forecast that is made until its bands are stable stops at the latest."""
DEFAULT_SEED = 42
SUBMITTER = "HERD_SUBMITTER"
"""Setting that names who asks, where it is not whoever sits at the machine."""


class Workbench:
    """All that can be done with herds.

    Examples
    --------
    >>> from herd_engine.sample import make_sample
    >>> workbench = Workbench.open()
    >>> herd_file = workbench.read_bytes(make_sample(animals=200).csv, "sample.csv")
    >>> forecast = workbench.forecast(herd_file, Scenario(horizon_months=12), runs=20)
    >>> len(forecast.dates)
    13
    """

    def __init__(
        self,
        home: Path | None = None,
        owner: str | Visitor = LOCAL,
        farm: str | None = None,
        source: Source = Source.CLI,
    ) -> None:
        self._home, self._owner, self._farm, self._source = home, owner, farm, source
        self._root: Workbench | None = None
        self._fits = Fits()

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

        Notes
        -----
        What is submitted is submitted by ``HERD_SUBMITTER``, which a plan of reports sets to its own name
        (``plan:weekly``); by ``local`` otherwise.
        """
        owner = Settings.read().submitter or LOCAL
        source = Source.PLAN if owner.startswith(PLAN_PREFIX) else Source.CLI
        return cls(home, owner, farm, source)

    @cached_property
    def kept(self) -> "KeptRuns":
        """Runs that are kept: opened, and brought up to date, when first needed."""
        # Database and migration libraries take longer to import than a forecast takes.
        from herd_engine.runs.kept import KeptRuns  # noqa: PLC0415
        from herd_engine.runs.store import Store, StoreSettings  # noqa: PLC0415

        store = Store(StoreSettings.from_environment(self._home))
        return KeptRuns(store, self._owner, self._farm, self._source)

    def of(self, owner: str | Visitor, farm: str | None = None) -> "Workbench":
        """Return the Workbench of somebody else, or of another farm, over the same open store.

        Parameters
        ----------
        owner : str or Visitor
            Who asks; their name is stamped on what they make. A bare name is whoever sits at the machine.
        farm : str, optional
            Name of a farm; the default one otherwise, or the first that they may see.

        Raises
        ------
        NotFoundError
            There is no such farm, or not for them.
        """
        from herd_engine.runs.kept import KeptRuns  # noqa: PLC0415

        other = type(self)(self._home, owner, farm, self._source)
        other.kept = KeptRuns(self.kept.store, owner, farm, self._source)
        other._root, other._fits = self._root or self, self._fits
        return other

    def of_farm(self, name: str) -> "Workbench":
        """Return the same of another farm, by name or id, for the same who asks; NotFoundError."""
        return self.of(self._owner, self.farms.find(name).name)

    @property
    def scopes(self) -> frozenset[str]:
        """What who asks may do on the farm."""
        return self.catalog.access.scopes

    def require(self, *scopes: str) -> None:
        """Refuse who may do none of this on the farm: ForbiddenError."""
        self.catalog.access.require(*scopes)

    def access_key(self) -> str:
        """Return the key of this home, made when it is asked for first: who knows it may come in."""
        from herd_engine.storage.access_key import access_key  # noqa: PLC0415

        return access_key(self.home)

    @property
    def home(self) -> Path:
        """The folder of what is kept on this machine; asked without opening it."""
        from herd_engine.runs.store import StoreSettings  # noqa: PLC0415

        return StoreSettings.from_environment(self._home).home

    def readiness(self) -> dict[str, bool]:
        """Tell what can be used: the database, its tables as this version needs them, the files."""
        return self.kept.store.readiness()

    def what_is_down(self) -> "tuple[PartReport, ...]":
        """Return the parts of a living `herd up` that are not ready, and why; asked without a database."""
        from herd_engine.monitoring.supervision_report import what_is_down  # noqa: PLC0415

        return what_is_down(self.home)

    @cached_property
    def farms(self) -> "Farms":
        """Farms, by name."""
        from herd_engine.workbench.farms import Farms  # noqa: PLC0415

        return Farms(self.kept)

    @cached_property
    def api_keys(self) -> "ApiKeys":
        """Keys for programs."""
        from herd_engine.workbench.api_keys import ApiKeys  # noqa: PLC0415

        return ApiKeys(self.kept)

    @cached_property
    def alerts(self) -> "Alerts":
        """What holds on the farm that somebody asked to be told of."""
        from herd_engine.workbench.alerts import Alerts  # noqa: PLC0415

        return Alerts(self.kept)

    @cached_property
    def deliveries(self) -> "Deliveries":
        """Messages to others, attempts at them, channels."""
        from herd_engine.workbench.deliveries import Deliveries  # noqa: PLC0415

        return Deliveries(self.kept)

    @cached_property
    def datasets(self) -> "Datasets":
        """Herd files that are kept."""
        from herd_engine.workbench.datasets import Datasets  # noqa: PLC0415

        return Datasets(self.kept)

    @cached_property
    def contracts(self) -> "Contracts":
        """Versions of the contract of the farm's files."""
        from herd_engine.workbench.contracts import Contracts  # noqa: PLC0415

        return Contracts(self.kept)

    @cached_property
    def herd_facts(self) -> "HerdFacts":
        """Facts of the farm's kept herd files as tables."""
        from herd_engine.workbench.herd_facts import HerdFacts  # noqa: PLC0415

        return HerdFacts(self.kept)

    @cached_property
    def preflights(self) -> "FarmPreflights":
        """Herd files asked by the rules of the farm's contract."""
        from herd_engine.workbench.preflight import FarmPreflights  # noqa: PLC0415

        return FarmPreflights(self.kept)

    def require_rules(self, files: Mapping[str, bytes], answers: Answers, told: GateMode | None) -> None:
        """Refuse files, by name, that break the farm's contract, where that is enforced.

        All are examined, and what is found is kept, before the first is refused; where nothing is enforced,
        no database is opened.

        Raises
        ------
        HerdDataError, ConflictError, ParameterError
        """
        from herd_engine.runs.gate_config import FILE_NAME  # noqa: PLC0415
        from herd_engine.runs.home import home_folder  # noqa: PLC0415
        from herd_engine.runs.rule_gate import wished_mode  # noqa: PLC0415

        home = home_folder(self._home)
        may_be_of_the_farm = told is None and (home / FILE_NAME).exists()
        if self._farm or may_be_of_the_farm or wished_mode(home, "", told).mode is GateMode.ENFORCE:
            self.preflights.require(files, answers, told=told)

    @cached_property
    def runs(self) -> "Runs":
        """Forecast jobs that are kept."""
        from herd_engine.workbench.runs import Runs  # noqa: PLC0415

        return Runs(self.kept)

    @cached_property
    def submissions(self) -> "Submissions":
        """What its owner asked for."""
        from herd_engine.workbench.submissions import Submissions  # noqa: PLC0415

        return Submissions(self.kept)

    def keyed(self, method: str, route: str, key: str, fingerprint: str) -> "Keyed":
        """Return a request that carries a key; ParameterError where that cannot be one."""
        from herd_engine.workbench.keyed import Keyed  # noqa: PLC0415

        return Keyed(self.kept, method, route, key, fingerprint)

    @cached_property
    def outputs(self) -> "Outputs":
        """What the runs say, row by row; the table is opened once for all farms."""
        from herd_engine.workbench.outputs import Outputs  # noqa: PLC0415

        return Outputs(self.kept, (self._root or self).kept.outputs)

    @cached_property
    def scenarios(self) -> "Scenarios":
        """Named scenarios."""
        from herd_engine.workbench.scenarios import Scenarios  # noqa: PLC0415

        return Scenarios(self.kept)

    @cached_property
    def presets(self) -> "Presets":
        """Settings to begin with."""
        from herd_engine.workbench.presets import Presets  # noqa: PLC0415

        return Presets(self.kept)

    @property
    def catalog(self) -> "Catalog":
        """Farms, datasets, scenarios and presets that are kept."""
        return self.kept.catalog

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

    def history(self) -> History:
        """Return what all kept exports of the farm tell together."""
        return self.catalog.datasets.history()

    def history_document(self) -> dict[str, Any]:
        """Return the same as plain values: ``herd-history/1``."""
        from herd_engine.exports.history import history_document  # noqa: PLC0415

        return history_document(self.history())

    def report_card(self) -> RecordOfForecasts:
        """Return what later exports of the farm said of its kept forecasts."""
        return self.kept.judging.record()

    def judge(self, run_id: str) -> int:
        """Judge a kept forecast by the farm's newest export; return how many verdicts are new.

        As ``Judging.judge``; the farm's plan is judged by each new export without being asked.
        """
        return self.kept.judging.judge(run_id)

    def changes_document(self, old_id: str, new_id: str) -> dict[str, Any]:
        """Return what happened between two kept files as plain values; the older one first.

        Raises
        ------
        ParameterError
            The second is older than the first.
        NotFoundError
        """
        datasets = self.catalog.datasets
        old, new = (datasets.load(datasets.get(each)) for each in (old_id, new_id))
        if new.herd.report_date < old.herd.report_date:
            rule = f"be no older than the other file, which is of {old.herd.report_date}"
            raise ParameterError("new", new.herd.report_date.isoformat(), rule)
        return self.changes(old, new).document()

    def run_changes(self, run_id: str, earlier_id: str) -> dict[str, Any]:
        """Return what a kept forecast says otherwise than an earlier one, as plain values."""
        from herd_engine.review.changes import changes_since  # noqa: PLC0415

        forecast, earlier = (self.kept.forecast(each) for each in (run_id, earlier_id))
        payloads = [
            {**self.runs.payload(each), "dataset_id": self.runs.get(each).dataset_id}
            for each in (run_id, earlier_id)
        ]
        return changes_since(forecast, earlier, *payloads).document()

    def backtest_plan(self, values: Mapping[str, Any]) -> "BacktestPlan":
        """Return the plan that named values describe, the rest by default; ParameterError."""
        from herd_engine.runs.kept_backtest import plan_of  # noqa: PLC0415

        return plan_of(values)

    def comparison(self, run_ids: Sequence[str], base: str) -> dict[str, Any]:
        """Return by how much kept runs differ from one of them, as plain values."""
        from herd_engine.exports.comparison_files import comparison_document  # noqa: PLC0415

        return comparison_document(self.compare(run_ids, base))

    def audit(self, herd_file: HerdFile) -> tuple[Estimate, ...]:
        """Return every estimate of the calibrated mode beside what the file says at its word."""
        return estimator_audit(herd_file.records, self._fits.fit(herd_file))

    def frame(self, answer: object) -> "pd.DataFrame":
        """Return a forecast, comparison, backtest or estimates as a tidy frame; see ``frames.frame``."""
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
        runs: int = DEFAULT_RUNS,
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
        runs: int = DEFAULT_RUNS,
        seed: int = DEFAULT_SEED,
        execution: Execution | None = None,
    ) -> tuple[Forecast, Simulation]:
        """Forecast a herd, as ``forecast``, and return every replicate beside it."""
        calibrate, most = self._fits.of(herd_file), forecasts.ReplicateCount(runs)
        return make_forecast_and_runs(herd_file, scenario, most, seed, execution, calibrate)

    def close(self) -> None:
        """Let go of what is kept; it is opened again when needed."""
        self.kept.close()

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

    def kept_backtest(
        self, dataset: str, plan: "BacktestPlan | None" = None, execution: Execution | None = None
    ) -> "Backtest":
        """Return the backtest of a kept herd file, by id or name; it is made once for each plan."""
        from herd_engine.forecasting.backtest.backtest import BacktestPlan  # noqa: PLC0415
        from herd_engine.runs.kept_backtest import kept_backtest  # noqa: PLC0415

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
