"""The command line as tests start it: in a process of its own, or quicker within this one."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
COMMAND = (sys.executable, "-m", "herd_engine")
ANSWERS = ("--accept-losses", "--map-status", "На лечении=present")
"""What a sample with problems asks."""
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "COLUMNS": "80"}


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


Herd = Callable[..., Ended]


def start(*arguments: object, folder: Path) -> Ended:
    """Run `herd` as a process in a folder."""
    process = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    return Ended(process.returncode, process.stdout, process.stderr)
