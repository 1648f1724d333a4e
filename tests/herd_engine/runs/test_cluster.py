"""Clusters of real processes: attached to, lost, killed, hanging, of another version."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import dask
import pytest

from herd_engine.errors import ClusterError
from herd_engine.execution import batches, cluster
from herd_engine.execution.cluster import ClusterSettings, open_cluster, settings_from_environment
from herd_engine.execution.runner import Runner
from herd_engine.execution.timing import Timing
from herd_engine.model.run_status import RunStatus
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.run_rows import Heartbeat, Progress
from tests.herd_engine.runs.conftest import (
    PAYLOAD,
    Background,
    has_ended,
    has_progress,
    wait_for,
    wait_until,
    work,
)
from tests.herd_engine.runs.dask_programs import BAD_BATCHES, FAILS, HANGS, KILLS, OTHER_VERSION, DaskPrograms

pytestmark = pytest.mark.slow
on_one_store = pytest.mark.parametrize("settings", ["sqlite and folder"], indirect=True)
"""What concerns Dask alone."""

SECONDS_LONG = PAYLOAD | {"mc_runs": 20_000, "horizon_months": 120}


QUICK = Timing(retry=0.1, connect_again=0.1)


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1.0)
    monkeypatch.setattr(cluster, "END_SECONDS", 1.0)
    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 2.0)


@pytest.fixture
def bad_batches(tmp_path: Path) -> Iterator[None]:
    """Let the processes of local clusters hang or die for some seeds."""
    script = tmp_path / "bad_batches.py"
    script.write_text(BAD_BATCHES)
    with dask.config.set({"distributed.worker.preload": [str(script)]}):
        yield


@pytest.fixture
def working(kept: KeptRuns) -> Iterator[Callable[..., Background]]:
    """Start a runner in a thread, which goes on until the test ends."""
    stop, started = Event(), []

    def go_on(settings: ClusterSettings, timing: Timing) -> None:
        with open_cluster(settings) as opened:
            Runner(kept.store, opened, timing=timing).work(stop)

    def start(settings: ClusterSettings, timing: Timing = QUICK) -> Background:
        started.append(Background(lambda: go_on(settings, timing)))
        return started[-1]

    yield start
    stop.set()
    for each in started:
        each.join()


def test_an_existing_cluster_gives_the_same_bytes_by_address_and_by_file(
    kept: KeptRuns, dataset: DatasetRow, dask_programs: DaskPrograms, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = kept.submit(dataset.id, PAYLOAD).run.id
    work(kept, ClusterSettings(workers=1))
    monkeypatch.setattr(batches, "SHORT_SECONDS", 1e-4)
    monkeypatch.setattr(batches, "LONG_SECONDS", 1e-4)
    for variable, place in (
        ("HERD_DASK_ADDRESS", dask_programs.address),
        ("HERD_DASK_SCHEDULER_FILE", str(dask_programs.scheduler_file)),
    ):
        with monkeypatch.context() as environment:
            environment.setenv(variable, place)
            settings = settings_from_environment(1)
        run = kept.submit(dataset.id, PAYLOAD, force=True).run.id

        with open_cluster(settings) as opened:
            assert len(opened.workers) == opened.n_threads == 2
            Runner(kept.store, opened).work(Event(), until_idle=True)

        assert kept.get(run).content_hash == kept.get(alone).content_hash


@on_one_store
def test_a_killed_worker_of_an_existing_cluster_does_not_change_the_result(
    kept: KeptRuns, dataset: DatasetRow, dask_programs: DaskPrograms
) -> None:
    run = kept.submit(dataset.id, SECONDS_LONG).run
    worker = Background(lambda: work(kept, ClusterSettings(address=dask_programs.address)))
    wait_for(kept, run.id, has_progress)

    os.kill(dask_programs.worker_pids()[0], signal.SIGKILL)
    worker.join()

    assert (kept.get(run.id).status, kept.get(run.id).attempt) == (RunStatus.SUCCEEDED, 1)
    assert kept.reproduce(run.id) == ()


def test_workers_of_another_version_are_refused(own_dask_programs: DaskPrograms) -> None:
    own_dask_programs.start_scheduler()
    own_dask_programs.start_workers(1, preload=OTHER_VERSION)

    with (
        open_cluster(ClusterSettings(address=own_dask_programs.address)) as opened,
        pytest.raises(ClusterError, match=r"another version than .* of this package \(tcp://.*: 0\.0\.1\)"),
    ):
        opened.connect()


def test_a_scheduler_without_workers_is_refused(own_dask_programs: DaskPrograms, quick_retries: None) -> None:
    own_dask_programs.start_scheduler()

    with (
        open_cluster(ClusterSettings(address=own_dask_programs.address)) as opened,
        pytest.raises(ClusterError, match="has no workers"),
    ):
        opened.connect()


@on_one_store
def test_a_worker_of_another_version_that_joins_later_computes_nothing(
    kept: KeptRuns,
    dataset: DatasetRow,
    own_dask_programs: DaskPrograms,
    quick_retries: None,
) -> None:
    own_dask_programs.start_scheduler()
    own_dask_programs.start_workers(1)
    with open_cluster(ClusterSettings(address=own_dask_programs.address)) as opened:
        opened.connect()
        own_dask_programs.start_workers(1, preload=OTHER_VERSION)
        run = kept.submit(dataset.id, SECONDS_LONG).run

        Runner(kept.store, opened).work(Event(), until_idle=True)

    row = kept.get(run.id)
    assert (row.status, row.error_code) == (RunStatus.FAILED, "CLUSTER_UNAVAILABLE")
    assert "0.0.1" in str(row.error_params)


@on_one_store
def test_a_run_is_tried_again_when_its_scheduler_comes_back(
    kept: KeptRuns,
    dataset: DatasetRow,
    own_dask_programs: DaskPrograms,
    working: Callable[..., Background],
) -> None:
    own_dask_programs.start_scheduler()
    own_dask_programs.start_workers(2)
    run = kept.submit(dataset.id, SECONDS_LONG).run
    working(ClusterSettings(address=own_dask_programs.address), Timing(retry=2.0, connect_again=0.1))
    wait_for(kept, run.id, has_progress)

    own_dask_programs.kill_scheduler()
    own_dask_programs.kill_workers()
    wait_for(kept, run.id, lambda row: row.attempt == 2)
    own_dask_programs.start_scheduler()
    own_dask_programs.start_workers(1)
    row = wait_for(kept, run.id, has_ended)

    assert row.status is RunStatus.SUCCEEDED
    assert "retry" in [event.type for event in kept.events(run.id)]
    assert kept.reproduce(run.id) == ()


@on_one_store
def test_a_run_whose_scheduler_stays_away_waits_for_it_as_the_next_does(
    kept: KeptRuns,
    dataset: DatasetRow,
    own_dask_programs: DaskPrograms,
    working: Callable[..., Background],
    quick_retries: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    own_dask_programs.start_scheduler()
    own_dask_programs.start_workers(1)
    first = kept.submit(dataset.id, SECONDS_LONG).run
    following = kept.submit(dataset.id, PAYLOAD).run
    working(ClusterSettings(address=own_dask_programs.address))
    wait_for(kept, first.id, has_progress)

    own_dask_programs.kill_scheduler()
    own_dask_programs.kill_workers()
    wait_until(lambda: f"no Dask scheduler answers at {own_dask_programs.address}" in caplog.text)

    assert (kept.get(first.id).status, kept.get(first.id).attempt) == (RunStatus.RUNNING, 2)
    assert kept.get(following.id).status is RunStatus.QUEUED
    own_dask_programs.start_scheduler()
    own_dask_programs.start_workers(1)
    assert wait_for(kept, first.id, has_ended).status is RunStatus.SUCCEEDED
    assert wait_for(kept, following.id, has_ended).status is RunStatus.SUCCEEDED


@on_one_store
def test_a_runner_that_starts_before_its_scheduler_says_so_and_waits(
    kept: KeptRuns,
    dataset: DatasetRow,
    own_dask_programs: DaskPrograms,
    working: Callable[..., Background],
    quick_retries: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    working(ClusterSettings(address=own_dask_programs.address))
    wait_until(lambda: "Waiting: no Dask scheduler answers" in caplog.text)
    assert kept.get(run.id).status is RunStatus.QUEUED

    own_dask_programs.start_scheduler()
    own_dask_programs.start_workers(1)

    assert wait_for(kept, run.id, has_ended).status is RunStatus.SUCCEEDED


@on_one_store
def test_a_batch_that_kills_workers_fails_its_run_and_the_next_goes_on(
    kept: KeptRuns, dataset: DatasetRow, bad_batches: None
) -> None:
    killing = kept.submit(dataset.id, PAYLOAD | {"seed": KILLS}).run
    following = kept.submit(dataset.id, PAYLOAD).run

    assert work(kept, ClusterSettings(workers=2, processes=True)) == 2

    row = kept.get(killing.id)
    assert (row.status, row.error_code) == (RunStatus.FAILED, "BATCH_FAILED")
    assert "it ended several workers" in str(row.error_params)
    assert kept.get(following.id).status is RunStatus.SUCCEEDED


@on_one_store
def test_a_batch_that_cannot_be_simulated_fails_its_run_with_the_reason(
    kept: KeptRuns, dataset: DatasetRow, bad_batches: None
) -> None:
    run = kept.submit(dataset.id, PAYLOAD | {"seed": FAILS}).run

    work(kept, ClusterSettings(workers=1, processes=True))

    row = kept.get(run.id)
    assert (row.status, row.error_code) == (RunStatus.FAILED, "BATCH_FAILED")
    assert "RecursionError" in str(row.error_params)


@on_one_store
def test_a_batch_that_hangs_in_a_process_is_killed_at_the_limit_of_its_run(
    kept: KeptRuns, dataset: DatasetRow, bad_batches: None, quick_retries: None
) -> None:
    hanging = kept.submit(dataset.id, PAYLOAD | {"seed": HANGS}, timeout_seconds=2).run
    following = kept.submit(dataset.id, PAYLOAD).run
    with open_cluster(ClusterSettings(workers=1, processes=True)) as opened:
        (before,) = opened.connect().run(os.getpid).values()

        Runner(kept.store, opened).work(Event(), until_idle=True)

        assert before not in opened.connect().run(os.getpid).values()
    assert kept.get(hanging.id).status is RunStatus.TIMEOUT
    assert kept.get(following.id).status is RunStatus.SUCCEEDED


@on_one_store
def test_a_canceled_run_whose_batch_hangs_is_ended_on_an_existing_cluster(
    kept: KeptRuns, dataset: DatasetRow, dask_programs: DaskPrograms, quick_retries: None
) -> None:
    hanging = kept.submit(dataset.id, PAYLOAD | {"seed": HANGS}).run
    following = kept.submit(dataset.id, PAYLOAD).run
    worker = Background(lambda: work(kept, ClusterSettings(address=dask_programs.address)))
    wait_for(kept, hanging.id, lambda row: row.progress is not None)

    kept.cancel(hanging.id)
    worker.join()

    assert kept.get(hanging.id).status is RunStatus.CANCELED
    assert kept.get(following.id).status is RunStatus.SUCCEEDED


@on_one_store
def test_a_batch_that_hangs_without_a_nanny_ends_with_its_worker_and_the_others_go_on(
    kept: KeptRuns,
    dataset: DatasetRow,
    own_dask_programs: DaskPrograms,
    quick_retries: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    own_dask_programs.start_scheduler()
    own_dask_programs.start_workers(1, preload=BAD_BATCHES, nanny=False)
    hanging = kept.submit(dataset.id, PAYLOAD | {"seed": HANGS}, timeout_seconds=2).run
    following = kept.submit(dataset.id, PAYLOAD).run
    worker = Background(lambda: work(kept, ClusterSettings(address=own_dask_programs.address)))
    wait_for(kept, hanging.id, has_ended)
    wait_until(lambda: own_dask_programs.n_workers() == 0)
    assert "which no nanny starts again: start it by hand" in caplog.text

    own_dask_programs.start_workers(1)
    worker.join()

    assert kept.get(hanging.id).status is RunStatus.TIMEOUT
    assert kept.get(following.id).status is RunStatus.SUCCEEDED


@on_one_store
def test_workers_that_hang_altogether_are_killed_at_the_limit_of_their_run(
    kept: KeptRuns,
    dataset: DatasetRow,
    dask_programs: DaskPrograms,
    quick_retries: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stopped = kept.submit(dataset.id, SECONDS_LONG, timeout_seconds=15).run
    following = kept.submit(dataset.id, PAYLOAD).run
    pids = dask_programs.worker_pids()

    report_progress = kept.store.runs.report_progress

    def stop_workers_and_report(run_id: str, worker: str, progress: Progress) -> Heartbeat:
        if run_id == stopped.id and progress.completed_runs:
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
        return report_progress(run_id, worker, progress)

    monkeypatch.setattr(kept.store.runs, "report_progress", stop_workers_and_report)

    assert work(kept, ClusterSettings(address=dask_programs.address)) == 2

    assert kept.get(stopped.id).status is RunStatus.TIMEOUT
    assert kept.get(following.id).status is RunStatus.SUCCEEDED


def test_a_batch_that_hangs_in_a_thread_is_left_behind_at_the_limit_of_its_run(
    kept: KeptRuns, dataset: DatasetRow, quick_retries: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, simulate_batch = threading.Event(), cluster.simulate_batch

    def simulate_badly(inputs, seed, batch):
        if seed == HANGS:
            release.wait()
        return simulate_batch(inputs, seed, batch)

    monkeypatch.setattr(cluster, "simulate_batch", simulate_badly)
    hanging = kept.submit(dataset.id, PAYLOAD | {"seed": HANGS}, timeout_seconds=1).run
    following = kept.submit(dataset.id, PAYLOAD).run
    try:
        assert work(kept, ClusterSettings(workers=1)) == 2
        assert not release.is_set()
    finally:
        release.set()

    assert kept.get(hanging.id).status is RunStatus.TIMEOUT
    assert kept.get(following.id).status is RunStatus.SUCCEEDED
