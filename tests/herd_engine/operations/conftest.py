"""`herd` as its users start it: every command a process, a home of its own."""

import io
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from herd_engine.cli.app import run
from herd_engine.monitoring.supervision_report import Report, read_report
from herd_engine.sample import make_sample
from tests.herd_engine.cli.commands import COMMAND, ROOT, Ended

LONG_RUN = ("--set", "mc_runs=20000", "--set", "horizon_months=120", "--force")
LONG_RUN_TOTAL = " of 20,000 replicates"
SHORT_RUN = ("--set", "mc_runs=50", "--set", "horizon_months=4")


@dataclass
class Place:
    """A home, a herd file beside it, and commands that use them."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def farm(self) -> Path:
        return self.folder / "farm.csv"

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        own = {"HERD_HOME": str(self.home), "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
        command = [*COMMAND, *map(str, arguments)]
        environment = {**os.environ, **own, **self.environment}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        return subprocess.Popen(command, cwd=self.folder, env=environment, **pipes)

    def herd(self, *arguments: object) -> Ended:
        """Run a command within this process: no libraries to be loaded again."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr(sys, "argv", ["herd", *map(str, arguments)])
            for name, value in {"HERD_HOME": str(self.home), "COLUMNS": "200", **self.environment}.items():
                patch.setenv(name, value)
            code = run()
        return Ended(int(code or 0), out.getvalue(), err.getvalue())

    def process(self, *arguments: object) -> Ended:
        """Run a command as a process of its own."""
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=300)
            return Ended(process.returncode, out, err)

    def json(self, *arguments: object) -> dict[str, Any]:
        return json.loads(self.herd(*arguments, "--json", "-").out)

    def report(self) -> Report:
        return read_report(self.home)

    def parts(self) -> dict[str, dict[str, Any]]:
        return {part.name: asdict(part) for part in self.report().parts}


@pytest.fixture(scope="module")
def new_place(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Place]:
    def make() -> Place:
        place = Place(tmp_path_factory.mktemp("place"))
        place.farm.write_bytes(make_sample(animals=200, seed=2).csv)
        return place

    return make


@pytest.fixture(scope="module")
def up(new_place: Callable[[], Place]) -> Iterator[Place]:
    """Return a place where `herd up` runs in a process of its own."""
    place = new_place()
    process = place.start("up", "--workers", 2)
    lines = iter(process.stdout.readline, "")
    assert any("Herd Workbench is up" in line for line in lines), process.stderr.read()
    yield place
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said.splitlines()[-1][:7]) == (0, "Ended: ")


def family(pid: int) -> list[psutil.Process]:
    """Return a process and all that came from it."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def all_gone(processes: list[psutil.Process]) -> bool:
    """Wait until processes have ended; a zombie that nobody has asked about has."""
    _, alive = psutil.wait_procs(processes, timeout=30)
    return all(not process.is_running() or process.status() == psutil.STATUS_ZOMBIE for process in alive)


def python(code: str) -> tuple[str, ...]:
    """Return the command of a part that is a few lines of Python."""
    return (sys.executable, "-c", code)


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port of this machine that another program, this one, listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
