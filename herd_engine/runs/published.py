"""What runs published: their files, verified and made again."""

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from herd_engine import __version__
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.engine.kernel.random_numbers import RANDOM_SCHEME
from herd_engine.engine.simulate import Execution
from herd_engine.errors import (
    ConflictError,
    NotFoundError,
)
from herd_engine.exports.document_reader import forecast_from_document
from herd_engine.forecasting.forecast import make_forecast_and_runs, replicates_of
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import Forecast
from herd_engine.model.run_status import RunStatus
from herd_engine.runs.artifacts import MANIFEST, forecast_artifacts, sha256
from herd_engine.runs.draws_file import DRAWS, draws_from_parquet
from herd_engine.runs.reproduction import ChangedFile, changed_file, dataset_name, of_this_version
from herd_engine.runs.runs_of_farm import RunsOfFarm
from herd_engine.scenarios.identity import payload_of
from herd_engine.scenarios.schema import parse_scenario, to_scenario

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class FileFault:
    """A file of a run that is missing, or has been changed since it was published."""

    name: str
    is_missing: bool

    def __str__(self) -> str:
        return f"{self.name} {'is missing' if self.is_missing else 'has been changed'}"


class PublishedRuns(RunsOfFarm):
    """What reads and proves the files of runs that succeeded."""

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
            herd_file, to_scenario(payload), replicates_of(payload), payload.seed, execution
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
