"""Runs that are kept: submit, watch, name, star, list, read, verify, reproduce, pin, delete, prune."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

from herd_engine import __version__
from herd_engine.datasets.herd_file import NO_MAP, HerdFile
from herd_engine.engine.kernel.random_numbers import RANDOM_SCHEME
from herd_engine.engine.simulate import Execution
from herd_engine.errors import (
    ConflictError,
    ForbiddenError,
    HerdError,
    NotFoundError,
    ParameterError,
    StorageError,
)
from herd_engine.exports.document_reader import forecast_from_document
from herd_engine.forecasting.forecast import check_dates, make_forecast_and_runs, runs_of
from herd_engine.model.answers import NO_ANSWERS, Answers
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import Forecast
from herd_engine.model.run_status import RunStatus
from herd_engine.model.source import Source
from herd_engine.model.visitor import RUN, WRITE, Visitor
from herd_engine.runs.artifacts import MANIFEST, forecast_artifacts, sha256
from herd_engine.runs.catalog import Catalog
from herd_engine.runs.draws_file import DRAWS, draws_from_parquet
from herd_engine.runs.judging import Judging
from herd_engine.runs.reproduction import ChangedFile, changed_file, dataset_name, of_this_version
from herd_engine.runs.rule_gate import require_kept_rules
from herd_engine.runs.store import Store
from herd_engine.runs.variants import VariantRun, Variants
from herd_engine.scenarios.differences import variants
from herd_engine.scenarios.identity import canonical_json, payload_of, run_identity, sha256_of
from herd_engine.scenarios.schema import parse_scenario, to_scenario
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.events import EventRow
from herd_engine.storage.paging import MAX_LIMIT, ListPage
from herd_engine.storage.run_history import EVERY_RUN
from herd_engine.storage.run_rows import Deleted, NewRunRow, RunFilters, RunRow, Skipped, Submitted
from herd_engine.storage.scope import Scope
from herd_engine.storage.submissions import SubmissionRow

if TYPE_CHECKING:
    from herd_engine.runs.outputs import KeptOutputs


@dataclass(frozen=True, slots=True)
class FileFault:
    """A file of a run that is missing, or has been changed since it was published."""

    name: str
    is_missing: bool

    def __str__(self) -> str:
        return f"{self.name} {'is missing' if self.is_missing else 'has been changed'}"


class KeptRuns:
    """Runs of one farm; ``catalog`` has what they are made of.

    Parameters
    ----------
    store : Store
    owner : str or Visitor
        Who asks; a bare name (``local``, ``plan:<name>``) is whoever sits at the machine.
    farm : str, optional
        The default one unless another is named.
    source : Source
        Through which door.
    """

    def __init__(
        self, store: Store, owner: str | Visitor, farm: str | None = None, source: Source = Source.CLI
    ) -> None:
        visitor = owner if isinstance(owner, Visitor) else Visitor.at_the_machine(owner)
        self.store, self._visitor, self._source = store, visitor, source
        self.catalog = Catalog(store, visitor, farm)
        self.access = self.catalog.access
        self.judging = Judging(self)
        self.catalog.datasets.arrived = self.judging.arrived

    @property
    def scope(self) -> Scope:
        """The rows of the farm, for who may read them; FarmNotFoundError for all others."""
        return self.access.scope

    @cached_property
    def outputs(self) -> "KeptOutputs":
        """What the runs say, row by row."""
        # The libraries of the table take longer to import than most commands take.
        from herd_engine.runs.outputs import KeptOutputs  # noqa: PLC0415

        return KeptOutputs(self.store, self.scope)

    def close(self) -> None:
        """Let go of the database."""
        if "outputs" in self.__dict__:
            self.outputs.close()
        self.store.close()

    def of_farm(self, name: str) -> "KeptRuns":
        """Return what is kept of another farm, or raise NotFoundError."""
        return KeptRuns(self.store, self._visitor, name, self._source)

    def of(self, visitor: Visitor, source: Source) -> "KeptRuns":
        """Return the same of somebody else, who comes through another door."""
        return KeptRuns(self.store, visitor, self.catalog.farm.name, source)

    def add_dataset(
        self,
        data: bytes,
        name: str,
        *,
        column_map: Mapping[str, str] = NO_MAP,
        answers: Answers = NO_ANSWERS,
    ) -> DatasetRow:
        """Keep a herd file; as ``catalog.datasets.add``."""
        return self.catalog.datasets.add(data, name, column_map=column_map, answers=answers)

    def submit(  # noqa: PLR0913 - named wishes about one run
        self,
        dataset_id: str,
        payload: Mapping[str, Any] | None = None,
        *,
        scenario_id: str | None = None,
        priority: int = 0,
        timeout_seconds: float | None = None,
        force: bool = False,
        idempotency_key: str | None = None,
        name: str | None = None,
    ) -> Submitted:
        """Queue a run, or return the finished or active one of the same identity.

        A kept scenario only reuses runs that were made of it: what it gives is found under its name. That
        it was asked for is written down either way: see ``submissions``.

        Parameters
        ----------
        dataset_id : str
        payload : mapping, optional
            ``herd_m5_v2``: scenario, seed and number of runs.
        scenario_id : str, optional
            A kept scenario in place of a payload; the run remembers its version.
        priority : int
            Greater is executed earlier.
        timeout_seconds : float, optional
            Limit of wall time.
        force : bool
            Simulate again, also where a result exists.
        idempotency_key : str, optional
            The same key again, by the same principal within a day, is the same request; with another
            content it is a conflict.
        name : str, optional
            What people call the forecast; one that is reused and has a name keeps that.

        Raises
        ------
        ScenarioError, ParameterError, NotFoundError
        ConflictError
            The key was used for something else, or the scenario is of an older schema.
        """
        self.access.require(RUN)
        new = self._new_run(dataset_id, payload, scenario_id)
        new = replace(new, priority=priority, timeout_seconds=timeout_seconds, name=name)
        return self.store.runs.submit(new, force=force, idempotency_key=idempotency_key, source=self._source)

    def submit_variants(
        self,
        dataset_id: str,
        base: Mapping[str, Any],
        values: Mapping[str, Sequence[Any]],
        *,
        priority: int = 0,
        timeout_seconds: float | None = None,
        force: bool = False,
    ) -> Variants:
        """Queue a run for every combination of values, all with the random numbers of one seed.

        Parameters
        ----------
        dataset_id : str
        base : mapping
            A valid payload; what the variants have in common, its seed first of all.
        values : mapping of path to values
            Such as ``{"model.gestation_sigma": [1, 2]}``; at most 100 combinations.
        priority, timeout_seconds, force
            As ``submit``.

        Returns
        -------
        Variants
            In the order of the combinations; a variant that is not valid never stops the others.

        Raises
        ------
        ParameterError
            There are no combinations or more than 100, or the seed is to vary.
        UnknownParameterError, ScenarioError, NotFoundError
        """
        self.access.require(RUN)
        if "seed" in values:
            raise ParameterError("seed", list(values["seed"]), "be the same for all variants")
        self.catalog.datasets.get(dataset_id)
        group_id = str(uuid.uuid4())
        items = []
        for payload, choice in zip(variants(base, values), product(*values.values()), strict=True):
            chosen = dict(zip(values, choice, strict=True))
            try:
                new = replace(self._new_run(dataset_id, payload), group_id=group_id)
                new = replace(new, priority=priority, timeout_seconds=timeout_seconds)
                submitted = self.store.runs.submit(new, force=force, source=self._source)
                items.append(VariantRun(values=chosen, submitted=submitted))
            except HerdError as error:
                items.append(VariantRun(values=chosen, error=error))
        return Variants(group_id, tuple(items))

    def _new_run(
        self, dataset_id: str, payload: Mapping[str, Any] | None, scenario_id: str | None = None
    ) -> NewRunRow:
        """Check what is to be run, and return it with its identity."""
        dataset = self.catalog.datasets.get(dataset_id)
        version = None
        if scenario_id is not None:
            if payload is not None:
                raise ParameterError("scenario_id", scenario_id, "stand alone, or a payload in its place")
            scenario = self.catalog.scenarios.runnable(scenario_id)
            payload, version = scenario.params, scenario.version
        checked = parse_scenario(payload or {})
        check_dates(to_scenario(checked), dataset.report_date)
        require_kept_rules(self.catalog, self.store.settings.home, dataset)
        identity = run_identity(payload or {}, dataset.sha256, __version__, RANDOM_SCHEME)
        return NewRunRow(
            farm_id=dataset.farm_id,
            owner=self.access.owner,
            dataset_id=dataset.id,
            scenario_id=scenario_id,
            scenario_version=version,
            run_hash=sha256_of(identity),
            config=canonical_json(identity).decode(),
            seed=identity["seed"],
            runs_total=checked.mc_runs,
            engine_version=__version__,
        )

    def get(self, run_id: str) -> RunRow:
        """Return a run as it stands; one whose runner was lost is running until another takes it up."""
        return self.store.runs.get(self.scope, run_id)

    def list_runs(
        self, filters: RunFilters = EVERY_RUN, cursor: str | None = None, limit: int = 20
    ) -> ListPage[RunRow]:
        """Return a page of runs, newest first."""
        return self.store.runs.list_runs(self.scope, filters, cursor, limit)

    def find(self, beginning: str) -> RunRow:
        """Return the one run whose id begins so.

        Raises
        ------
        ParameterError
            Several begin so.
        NotFoundError
        """
        page = self.list_runs(RunFilters(text=beginning), limit=MAX_LIMIT)
        found = [row for row in page.items if beginning and row.id.startswith(beginning)]
        if len(found) > 1:
            raise ParameterError("run", beginning, "name one run; several begin so")
        return found[0] if found else self.get(beginning)

    def submissions(self, run_id: str) -> tuple[SubmissionRow, ...]:
        """Return who asked for a run, oldest first."""
        return self.store.submissions.of_run(self.scope, self.get(run_id).id)

    def rename(self, run_id: str, name: str | None) -> RunRow:
        """Give a forecast a name, or take it away; names need not be unique."""
        return self.store.runs.rename(self._own(run_id), run_id, name)

    def star(self, run_id: str, *, starred: bool = True) -> RunRow:
        """Make a forecast the plan of its farm, in place of the one that was; or no longer.

        Raises
        ------
        ConflictError
            It ended without a result.
        NotFoundError
        """
        return self.store.runs.star(self._own(run_id), run_id, starred=starred)

    def starred(self, farm: str | None = None) -> RunRow | None:
        """Return the forecast that is the plan of a farm, this one unless named; None where none is."""
        farm_id = self.scope.farm_id if farm is None else self.catalog.farms.find(farm).id
        return self.store.runs.starred(farm_id)

    def pin(self, run_id: str, *, pinned: bool = True) -> RunRow:
        """Keep a run from being pruned, or no longer."""
        return self.store.runs.pin(self._own(run_id), run_id, pinned=pinned)

    def delete(self, ids: Sequence[str], *, for_everybody: bool = False) -> Deleted:
        """Delete finished runs with their files; their links in the chain of manifests stay.

        Parameters
        ----------
        ids : sequence of str
        for_everybody : bool
            Delete also what others asked for; otherwise that leaves one's own history alone.

        Returns
        -------
        Deleted
            ``skipped`` runs are ``active``, ``starred``, ``wanted_by_others`` or ``not_found``. A run whose
            files could not be deleted is gone nevertheless; it is in both lists, with the reason
            ``files_left``.
        """
        self._require(for_everybody=for_everybody)
        own = None if for_everybody else self.access.owner
        deleted = self.store.runs.delete(self.scope, ids, own, only_own=not self.access.is_above_others)
        left = []
        for run_id in deleted.deleted_ids:
            try:
                self.store.files.delete_prefix(f"runs/{run_id}")
            except StorageError:
                left.append(Skipped(run_id, "files_left"))
        return replace(deleted, skipped=(*deleted.skipped, *left))

    def prune(self, keep: int = 100, *, dry_run: bool = True) -> tuple[RunRow, ...]:
        """Delete the succeeded runs that are neither pinned, nor starred, nor among the newest ``keep``.

        Returns
        -------
        tuple of RunRow
            What was deleted or, by default, only would be; oldest first.
        """
        if keep < 0:
            raise ParameterError("keep", keep, "be 0 or more")
        rows = self.store.runs.prune_candidates(self.scope.farm_id, keep)
        if dry_run:
            return rows
        deleted = set(self.delete([row.id for row in rows], for_everybody=True).deleted_ids)
        return tuple(row for row in rows if row.id in deleted)

    def events(self, run_id: str, after: int = 0) -> tuple[EventRow, ...]:
        """Return what happened to a run after event number ``after``."""
        return self.store.events.after(self.get(run_id).id, after)

    def events_version(self, run_id: str) -> str:
        """Return what is the same as long as no event was added: the run and the number of the last one."""
        return f"{self.get(run_id).id}:{self.store.events.last_seq(run_id)}"

    def cancel(self, run_id: str, *, for_everybody: bool = False) -> RunRow:
        """Ask a run to stop; a queued one is canceled at once, a finished one stays as it is.

        Where others asked for the run too, only this wish is taken back and the run goes on, unless it is
        canceled for everybody.

        Raises
        ------
        ConflictError
            Only others asked for it.
        NotFoundError
        """
        self._require(for_everybody=for_everybody)
        own = None if for_everybody else self.access.owner
        return self.store.runs.request_cancel(self._own(run_id), run_id, own)

    def is_mine(self, run_id: str) -> bool:
        """Tell whether who asks wished for a run, or made it."""
        wishes = {wish.principal for wish in self.submissions(run_id)}
        return self.access.owner in {self.get(run_id).owner, *wishes}

    def _own(self, run_id: str) -> Scope:
        """Return the rows of the farm for who may change this run: who asked for it, or in a role above."""
        self.access.require(RUN)
        if not (self.access.is_above_others or self.is_mine(run_id)):
            raise ForbiddenError(WRITE)
        return self.scope

    def _require(self, *, for_everybody: bool) -> None:
        self.access.require(RUN)
        if for_everybody and not self.access.is_above_others:
            raise ForbiddenError(WRITE)

    def artifact(self, run_id: str, name: str) -> bytes:
        """Return one file of a run that succeeded."""
        found = self.store.artifacts.get(self.scope, run_id, name)
        return self.store.files.get(f"runs/{run_id}/{found.name}")

    def forecast(self, run_id: str) -> Forecast:
        """Return the forecast of a run as it was published; nothing is simulated."""
        return forecast_from_document(json.loads(self.artifact(run_id, "result.json")))

    def herd_file(self, run_id: str) -> HerdFile:
        """Return what a run was made from; it is kept as long as the run."""
        return self.store.datasets.load(self.catalog.datasets.get(self.get(run_id).dataset_id))

    def draws(self, run_id: str) -> Draws:
        """Return the first replicates of a run as they were published.

        Raises
        ------
        NotFoundError
            There is no such run.
        ConflictError
            It has not succeeded, or was published by a version that kept no replicates.
        """
        run = self.get(run_id)
        if run.status is not RunStatus.SUCCEEDED:
            message = f"Run {run.id} is {run.status}; only a run that succeeded has replicates."
            raise ConflictError(message, "run_unfinished")
        try:
            data = self.artifact(run_id, DRAWS)
        except NotFoundError as error:
            message = f"Run {run.id} was made before replicates were kept. Submit it again with `force`."
            raise ConflictError(message, "run_old") from error
        return draws_from_parquet(data)

    def verify(self, run_id: str) -> tuple[str, ...]:
        """Hash every file of a run again; return what is wrong, in words."""
        return tuple(str(fault) for fault in self.faults(run_id))

    def faults(self, run_id: str) -> tuple[FileFault, ...]:
        """Hash every file of a run again; return those that are not as they were published.

        A file must be as its row says and as the manifest says, whose own hash is in the farm's chain.
        """
        artifacts = self.store.artifacts.list_artifacts(self.scope, run_id)
        listed = self._listed(run_id)
        faults = []
        for artifact in artifacts:
            key = f"runs/{run_id}/{artifact.name}"
            if not self.store.files.exists(key):
                faults.append(FileFault(artifact.name, is_missing=True))
            elif {artifact.sha256, listed.get(artifact.name, artifact.sha256)} != {
                sha256(self.store.files.get(key))
            }:
                faults.append(FileFault(artifact.name, is_missing=False))
        return tuple(faults)

    def _listed(self, run_id: str) -> dict[str, str]:
        """Return the hash of each file as the run's manifest has it, and of the manifest itself."""
        key = f"runs/{run_id}/{MANIFEST}"
        if not self.store.files.exists(key):
            return {}
        run, data = self.get(run_id), self.store.files.get(key)
        if sha256(data) != run.manifest_hash:
            return {MANIFEST: str(run.manifest_hash)}
        entries = json.loads(data)["artifacts"]
        return {MANIFEST: sha256(data)} | {entry["name"]: entry["sha256"] for entry in entries}

    def verify_chain(self) -> tuple[str, ...]:
        """Walk the farm's chain of manifests; return what is wrong, in words."""
        return tuple(str(fault) for fault in self.store.ledger.verify(self.scope.farm_id))

    def reproduce(self, run_id: str, execution: Execution | None = None) -> tuple[ChangedFile, ...]:
        """Simulate a run again from its own configuration; return the files that came out otherwise.

        Raises
        ------
        NotFoundError
            There is no such run.
        ConflictError
            It has not succeeded.
        """
        run = self.get(run_id)
        if run.status is not RunStatus.SUCCEEDED:
            message = f"Run {run.id} is {run.status}; only a run that succeeded can be made again."
            raise ConflictError(message, "run_not_succeeded", run.id)
        config = json.loads(run.config)
        payload = parse_scenario(payload_of(run.config))
        herd_file = self.herd_file(run_id)
        published = self._published(run_id)
        # The dataset may have another name by now.
        herd_file = replace(herd_file, name=dataset_name(published["result.json"]) or herd_file.name)
        forecast, simulation = make_forecast_and_runs(
            herd_file, to_scenario(payload), runs_of(payload), payload.seed, execution
        )
        made_with = {**config, "engine_version": __version__, "random_scheme": RANDOM_SCHEME}
        again = forecast_artifacts(
            replace(forecast, timing={}), Draws.of(simulation, forecast.dates), made_with, {}, ""
        )
        changed = (
            changed_file(of_this_version(published[file.name], file.name), file)
            for file in again
            if file.name in published
        )
        return tuple(file for file in changed if file is not None)

    def _published(self, run_id: str) -> dict[str, bytes | None]:
        """Return the files of a run that are the same whenever it is simulated; None for one that is gone."""
        rows = self.store.artifacts.list_artifacts(self.scope, run_id)
        keys = {row.name: f"runs/{run_id}/{row.name}" for row in rows if row.deterministic}
        files = self.store.files
        return {name: files.get(key) if files.exists(key) else None for name, key in keys.items()}
