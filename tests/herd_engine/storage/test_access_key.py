"""The key of a home: made once, for its owner alone."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from herd_engine.errors import StorageError
from herd_engine.storage.access_key import KEY_FILE, access_key


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_home_has_one_key_that_its_owner_alone_can_read(tmp_path: Path) -> None:
    home = tmp_path / "home"
    old = os.umask(0)
    try:
        key = access_key(home)
    finally:
        os.umask(old)

    assert len(key) >= 43  # 256 bits, six a letter
    assert access_key(home) == key
    assert {path.name: mode_of(path) & 0o077 for path in (home, home / KEY_FILE)} == {"home": 0, KEY_FILE: 0}


def test_two_homes_have_two_keys(tmp_path: Path) -> None:
    assert access_key(tmp_path / "a") != access_key(tmp_path / "b")


def test_servers_that_begin_together_have_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _: access_key(tmp_path), range(64)))

    assert keys == {access_key(tmp_path)}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_key_that_others_could_read_or_write_is_replaced(tmp_path: Path, mode: int) -> None:
    key = access_key(tmp_path)
    (tmp_path / KEY_FILE).chmod(mode)

    other = access_key(tmp_path)

    assert other != key
    assert mode_of(tmp_path / KEY_FILE) == 0o600
    assert access_key(tmp_path) == other


@pytest.mark.parametrize("text", ["", "short", "ключ" * 20])
def test_what_is_no_key_is_refused_and_kept(tmp_path: Path, text: str) -> None:
    path = tmp_path / KEY_FILE
    path.touch(0o600)
    path.write_text(text, encoding="utf-8")

    with pytest.raises(StorageError, match="no key; delete it"):
        access_key(tmp_path)
    assert path.read_text(encoding="utf-8") == text


def test_a_home_that_cannot_be_written_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")

    with pytest.raises(StorageError, match=KEY_FILE):
        access_key(tmp_path / "home")
