"""One run from its configuration to its published files."""

import json
import logging
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from herd_engine import __version__
from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.engine.inputs import prepare
from herd_engine.engine.simulate import check_conservation
from herd_engine.errors import StorageError
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import COUNT_COLUMNS, Simulation
from herd_engine.model.scenario import Scenario
from herd_engine.runs.artifacts import Artifact, content_hash, forecast_artifacts, make_manifest
from herd_engine.runs.batches import batches_of
from herd_engine.runs.cluster import Cluster
from herd_engine.runs.forecast import forecast_of
from herd_engine.runs.store import Store
from herd_engine.runs.watch import RunStopped, Watch
from herd_engine.scenarios.schema import parse_scenario, to_scenario
from herd_engine.storage.run_rows import ArtifactRow, Outcome, Progress, Published, RunRow, RunStatus
from herd_engine.storage.scope import Scope

logger = logging.getLogger(__name__)

REPORT_EVERY_SECONDS = 0.25
PARTIAL_RUNS = 1000
"""Running quantiles are taken of at most so many runs."""


@dataclass(slots=True)
class Journal:
    """What happened when, for `run.log`."""

    lines: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        """Add a line with the time."""
        self.lines.append(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {text}")

    def text(self) -> str:
        """Return all lines."""
        return "".join(f"{line}\n" for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunExecution:
    """One attempt to execute a run.

    Attributes
    ----------
    store : Store
    cluster : Cluster
    run : RunRow
        Claimed by ``worker``.
    worker : str
    watch : Watch
        Asked between the stages, and whenever progress is told, whether the run shall stop.
    journal : Journal
    """

    store: Store
    cluster: Cluster
    run: RunRow
    worker: str
    watch: Watch
    journal: Journal

    def carry_out(self) -> None:
        """Simulate the run and publish what came out.

        Raises
        ------
        RunStopped
            It shall stop, or is no longer this worker's: nothing was published.
        ClusterError
            The cluster was lost; another attempt may succeed.
        HerdError
        """
        started = time.perf_counter()
        config = json.loads(self.run.config)
        scenario = to_scenario(parse_scenario({**config["scenario"], "seed": config["seed"]}))
        row = self.store.datasets.rows.get(Scope(self.run.farm_id), self.run.dataset_id)
        herd_file = self.store.datasets.load(row)
        self.journal.note(f"dataset {herd_file.sha256}, {herd_file.herd.n_animals} animals")
        self.watch.check()
        threads = self.cluster.n_threads
        simulation, progress = self._simulate(herd_file, scenario, threads)
        simulated = time.perf_counter()
        self.journal.note(f"{self.run.runs_total} runs simulated")
        forecast = forecast_of(herd_file, scenario, self.run.seed, simulation)
        runtime = {
            "engine_version": __version__,
            "worker": self.worker,
            "threads": threads,
            "attempt": self.run.attempt,
            "simulation_seconds": simulated - started,
            "total_seconds": time.perf_counter() - started,
        }
        draws = Draws.of(simulation, forecast.dates)
        self._publish(forecast_artifacts(forecast, draws, config, runtime, self.journal.text()), progress)

    def _simulate(self, herd_file: HerdFile, scenario: Scenario, threads: int) -> tuple[Simulation, Progress]:
        tables = calibrate(herd_file.records, scenario.mode, scenario.model)
        inputs, capped_out, capped_dry = prepare(herd_file.herd, tables, scenario)
        self.watch.check()
        n_runs, n_animals = self.run.runs_total, herd_file.herd.n_animals
        records = len(inputs.record_day)
        counts = np.zeros((n_runs, records, len(COUNT_COLUMNS)), np.int32)
        sums = np.zeros((n_runs, records), np.int64)
        finished = np.zeros(n_runs, np.bool_)
        started = reported = time.perf_counter()
        name = f"{self.run.id}-{uuid.uuid4().hex[:8]}"
        batches = batches_of(n_runs, n_animals, scenario.horizon_months, threads)
        for batch in self.cluster.simulate(inputs, self.run.seed, batches, name):
            if batch is not None:
                part = slice(batch.runs.start, batch.runs.stop)
                counts[part], sums[part], finished[part] = batch.counts, batch.days_in_milk_sum, True
            now = time.perf_counter()
            if now - reported >= REPORT_EVERY_SECONDS:
                self._report(self._progress(counts, finished, now - started, threads))
                reported = time.perf_counter()
            self.watch.check()
        check_conservation(counts, n_animals - capped_out)
        simulation = Simulation(
            counts=counts, days_in_milk_sum=sums, capped_out=capped_out, capped_dry=capped_dry
        )
        return simulation, self._progress(counts, finished, time.perf_counter() - started, threads)

    def _progress(
        self, counts: NDArray[np.int32], finished: NDArray[np.bool_], elapsed: float, threads: int
    ) -> Progress:
        n_finished = int(finished.sum())
        rate = n_finished / elapsed if n_finished else None
        return Progress(
            stage="simulate",
            completed_runs=n_finished,
            total_runs=self.run.runs_total,
            runs_per_second=rate,
            eta_seconds=(self.run.runs_total - n_finished) / rate if rate else None,
            partial=_running_quantiles(counts[np.flatnonzero(finished)[:PARTIAL_RUNS]]),
            workers=threads,
        )

    def _report(self, progress: Progress) -> None:
        """Tell how far the run is, and hear whether it shall stop."""
        self.watch.hear(self.store.runs.report_progress(self.run.id, self.worker, progress))

    def _publish(self, artifacts: list[Artifact], progress: Progress) -> None:
        manifest = make_manifest(artifacts, run_id=self.run.id, run_hash=self.run.run_hash)
        files = (*artifacts, manifest)
        try:
            for file in files:
                self.watch.check()
                self.store.files.put(f"runs/{self.run.id}/{file.name}", file.data)
        except (RunStopped, StorageError):
            self._discard()
            raise
        published = Published(
            manifest_hash=manifest.sha256,
            content_hash=content_hash(artifacts),
            artifacts=tuple(_row(file) for file in files),
            progress=progress,
        )
        if not self.store.runs.publish(self.run.id, self.worker, published):
            self._discard()
            raise RunStopped(Outcome(status=RunStatus.CANCELED))

    def _discard(self) -> None:
        """Delete files that belong to no result."""
        try:
            self.store.files.delete_prefix(f"runs/{self.run.id}")
        except StorageError as error:
            logger.warning("Files of run %s, which has no result, are left: %s", self.run.id, error)


def _row(file: Artifact) -> ArtifactRow:
    return ArtifactRow(
        name=file.name,
        role=file.role,
        sha256=file.sha256,
        size=len(file.data),
        deterministic=file.content_sha256 is not None,
    )


def _running_quantiles(counts: NDArray[np.int32]) -> dict[str, Any] | None:
    """Return the bands of the milking cows as far as they are known."""
    if not len(counts):
        return None
    low, middle, high = np.quantile(counts[:, :, 0], [0.05, 0.5, 0.95], axis=0)
    return {"metric": "milking_count", "p05": low.tolist(), "p50": middle.tolist(), "p95": high.tolist()}
