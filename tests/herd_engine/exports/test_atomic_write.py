import os
from pathlib import Path

import pytest

from herd_engine.errors import OutputError
from herd_engine.exports.atomic_write import require_folder, write_atomically


def raising(error):
    def raise_it(*_):
        raise error

    return raise_it


def test_a_file_is_written_whole(tmp_path):
    write_atomically(tmp_path / "forecast.json", b"new")

    assert (tmp_path / "forecast.json").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["forecast.json"]


def test_a_file_is_replaced(tmp_path):
    (tmp_path / "forecast.json").write_bytes(b"old and longer")

    write_atomically(tmp_path / "forecast.json", b"new")

    assert (tmp_path / "forecast.json").read_bytes() == b"new"


def test_others_may_read_it_as_any_new_file(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    write_atomically(tmp_path / "forecast.json", b"new")

    assert (tmp_path / "forecast.json").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError()])
def test_nothing_is_left_behind_when_interrupted(tmp_path, monkeypatch, error):
    (tmp_path / "forecast.json").write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", raising(error))

    with pytest.raises(type(error)):
        write_atomically(tmp_path / "forecast.json", b"new")

    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("forecast.json", b"old")]


def test_a_full_disk_is_told_and_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "fsync", raising(OSError(28, "No space left on device")))

    with pytest.raises(OutputError, match=r"forecast\.json cannot be written: No space left on device\."):
        write_atomically(tmp_path / "forecast.json", b"new")

    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_told_and_not_made(tmp_path):
    with pytest.raises(OutputError, match=r"the folder .*nowhere does not exist; create it"):
        write_atomically(tmp_path / "nowhere" / "forecast.json", b"new")

    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_not_overwritten(tmp_path):
    (tmp_path / "forecast.json").mkdir()

    with pytest.raises(OutputError, match="cannot be written"):
        write_atomically(tmp_path / "forecast.json", b"new")

    assert [path.name for path in tmp_path.iterdir()] == ["forecast.json"]


def test_a_name_without_a_folder_means_the_current_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    write_atomically(Path("forecast.json"), b"new")

    assert (tmp_path / "forecast.json").read_bytes() == b"new"


def test_a_folder_that_is_closed_to_us_is_told_of_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whoever runs tests as root may write anywhere: what the system would say is said for it.
    monkeypatch.setattr("os.access", lambda path, mode: (path, mode) != (tmp_path, os.W_OK))

    with pytest.raises(OutputError, match="nothing may be written into the folder"):
        require_folder(tmp_path / "page.html")
