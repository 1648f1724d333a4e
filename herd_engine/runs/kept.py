"""Datasets and runs that are kept: add, submit, watch, cancel, read, verify, reproduce."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from herd_engine import __version__
from herd_engine.datasets.herd_file import NO_MAP, read_herd_bytes
from herd_engine.engine.random_numbers import RANDOM_SCHEME
from herd_engine.engine.simulate import Execution
from herd_engine.runs.artifacts import sha256
from herd_engine.runs.exports.document import forecast_json
from herd_engine.runs.forecast import check_dates, make_forecast
from herd_engine.runs.store import Store
from herd_engine.scenarios.identity import canonical_json, run_identity, sha256_of
from herd_engine.scenarios.schema import parse_scenario, to_scenario
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.events import EventRow
from herd_engine.storage.run_rows import NewRun, RunFilters, RunRow, Submitted
from herd_engine.storage.scope import Scope


class KeptRuns:
    """What is kept of the default farm; everything it does lies within that farm's scope."""

    def __init__(self, store: Store, owner: str) -> None:
        self.store, self._owner = store, owner
        self.scope = Scope(store.farms.default().id)

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()

    def add_dataset(self, data: bytes, name: str, *, column_map: Mapping[str, str] = NO_MAP) -> DatasetRow:
        """Keep a herd file; the same bytes again are the same dataset."""
        herd_file = read_herd_bytes(data, name, column_map=column_map)
        return self.store.datasets.add(self.scope.farm_id, self._owner, herd_file, data).dataset

    def submit(
        self,
        dataset_id: str,
        payload: Mapping[str, Any] | None = None,
        *,
        priority: int = 0,
        timeout_seconds: float | None = None,
        force: bool = False,
        idempotency_key: str | None = None,
    ) -> Submitted:
        """Queue a run, or return the finished or active one of the same identity.

        Parameters
        ----------
        dataset_id : str
        payload : mapping, optional
            ``herd_m5_v2``: scenario, seed and number of runs.
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
        ScenarioError, ParameterError, NotFoundError, ConflictError
        """
        dataset = self.store.datasets.rows.get(self.scope, dataset_id)
        checked = parse_scenario(payload or {})
        check_dates(to_scenario(checked), dataset.report_date)
        identity = run_identity(payload or {}, dataset.sha256, __version__, RANDOM_SCHEME)
        new = NewRun(
            farm_id=dataset.farm_id,
            owner=self._owner,
            dataset_id=dataset.id,
            run_hash=sha256_of(identity),
            config=canonical_json(identity).decode(),
            seed=identity["seed"],
            runs_total=identity["scenario"]["mc_runs"],
            engine_version=__version__,
            priority=priority,
            timeout_seconds=timeout_seconds,
        )
        return self.store.runs.submit(new, force=force, idempotency_key=idempotency_key)

    def get(self, run_id: str) -> RunRow:
        """Return a run as it stands."""
        return self.store.runs.get(self.scope, run_id)

    def list_runs(self, filters: RunFilters | None = None, limit: int = 20) -> tuple[RunRow, ...]:
        """Return the newest runs."""
        return self.store.runs.list_runs(self.scope, filters or RunFilters(), limit=limit).items

    def events(self, run_id: str, after: int = 0) -> tuple[EventRow, ...]:
        """Return what happened to a run after event number ``after``."""
        return self.store.events.after(self.get(run_id).id, after)

    def cancel(self, run_id: str) -> RunRow:
        """Ask a run to stop; a queued one is canceled at once, a finished one stays as it is."""
        return self.store.runs.request_cancel(self.scope, run_id)

    def artifact(self, run_id: str, name: str) -> bytes:
        """Return one file of a run that succeeded."""
        found = self.store.artifacts.get(self.scope, run_id, name)
        return self.store.files.get(f"runs/{run_id}/{found.name}")

    def verify(self, run_id: str) -> tuple[str, ...]:
        """Hash every file of a run again; return what is wrong, in words."""
        faults = []
        for artifact in self.store.artifacts.list_artifacts(self.scope, run_id):
            key = f"runs/{run_id}/{artifact.name}"
            if not self.store.files.exists(key):
                faults.append(f"{artifact.name} is missing")
            elif sha256(self.store.files.get(key)) != artifact.sha256:
                faults.append(f"{artifact.name} has been changed")
        return tuple(faults)

    def verify_chain(self) -> tuple[str, ...]:
        """Walk the farm's chain of manifests; return what is wrong, in words."""
        return tuple(str(fault) for fault in self.store.ledger.verify(self.scope.farm_id))

    def reproduce(self, run_id: str, execution: Execution | None = None) -> bool:
        """Simulate a run again from its own configuration; tell whether the result has the same bytes."""
        config = json.loads(self.artifact(run_id, "config.json"))
        payload = parse_scenario({**config["scenario"], "seed": config["seed"]})
        dataset = self.store.datasets.rows.get(self.scope, self.get(run_id).dataset_id)
        forecast = make_forecast(
            self.store.datasets.load(dataset),
            to_scenario(payload),
            payload.mc_runs,
            payload.seed,
            execution,
        )
        return forecast_json(replace(forecast, timing={})).encode() == self.artifact(run_id, "result.json")
