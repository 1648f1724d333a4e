"""The runner: claims runs, simulates them on Dask, and publishes what came out, or says why nothing did.

A process of its own (`herd worker`). Nothing of a run is visible before one transaction publishes all of
it; what a runner that died has left in the file store belongs to no run and is overwritten or swept.
"""

import json
import os
import socket
import time
import traceback
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Any

import numpy as np

from herd_engine import __version__
from herd_engine.calibration.calibrate import calibrate
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.engine.inputs import prepare
from herd_engine.engine.simulate import check_conservation
from herd_engine.errors import ClusterError, HerdError
from herd_engine.model.forecast import COUNT_COLUMNS, Simulation
from herd_engine.model.scenario import Scenario
from herd_engine.runs.artifacts import content_hash, forecast_artifacts, make_manifest
from herd_engine.runs.batches import batches_of
from herd_engine.runs.cluster import Cluster
from herd_engine.runs.forecast import forecast_of
from herd_engine.runs.store import Store
from herd_engine.scenarios.schema import parse_scenario, to_scenario
from herd_engine.storage.run_rows import ArtifactRow, Outcome, Progress, Published, RunRow, RunStatus
from herd_engine.storage.scope import Scope

LOST_AFTER_SECONDS = 60.0
REPORT_EVERY_SECONDS = 0.25
IDLE_SECONDS = 0.1
RETRY_AFTER_SECONDS = 5.0
PARTIAL_RUNS = 1000
"""Running quantiles are taken of at most so many runs."""


class RunStopped(Exception):  # noqa: N818 - an outcome, not a fault
    """A run ends without a result; ``outcome`` None: it is somebody else's now."""

    def __init__(self, outcome: Outcome | None) -> None:
        super().__init__(outcome)
        self.outcome = outcome


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


class Runner:
    """Executes queued runs, one after the other."""

    def __init__(self, store: Store, cluster: Cluster) -> None:
        self._store, self._cluster = store, cluster
        self.name = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"

    def work(self, stop: Event, *, until_idle: bool = False) -> int:
        """Execute runs until told to stop; return how many were begun.

        Parameters
        ----------
        stop : threading.Event
        until_idle : bool
            Return as soon as nothing is queued.
        """
        begun = 0
        while not stop.is_set():
            self._store.runs.sweep(LOST_AFTER_SECONDS)
            run = self._store.runs.claim(self.name)
            if run is not None:
                begun += 1
                self.execute(run)
            elif until_idle:
                break
            else:
                stop.wait(IDLE_SECONDS)
        return begun

    def execute(self, run: RunRow) -> None:
        """Execute one claimed run to its end, whatever that is."""
        journal = Journal()
        journal.note(f"run {run.id}, attempt {run.attempt}, on {self.name}")
        try:
            self._simulate_and_publish(run, journal)
        except (KeyboardInterrupt, SystemExit):
            self._store.runs.requeue(run.id, self.name)
            raise
        except RunStopped as stopped:
            if stopped.outcome is not None:
                self._store.runs.finish(run.id, self.name, stopped.outcome)
        except ClusterError as error:
            if not self._store.runs.requeue(
                run.id, self.name, delay_seconds=RETRY_AFTER_SECONDS * run.attempt
            ):
                self._fail(run, error.code, str(error))
        except HerdError as error:
            self._fail(run, error.code, str(error))
        except Exception as error:  # noqa: BLE001 - the border: the next run must not suffer
            journal.note(traceback.format_exc())
            self._store.files.put(f"runs/{run.id}/failed.log", journal.text().encode())
            self._fail(run, "INTERNAL_ERROR", f"{type(error).__name__}: {error}. See failed.log of the run.")

    def _fail(self, run: RunRow, code: str, message: str) -> None:
        outcome = Outcome(status=RunStatus.FAILED, error_code=code, error_message=message)
        self._store.runs.finish(run.id, self.name, outcome)

    def _simulate_and_publish(self, run: RunRow, journal: Journal) -> None:
        started = time.perf_counter()
        config = json.loads(run.config)
        payload = parse_scenario({**config["scenario"], "seed": config["seed"]})
        scenario = to_scenario(payload)
        scope = Scope(run.farm_id)
        herd_file = self._store.datasets.load(self._store.datasets.rows.get(scope, run.dataset_id))
        journal.note(f"dataset {herd_file.sha256}, {herd_file.herd.n_animals} animals")
        simulation = self._simulate(run, herd_file, scenario, started)
        simulated = time.perf_counter()
        journal.note(f"{run.runs_total} runs simulated")
        forecast = forecast_of(herd_file, scenario, run.seed, simulation)
        runtime = {
            "engine_version": __version__,
            "worker": self.name,
            "threads": self._cluster.n_threads,
            "attempt": run.attempt,
            "simulation_seconds": simulated - started,
            "total_seconds": time.perf_counter() - started,
        }
        self._publish(run, forecast_artifacts(forecast, config, runtime, journal.text()))

    def _simulate(self, run: RunRow, herd_file: HerdFile, scenario: Scenario, started: float) -> Simulation:
        tables = calibrate(herd_file.records, scenario.mode, scenario.model)
        inputs, capped_out, capped_dry = prepare(herd_file.herd, tables, scenario)
        records = len(inputs.record_day)
        counts = np.zeros((run.runs_total, records, len(COUNT_COLUMNS)), np.int32)
        sums = np.zeros((run.runs_total, records), np.int64)
        finished = np.zeros(run.runs_total, np.bool_)
        reported = 0.0
        name = f"{run.id}-{run.attempt}-{uuid.uuid4().hex[:8]}"
        batches = batches_of(
            run.runs_total, herd_file.herd.n_animals, scenario.horizon_months, self._cluster.n_threads
        )
        for batch in self._cluster.simulate(inputs, run.seed, batches, name):
            if batch is not None:
                part = slice(batch.runs.start, batch.runs.stop)
                counts[part], sums[part], finished[part] = batch.counts, batch.days_in_milk_sum, True
            elapsed = time.perf_counter() - started
            if elapsed - reported >= REPORT_EVERY_SECONDS or finished.all():
                reported = elapsed
                self._report(run, counts, finished, elapsed)
        check_conservation(counts, herd_file.herd.n_animals - capped_out)
        return Simulation(counts=counts, days_in_milk_sum=sums, capped_out=capped_out, capped_dry=capped_dry)

    def _report(self, run: RunRow, counts: Any, finished: Any, elapsed: float) -> None:
        """Tell how far the run is, and hear whether it shall stop."""
        n_finished = int(finished.sum())
        rate = n_finished / elapsed if n_finished else None
        progress = Progress(
            stage="simulate",
            completed_runs=n_finished,
            total_runs=run.runs_total,
            runs_per_second=rate,
            eta_seconds=(run.runs_total - n_finished) / rate if rate else None,
            partial=_running_quantiles(counts[np.flatnonzero(finished)[:PARTIAL_RUNS]]),
        )
        beat = self._store.runs.report_progress(run.id, self.name, progress)
        if not beat.is_mine:
            raise RunStopped(None)
        if beat.cancel_requested:
            raise RunStopped(Outcome(status=RunStatus.CANCELED))
        if run.timeout_seconds is not None and elapsed > run.timeout_seconds:
            message = f"The run took longer than its limit of {run.timeout_seconds:g} s."
            raise RunStopped(Outcome(status=RunStatus.TIMEOUT, error_code="TIMEOUT", error_message=message))

    def _publish(self, run: RunRow, artifacts: list[Any]) -> None:
        manifest = make_manifest(artifacts, run_id=run.id, run_hash=run.run_hash)
        for artifact in (*artifacts, manifest):
            self._store.files.put(f"runs/{run.id}/{artifact.name}", artifact.data)
        rows = tuple(
            ArtifactRow(
                name=artifact.name,
                role=artifact.role,
                sha256=artifact.sha256,
                size=len(artifact.data),
                deterministic=artifact.content_sha256 is not None,
            )
            for artifact in (*artifacts, manifest)
        )
        published = Published(
            manifest_hash=manifest.sha256, content_hash=content_hash(artifacts), artifacts=rows
        )
        if not self._store.runs.publish(run.id, self.name, published):
            self._store.files.delete_prefix(f"runs/{run.id}")
            raise RunStopped(Outcome(status=RunStatus.CANCELED))


def _running_quantiles(counts: Any) -> dict[str, Any] | None:
    """Return the bands of the milking cows as far as they are known."""
    if not len(counts):
        return None
    low, middle, high = np.quantile(counts[:, :, 0], [0.05, 0.5, 0.95], axis=0)
    return {"metric": "milking_count", "p05": low.tolist(), "p50": middle.tolist(), "p95": high.tolist()}
