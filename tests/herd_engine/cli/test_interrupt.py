"""Ctrl-C."""

import os
import pty
import re
import select
import signal
import subprocess
from pathlib import Path

import pytest

from tests.herd_engine.cli.commands import COMMAND, ENVIRONMENT


def read_until(terminal: int, pattern: bytes, seen: bytes = b"") -> bytes:
    """Return what a program writes to its terminal, up to a pattern or its end."""
    while not re.search(pattern, seen):
        assert select.select([terminal], [], [], 60)[0], f"no {pattern!r} within a minute: {seen!r}"
        try:
            part = os.read(terminal, 4096)
        except OSError:  # how Linux says that the other side is closed
            break
        if not part:
            break
        seen += part
    return seen


@pytest.mark.slow
def test_ctrl_c_stops_a_long_simulation_and_leaves_nothing(farm: Path) -> None:
    ours, theirs = pty.openpty()
    arguments = (
        "forecast",
        farm,
        "--runs",
        "50000",
        "--months",
        "120",
        "--json",
        "a.json",
        "--html",
        "a.html",
    )
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=farm.parent,
        env=ENVIRONMENT | {"TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        read_until(ours, rb"[1-9]\d*/50000")  # the progress bar: some runs are done
        process.send_signal(signal.SIGINT)

        code = process.wait(timeout=10)

        said = read_until(ours, rb"(?!)").decode()
        os.close(ours)
        assert process.stdout is not None
        assert process.stdout.read() == b""
    lines = [line for line in re.sub(r"\x1b\[[\d;?]*[A-Za-z]|\r", "", said).split("\n") if line.strip()]
    assert code == 130
    assert lines[-1] == "Stopped. No file is half written."
    assert "Traceback" not in said
    assert [path.name for path in farm.parent.iterdir()] == ["herd.csv"]


def test_ctrl_c_while_modules_load_is_no_traceback() -> None:
    # The entry point alone: what loads next is replaced by something that is interrupted.
    script = (
        "import sys\n"
        "from herd_engine.cli import main\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'herd_engine.cli.app':\n"
        "            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "main()\n"
    )

    ended = subprocess.run(
        [COMMAND[0], "-c", script],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr == "Stopped. No file is half written.\n"
