"""All that can be done with herds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from herd_engine.engine.simulate import Execution
from herd_engine.errors import ParameterError
from herd_engine.forecasting.comparison import Candidate, compare
from herd_engine.model.answers import Answers
from herd_engine.model.changes import History
from herd_engine.model.comparison import Comparison
from herd_engine.model.gate import GateMode
from herd_engine.model.source import PLAN_PREFIX, Source
from herd_engine.model.targets import FarmTargets
from herd_engine.model.verdicts import RecordOfForecasts
from herd_engine.model.visitor import LOCAL, Visitor
from herd_engine.settings import Settings
from herd_engine.workbench.deciding import Deciding
from herd_engine.workbench.nouns import Nouns

if TYPE_CHECKING:
    from herd_engine.forecasting.backtest.backtest import BacktestPlan
    from herd_engine.model.backtest import Backtest
    from herd_engine.monitoring.supervision_report import PartReport

SUBMITTER = "HERD_SUBMITTER"
"""Setting that names who asks, where it is not whoever sits at the machine."""


class Workbench(Nouns, Deciding):
    """All that can be done with herds.

    Examples
    --------
    >>> from herd_engine.model.scenario import Scenario
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
        Nouns.__init__(self, home, owner, farm, source)
        Deciding.__init__(self)

    def targets(self) -> FarmTargets:
        """Return what the farm has said that it aims at, in its sheet."""
        return self.farms.sheet(self.farms.current().name).farm_targets()

    def milk_curve(self) -> str | None:
        """Return the lactation curve that the farm's sheet chooses; None where it chooses none."""
        return self.farms.sheet(self.farms.current().name).milk_curve

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
        other._root, other._fits, other._known = self._root or self, self._fits, self._known
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

    def readiness(self) -> dict[str, bool]:
        """Tell what can be used: the database, its tables as this version needs them, the files."""
        return self.kept.store.readiness()

    def what_is_down(self) -> "tuple[PartReport, ...]":
        """Return the parts of a living `herd up` that are not ready, and why; asked without a database."""
        from herd_engine.monitoring.supervision_report import what_is_down  # noqa: PLC0415

        return what_is_down(self.home)

    def require_rules(self, files: Mapping[str, bytes], answers: Answers, told: GateMode | None) -> None:
        """Refuse files, by name, that break the farm's contract, where that is enforced.

        All are examined, and what is found is kept, before the first is refused; where nothing is enforced,
        no database is opened.

        Raises
        ------
        HerdDataError, ConflictError, ParameterError
        """
        from herd_engine.runs.gate_config import FILE_NAME, wished_mode  # noqa: PLC0415
        from herd_engine.runs.home import home_folder  # noqa: PLC0415

        home = home_folder(self._home)
        may_be_of_the_farm = told is None and (home / FILE_NAME).exists()
        if self._farm or may_be_of_the_farm or wished_mode(home, "", told).mode is GateMode.ENFORCE:
            self.preflights.require(files, answers, told=told)

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

    def kept_backtest(
        self, dataset: str, plan: "BacktestPlan | None" = None, execution: Execution | None = None
    ) -> "Backtest":
        """Return the backtest of a kept herd file, by id or name; it is made once for each plan."""
        from herd_engine.forecasting.backtest.backtest import BacktestPlan  # noqa: PLC0415
        from herd_engine.runs.kept_backtest import kept_backtest  # noqa: PLC0415

        row = self.catalog.datasets.find(dataset)
        return kept_backtest(self.kept.store, row, plan or BacktestPlan(), execution)

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
