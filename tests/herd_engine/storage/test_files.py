"""The file store, in a folder and in an S3 bucket."""

import errno
import os
import uuid

import pytest

from herd_engine.errors import NotFoundError, ParameterError, StorageError
from herd_engine.storage.files import open_file_store
from tests.herd_engine.storage.disks import make_read_only


@pytest.fixture(params=["folder", "s3"])
def store(request, tmp_path):
    if request.param == "folder":
        return open_file_store(str(tmp_path / "files"))
    request.getfixturevalue("s3_server")
    return open_file_store(f"s3://herd/{uuid.uuid4().hex}")


def test_what_is_put_can_be_read(store):
    store.put("runs/1/result.json", b"data")

    assert store.get("runs/1/result.json") == b"data"
    assert store.size("runs/1/result.json") == 4
    assert store.exists("runs/1/result.json")
    with store.open_stream("runs/1/result.json") as stream:
        assert (stream.read(3), stream.read()) == (b"dat", b"a")


def test_a_file_is_replaced(store):
    store.put("a", b"old and longer")
    store.put("a", b"new")

    assert store.get("a") == b"new"
    assert store.size("a") == 3


def test_an_empty_file_is_a_file(store):
    store.put("a/empty", b"")

    assert (store.get("a/empty"), store.size("a/empty"), store.exists("a/empty")) == (b"", 0, True)


def test_a_file_that_is_not_there_is_not_found(store):
    store.put("a/b", b"")

    for key in ("nowhere", "a", "a/b/c"):
        assert not store.exists(key)
        with pytest.raises(NotFoundError, match=f"There is no file {key}"):
            store.get(key)
    with pytest.raises(NotFoundError, match="There is no file nowhere"):
        store.size("nowhere")
    with pytest.raises(NotFoundError, match="There is no file nowhere"), store.open_stream("nowhere"):
        pass


def test_files_below_a_prefix_are_listed_and_deleted(store):
    keys = ["runs/1/a.json", "runs/1/deep/b.json", "runs/10/c.json", "other"]
    for key in keys:
        store.put(key, b"x")

    assert store.list("runs/1") == ("runs/1/a.json", "runs/1/deep/b.json")
    assert store.list() == tuple(sorted(keys))
    assert store.list("nowhere") == ()

    store.delete_prefix("runs/1")
    store.delete_prefix("runs/1")

    assert store.list() == ("other", "runs/10/c.json")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../x",
        "a//b",
        "a/",
        ".hidden",
        "a/.b",
        "a\\b",
        "a\0b",
        "a b",
        "ä",
        "a\n",
        "~/x",
        "s3://x",
        "-rf",
        "x" * 201,
        "/".join("x" * 11),
    ],
)
def test_no_other_path_is_reached(store, key):
    for call in (store.get, store.exists, store.size, store.delete_prefix, lambda k: store.put(k, b"")):
        with pytest.raises(ParameterError, match="`key` must be up to ten parts"):
            call(key)


def failing(code):
    def fail(*_):
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize(
    ("code", "words"), [(errno.ENOSPC, "No space left on device"), (errno.EROFS, "Read-only file system")]
)
def test_a_fault_of_the_disk_is_told_and_nothing_is_half_written(tmp_path, monkeypatch, code, words):
    store = open_file_store(str(tmp_path))
    store.put("a/b", b"old")
    monkeypatch.setattr(os, "fsync", failing(code))

    with pytest.raises(StorageError, match=f"{tmp_path} cannot be used: {words}"):
        store.put("a/b", b"new")

    assert store.get("a/b") == b"old"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


def test_a_full_disk_keeps_what_was_there(tiny_disk):
    store = open_file_store(str(tiny_disk))
    store.put("a/b", b"old")

    with pytest.raises(StorageError, match="No space left on device"):
        store.put("a/b", bytes(2_000_000))

    assert store.get("a/b") == b"old"
    assert [path.name for path in (tiny_disk / "a").iterdir()] == ["b"]


def test_a_read_only_disk_is_told(tiny_disk):
    store = open_file_store(str(tiny_disk))
    make_read_only(tiny_disk)

    with pytest.raises(StorageError, match="Read-only file system"):
        store.put("a/b", b"new")


def test_a_fault_of_whoever_reads_a_stream_stays_theirs(store):
    store.put("a", b"x")

    with pytest.raises(FileNotFoundError, match="elsewhere"), store.open_stream("a"):
        raise FileNotFoundError("elsewhere")


def test_a_file_is_no_folder(tmp_path):
    store = open_file_store(str(tmp_path))
    store.put("a", b"x")

    with pytest.raises(StorageError, match=r"File exists|Not a directory"):
        store.put("a/b", b"y")


def test_a_folder_is_made_and_may_be_a_url(tmp_path):
    open_file_store(f"file://{tmp_path}/new/folder").put("a", b"x")

    assert (tmp_path / "new" / "folder" / "a").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("url", "reason"),
    [("ftp://host/x", "only folders and s3:// are known"), ("/proc/nowhere", "No such file or directory")],
)
def test_a_place_that_cannot_be_used_is_told(url, reason):
    with pytest.raises(StorageError, match=f"{url} cannot be used: {reason}"):
        open_file_store(url)


def test_a_bucket_that_is_not_there_is_told(s3_server):
    store = open_file_store("s3://nowhere/prefix")

    with pytest.raises(StorageError, match=r"s3://nowhere/prefix cannot be used: .*bucket"):
        store.put("a", b"x")


def test_a_server_that_is_not_there_is_told(s3_server, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    store = open_file_store("s3://herd/prefix")

    with pytest.raises(StorageError, match=r"s3://herd/prefix cannot be used: Could not connect"):
        store.put("a", b"x")
