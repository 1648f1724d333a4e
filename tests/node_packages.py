"""Programs of others for Node.js that tests use: `.ci/run` installs them, else the test that needs one."""

import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / ".node"
VERSIONS = {
    "oauth2-mock-server": "8.2.3",
    "standardwebhooks": "1.1.1",
    "svix": "1.61.0",  # with a verifier of its own, which later ones have not
}
PATIENCE_SECONDS = 120


def node_file(package: str, path: str) -> Path:
    """Return a file of a package, installed now where it is missing."""
    found = FOLDER / "node_modules" / package / path
    if not found.is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.fail(f"no npm here: Node.js 20.19 or later is needed to run {package}")
        FOLDER.mkdir(exist_ok=True)
        wanted = f"{package}@{VERSIONS[package]}"
        command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(FOLDER), wanted]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)
        if not found.is_file():
            pytest.fail(f"{package} could not be installed:\n{done.stdout}{done.stderr}")
    return found
