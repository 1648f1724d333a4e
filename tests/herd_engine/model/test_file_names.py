"""Which files are nobody's, how names are shown, and where sockets find room."""

import os
import tempfile
from pathlib import Path, PurePath

import pytest

from herd_engine.model.file_names import (
    LONGEST_OF_SOCKETS,
    is_by_the_way,
    short_temporary_folder,
    shown_name,
)


@pytest.mark.parametrize(
    "name",
    [
        "._weekly.yaml",
        "~$ferma1.xlsx",
        ".~lock.farm.ods#",
        ".hidden.csv",
        "a.csv~",
        "a.csv.part",
        "A.TMP",
        ".a.swp",
    ],
)
def test_hidden_lock_and_temporary_files_are_nobodys(name):
    assert is_by_the_way(PurePath("folder") / name)


@pytest.mark.parametrize(
    "name", ["farm.csv", "Ферма 1.xlsx", "a~b.csv", "$farm.csv", "part.csv", "tmp.parquet"]
)
def test_other_files_are_meant(name):
    assert not is_by_the_way(PurePath(".folder") / name)


def test_a_name_that_is_no_utf8_can_be_written():
    name = os.fsdecode(b"\xf1\xf2.csv")

    assert shown_name(name) == "��.csv"
    assert shown_name("Ферма.csv") == "Ферма.csv"


def test_sockets_find_room_however_long_tmpdir_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    deep = tmp_path / ("x" * 60)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    assert len(short_temporary_folder()) <= LONGEST_OF_SOCKETS

    monkeypatch.setattr(tempfile, "tempdir", "/tmp")  # noqa: S108
    assert short_temporary_folder() == "/tmp"  # noqa: S108
