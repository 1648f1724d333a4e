"""Two `herd watch`, the owner of the tasks stopped and let go again: nothing is lost, nothing told twice."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa

from herd_engine.errors import StorageError
from herd_engine.monitoring.watch_tasks import TaskName
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.store import Store, StoreSettings
from herd_engine.storage.database import open_database
from herd_engine.storage.leases import LeaseRow, Leases
from herd_engine.storage.operation_tables import alert_transition, attempt, lease, outbox
from herd_engine.workbench.alerts import Alerts
from tests.herd_engine.monitoring.notifications.conftest import SECRET, Receiver, receiver

__all__ = ["receiver"]
PATIENCE_SECONDS = 300
CHANNELS = """
version: 1
channels:
  - {{id: hub, kind: webhook, url: "{url}", secrets: ["${{HUB_SECRET}}"], allow: [127.0.0.1/32]}}
"""
# `herd watch` as it is, but for its patience: what takes minutes takes seconds.
QUICK = """
import sys
from pathlib import Path
from herd_engine.monitoring import watch
from herd_engine.operations.watching import watch_home
watch.SECONDS = dict.fromkeys(watch.SECONDS, 0.5)
watch.SHORTEST_LEASE = 3.0
watch_home(Path(sys.argv[1]))
"""
AS_IT_IS = """
import sys
from pathlib import Path
from herd_engine.operations.watching import watch_home
watch_home(Path(sys.argv[1]))
"""


class Watches:
    """Two watches of one home, and what they told."""

    def __init__(self, settings: StoreSettings, receiver: Receiver) -> None:
        self.settings, self.receiver = settings, receiver
        self.kept = KeptRuns(Store(settings), "tester")
        self._n_set = 0

    def start(self, program: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "HUB_SECRET": SECRET, "HERD_DATABASE_URL": self.settings.database_url}
        command = [sys.executable, "-c", program, str(self.settings.home)]
        return subprocess.Popen(command, env=environment)

    def owner(self, task: TaskName) -> LeaseRow:
        return next(row for row in Leases(self.kept.store.database).list_leases() if row.name == task)

    def pid(self, task: TaskName) -> int:
        return int(self.owner(task).owner.split(":")[1])

    def set_policy(self) -> None:
        """Watch something more, which holds."""
        self._n_set += 1
        said = {"metric": "disk_free_ratio", "operator": "<", "threshold": 2, "channels": ["hub"]}
        Alerts(self.kept).set_policy({"id": f"p{self._n_set}", **said})

    def told(self) -> Counter[str]:
        """Return what arrived, by policy."""
        bodies = (json.loads(body) for _, body in [*self.receiver.got])
        return Counter(body["data"]["alert"]["policy"] for body in bodies)

    def all_told(self) -> bool:
        """Tell whether everything arrived, and that is written down."""
        with self.kept.store.database.reading() as connection:
            n_sent = connection.execute(sa.select(sa.func.count()).where(outbox.c.state == "SENT")).scalar()
        return len(self.told()) == n_sent == self._n_set

    def stop_between_writes(self, pid: int) -> None:
        """Stop a process that holds no lock: a database bears no writer that never ends."""
        while True:
            os.kill(pid, signal.SIGSTOP)
            try:
                with open_database(self.settings.database_url, 0.5) as database:
                    if not database.is_sqlite:
                        with database.transaction() as connection:
                            connection.execute(sa.text("SET LOCAL lock_timeout = '500ms'"))
                            connection.execute(sa.update(lease).values(epoch=lease.c.epoch))
                    else:
                        with database.transaction():
                            pass
            except (StorageError, sa.exc.OperationalError):
                os.kill(pid, signal.SIGCONT)
                time.sleep(0.1)
            else:
                return


def wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.1)


@pytest.fixture(params=["sqlite", "postgresql"])
def watches(request: pytest.FixtureRequest, tmp_path: Path, receiver: Receiver) -> Iterator[Watches]:
    plain = StoreSettings.embedded(tmp_path / "home")
    url = plain.database_url if request.param == "sqlite" else request.getfixturevalue("migrated_postgres")()
    plain.home.mkdir()
    (plain.home / "channels.yaml").write_text(CHANNELS.format(url=receiver.url), encoding="utf-8")
    settings = StoreSettings(home=plain.home, database_url=url, storage_url=plain.storage_url)
    made = Watches(settings, receiver)
    yield made
    made.kept.close()


def assert_handed_over(watches: Watches, program: str, n_times: int) -> None:
    """Stop the owner, let the other take over, let the first go on; as often as asked."""
    with ExitStack() as stack:
        for _ in range(2):
            process = watches.start(program)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            stack.callback(process.send_signal, signal.SIGCONT)
        watches.set_policy()
        wait(watches.all_told)
        for _ in range(n_times):
            stopped, epoch = watches.pid(TaskName.ALERTS), watches.owner(TaskName.ALERTS).epoch
            watches.stop_between_writes(stopped)
            watches.set_policy()
            watches.set_policy()
            wait(watches.all_told)
            assert watches.owner(TaskName.ALERTS).epoch == epoch + 1
            assert watches.pid(TaskName.ALERTS) != stopped
            os.kill(stopped, signal.SIGCONT)
            watches.set_policy()
            wait(watches.all_told)
    policies = {f"p{number}" for number in range(1, 2 + 3 * n_times)}
    assert watches.told() == Counter(policies)
    with watches.kept.store.database.reading() as connection:
        changes = connection.execute(sa.select(alert_transition.c.policy_id)).scalars().all()
        outcomes = connection.execute(sa.select(attempt.c.outcome)).scalars().all()
    assert Counter(changes) == Counter(policies)
    assert set(outcomes) == {"SENT"}


@pytest.mark.slow
def test_a_stopped_owner_is_followed_by_the_other_and_writes_nothing_late(watches: Watches) -> None:
    assert_handed_over(watches, QUICK, n_times=1)


@pytest.mark.long
def test_a_stopped_owner_is_followed_by_the_other_at_its_own_pace(watches: Watches) -> None:
    assert_handed_over(watches, AS_IT_IS, n_times=2)
