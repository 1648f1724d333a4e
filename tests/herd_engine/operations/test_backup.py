"""A backup holds everything, and only a whole and honest one is put back."""

import hashlib
import io
import json
import sqlite3
import tarfile
from contextlib import closing

import pytest

from herd_engine.errors import ConflictError, HerdError, OutputError, ParameterError, StorageError
from herd_engine.model.run_status import RunStatus
from herd_engine.operations import backup
from herd_engine.operations.backup import write_backup
from herd_engine.operations.restore import restore_backup
from herd_engine.operations.supervision_file import sole_supervisor
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.liveness import alive
from herd_engine.runs.store import Store, StoreSettings
from herd_engine.sample import make_sample
from tests.herd_engine.runs.conftest import PAYLOAD, work
from tests.herd_engine.storage.disks import make_read_only


@pytest.fixture(scope="module")
def herd_csv():
    return make_sample(animals=100, seed=2).csv


@pytest.fixture
def kept(tmp_path):
    opened = open_kept(tmp_path / "home")
    yield opened
    opened.close()


def open_kept(home):
    return KeptRuns(Store(StoreSettings.embedded(home)), "tester")


def submit(kept, data, seed):
    dataset = kept.add_dataset(data, "farm.csv")
    return kept.submit(dataset.id, {**PAYLOAD, "seed": seed}).run.id


def faults(kept):
    ids = [row.id for row in kept.list_runs().items if row.status is RunStatus.SUCCEEDED]
    return [fault for run_id in ids for fault in kept.verify(run_id)] + list(kept.verify_chain())


@pytest.fixture
def archive(kept, herd_csv, tmp_path):
    """A backup with one run."""
    submit(kept, herd_csv, 1)
    work(kept)
    write_backup(kept.store.settings, tmp_path / "b.tar")
    return tmp_path / "b.tar"


def test_what_is_put_back_verifies_and_reproduces(archive, kept, tmp_path):
    (row,) = kept.list_runs().items

    restored = restore_backup(archive, tmp_path / "other")

    other = open_kept(tmp_path / "other")
    assert (restored.kept_aside, faults(other)) == (None, [])
    assert other.reproduce(row.id) == ()
    assert other.artifact(row.id, "result.json") == kept.artifact(row.id, "result.json")
    other.close()


def test_a_run_published_or_deleted_meanwhile_breaks_no_backup(kept, herd_csv, tmp_path, monkeypatch):
    doomed = submit(kept, herd_csv, 1)
    work(kept)
    copy = backup._copy_databases
    rounds = []

    def copy_then_change(*arguments):
        copy(*arguments)
        rounds.append(None)
        if len(rounds) == 1:  # the copy names files that are gone before they are read, and lacks a run
            kept.delete([doomed])
            submit(kept, herd_csv, 2)
            work(kept)

    monkeypatch.setattr(backup, "_copy_databases", copy_then_change)
    written = write_backup(kept.store.settings, tmp_path / "b.tar")
    restore_backup(tmp_path / "b.tar", tmp_path / "other")

    other = open_kept(tmp_path / "other")
    assert (len(rounds), written.missing) == (2, ())
    assert faults(other) == []
    assert [row.id for row in other.list_runs().items] == [row.id for row in kept.list_runs().items]
    other.close()


def test_a_file_that_was_lost_before_is_told_and_the_rest_is_saved(kept, archive, tmp_path):
    (row,) = kept.list_runs().items
    (kept.store.settings.home / "files" / "runs" / row.id / "config.json").unlink()

    written = write_backup(kept.store.settings, archive)

    assert written.missing == (f"runs/{row.id}/config.json",)
    assert restore_backup(archive, tmp_path / "other").n_members == written.n_files + 1


def test_every_database_of_the_home_comes_along(kept, tmp_path):
    catalogue = kept.store.settings.home / "outputs.sqlite"
    with closing(sqlite3.connect(catalogue)) as database, database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE seen (n INTEGER)")
        database.execute("INSERT INTO seen VALUES (7)")

    written = write_backup(kept.store.settings, tmp_path / "b.tar")
    restore_backup(tmp_path / "b.tar", tmp_path / "other")

    assert written.n_databases == 2
    with closing(sqlite3.connect(tmp_path / "other" / "outputs.sqlite")) as database:
        assert database.execute("SELECT n FROM seen").fetchall() == [(7,)]


def test_what_stands_there_is_kept_aside_when_forced(archive, kept, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("precious")

    with pytest.raises(ConflictError, match=r"is not empty\. With --force what it holds is kept aside"):
        restore_backup(archive, other)
    restored = restore_backup(archive, other, force=True)

    assert (restored.kept_aside / "mine.txt").read_text() == "precious"
    assert restored.kept_aside.name.startswith("other.20")
    assert not (other / "mine.txt").exists()


@pytest.mark.parametrize(
    ("living", "message"), [(sole_supervisor, "`herd down` first"), (alive, "Wait until it has ended")]
)
def test_nothing_is_put_under_what_is_alive(archive, kept, living, message):
    with living(kept.store.settings.home), pytest.raises(ConflictError, match=message):
        restore_backup(archive, kept.store.settings.home, force=True)

    assert len(kept.list_runs().items) == 1


def rebuilt(archive, change):
    """Write the archive again with its members changed: a list of (TarInfo, bytes)."""
    with tarfile.open(archive) as tar:
        members = [(info, tar.extractfile(info).read()) for info in tar]
    with tarfile.open(archive, "w") as tar:
        for info, data in change(members):
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def plain(name):
    return tarfile.TarInfo(name)


def special(kind, name="files/datasets/x", target="/etc/passwd"):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    "info",
    [
        plain("../evil"),
        plain("/etc/evil"),
        plain("files/../../evil"),
        plain("files/.hidden"),
        plain("up.lock"),
        plain("../evil.sqlite"),
        special(tarfile.SYMTYPE),
        special(tarfile.LNKTYPE),
        special(tarfile.CHRTYPE),
        special(tarfile.FIFOTYPE),
        special(tarfile.DIRTYPE, "files/runs"),
    ],
    ids=lambda info: f"{info.name}:{info.type.decode()}",
)
def test_nothing_but_plain_files_in_their_places_is_unpacked(archive, tmp_path, info):
    rebuilt(archive, lambda members: [(info, b""), *members])
    before = sorted(path.name for path in tmp_path.iterdir())

    with pytest.raises(StorageError, match=r"not a plain file|has no place in a backup"):
        restore_backup(archive, tmp_path / "other")

    assert sorted(path.name for path in tmp_path.iterdir()) == before


def with_manifest(**changes):
    def change(members):
        *others, (info, data) = members
        return [*others, (info, json.dumps({**json.loads(data), **changes}).encode())]

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda members: members[1:], "1 files differ from its manifest"),
        (lambda members: [(members[0][0], b"other"), *members[1:]], "1 files differ from its manifest"),
        (lambda members: [(plain("files/more"), b"x"), *members], "files/more first"),
        (lambda members: [members[0], *members], "is in it twice"),
        (lambda members: members[:-1], "it has no manifest"),
        (lambda members: [*members[:-1], (members[-1][0], b"[]")], "it has no manifest"),
        (lambda members: [*members[:-1], (members[-1][0], b"{")], "it is no whole backup"),
        (with_manifest(format="herd-backup/2", version="9.0"), r"made by a newer version \(9.0\)"),
        (with_manifest(revision="9999"), "made by a newer version"),
        (with_manifest(revision=["9999"]), "made by a newer version"),
        (with_manifest(members=[]), "it holds no database"),
    ],
)
def test_what_is_not_whole_is_not_put_back(archive, tmp_path, change, message):
    rebuilt(archive, change)

    with pytest.raises(StorageError, match=message):
        restore_backup(archive, tmp_path / "other")

    assert not (tmp_path / "other").exists()


def with_database(data):
    """Put something else in place of the database, and let the manifest name it rightly."""

    def change(members):
        *others, (info, manifest) = members
        document = json.loads(manifest)
        document["members"]["herd.sqlite"] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        kept = [(each, data if each.name == "herd.sqlite" else content) for each, content in others]
        return [*kept, (info, json.dumps(document).encode())]

    return change


def other_database(folder, sql):
    with closing(sqlite3.connect(folder / "other.sqlite")) as database, database:
        database.executescript(sql)
    return (folder / "other.sqlite").read_bytes()


def test_what_only_has_the_name_of_a_database_is_not_put_back(archive, tmp_path):
    with tarfile.open(archive) as tar:
        whole = tar.extractfile("herd.sqlite").read()
    broken = bytearray(whole)
    broken[4096:12288] = b"\xa5" * 8192
    other_tables = other_database(tmp_path, "CREATE TABLE alembic_version (version_num); "
                                  "INSERT INTO alembic_version VALUES ('0001')")  # fmt: skip
    for data, message in (
        (b"other", "no database of ours"),
        (b"", "no database of ours"),
        (bytes(8192), "no database of ours"),
        (whole[: len(whole) // 2], "broken|no database of ours"),
        (bytes(broken), "broken|no database of ours"),
        (other_tables, "has tables 0001, not 0"),
    ):
        rebuilt(archive, with_database(data))

        with pytest.raises(StorageError, match=message):
            restore_backup(archive, tmp_path / "back")
        assert not (tmp_path / "back").exists()

    rebuilt(archive, with_database(whole))
    restore_backup(archive, tmp_path / "back")


def test_a_torn_archive_is_refused(archive, tmp_path):
    archive.write_bytes(archive.read_bytes()[:-30_000])

    with pytest.raises(StorageError, match=r"it is no whole backup|it has no manifest"):
        restore_backup(archive, tmp_path / "other")


@pytest.mark.parametrize("name", ["nothing.tar", "."])
def test_a_file_that_is_none_is_told(tmp_path, name):
    with pytest.raises(StorageError, match="it is no whole backup"):
        restore_backup(tmp_path / name, tmp_path / "other")


def test_a_server_is_saved_by_its_own_tools(tmp_path):
    settings = StoreSettings(
        home=tmp_path, database_url="postgresql://anna:hunter2@db/herd", storage_url=str(tmp_path / "files")
    )

    with pytest.raises(ParameterError, match="pg_dump") as caught:
        write_backup(settings, tmp_path / "b.tar")

    assert "hunter2" not in str(caught.value)


def test_without_a_store_there_is_nothing_to_save(tmp_path):
    with pytest.raises(StorageError, match="there is no database yet"):
        write_backup(StoreSettings.embedded(tmp_path / "none"), tmp_path / "b.tar")


def test_a_full_disk_leaves_the_backup_before(archive, kept, tiny_disk):
    (tiny_disk / "b.tar").write_bytes(b"the backup before")
    (tiny_disk / "fill").write_bytes(bytes(1_000_000))

    with pytest.raises(HerdError, match=r"full|No space left"):
        write_backup(kept.store.settings, tiny_disk / "b.tar")

    assert sorted(path.name for path in tiny_disk.iterdir()) == ["b.tar", "fill"]
    assert (tiny_disk / "b.tar").read_bytes() == b"the backup before"


def test_a_disk_that_cannot_be_written_is_told(archive, tiny_disk):
    make_read_only(tiny_disk)

    with pytest.raises(OutputError, match="Read-only file system"):
        restore_backup(archive, tiny_disk / "home")
