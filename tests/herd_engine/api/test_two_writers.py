"""Another program writes to the same SQLite file: a request waits a little, or is told to come again."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Timer

import pytest
from starlette.testclient import TestClient

from herd_engine.api.app import gated, new_app
from herd_engine.model.source import Source
from herd_engine.workbench import Workbench, nouns
from tests.herd_engine.api.conftest import KEY, SETTINGS

PLAN = {"name": "Plan", "payload": {"horizon_months": 9}}
SCENARIOS = "/api/v1/scenarios"


@pytest.fixture
def home(migrated_sqlite: Path, tmp_path: Path) -> Path:
    shutil.copy(migrated_sqlite, tmp_path / "herd.sqlite")
    return tmp_path


@pytest.fixture
def other(home: Path) -> Iterator[sqlite3.Connection]:
    """Another program's connection, which has the right to write."""
    connection = sqlite3.connect(home / "herd.sqlite", isolation_level=None, check_same_thread=False)
    with closing(connection):
        connection.execute("BEGIN IMMEDIATE").close()
        yield connection


@pytest.fixture
def service(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("HERD_HOME", str(home))
    bench = Workbench(home, source=Source.API)
    headers = {"Authorization": f"Bearer {KEY}"}
    yield TestClient(gated(new_app(SETTINGS, bench), KEY), base_url="http://127.0.0.1:8867", headers=headers)
    bench.close()


def test_a_service_waits_five_seconds_for_its_turn_and_others_thirty(home: Path) -> None:
    waits = []
    for source in (Source.API, Source.CLI):
        bench = Workbench(home, source=source)
        with bench.kept.store.database.reading() as connection:
            waits.append(connection.exec_driver_sql("PRAGMA busy_timeout").scalar())
        bench.close()

    assert waits == [5_000, 30_000]


def test_who_waits_in_vain_is_told_to_come_again_and_reads_are_answered_meanwhile(
    service: TestClient, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nouns, "SERVICE_BUSY_SECONDS", 0.1)

    refused, read = service.post(SCENARIOS, json=PLAN), service.get(SCENARIOS)
    other.execute("ROLLBACK").close()
    kept = service.post(SCENARIOS, json=PLAN)

    assert (refused.status_code, refused.json()["code"]) == (503, "STORAGE_UNAVAILABLE")
    assert (refused.json()["retryable"], refused.headers["retry-after"]) == (True, "2")
    assert (read.status_code, read.json()["items"]) == (200, [])
    assert (kept.status_code, len(service.get(SCENARIOS).json()["items"])) == (201, 1)


def test_who_waits_long_enough_gets_their_turn(
    service: TestClient, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nouns, "SERVICE_BUSY_SECONDS", 60.0)
    service.get(SCENARIOS)
    release = Timer(0.3, lambda: other.execute("COMMIT").close())
    release.start()

    answer = service.post(SCENARIOS, json=PLAN)
    release.join()

    assert answer.status_code == 201
