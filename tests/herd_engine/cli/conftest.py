"""The command `herd` within this process, in an empty folder with a sample farm's file."""

import sys
from pathlib import Path

import pytest

from herd_engine.cli.app import run
from herd_engine.sample import make_sample
from tests.herd_engine.cli.commands import Ended, Herd

ANIMALS = 300


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder in which commands run, with a home of its own: nobody's is touched."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HERD_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def farm(folder: Path) -> Path:
    """Herd file without problems."""
    path = folder / "herd.csv"
    path.write_bytes(make_sample(animals=ANIMALS).csv)
    return path


@pytest.fixture
def faulty_farm(folder: Path) -> Path:
    """Herd file with some of every known fault, of which a forecast can still be made."""
    path = folder / "faulty.csv"
    path.write_bytes(make_sample(animals=ANIMALS, problems=True).csv)
    return path


@pytest.fixture
def herd(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Herd:
    """Run `herd` with arguments."""

    def call(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["herd", *map(str, arguments)])
        capsys.readouterr()
        code = run()
        said = capsys.readouterr()
        return Ended(int(code or 0), said.out, said.err)

    return call
