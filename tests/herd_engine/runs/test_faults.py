"""What goes wrong around a run: disks, object stores, busy or killed runners, people who act at once."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import sqlalchemy as sa

from herd_engine.errors import StorageError
from herd_engine.execution.cluster import ClusterSettings, open_cluster
from herd_engine.execution.lost_runs import LostRuns
from herd_engine.execution.runner import Runner
from herd_engine.execution.timing import Timing
from herd_engine.model.run_status import RunStatus
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.store import Store, StoreSettings
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.tables import run as run_table
from tests.herd_engine.runs.conftest import (
    PATIENCE_SECONDS,
    PAYLOAD,
    Background,
    before_calibration,
    fill,
    has_ended,
    wait_for,
    wait_until,
    work,
    worker_process,
)
from tests.herd_engine.storage.disks import make_read_only

TINY = {"horizon_months": 1, "mc_runs": 1}


def grow_silent(kept: KeptRuns, run_id: str, seconds: float) -> None:
    """Let the last sign of life of a running run be so old."""
    moment = datetime.now(UTC) - timedelta(seconds=seconds)
    with kept.store.database.transaction() as connection:
        connection.execute(sa.update(run_table).where(run_table.c.id == run_id).values(heartbeat_at=moment))


def assert_left_nothing(kept: KeptRuns, run_id: str) -> None:
    assert kept.store.files.list(f"runs/{run_id}") == ()
    assert kept.store.artifacts.list_artifacts(kept.scope, run_id) == ()
    assert run_id not in [entry.run_id for entry in kept.store.ledger.entries(kept.scope.farm_id)]


class HookedFiles:
    """A file store that calls a function before it writes a file."""

    def __init__(self, files: Any, before_put: Callable[[str], None]) -> None:
        self._files, self._before_put = files, before_put

    def put(self, key: str, data: bytes) -> None:
        self._before_put(key)
        self._files.put(key, data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._files, name)


def before_put(kept: KeptRuns, key: str, act: Callable[[], object]) -> None:
    """Let something happen just before a file is written."""
    kept.store.files = HookedFiles(kept.store.files, lambda put: act() if put == key else None)


# Disks and object stores


def test_a_full_disk_fails_the_run_clearly_and_with_space_it_succeeds(
    on_tiny_disk: KeptRuns, tiny_disk: Path, farm_file: bytes
) -> None:
    kept = on_tiny_disk
    dataset = kept.add_dataset(farm_file, "farm.csv")
    run = kept.submit(dataset.id, PAYLOAD).run
    filler = fill(tiny_disk, but=8192)

    work(kept)

    row = kept.get(run.id)
    assert (row.status, row.error_code) == (RunStatus.FAILED, "STORAGE_UNAVAILABLE")
    assert "No space left on device" in str(row.error_params)
    assert_left_nothing(kept, run.id)
    filler.unlink()
    again = kept.submit(dataset.id, PAYLOAD).run
    work(kept)
    assert kept.get(again.id).status is RunStatus.SUCCEEDED
    assert kept.verify(again.id) == ()


def test_a_read_only_file_store_fails_the_run_clearly(
    on_tiny_disk: KeptRuns, tiny_disk: Path, farm_file: bytes
) -> None:
    kept = on_tiny_disk
    run = kept.submit(kept.add_dataset(farm_file, "farm.csv").id, PAYLOAD).run
    make_read_only(tiny_disk)

    work(kept)

    row = kept.get(run.id)
    assert (row.status, row.error_code) == (RunStatus.FAILED, "STORAGE_UNAVAILABLE")
    assert "Read-only file system" in str(row.error_params)
    assert_left_nothing(kept, run.id)


@pytest.mark.slow
@pytest.mark.parametrize("settings", ["sqlite and folder"], indirect=True)
def test_a_worker_whose_database_cannot_be_written_says_so_and_ends(
    settings: StoreSettings, tiny_disk: Path, farm_file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tiny_disk / 'herd.sqlite'}"
    (tiny_disk / "herd.sqlite").write_bytes((settings.home / "herd.sqlite").read_bytes())
    monkeypatch.setenv("HERD_DATABASE_URL", url)
    kept = KeptRuns(Store(replace(settings, database_url=url)), "tester")
    run = kept.submit(kept.add_dataset(farm_file, "farm.csv").id, PAYLOAD).run
    filler = fill(tiny_disk)

    with worker_process("--until-idle") as process:
        _, told = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 2
    assert b"database or disk is full" in told
    assert b"Traceback" not in told
    filler.unlink()
    with worker_process("--until-idle") as process:
        process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0
    assert kept.get(run.id).status is RunStatus.SUCCEEDED
    kept.close()


@pytest.mark.parametrize("settings", ["postgresql and s3"], indirect=True)
@pytest.mark.parametrize("file", ["animals.parquet", "manifest.json"])
def test_an_object_store_that_is_away_fails_the_run_clearly(
    kept: KeptRuns, dataset: DatasetRow, settings: StoreSettings, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    with monkeypatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        environment.setenv("AWS_MAX_ATTEMPTS", "1")
        away = KeptRuns(Store(settings), "tester")
        if file == "manifest.json":
            there, store = kept.store.files, away.store
            away.store.datasets._files = there
            gone = store.files
            store.files = HookedFiles(
                there, lambda key: gone.put(key, b"") if key == f"runs/{run.id}/{file}" else None
            )
        work(away)
        away.close()

    row = kept.get(run.id)
    assert (row.status, row.error_code) == (RunStatus.FAILED, "STORAGE_UNAVAILABLE")
    assert "Could not connect" in str(row.error_params)
    assert_left_nothing(kept, run.id)
    again = kept.submit(dataset.id, PAYLOAD).run
    work(kept)
    assert kept.get(again.id).status is RunStatus.SUCCEEDED


# Signs of life


@pytest.mark.parametrize("stage", ["calibrating", "publishing"])
def test_a_runner_that_is_busy_for_long_stays_alive(
    kept: KeptRuns, dataset: DatasetRow, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    seen: set[datetime] = set()

    def be_busy() -> None:
        def three_more_signs() -> bool:
            seen.add(kept.get(run.id).heartbeat_at)
            return len(seen) > 3

        wait_until(three_more_signs)

    if stage == "calibrating":
        before_calibration(monkeypatch, be_busy)
    else:
        before_put(kept, f"runs/{run.id}/result.json", be_busy)

    work(kept, timing=Timing(beat=0.02))

    assert kept.get(run.id).status is RunStatus.SUCCEEDED


def test_a_run_that_is_silent_for_a_minute_is_taken_up_again_and_one_of_55_s_is_not(
    kept: KeptRuns, dataset: DatasetRow
) -> None:
    silent, lost = (kept.submit(dataset.id, TINY | {"seed": seed}).run for seed in range(2))
    for _ in range(2):
        kept.store.runs.claim("a worker that died")
    kept.store.files.put(f"runs/{lost.id}/config.json", b"of a runner killed while it published")
    grow_silent(kept, silent.id, 55)
    grow_silent(kept, lost.id, 61)
    assert [row.status for row in kept.list_runs().items] == [RunStatus.RUNNING] * 2

    work(kept)

    assert kept.get(silent.id).status is RunStatus.RUNNING
    assert (kept.get(lost.id).status, kept.get(lost.id).attempt) == (RunStatus.SUCCEEDED, 2)
    assert kept.verify(lost.id) == ()


def test_after_an_outage_a_run_seems_silent_until_its_runner_is_heard_again(
    kept: KeptRuns, dataset: DatasetRow
) -> None:
    """Nobody could be heard while the database was away: silence counts from when somebody looks."""
    heard, lost = (kept.submit(dataset.id, TINY | {"seed": seed}).run for seed in range(2))
    for worker in ("alive", "dead"):
        kept.store.runs.claim(worker)
    grow_silent(kept, heard.id, 300)
    grow_silent(kept, lost.id, 300)
    look = LostRuns(kept.store, Timing(look_for_lost=0.0, confirm=0.5))

    look.take_up()
    kept.store.runs.heartbeat(heard.id, "alive")
    Event().wait(0.6)
    look.take_up()

    assert kept.get(heard.id).status is RunStatus.RUNNING
    assert kept.get(lost.id).status is RunStatus.QUEUED


def test_a_late_runner_revives_nothing_and_goes_on_with_the_next_run(
    kept: KeptRuns, dataset: DatasetRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = kept.submit(dataset.id, PAYLOAD).run
    following = kept.submit(dataset.id, PAYLOAD | {"seed": 6}).run

    def be_late() -> None:
        if kept.get(late.id).status is RunStatus.RUNNING:
            grow_silent(kept, late.id, 61)
            kept.store.runs.take_up(kept.store.runs.silent(60.0))
            kept.cancel(late.id)

    before_put(kept, f"runs/{late.id}/manifest.json", be_late)

    assert work(kept) == 2

    assert kept.get(late.id).status is RunStatus.CANCELED
    assert_left_nothing(kept, late.id)
    assert kept.get(following.id).status is RunStatus.SUCCEEDED


def test_a_late_runner_leaves_the_run_to_the_one_that_took_it_up(
    kept: KeptRuns, dataset: DatasetRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    attempts: list[int] = []

    def be_late() -> None:
        attempts.append(kept.get(run.id).attempt)
        if attempts == [1]:
            grow_silent(kept, run.id, 61)
            kept.store.runs.take_up(kept.store.runs.silent(60.0))

    before_calibration(monkeypatch, be_late)

    assert work(kept) == 2
    assert attempts == [1, 2]
    assert kept.get(run.id).status is RunStatus.SUCCEEDED
    assert kept.verify(run.id) == ()


def test_a_limit_is_kept_while_the_runner_itself_is_busy(
    kept: KeptRuns, dataset: DatasetRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = kept.submit(dataset.id, PAYLOAD, timeout_seconds=0.2).run
    before_calibration(monkeypatch, lambda: wait_for(kept, run.id, has_ended))

    work(kept)

    row = kept.get(run.id)
    assert (row.status, row.error_code) == (RunStatus.TIMEOUT, "TIMEOUT")
    assert_left_nothing(kept, run.id)


def test_a_run_whose_runner_is_stopped_is_given_back_twice_and_then_fails(
    kept: KeptRuns, dataset: DatasetRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run

    def be_stopped() -> None:
        raise SystemExit(143)

    before_calibration(monkeypatch, be_stopped)
    for attempt in (1, 2):
        with pytest.raises(SystemExit):
            work(kept)
        assert (kept.get(run.id).status, kept.get(run.id).attempt) == (RunStatus.QUEUED, attempt + 1)

    with pytest.raises(SystemExit):
        work(kept)
    assert (kept.get(run.id).status, kept.get(run.id).error_code) == (RunStatus.FAILED, "WORKER_STOPPED")


def test_a_run_that_was_canceled_when_its_runner_is_stopped_is_canceled(
    kept: KeptRuns, dataset: DatasetRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run

    def be_stopped() -> None:
        kept.cancel(run.id)
        raise SystemExit(143)

    before_calibration(monkeypatch, be_stopped)

    with pytest.raises(SystemExit):
        work(kept)

    assert kept.get(run.id).status is RunStatus.CANCELED


# Cancel and publish


@pytest.mark.parametrize("file", ["config.json", "result.json", "manifest.json"])
def test_a_cancel_while_files_are_written_wins(kept: KeptRuns, dataset: DatasetRow, file: str) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    before_put(kept, f"runs/{run.id}/{file}", lambda: kept.cancel(run.id))

    work(kept)

    assert kept.get(run.id).status is RunStatus.CANCELED
    assert_left_nothing(kept, run.id)


def test_a_cancel_after_the_run_was_published_changes_nothing(
    kept: KeptRuns, dataset: DatasetRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    publish = kept.store.runs.publish

    def publish_and_cancel(*arguments: Any) -> bool:
        was_published = publish(*arguments)
        kept.cancel(run.id)
        return was_published

    monkeypatch.setattr(kept.store.runs, "publish", publish_and_cancel)

    work(kept)

    assert kept.get(run.id).status is RunStatus.SUCCEEDED
    assert kept.verify(run.id) == ()


def test_a_run_canceled_at_any_moment_is_either_published_or_canceled(
    kept: KeptRuns, dataset: DatasetRow
) -> None:
    stop = Event()
    with open_cluster(ClusterSettings(workers=1)) as cluster:
        worker = Background(lambda: Runner(kept.store, cluster).work(stop))
        for attempt in range(12):
            run = kept.submit(dataset.id, TINY | {"seed": attempt}).run
            wait_for(kept, run.id, lambda row: row.status is not RunStatus.QUEUED)
            Event().wait(attempt * 0.01)  # another moment each time; any is right
            kept.cancel(run.id)
            row = wait_for(kept, run.id, has_ended)

            assert row.status in {RunStatus.CANCELED, RunStatus.SUCCEEDED}
            if row.status is RunStatus.SUCCEEDED:
                assert kept.verify(run.id) == ()
            else:
                wait_until(lambda run_id=run.id: kept.store.files.list(f"runs/{run_id}") == ())
                assert_left_nothing(kept, run.id)
        stop.set()
        worker.join()
    assert kept.verify_chain() == ()


# Several at once


@pytest.mark.slow
def test_two_runners_execute_each_of_200_runs_once(
    settings: StoreSettings, farm_file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = str(settings.home / "files")  # a thousand small files would only show how slow S3 is
    monkeypatch.setenv("HERD_STORAGE_URL", folder)
    kept = KeptRuns(Store(replace(settings, storage_url=folder)), "tester")
    dataset = kept.add_dataset(farm_file, "farm.csv")
    ids = [kept.submit(dataset.id, TINY | {"seed": seed}).run.id for seed in range(200)]
    with ExitStack() as stack:
        workers = [stack.enter_context(worker_process("--until-idle", "--threads", "1")) for _ in range(2)]
        for worker in workers:
            worker.communicate(timeout=300)
            assert worker.returncode == 0

    executed = Counter()
    for run_id in ids:
        events = kept.events(run_id)
        types = Counter(event.type for event in events)
        assert (types["queued"], types["running"], types["succeeded"]) == (1, 1, 1)
        executed[next(event.data["worker"] for event in events if event.type == "running")] += 1
    assert len(executed) == 2
    assert executed.total() == 200
    assert kept.verify_chain() == ()
    kept.close()


def test_bytes_uploaded_while_their_dataset_is_deleted_stay(
    kept: KeptRuns, dataset: DatasetRow, farm_file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upload has written its files when the dataset goes, with them; then it adds its row."""
    rows = kept.store.datasets.rows
    add = rows.add

    def delete_and_add(*arguments: Any) -> Any:
        kept.catalog.datasets.delete(dataset.id)
        assert kept.store.files.list("datasets") == ()
        return add(*arguments)

    monkeypatch.setattr(rows, "add", delete_and_add)

    new = kept.add_dataset(farm_file, "farm.csv")

    assert new.id != dataset.id
    assert kept.store.files.get(f"datasets/{new.sha256}/original") == farm_file
    assert kept.store.datasets.load(new).n_rows == new.n_rows


def test_bytes_uploaded_by_another_farm_while_their_files_are_deleted_stay(
    kept: KeptRuns, dataset: DatasetRow, farm_file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deletion has found no other dataset of these bytes when another farm uploads them."""
    kept.catalog.farms.add("North")
    north = KeptRuns(kept.store, "tester", "north")
    files = kept.store.datasets._files
    delete_prefix, uploads = files.delete_prefix, []

    def upload_and_delete(prefix: str) -> None:
        uploads.append(Background(lambda: north.add_dataset(farm_file, "theirs.csv")))
        # It must wait for the deletion; one that does not would be done within this time.
        assert not uploads[0].is_done_within(1.0)
        delete_prefix(prefix)

    monkeypatch.setattr(files, "delete_prefix", upload_and_delete)

    kept.catalog.datasets.delete(dataset.id)
    uploads[0].join()

    (theirs,) = north.catalog.datasets.list().items
    assert kept.store.datasets.load(theirs).n_rows == theirs.n_rows
    assert kept.store.files.get(f"datasets/{theirs.sha256}/original") == farm_file


def test_a_dataset_whose_files_cannot_be_deleted_stays(
    kept: KeptRuns, dataset: DatasetRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(prefix: str) -> None:
        raise StorageError(prefix, "the disk is read-only")

    with monkeypatch.context() as refusing:
        refusing.setattr(kept.store.datasets._files, "delete_prefix", refuse)
        with pytest.raises(StorageError, match="read-only"):
            kept.catalog.datasets.delete(dataset.id)
    assert kept.catalog.datasets.get(dataset.id) == dataset

    kept.catalog.datasets.delete(dataset.id)
    assert kept.catalog.datasets.list().items == ()
