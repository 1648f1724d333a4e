"""Watches of one home as real processes, which tests kill and stop, and what they told."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from herd_engine.errors import StorageError
from herd_engine.monitoring.watch_tasks import TaskName
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.store import Store, StoreSettings
from herd_engine.storage.alerts import AlertRow, AlertTable
from herd_engine.storage.database import open_database
from herd_engine.storage.leases import LeaseRow, Leases
from herd_engine.storage.operation_tables import alert_transition, attempt, lease, outbox
from herd_engine.workbench.alerts import Alerts
from tests.herd_engine.monitoring.notifications.conftest import SECRET, Receiver

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
from herd_engine.storage import attempts, outbox
watch.SECONDS = dict.fromkeys(watch.SECONDS, 0.5)
watch.SHORTEST_LEASE = 3.0
attempts.LEASE_SECONDS = outbox.LEASE_SECONDS = 5
watch_home(Path(sys.argv[1]))
"""
# The same on a machine whose clock is ten minutes ahead: what counts is the database's.
AHEAD = QUICK.replace(
    "watch_home(Path",
    """
import datetime, time
from herd_engine.monitoring.notifications import dispatch
right = time.time
time.time = lambda: right() + 600
class Ahead(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.now(tz) + datetime.timedelta(minutes=10)
dispatch.datetime = Ahead
watch_home(Path""",
)
AS_IT_IS = """
import sys
from pathlib import Path
from herd_engine.operations.watching import watch_home
watch_home(Path(sys.argv[1]))
"""
ALWAYS, NEVER = 2, -1
"""Shares of the disk that are free: less than the one always is, less than the other never."""


class Watches:
    """Two watches of one home, and what they told."""

    def __init__(self, settings: StoreSettings, receiver: Receiver) -> None:
        self.settings, self.receiver = settings, receiver
        self.kept = KeptRuns(Store(settings), "tester")
        self._n_set = self._n_ended = 0
        self._running: list[subprocess.Popen[bytes]] = []
        self._all: list[subprocess.Popen[bytes]] = []

    def start(self, program: str) -> subprocess.Popen[bytes]:
        """Start another watch, which ends with the test."""
        process = self.run("-c", program)
        self._running.append(process)
        return process

    def run(self, *arguments: object) -> subprocess.Popen[bytes]:
        """Start Python with these arguments, and the home after them; it ends with the test."""
        environment = {**os.environ, "HUB_SECRET": SECRET, "HERD_DATABASE_URL": self.settings.database_url}
        command = [sys.executable, *map(str, arguments), str(self.settings.home)]
        process = subprocess.Popen(command, env=environment)
        self._all.append(process)
        return process

    def close(self) -> None:
        for process in self._all:
            process.kill()
            process.wait()
        self.kept.close()

    def owner(self, task: TaskName) -> LeaseRow:
        return next(row for row in Leases(self.kept.store.database).list_leases() if row.name == task)

    def pid(self, task: TaskName) -> int:
        return int(self.owner(task).owner.split(":")[1])

    def set_policy(self) -> None:
        """Watch something more, which holds."""
        self._n_set += 1
        self._set(self._n_set, ALWAYS)

    def end_one(self) -> None:
        """Let the oldest of what is watched hold no more, once it is known that it held."""
        self._n_ended += 1
        wait(lambda: f"p{self._n_ended}" in {alert.policy_id for alert in self._firing()})
        self._set(self._n_ended, NEVER)

    def _firing(self) -> list[AlertRow]:
        rows = AlertTable(self.kept.store.database).list_alerts()
        return [row for row in rows if row.state == "FIRING"]

    def _set(self, number: int, threshold: float) -> None:
        said = {"metric": "disk_free_ratio", "operator": "<", "channels": ["hub"]}
        Alerts(self.kept).set_policy({"id": f"p{number}", "threshold": threshold, **said})

    def told(self) -> Counter[str]:
        """Return what arrived, by policy."""
        bodies = (json.loads(body) for _, body in [*self.receiver.got])
        return Counter(body["data"]["alert"]["policy"] for body in bodies)

    def all_told(self) -> bool:
        """Tell whether everything arrived, and that is written down."""
        with self.kept.store.database.reading() as connection:
            n_sent = connection.execute(sa.select(sa.func.count()).where(outbox.c.state == "SENT")).scalar()
        return len(self.told()) == self._n_set and n_sent == self._n_set + self._n_ended

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

    def strike(self, chance: np.random.Generator) -> str:
        """Kill a watch for good and start another, or let it stand still until others have its tasks.

        Which, how and when is chance's.
        """
        owner = self.pid((TaskName.ALERTS, TaskName.DISPATCH)[chance.integers(2)])
        running = {process.pid: process for process in self._running if process.poll() is None}
        victim = running.get(owner) or [*running.values()][chance.integers(len(running))]
        time.sleep(chance.uniform(0, 1))
        if chance.random() < 0.5:
            victim.kill()
            victim.wait()
            self.start(QUICK)
            return "killed"
        self.stop_between_writes(victim.pid)
        wait(lambda: all(self.pid(task) != victim.pid for task in (TaskName.ALERTS, TaskName.DISPATCH)))
        victim.send_signal(signal.SIGCONT)
        return "stopped"

    def assert_each_told_once(self) -> None:
        """Each beginning and each end of an alert is there, once, and arrived, under one id.

        Of whom a sender was killed after the send and before that was written down, that may arrive again:
        under the same id, and each time there is an attempt of it in the ledger.
        """
        wanted = {(f"p{number + 1}", "FIRING") for number in range(self._n_set)}
        wanted |= {(f"p{number + 1}", "RESOLVED") for number in range(self._n_ended)}
        ids, arrived = defaultdict(set), Counter[str]()
        for headers, body in [*self.receiver.got]:
            event = json.loads(body)
            state = event["type"].removeprefix("alert.").upper()
            ids[event["data"]["alert"]["policy"], state].add(headers["webhook-id"])
            arrived[headers["webhook-id"]] += 1
        assert {each: len(found) for each, found in ids.items()} == dict.fromkeys(wanted, 1)
        with self.kept.store.database.reading() as connection:
            changes = connection.execute(sa.select(alert_transition).order_by(alert_transition.c.at)).all()
            messages = connection.execute(sa.select(outbox)).all()
            tries = connection.execute(sa.select(attempt).order_by(attempt.c.started_at)).all()
        assert Counter((row.policy_id, row.new) for row in changes) == Counter(wanted)
        assert Counter(row.state for row in messages) == {"SENT": len(wanted)}
        assert {row.outcome for row in tries} <= {"SENT", "LOST", "RETRY"}
        sent = Counter(row.outbox_id for row in tries if row.outcome == "SENT")
        assert sent == Counter(row.id for row in messages)
        begun = Counter(row.outbox_id for row in tries)
        assert all(arrived[row.event_id] <= begun[row.id] for row in messages)
        for rows in (changes, tries):  # who came later has the higher epoch
            epochs = [row.epoch for row in rows]
            assert epochs == sorted(epochs)


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
    made.close()
