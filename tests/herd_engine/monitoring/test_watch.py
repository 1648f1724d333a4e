"""The whole way: a floor set, looked at, told by a webhook that any library can check, over again."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import sqlalchemy as sa
import standardwebhooks

from herd_engine.errors import StorageError
from herd_engine.model.forecast import Metric
from herd_engine.monitoring.watch import Lookout, WatchTask, watch_of
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.leases import Leases
from herd_engine.storage.operation_tables import alert_transition, attempt, outbox
from herd_engine.workbench.alerts import Alerts
from tests.clocks import in_march
from tests.herd_engine.runs.conftest import PAYLOAD, farm_file, kept, settings, work

__all__ = ["farm_file", "kept", "settings"]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the example of Standard Webhooks

CHANNELS = """
version: 1
channels:
  - {{id: hub, kind: webhook, url: "{url}", secrets: ["${{HUB_SECRET}}"], allow: [127.0.0.1/32]}}
"""


class Receiver(HTTPServer):
    """A web address that keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keeper)
        self.got: list[tuple[dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Keeper(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((dict(self.headers.items()), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_floor_is_told_by_a_signed_webhook_and_its_end_too(
    kept: KeptRuns, farm_file: bytes, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_SECRET", SECRET)
    home = kept.store.settings.home
    home.mkdir(exist_ok=True)
    (home / "channels.yaml").write_text(CHANNELS.format(url=receiver.url), encoding="utf-8")
    run = kept.submit(kept.add_dataset(farm_file, "farm.csv").id, PAYLOAD).run
    work(kept)
    kept.star(run.id)
    alerts, told = Alerts(kept), list[str]()
    farms = kept.catalog.farms
    farms.save_sheet(None, farms.sheet().changed({"time_zone": "Europe/Moscow"}))

    alerts.set_floor(Metric.MILKING_COUNT, 10_000, channels=["hub"])
    watch_of(kept.store, told.append, in_march).turn()
    watch_of(kept.store, told.append, in_march).turn()  # another process: the first still has the tasks
    (alert,) = alerts.list(active=True)
    (headers, body) = receiver.got[0]
    assert len(receiver.got) == 1
    event = standardwebhooks.Webhook(SECRET).verify(body, headers)
    assert event == json.loads(body)
    assert (event["type"], event["data"]["alert"]["id"]) == ("alert.firing", alert.id)
    assert event["data"]["alert"]["message"]["params"]["run"] == run.id
    assert event["data"]["alert"]["time_zone"] == "Europe/Moscow"
    assert set(filter(None, told)) == set()


def test_a_floor_of_no_cow_resolves(kept: KeptRuns, farm_file: bytes) -> None:
    run = kept.submit(kept.add_dataset(farm_file, "farm.csv").id, PAYLOAD).run
    work(kept)
    kept.star(run.id)
    alerts = Alerts(kept)
    made = alerts.set_floor(Metric.MILKING_COUNT, 10_000)
    watch = watch_of(kept.store, print, in_march)
    watch.turn()
    assert [alert.state for alert in alerts.list()] == ["FIRING"]

    again = alerts.set_floor(Metric.MILKING_COUNT, 0)
    for task in watch._tasks:
        task._next_at = 0.0
    watch.turn()
    assert (again.policy.id, again.version) == (made.policy.id, 2)
    assert [alert.state for alert in alerts.list()] == ["RESOLVED"]


def test_the_epoch_of_who_does_it_stands_beside_what_is_done(
    kept: KeptRuns, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_SECRET", SECRET)
    home = kept.store.settings.home
    home.mkdir(exist_ok=True)
    (home / "channels.yaml").write_text(CHANNELS.format(url=receiver.url), encoding="utf-8")
    always = {"metric": "disk_free_ratio", "operator": "<", "threshold": 2, "channels": ["hub"]}

    for number in (1, 2):
        Alerts(kept).set_policy({"id": f"p{number}", **always})
        watch = watch_of(kept.store, print)
        watch.turn()
        stopped = Event()
        stopped.set()
        watch.run(stopped)  # others may take over at once

    assert [_epochs(kept, table) for table in (alert_transition, outbox, attempt)] == [[1, 2]] * 3
    assert len(receiver.got) == 2


def _epochs(kept: KeptRuns, table: sa.Table) -> list[int]:
    with kept.store.database.reading() as connection:
        return sorted(connection.execute(sa.select(table.c.epoch)).scalars())


def test_files_that_cannot_be_used_are_told_until_they_can(kept: KeptRuns) -> None:
    home, told = kept.store.settings.home, list[str]()
    (home / "alerts").mkdir(parents=True)
    (home / "alerts" / "bad.yaml").write_text("version: 1\npolicies: [{id: x}]\n", encoding="utf-8")
    (home / "channels.yaml").write_text("version: 2\n", encoding="utf-8")
    watch = watch_of(kept.store, told.append)

    watch.turn()
    assert "policies of bad.yaml cannot be used" in told[-1]
    assert "channels.yaml" in told[-1]
    assert [fault.name for fault in Alerts(kept).faults()] == ["bad.yaml"]

    (home / "alerts" / "bad.yaml").unlink()
    (home / "channels.yaml").unlink()
    for task in watch._tasks:
        task._next_at = 0.0
    watch.turn()
    assert told[-1] == ""


def test_a_task_that_fails_is_told_and_stops_no_other(kept: KeptRuns, tmp_path: Path) -> None:
    done, told = list[str](), list[str]()

    def fail(_: object) -> list[str]:
        raise StorageError("The database", "it is away")

    def tire(_: object) -> list[str]:
        done.append("b")
        return ["it is tired"]

    tasks = (
        WatchTask(name="a", seconds=60, do=fail),
        WatchTask(name="b", seconds=60, do=tire),
    )
    leases = Leases(kept.store.database)
    watch = Lookout(leases, tasks, told.append)

    watch.turn()
    watch.turn()

    assert (done, told) == (["b"], ["The database cannot be used: it is away.; it is tired"])
    assert {lease.name: lease.last_tick_at is not None for lease in leases.list_leases()} == {
        "a": False,
        "b": True,
    }
