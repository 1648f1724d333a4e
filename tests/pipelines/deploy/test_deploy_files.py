"""Deployment files hold by their schemas, and planted faults are found; nothing here is run."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

FOLDER = Path(__file__).parents[3] / "pipelines" / "deploy"
COMPOSE, MANIFEST = FOLDER / "compose.yaml", FOLDER / "kubernetes" / "herd.yaml"
BIN = Path(sys.executable).parent


def judged(path: Path) -> int:
    """Return how the judge of a file ends."""
    if path.name == COMPOSE.name:
        command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", path]
    else:
        command = [BIN / "kubernetes-validate", "--strict", path]
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        (COMPOSE, ("stop_grace_period: 45s", "stop_grace_perid: 45s")),
        (MANIFEST, ("replicas: 2", "replicaz: 2")),
        (MANIFEST, ("runAsUser: 10001", "runAsUser: herd")),
    ],
)
def test_a_file_holds_and_a_planted_fault_is_found(
    path: Path, fault: tuple[str, str], tmp_path: Path
) -> None:
    text = path.read_text("utf-8")
    assert fault[0] in text
    broken = tmp_path / path.name
    broken.write_text(text.replace(*fault, 1), encoding="utf-8")

    assert (judged(path), judged(broken) != 0) == (0, True)


def test_workflows_hold() -> None:
    flows = sorted((FOLDER.parents[1] / ".github" / "workflows").glob("*.yml"))
    command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.github-workflows", *flows]

    assert len(flows) >= 2
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def services() -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    return found


def test_ports_are_of_this_machine_alone_and_ours_are_locked_down() -> None:
    published = [str(port) for each in services().values() for port in each.get("ports", [])]  # type: ignore[attr-defined]
    ours = {name: each for name, each in services().items() if each.get("image") == "herd-workbench"}

    assert published
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []
    assert set(ours) == {"api", "watch", "runner", "scheduler", "workers", "apps"}
    for each in ours.values():
        assert (each["read_only"], each["user"], each["stop_grace_period"]) == (True, "10001", "45s")


def test_no_secret_stands_in_a_file() -> None:
    for path in (COMPOSE, MANIFEST, FOLDER / "Dockerfile"):
        assert not re.search(r"(?i)password: *[^/{\s]|whsec_|postgresql://\w+:", path.read_text("utf-8"))


def test_every_command_of_ours_is_one() -> None:
    containers = [
        container
        for document in yaml.safe_load_all(MANIFEST.read_text("utf-8"))
        if document["kind"] == "Deployment"
        for container in document["spec"]["template"]["spec"]["containers"]
    ]
    commands = [each["command"] for each in (*services().values(), *containers) if "command" in each]
    ours = [command for command in commands if command[0] == "herd"]

    assert len(ours) == 6
    for command in ours:
        said = subprocess.run(
            [sys.executable, "-m", "herd_engine", command[1], "--help"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        assert [word for word in command[2:] if word.startswith("--") and word not in said] == []
