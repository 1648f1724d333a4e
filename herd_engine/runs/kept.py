"""Runs that are kept: submit, watch, cancel, list, read, verify, reproduce, pin, delete, prune."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

from herd_engine import __version__
from herd_engine.datasets.herd_file import NO_MAP, HerdFile
from herd_engine.engine.random_numbers import RANDOM_SCHEME
from herd_engine.engine.simulate import Execution
from herd_engine.errors import ConflictError, HerdError, NotFoundError, ParameterError, StorageError
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import Forecast
from herd_engine.runs.artifacts import MANIFEST, forecast_artifacts, sha256
from herd_engine.runs.catalog import Catalog
from herd_engine.runs.draws_file import DRAWS, draws_from_parquet
from herd_engine.runs.exports.document_reader import forecast_from_document
from herd_engine.runs.forecast import check_dates, make_forecast_and_runs, runs_of
from herd_engine.runs.liveness import LOST_AFTER_SECONDS, is_lost
from herd_engine.runs.reproduction import ChangedFile, changed_file
from herd_engine.runs.store import Store
from herd_engine.scenarios.differences import variants
from herd_engine.scenarios.identity import canonical_json, run_identity, sha256_of
from herd_engine.scenarios.schema import parse_scenario, to_scenario
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.events import EventRow
from herd_engine.storage.paging import MAX_LIMIT, Page
from herd_engine.storage.run_history import EVERY_RUN
from herd_engine.storage.run_rows import Deleted, NewRun, RunFilters, RunRow, RunStatus, Skipped, Submitted

if TYPE_CHECKING:
    from herd_engine.runs.outputs import Outputs


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What became of one of several variants.

    Attributes
    ----------
    values : dict of str to value
        Path of a field and what it was set to.
    submitted : Submitted or None
    error : HerdError or None
        Why this one was not submitted.
    """

    values: dict[str, Any]
    submitted: Submitted | None = None
    error: HerdError | None = None


@dataclass(frozen=True, slots=True)
class Variants:
    """Runs that belong together; a run that was reused stays in the group that it was made in."""

    group_id: str
    items: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class FileFault:
    """A file of a run that is missing, or has been changed since it was published."""

    name: str
    is_missing: bool

    def __str__(self) -> str:
        return f"{self.name} {'is missing' if self.is_missing else 'has been changed'}"


class KeptRuns:
    """Runs of one farm, the default one unless another is named; ``catalog`` has what they are made of."""

    def __init__(self, store: Store, owner: str, farm: str | None = None) -> None:
        self.store, self._owner = store, owner
        self.catalog = Catalog(store, owner, farm)
        self.scope = self.catalog.scope

    @cached_property
    def outputs(self) -> "Outputs":
        """What the runs say, row by row."""
        # The libraries of the table take longer to import than most commands take.
        from herd_engine.runs.outputs import Outputs  # noqa: PLC0415

        return Outputs(self.store, self.scope)

    def close(self) -> None:
        """Let go of the database."""
        if "outputs" in self.__dict__:
            self.outputs.close()
        self.store.close()

    def of_farm(self, name: str) -> "KeptRuns":
        """Return what is kept of another farm, or raise NotFoundError."""
        return KeptRuns(self.store, self._owner, name)

    def add_dataset(self, data: bytes, name: str, *, column_map: Mapping[str, str] = NO_MAP) -> DatasetRow:
        """Keep a herd file; as ``catalog.datasets.add``."""
        return self.catalog.datasets.add(data, name, column_map=column_map)

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
    ) -> Submitted:
        """Queue a run, or return the finished or active one of the same identity.

        A kept scenario only reuses runs that were made of it: what it gives is found under its name.

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
            The same key again is the same request; with another content it is a conflict.

        Raises
        ------
        ScenarioError, ParameterError, NotFoundError
        ConflictError
            The key was used for something else, or the scenario is of an older schema.
        """
        new = self._new_run(dataset_id, payload, scenario_id)
        new = replace(new, priority=priority, timeout_seconds=timeout_seconds)
        return self.store.runs.submit(new, force=force, idempotency_key=idempotency_key)

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
                items.append(Variant(values=chosen, submitted=self.store.runs.submit(new, force=force)))
            except HerdError as error:
                items.append(Variant(values=chosen, error=error))
        return Variants(group_id, tuple(items))

    def _new_run(
        self, dataset_id: str, payload: Mapping[str, Any] | None, scenario_id: str | None = None
    ) -> NewRun:
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
        identity = run_identity(payload or {}, dataset.sha256, __version__, RANDOM_SCHEME)
        return NewRun(
            farm_id=dataset.farm_id,
            owner=self._owner,
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
        """Return a run as it stands; one whose worker was lost has failed."""
        run = self.store.runs.get(self.scope, run_id)
        return self.store.runs.get(self.scope, run_id) if self._sweep([run]) else run

    def list_runs(
        self, filters: RunFilters = EVERY_RUN, cursor: str | None = None, limit: int = 20
    ) -> Page[RunRow]:
        """Return a page of runs, newest first; those whose workers were lost have failed."""
        page = self.store.runs.list_runs(self.scope, filters, cursor, limit)
        return (
            self.store.runs.list_runs(self.scope, filters, cursor, limit) if self._sweep(page.items) else page
        )

    def _sweep(self, seen: Sequence[RunRow]) -> bool:
        """Fail lost runs where one was seen: nobody else may be there to do it. Tell whether one was."""
        is_one_lost = any(is_lost(run) for run in seen)
        if is_one_lost:
            self.store.runs.sweep(LOST_AFTER_SECONDS)
        return is_one_lost

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

    def pin(self, run_id: str, *, pinned: bool = True) -> RunRow:
        """Keep a run from being pruned, or no longer."""
        return self.store.runs.pin(self.scope, run_id, pinned=pinned)

    def delete(self, ids: Sequence[str]) -> Deleted:
        """Delete finished runs with their files; their links in the chain of manifests stay.

        Returns
        -------
        Deleted
            ``skipped`` runs are ``active`` or ``not_found``. A run whose files could not be deleted is
            gone nevertheless; it is in both lists, with the reason ``files_left``.
        """
        deleted = self.store.runs.delete(self.scope, ids)
        left = []
        for run_id in deleted.deleted_ids:
            try:
                self.store.files.delete_prefix(f"runs/{run_id}")
            except StorageError:
                left.append(Skipped(run_id, "files_left"))
        return replace(deleted, skipped=(*deleted.skipped, *left))

    def prune(self, keep: int = 100, *, dry_run: bool = True) -> tuple[RunRow, ...]:
        """Delete the succeeded runs that are neither pinned nor among the newest ``keep``.

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
        deleted = set(self.delete([row.id for row in rows]).deleted_ids)
        return tuple(row for row in rows if row.id in deleted)

    def events(self, run_id: str, after: int = 0) -> tuple[EventRow, ...]:
        """Return what happened to a run after event number ``after``."""
        return self.store.events.after(self.get(run_id).id, after)

    def events_version(self, run_id: str) -> str:
        """Return what is the same as long as no event was added: the run and the number of the last one."""
        return f"{self.get(run_id).id}:{self.store.events.last_seq(run_id)}"

    def cancel(self, run_id: str) -> RunRow:
        """Ask a run to stop; a queued one is canceled at once, a finished one stays as it is."""
        return self.store.runs.request_cancel(self.scope, run_id)

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
            raise ConflictError(f"Run {run.id} is {run.status}; only a run that succeeded can be made again.")
        config = json.loads(run.config)
        payload = parse_scenario({**config["scenario"], "seed": config["seed"]})
        herd_file = self.herd_file(run_id)
        published = self._published(run_id)
        # The dataset may have another name by now.
        herd_file = replace(herd_file, name=_dataset_name(published["result.json"]) or herd_file.name)
        forecast, simulation = make_forecast_and_runs(
            herd_file, to_scenario(payload), runs_of(payload), payload.seed, execution
        )
        made_with = {**config, "engine_version": __version__, "random_scheme": RANDOM_SCHEME}
        again = forecast_artifacts(
            replace(forecast, timing={}), Draws.of(simulation, forecast.dates), made_with, {}, ""
        )
        changed = (changed_file(published[file.name], file) for file in again if file.name in published)
        return tuple(file for file in changed if file is not None)

    def _published(self, run_id: str) -> dict[str, bytes | None]:
        """Return the files of a run that are the same whenever it is simulated; None for one that is gone."""
        rows = self.store.artifacts.list_artifacts(self.scope, run_id)
        keys = {row.name: f"runs/{run_id}/{row.name}" for row in rows if row.deterministic}
        files = self.store.files
        return {name: files.get(key) if files.exists(key) else None for name, key in keys.items()}


def _dataset_name(result: bytes | None) -> str | None:
    """Return the name that a herd file had when a forecast of it was published, if that can be read."""
    try:
        return str(json.loads(result or b"")["meta"]["dataset"]["name"])
    except (ValueError, KeyError, TypeError):
        return None
