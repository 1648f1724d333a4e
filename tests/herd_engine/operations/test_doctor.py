"""Each fault is really there: a disk is full, a server does not answer, a page is overwritten."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from herd_engine import __version__
from herd_engine.monitoring.supervision_report import Report
from herd_engine.operations import doctor
from herd_engine.operations.doctor import Finding, Grade, examine
from herd_engine.operations.ports import WISHED
from herd_engine.operations.supervision_file import LOCK, sole_supervisor, write_report
from herd_engine.operations.supervisor import ROLE
from herd_engine.runs.signs_of_life import beating
from herd_engine.runs.store import Store, StoreSettings
from herd_engine.workbench import Workbench
from tests.herd_engine.storage.disks import make_read_only

NO_SERVER = "postgresql://anna:hunter2@127.0.0.1:9/herd"


@pytest.fixture
def home(tmp_path):
    settings = StoreSettings.embedded(tmp_path / "home")
    Store(settings).close()
    return settings.home


@pytest.fixture(autouse=True)
def quick(request, monkeypatch):
    """Only one test needs what takes another process half a minute of a busy machine to find out."""
    if "cache" not in request.node.name:
        monkeypatch.delitem(doctor.CHECKS, "compiled_code")


def found(home: Path, **urls: str) -> dict[str, Finding]:
    settings = StoreSettings.embedded(home)
    changed = {"database_url": settings.database_url, "storage_url": settings.storage_url} | urls
    return {each.code: each for each in examine(StoreSettings(home=home, **changed))}


def bad(findings: dict[str, Finding]) -> set[str]:
    return {code for code, each in findings.items() if each.grade is Grade.ERROR}


def test_a_good_home_is_good_and_looking_leaves_nothing(home):
    before = sorted(home.rglob("*"))

    findings = found(home)

    assert bad(findings) == set()
    assert str(home) in findings["home"].what
    assert [path for path in sorted(home.rglob("*")) if path.is_file()] == [p for p in before if p.is_file()]


def test_a_home_that_is_not_there_is_not_made(tmp_path):
    findings = found(tmp_path / "none" / "home")

    assert bad(findings) == set()
    assert "not there yet" in findings["home"].what
    assert list(tmp_path.iterdir()) == []


def test_a_read_only_home_is_told(tiny_disk):
    make_read_only(tiny_disk)

    findings = found(tiny_disk / "home")

    assert "home" in bad(findings)
    assert "Read-only file system" in findings["home"].what
    assert "HERD_HOME" in findings["home"].to_do


def test_a_full_disk_is_told(tiny_disk):
    (tiny_disk / "files").mkdir()
    (tiny_disk / "herd.sqlite").touch()  # a database without tables
    with pytest.raises(OSError, match="No space left"):
        (tiny_disk / "fill").write_bytes(bytes(2**21))

    findings = found(tiny_disk)

    assert {"disk_space", "file_store"} <= bad(findings)
    assert "0 MiB are free" in findings["disk_space"].what
    assert "No space left on device" in findings["file_store"].what


@pytest.mark.parametrize(
    ("free", "grade"),
    [(2**30, "ok"), (2**30 - 1, "warning"), (100 * 2**20, "warning"), (100 * 2**20 - 1, "error")],
)
def test_little_space_is_warned_of(home, monkeypatch, free, grade):
    usage = doctor.shutil.disk_usage(home)._replace(free=free)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _path: usage)

    assert found(home)["disk_space"].grade == grade


def test_a_server_that_does_not_answer_is_told_without_the_password(home):
    findings = found(home, database_url=NO_SERVER)

    assert bad(findings) == {"database"}
    assert "connection" in findings["database"].what
    assert not any("hunter2" in each.what for each in findings.values())


def test_a_wrong_url_is_a_finding_too(home):
    assert {"database", "file_store"} <= bad(found(home, database_url="mysql://h/d", storage_url="ftp://h"))


def change_revision(home: Path, revision: str) -> None:
    with closing(sqlite3.connect(home / "herd.sqlite")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def test_older_and_newer_tables_are_told_apart(home):
    change_revision(home, "0001")
    older = found(home)["database"]
    change_revision(home, "9999")
    newer = found(home)["database"]

    assert (older.grade, older.to_do) == ("error", "Run `herd db upgrade`.")
    assert newer.grade == "error"
    assert newer.to_do.startswith("Install the version")


def test_an_overwritten_page_is_found(home):
    with (home / "herd.sqlite").open("r+b") as file:
        file.seek(4096 * 2)
        file.write(b"\xa5" * 4096)

    assert "integrity" in bad(found(home))


def test_a_port_that_is_taken_is_told(home, taken_port, monkeypatch):
    monkeypatch.setitem(WISHED, "voila", taken_port)

    assert f"{taken_port} (for voila)" in found(home)["ports"].what
    assert "ports" in bad(found(home))


def test_a_lock_that_a_killed_one_left_is_explained_and_a_living_one_named(home):
    (home / LOCK).write_text("process 4711, since 2026-01-01T00:00:00+00:00\n")
    stale = found(home)["herd_up"]
    with sole_supervisor(home), beating(home, ROLE):
        write_report(home, Report(pid=os.getpid(), host="", version=__version__, since="", parts=()))
        living = found(home)["herd_up"]

    assert (stale.grade, "process 4711" in stale.what) == ("warning", True)
    assert (living.grade, f"process {os.getpid()}" in living.what) == ("ok", True)


def test_a_cluster_that_does_not_answer_is_told(home, monkeypatch):
    monkeypatch.setenv("HERD_DASK_ADDRESS", "tcp://127.0.0.1:9")

    cluster = found(home)["cluster"]

    assert cluster.grade == "error"
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in cluster.what


def test_a_cache_that_cannot_be_written_is_told(home, tiny_disk, monkeypatch):
    make_read_only(tiny_disk)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tiny_disk / "cache"))
    monkeypatch.setenv("NUMBA_CACHE_LOCATOR_CLASSES", "UserProvidedCacheLocator")

    finding = found(home)["compiled_code"]

    assert finding.grade == "error"
    assert "NUMBA_CACHE_DIR" in finding.to_do


def test_a_check_that_breaks_is_a_finding(home, monkeypatch):
    def broken(_settings):
        raise ZeroDivisionError("of all things")

    monkeypatch.setitem(doctor.CHECKS, "versions", broken)

    finding = found(home)["versions"]

    assert (finding.grade, finding.what) == ("error", "ZeroDivisionError: of all things")


def test_what_weakens_or_changes_the_service_is_warned_of(home, monkeypatch):
    assert found(home)["service"].grade is Grade.OK
    workbench = Workbench(home)
    switches = workbench.switches
    switches.set_flag("csv", enabled=False)
    switches.set_flag("outputs", enabled=True)
    switches.set_limit("read", "9/second", principal="anna")
    workbench.close()
    monkeypatch.setenv("HERD_API_AUTH", "off")

    finding = found(home)["service"]

    assert finding.grade is Grade.WARNING
    assert "HERD_API_AUTH=off" in finding.what
    assert "csv is switched off everywhere" in finding.what
    assert "anna may read 9/second everywhere" in finding.what
    assert "outputs" not in finding.what
    assert "herd api flags" in finding.to_do
