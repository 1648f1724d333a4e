"""A store of each kind for every test, a small farm in it, and a Dask cluster of processes beside."""

import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from herd_engine.execution import attempt as execution
from herd_engine.execution.cluster import ClusterSettings, open_cluster
from herd_engine.execution.runner import Runner
from herd_engine.execution.timing import DEFAULT, Timing
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.store import Store, StoreSettings
from herd_engine.sample import make_sample
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.run_rows import RunRow
from tests.herd_engine.runs.dask_programs import BAD_BATCHES, DaskPrograms

PAYLOAD = {"horizon_months": 12, "mc_runs": 60, "seed": 5}
LONG = {"horizon_months": 120, "mc_runs": 50_000, "seed": 5}
"""Some ten seconds of work."""
PATIENCE_SECONDS = 300.0


@pytest.fixture(scope="session")
def farm_file() -> bytes:
    return make_sample(animals=200, seed=2).csv


@pytest.fixture(params=["sqlite and folder", "postgresql and s3"])
def settings(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> StoreSettings:
    """Where an empty store of each kind is; other processes are led to it by the environment."""
    home = tmp_path / "home"
    if request.param == "sqlite and folder":
        home.mkdir()
        shutil.copy(request.getfixturevalue("migrated_sqlite"), home / "herd.sqlite")
        database, storage = f"sqlite:///{home / 'herd.sqlite'}", str(home / "files")
    else:
        request.getfixturevalue("s3_server")
        database = request.getfixturevalue("migrated_postgres")()
        storage = f"s3://herd/{uuid.uuid4().hex}"
    monkeypatch.setenv("HERD_HOME", str(home))
    monkeypatch.setenv("HERD_DATABASE_URL", database)
    monkeypatch.setenv("HERD_STORAGE_URL", storage)
    return StoreSettings(home=home, database_url=database, storage_url=storage)


@pytest.fixture
def kept(settings: StoreSettings) -> Iterator[KeptRuns]:
    kept = KeptRuns(Store(settings), "tester")
    yield kept
    kept.close()


@pytest.fixture
def dataset(kept: KeptRuns, farm_file: bytes) -> DatasetRow:
    return kept.add_dataset(farm_file, "farm.csv")


@pytest.fixture(scope="session")
def shared_dask_programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskPrograms]:
    with DaskPrograms(tmp_path_factory.mktemp("dask")) as programs:
        programs.start_scheduler()
        programs.start_workers(2, preload=BAD_BATCHES)
        yield programs


@pytest.fixture
def dask_programs(shared_dask_programs: DaskPrograms) -> DaskPrograms:
    """A scheduler and two workers, for tests after which they are alive, or start again by themselves."""
    shared_dask_programs.wait_for_workers(2)
    return shared_dask_programs


@pytest.fixture
def own_dask_programs(tmp_path: Path) -> Iterator[DaskPrograms]:
    """A scheduler and workers that a test starts and kills as it likes."""
    with DaskPrograms(tmp_path) as programs:
        yield programs


@contextmanager
def worker_process(*options: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `herd worker` on the store of the test; it is killed at the end."""
    command = [sys.executable, "-m", "herd_engine", "worker", *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def work(kept: KeptRuns, settings: ClusterSettings | None = None, timing: Timing = DEFAULT) -> int:
    """Execute all that is queued, in this process; return how many runs were begun."""
    with open_cluster(settings or ClusterSettings(workers=2)) as cluster:
        return Runner(kept.store, cluster, timing=timing).work(Event(), until_idle=True)


@contextmanager
def working(kept: KeptRuns, tell: Callable[[str], None], timing: Timing = DEFAULT) -> Iterator[None]:
    """Let a runner that waits for what is away go on in a thread for the duration of the block."""
    stop = Event()

    def go_on() -> None:
        with open_cluster(ClusterSettings(workers=1)) as cluster:
            Runner(kept.store, cluster, tell, timing).work(stop)

    worker = Background(go_on)
    try:
        yield
    finally:
        stop.set()
        worker.join()


def wait_until(is_so: Callable[[], bool]) -> None:
    """Return as soon as something is so; fail where it never is."""
    for _ in range(int(PATIENCE_SECONDS / 0.05)):
        if is_so():
            return
        Event().wait(0.05)
    pytest.fail("what was waited for never was so")


def wait_for(kept: KeptRuns, run_id: str, is_reached: Callable[[RunRow], bool]) -> RunRow:
    """Return a run as soon as it is as wanted."""
    wait_until(lambda: is_reached(kept.get(run_id)))
    return kept.get(run_id)


def before_calibration(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen in the runner's thread just before it calibrates."""
    calibrate = execution.calibrate

    def act_and_calibrate(*arguments: Any) -> Any:
        act()
        return calibrate(*arguments)

    monkeypatch.setattr(execution, "calibrate", act_and_calibrate)


def has_progress(run: RunRow) -> bool:
    return run.progress is not None and run.progress.completed_runs > 0


def has_ended(run: RunRow) -> bool:
    return not run.status.is_active


class Background:
    """A task in a thread; its error is the test's."""

    def __init__(self, task: Callable[[], object]) -> None:
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, args=(task,), daemon=True)
        self._thread.start()

    def _run(self, task: Callable[[], object]) -> None:
        try:
            task()
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._error = error

    def is_done_within(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def join(self) -> None:
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive()
        if self._error is not None:
            raise self._error


@pytest.fixture
def on_tiny_disk(settings: StoreSettings, tiny_disk: Path) -> Iterator[KeptRuns]:
    """Files on a disk of one megabyte, the database elsewhere."""
    kept = KeptRuns(Store(replace(settings, storage_url=str(tiny_disk))), "tester")
    yield kept
    kept.close()


def fill(disk: Path, but: int = 0) -> Path:
    """Fill a disk but for some bytes; return the file that does so."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            file.truncate(max(0, file.tell() - but))
    return filler
