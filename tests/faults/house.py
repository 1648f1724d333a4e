"""`herd up` with all its parts, on a disk of its own, beside a PostgreSQL that can be taken away."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psutil

from herd_engine.model.run_status import RunStatus
from herd_engine.monitoring.supervision_report import PartReport, PartState, Report, read_report
from herd_engine.operations.status import SystemStatus, status_of
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.store import Store, StoreSettings
from herd_engine.storage.run_rows import RunRow
from tests.herd_engine.operations.conftest import Place
from tests.herd_engine.storage.postgres_server import Server

WITHIN_SECONDS = 60.0
"""Everything works again so long after a cause is gone, on a machine that does nothing else."""
BEFORE_SECONDS = 600.0
LONG = {"mc_runs": 20_000, "horizon_months": 120, "seed": 5}


@dataclass
class House:
    """A place where `herd up` runs.

    Attributes
    ----------
    place : Place
    server : Server or None
        PostgreSQL; where it is None, what is kept is in SQLite.
    """

    place: Place
    server: Server | None
    _process: subprocess.Popen[str] | None = None
    _start_seconds: float = 0.0
    _first: RunRow | None = None
    _runs: list[str] = field(default_factory=list)

    @property
    def settings(self) -> StoreSettings:
        home = StoreSettings.embedded(self.place.home)
        url = home.database_url if self.server is None else self.server.url.format(name="herd")
        return StoreSettings(home=home.home, database_url=url, storage_url=home.storage_url)

    def up(self) -> None:
        """Start everything, and make the run that all others are compared with."""
        begun = time.monotonic()
        self._process = self.place.start("up", "--workers", 2)
        self.wait(lambda: (report := self.report()) is not None and report.is_ready, BEFORE_SECONDS)
        self._start_seconds = time.monotonic() - begun
        self._first = self.ended(self.submit(), BEFORE_SECONDS)

    def down(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.communicate(timeout=120)

    @property
    def within(self) -> float:
        """The time to recover in; where the machine is busy, three times what the start took."""
        return max(WITHIN_SECONDS, 3 * self._start_seconds)

    def report(self) -> Report | None:
        return read_report(self.place.home)

    def part(self, name: str) -> PartReport:
        report = self.report()
        assert report is not None
        return next(part for part in report.parts if part.name == name)

    def status(self) -> SystemStatus:
        return status_of(self.settings)

    def submit(self) -> str:
        kept = self.kept()
        dataset = kept.add_dataset(self.place.farm.read_bytes(), "farm.csv")
        run = kept.submit(dataset.id, LONG, force=True).run
        kept.close()
        self._runs.append(run.id)
        return run.id

    def kept(self) -> KeptRuns:
        return KeptRuns(Store(self.settings), "tester")

    def row(self, run_id: str) -> RunRow:
        kept = self.kept()
        try:
            return kept.get(run_id)
        finally:
            kept.close()

    def under_way(self) -> str:
        """Submit a run and return when some of it is done, not all."""
        run_id = self.submit()
        self.wait(lambda: (done := self.row(run_id).progress) is not None and done.completed_runs > 0, 300.0)
        assert self.row(run_id).status is RunStatus.RUNNING
        return run_id

    def ended(self, run_id: str, seconds: float) -> RunRow:
        self.wait(lambda: not self.row(run_id).status.is_active, seconds)
        return self.row(run_id)

    def wait(self, is_so: Callable[[], object], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > deadline:
                told = json.dumps(self.status().document(), indent=1, default=str)
                raise AssertionError(f"not so within {seconds:.0f} s:\n{told}")
            time.sleep(0.5)

    def assert_well(self, run_id: str) -> None:
        """Everything works, and the run has the bytes that it has where nothing happens."""
        begun = time.monotonic()
        self.wait(lambda: (report := self.report()) is not None and report.is_ready, self.within)
        row = self.ended(run_id, max(self.within - (time.monotonic() - begun), 0) + self.run_seconds)
        assert (row.status, row.error_code) == (RunStatus.SUCCEEDED, None)
        assert self._first is not None
        assert row.content_hash == self._first.content_hash
        kept = self.kept()
        assert [fault for each in self._runs for fault in kept.verify(each)] == []
        assert kept.verify_chain() == ()
        kept.close()
        self.wait(lambda: self.status().is_good, self.within)

    @property
    def run_seconds(self) -> float:
        """What a run takes where nothing happens, twice: the machine may be busier now."""
        assert self._first is not None
        assert self._first.started_at is not None
        assert self._first.finished_at is not None
        return 2 * (self._first.finished_at - self._first.started_at).total_seconds()

    def process_of(self, victim: str) -> psutil.Process:
        """Return the process of a part, or of a Dask worker, which is a child of one."""
        if victim != "dask worker":
            return psutil.Process(self.part(victim).pid)
        children = psutil.Process(self.part("workers").pid).children(recursive=True)
        return next(child for child in children if "spawn_main" in " ".join(child.cmdline()))


def kill(house: House, victim: str) -> None:
    """Kill -9."""
    house.process_of(victim).send_signal(signal.SIGKILL)


def stop(house: House, victim: str) -> None:
    """SIGSTOP; nobody lets it go on. It is found out by itself: its process exists, but does not get on."""
    process = house.process_of(victim)
    process.send_signal(signal.SIGSTOP)
    name = "workers" if victim == "dask worker" else victim
    before = house.part(name)

    def is_found_out() -> bool:
        now = house.part(name)
        return now.state is not PartState.READY or now.pid != before.pid

    house.wait(is_found_out, house.within)
    house.wait(lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, house.within)


def fill_disk(house: House) -> None:
    """Let no byte be free until the runner says that it waits; then let all be."""
    filler = house.place.folder / "filler"
    try:
        with filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(2**16))
    except OSError:
        pass
    house.wait(lambda: not house.status().is_good, house.within)
    house.wait(lambda: "space" in house.part("runner").reason or "full" in house.part("runner").reason, 300.0)
    filler.unlink()


def take_database_away(house: House, seconds: float) -> None:
    """Let the database be gone for a while; meanwhile it is said what is wrong."""
    assert house.server is not None
    house.server.kill()
    until = time.monotonic() + seconds
    house.wait(lambda: house.part("runner").state is PartState.TROUBLED, house.within)
    faults = " ".join(house.status().faults)
    assert "postgresql" in faults
    assert "runner is troubled: it waits:" in faults
    assert house.part("apps").state is PartState.READY
    time.sleep(max(0.0, until - time.monotonic()))
    house.server.start()


def freeze_database(house: House, seconds: float) -> None:
    """Let the database be there, but give no answer for a while."""
    assert house.server is not None
    for process in house.server.processes():
        process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    for process in house.server.processes():
        process.send_signal(signal.SIGCONT)
