"""One run from its configuration to its published files."""

import json
import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from herd_engine import __version__
from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.engine.inputs import Inputs, prepare
from herd_engine.engine.simulate import check_conservation
from herd_engine.errors import StorageError
from herd_engine.execution.batches import batches_of
from herd_engine.execution.cluster import Cluster
from herd_engine.execution.heartbeat import RunStopped, Watch
from herd_engine.execution.patience import Patience
from herd_engine.forecasting.forecast import ReplicateCount, forecast_of, replicates_of, simulate_in_stages
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import COUNT_COLUMNS, Simulation, Stability
from herd_engine.model.run_status import RunStatus
from herd_engine.model.scenario import Scenario
from herd_engine.runs.artifacts import Artifact, content_hash, forecast_artifacts, make_manifest
from herd_engine.runs.store import Store
from herd_engine.scenarios.identity import payload_of
from herd_engine.scenarios.schema import parse_scenario, to_scenario
from herd_engine.storage.run_rows import ArtifactRow, Outcome, Progress, Published, RunRow
from herd_engine.storage.scope import Scope

logger = logging.getLogger(__name__)

REPORT_EVERY_SECONDS = 0.25
REPEAT_AFTER_SECONDS = 5.0
"""Progress that has not changed is told again after so long: its rate and its end have."""
PARTIAL_RUNS = 1000
"""Running quantiles are taken of at most so many runs."""


@dataclass(slots=True)
class AttemptLog:
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
    journal : AttemptLog
    patience : Patience
        Whether database and files that are away are waited for.
    """

    store: Store
    cluster: Cluster
    run: RunRow
    worker: str
    watch: Watch
    journal: AttemptLog
    patience: Patience = field(default_factory=Patience)

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
        payload = parse_scenario(payload_of(self.run.config))
        scenario = to_scenario(payload)
        herd_file = self.patience.lasting(self._herd_file, self.watch.wait)
        self.journal.note(f"dataset {herd_file.sha256}, {herd_file.herd.n_animals} animals")
        self.watch.check()
        threads = self.cluster.n_threads
        simulation, stability, progress = self._simulate(herd_file, scenario, replicates_of(payload), threads)
        simulated = time.perf_counter()
        self.journal.note(f"{len(simulation.counts)} runs simulated")
        forecast = forecast_of(herd_file, scenario, self.run.seed, simulation, stability)
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

    def _herd_file(self) -> HerdFile:
        row = self.store.datasets.rows.get(Scope(self.run.farm_id), self.run.dataset_id)
        return self.store.datasets.load(row)

    def _simulate(
        self, herd_file: HerdFile, scenario: Scenario, runs: ReplicateCount, threads: int
    ) -> tuple[Simulation, Stability | None, Progress]:
        tables = calibrate(herd_file.records, scenario.mode, scenario.model)
        inputs, capped_out, capped_dry = prepare(herd_file.herd, tables, scenario)
        self.watch.check()
        tally = _Tally(runs.most, threads)

        def simulate_part(part: range) -> Simulation:
            counts, sums = self._simulate_part(inputs, part, batches(part), tally)
            check_conservation(counts, herd_file.herd.n_animals - capped_out)
            return Simulation(
                counts=counts, days_in_milk_sum=sums, capped_out=capped_out, capped_dry=capped_dry
            )

        def batches(part: range) -> list[range]:
            cut = batches_of(len(part), herd_file.herd.n_animals, scenario.horizon_months, threads)
            return [part[batch.start : batch.stop] for batch in cut]

        simulation, stability = simulate_in_stages(simulate_part, runs, scenario)
        tally.total = len(simulation.counts)
        return simulation, stability, tally.progress()

    def _simulate_part(
        self, inputs: Inputs, runs: range, batches: list[range], tally: "_Tally"
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Simulate consecutive runs on the cluster, tell how far it is, and hear whether it shall stop."""
        records = len(inputs.record_day)
        counts = np.zeros((len(runs), records, len(COUNT_COLUMNS)), np.int32)
        sums = np.zeros((len(runs), records), np.int64)
        name = f"{self.run.id}-{uuid.uuid4().hex[:8]}"
        for batch in self.cluster.simulate(inputs, self.run.seed, batches, name):
            if batch is not None:
                part = slice(batch.runs.start - runs.start, batch.runs.stop - runs.start)
                counts[part], sums[part] = batch.counts, batch.days_in_milk_sum
                tally.add(batch.counts)
            if time.perf_counter() - tally.reported >= REPORT_EVERY_SECONDS:
                if tally.is_news:
                    self._report(tally.progress())
                    tally.told()
                else:
                    self._hear()
                tally.reported = time.perf_counter()  # when it was written, so that none is earlier
            self.watch.check()
        return counts, sums

    def _report(self, progress: Progress) -> None:
        """Tell how far the run is, and hear whether it shall stop; without a database it goes on."""
        self.patience.passing(
            lambda: self.watch.hear(self.store.runs.report_progress(self.run.id, self.worker, progress))
        )

    def _hear(self) -> None:
        """Say that the run goes on, and hear whether it shall stop; nothing is told that is known."""
        self.patience.passing(lambda: self.watch.hear(self.store.runs.heartbeat(self.run.id, self.worker)))

    def _publish(self, artifacts: list[Artifact], progress: Progress) -> None:
        manifest = make_manifest(artifacts, run_id=self.run.id, run_hash=self.run.run_hash)
        files = (*artifacts, manifest)
        published = Published(
            manifest_hash=manifest.sha256,
            content_hash=content_hash(artifacts),
            artifacts=tuple(_row(file) for file in files),
            progress=progress,
        )
        try:
            for file in files:
                self.watch.check()
                self.patience.lasting(self._putting(file), self.watch.wait)
            is_published = self.patience.lasting(self._publishing(published), self.watch.wait)
        except (RunStopped, StorageError):
            self._discard_unless_published(manifest)
            raise
        if not is_published and self._discard_unless_published(manifest):
            raise RunStopped(Outcome(status=RunStatus.CANCELED))

    def _putting(self, file: Artifact) -> Callable[[], None]:
        return lambda: self.store.files.put(f"runs/{self.run.id}/{file.name}", file.data)

    def _publishing(self, published: Published) -> Callable[[], bool]:
        return lambda: self.store.runs.publish(self.run.id, self.worker, published)

    def _discard_unless_published(self, manifest: Artifact) -> bool:
        """Delete files that belong to no result; tell whether that was so.

        A database that goes away while it commits leaves open whether it did.
        """
        scope = Scope(self.run.farm_id)
        try:
            found = self.patience.lasting(lambda: self.store.runs.get(scope, self.run.id))
            if (found.status, found.manifest_hash) == (RunStatus.SUCCEEDED, manifest.sha256):
                return False
            self.store.files.delete_prefix(f"runs/{self.run.id}")
        except StorageError as error:
            logger.warning("Files of run %s, which has no result, are left: %s", self.run.id, error)
        return True


@dataclass(slots=True)
class _Tally:
    """How far the simulation of a run is; running quantiles are of the runs that came back first."""

    total: int
    workers: int
    n_finished: int = 0
    started: float = field(default_factory=time.perf_counter)
    reported: float = field(default_factory=time.perf_counter)
    seen: list[NDArray[np.int32]] = field(default_factory=list)
    n_told: int = -1
    told_at: float = 0.0

    @property
    def is_news(self) -> bool:
        """Whether more is finished than was told, or what was told is old."""
        return self.n_told != self.n_finished or time.perf_counter() - self.told_at >= REPEAT_AFTER_SECONDS

    def told(self) -> None:
        """Remember what was told, and when."""
        self.n_told, self.told_at = self.n_finished, time.perf_counter()

    def add(self, counts: NDArray[np.int32]) -> None:
        room = PARTIAL_RUNS - sum(map(len, self.seen))
        self.n_finished += len(counts)
        if room > 0:
            self.seen.append(counts[:room, :, 0].copy())

    def progress(self) -> Progress:
        elapsed = time.perf_counter() - self.started
        rate = self.n_finished / elapsed if self.n_finished else None
        return Progress(
            stage="simulate",
            completed_runs=self.n_finished,
            total_runs=self.total,
            runs_per_second=rate,
            eta_seconds=(self.total - self.n_finished) / rate if rate else None,
            partial=_running_quantiles(self.seen),
            workers=self.workers,
        )


def _row(file: Artifact) -> ArtifactRow:
    return ArtifactRow(
        name=file.name,
        role=file.role,
        sha256=file.sha256,
        size=len(file.data),
        deterministic=file.content_sha256 is not None,
    )


def _running_quantiles(seen: list[NDArray[np.int32]]) -> dict[str, Any] | None:
    """Return the bands of the milking cows as far as they are known."""
    if not seen:
        return None
    low, middle, high = np.quantile(np.concatenate(seen), [0.05, 0.5, 0.95], axis=0)
    return {"metric": "milking_count", "p05": low.tolist(), "p50": middle.tolist(), "p95": high.tolist()}
