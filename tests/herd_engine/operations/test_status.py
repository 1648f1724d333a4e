"""`herd status` tells the truth, and never in a traceback: each fault is really there."""

import json
import os
import sqlite3
import time
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

import pytest

from herd_engine.monitoring.supervision_report import (
    PartReport,
    PartState,
    Report,
    read_report,
    what_is_down,
)
from herd_engine.operations import doctor
from herd_engine.operations.doctor import examine
from herd_engine.operations.status import status_of
from herd_engine.operations.supervision_file import sole_supervisor, write_report
from herd_engine.operations.supervisor import ROLE
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.liveness import alive, is_any_alive, is_any_there
from herd_engine.runs.signs_of_life import FOLDER, SILENT_SECONDS, beating
from herd_engine.runs.store import Store, StoreSettings
from herd_engine.sample import make_sample
from herd_engine.storage.channel_states import note_failure
from herd_engine.workbench import Workbench
from tests.herd_engine.runs.conftest import work
from tests.herd_engine.storage.disks import make_read_only


@pytest.fixture
def settings(tmp_path):
    settings = StoreSettings.embedded(tmp_path / "home")
    kept = KeptRuns(Store(settings), "tester")
    kept.add_dataset(make_sample(animals=100, seed=2).csv, "farm.csv")
    kept.close()
    return settings


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """What takes another process to find out is asked in the tests of the doctor."""
    monkeypatch.delitem(doctor.CHECKS, "compiled_code")


def said(settings):
    """What is wrong, but for that there is no cluster."""
    return [fault for fault in status_of(settings).faults if "Dask" not in fault]


def bad(settings):
    return {each.code for each in examine(settings) if each.grade == "error"}


def test_a_good_home_has_no_faults_and_is_asked_without_leaving_anything(settings):
    before = sorted(path for path in settings.home.rglob("*") if path.is_file())

    assert said(settings) == []
    assert bad(settings) == set()
    assert sorted(path for path in settings.home.rglob("*") if path.is_file()) == before


def test_files_that_are_gone_are_told(settings):
    for path in (settings.home / "files").rglob("*"):
        if path.is_file():
            path.unlink()

    (fault,) = said(settings)
    assert fault.startswith("2 of 2 files that were looked for are gone, datasets/")
    assert bad(settings) == {"kept_files"}


def test_a_database_that_is_gone_is_told(settings):
    (settings.home / "herd.sqlite").unlink()

    assert f"The database is gone; files that it named are in {settings.storage_url}." in said(settings)
    assert bad(settings) == {"database"}
    assert not (settings.home / "herd.sqlite").exists()


def test_a_database_that_another_program_holds_is_told(settings):
    with closing(sqlite3.connect(settings.home / "herd.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        (fault,) = said(settings)
        assert fault.endswith("database is locked.")
        assert bad(settings) == {"database"}


def test_a_read_only_home_is_told(tiny_disk):
    Store(StoreSettings.embedded(tiny_disk)).close()
    make_read_only(tiny_disk)

    settings = StoreSettings.embedded(tiny_disk)
    assert f"Nothing can be written to HERD_HOME, {tiny_disk}." in said(settings)
    assert "home" in bad(settings)


def test_a_home_that_is_a_file_is_told(tmp_path):
    (tmp_path / "home").write_text("")
    settings = StoreSettings.embedded(tmp_path / "home")

    assert f"HERD_HOME, {tmp_path / 'home'}, is a file, not a folder." in said(settings)
    assert "home" in bad(settings)


def test_a_runner_that_does_not_get_on_is_there_but_not_alive(tmp_path):
    """Its process exists and holds its lock; its last beat is old, as that of one that was stopped."""
    with alive(tmp_path):
        assert (is_any_there(tmp_path), is_any_alive(tmp_path)) == (True, True)
        (beat,) = (tmp_path / FOLDER).glob("runner-*")
        old = time.time() - SILENT_SECONDS - 0.5
        os.utime(beat, (old, old))
        assert (is_any_there(tmp_path), is_any_alive(tmp_path)) == (True, False)
        deadline = time.monotonic() + 20
        while not is_any_alive(tmp_path):  # it beats again
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert (is_any_there(tmp_path), is_any_alive(tmp_path)) == (False, False)


def part(**values):
    known = {"name": "runner", "pid": None, "since": None, "restarts": 3, "address": "", "log": "runner.log"}
    return PartReport(**(known | values))


def report(*parts):
    return Report(pid=os.getpid(), host="barn", version="1", since="2026-01-01T00:00:00+00:00", parts=parts)


def test_what_is_down_and_why_is_told_to_everybody(settings):
    down = part(state=PartState.WAITING, reason="it ended with exit code 2: no luck")
    with sole_supervisor(settings.home), beating(settings.home, ROLE):
        write_report(settings.home, report(part(name="apps", state=PartState.READY), down))

        assert said(settings) == ["runner is waiting: it ended with exit code 2: no luck."]
        assert Workbench.open(settings.home).what_is_down() == what_is_down(settings.home) == (down,)
        assert not status_of(settings).is_good
        document = json.loads(json.dumps(status_of(settings).document()))
        assert document["up"]["parts"][1]["reason"] == "it ended with exit code 2: no luck"
    assert what_is_down(settings.home) == ()  # nothing is meant to run


def test_a_torn_report_and_a_supervisor_that_was_stopped_are_told(settings):
    with sole_supervisor(settings.home):
        (settings.home / "up.json").write_bytes(b'{"pid": 1')

        assert read_report(settings.home) is None
        faults = said(settings)
    assert faults[0].startswith(f"`herd up` (process {os.getpid()}) does not get on")
    assert faults[1].startswith("What `herd up` tells of its parts cannot be read")


def test_a_run_that_nobody_was_heard_of_is_told(settings):
    kept = KeptRuns(Store(settings), "tester")
    (dataset,) = kept.catalog.datasets.list().items
    kept.submit(dataset.id, {"mc_runs": 1, "horizon_months": 1})
    kept.store.runs.claim("a runner that died")
    kept.close()
    assert said(settings) == []
    moment = datetime.now(UTC) - timedelta(seconds=61)
    with closing(sqlite3.connect(settings.home / "herd.sqlite")) as database, database:
        database.execute("UPDATE run SET heartbeat_at = ?", (moment.strftime("%Y-%m-%d %H:%M:%S.%f"),))

    (fault,) = said(settings)
    assert (
        fault
        == f"A run has not been heard of since {moment:%Y-%m-%d %H:%M} UTC; `herd up` takes it up again."
    )


def test_what_parts_do_is_told_on_a_full_disk_too(tiny_disk):
    write_report(tiny_disk, report(part(state=PartState.READY)))
    with suppress(OSError), (tiny_disk / "fill").open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    down = part(state=PartState.TROUBLED, reason="it waits: No space left on device.")

    write_report(tiny_disk, report(down))

    assert read_report(tiny_disk).parts == (down,)


def test_what_keeps_others_from_being_told_is_told_with_what_to_do(settings):
    channels = settings.home / "channels.yaml"
    channels.write_text("version: 1\nchannels: [{id: barn}]\n", encoding="utf-8")
    (settings.home / "alerts").mkdir()
    (settings.home / "alerts" / "mine.yaml").write_text("version: 2\n", encoding="utf-8")

    of_channels, of_policies = said(settings)
    assert "channels.yaml" in of_channels
    assert "Correct the file" in of_channels
    assert "mine.yaml" in of_policies
    assert bad(settings) == {"channels", "policies"}

    (settings.home / "alerts" / "mine.yaml").unlink()
    channels.write_text("version: 1\nchannels: [{id: barn, kind: folder, folder: told}]\n", encoding="utf-8")
    store = Store(settings)
    with store.database.transaction() as connection:
        note_failure(connection, "barn", datetime.now(UTC), closes="GONE")
    store.close()
    assert (said(settings), bad(settings)) == ([], set())
    (warning,) = status_of(settings).warnings
    assert "herd deliveries enable barn" in warning
    (found,) = (each for each in examine(settings) if each.code == "channels")
    assert (found.grade, found.to_do[:17]) == ("warning", "See to its receiv")


def test_what_goes_next_is_told(settings, monkeypatch):
    kept = KeptRuns(Store(settings), "tester")
    (dataset,) = kept.catalog.datasets.list().items
    for seed in (1, 2, 3):
        kept.submit(dataset.id, {"mc_runs": 1, "horizon_months": 1, "seed": seed})
    work(kept)
    kept.close()
    assert status_of(settings).document()["next_retention"] == {"runs": 0, "messages": 0, "kept": 100}

    monkeypatch.setenv("HERD_RUNS_KEPT", "1")
    assert status_of(settings).document()["next_retention"] == {"runs": 2, "messages": 0, "kept": 1}
