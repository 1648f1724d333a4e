"""`herd api` as a process: it starts a runner; its streams end with it and go on in the next one."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from herd_engine.operations.ports import free_port
from herd_engine.sample import make_sample

LONG = {"horizon_months": 120, "mc_runs": 50_000, "seed": 5}


@contextmanager
def service(home: Path, *options: str) -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    port = free_port()
    command = [sys.executable, "-m", "herd_engine", "api", "--port", str(port), "--home", str(home), *options]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    base = f"http://127.0.0.1:{port}"
    try:
        wait_until_ready(base, process)
        key = (home / "access.key").read_text().strip()
        with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {key}"}, timeout=120) as client:
            yield client, process
    finally:
        process.kill()
        process.wait()


def wait_until_ready(base: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        assert process.poll() is None
        try:
            if httpx.get(f"{base}/api/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail("the service was never ready")


def end_runners(home: Path) -> None:
    """Runners outlive who started them; those of a test are ended."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"worker" in words and str(home).encode() in words:
            os.kill(int(entry.parent.name), signal.SIGKILL)


@pytest.mark.slow
def test_a_stream_ends_with_the_service_and_goes_on_in_the_next_one(tmp_path: Path) -> None:
    home = tmp_path / "home"
    files = {"file": ("farm.csv", make_sample(animals=150, seed=2).csv)}
    try:
        with service(home) as (client, process):
            dataset = client.post("/api/v1/datasets", files=files).json()["id"]
            wish = {"dataset_id": dataset, "payload": LONG}
            run = client.post("/api/v1/runs", json=wish).json()["run"]["id"]
            seen: list[int] = []
            with client.stream("GET", f"/api/v1/runs/{run}/events/stream") as stream:
                kinds = []
                for line in stream.iter_lines():
                    if line.startswith("id: "):
                        seen.append(int(line[4:]))
                        if len(seen) == 3:
                            process.send_signal(signal.SIGTERM)
                    if line.startswith("event: "):
                        kinds.append(line[7:])
            assert kinds[-1] == "drain"
            assert process.wait(timeout=60) == 0
            assert len(seen) >= 3

        with service(home) as (client, _):
            client.post(f"/api/v1/runs/{run}/cancel")
            resumed = client.get(
                f"/api/v1/runs/{run}/events/stream", headers={"Last-Event-ID": str(seen[-1])}
            )
            numbers = [int(line[4:]) for line in resumed.text.splitlines() if line.startswith("id: ")]
            assert numbers == list(range(seen[-1] + 1, seen[-1] + 1 + len(numbers)))
            # While the next service began, the runner may have come to the end of the run.
            ended = client.get(f"/api/v1/runs/{run}").json()["status"]
            assert ended in ("canceled", "succeeded")
            assert json.loads(resumed.text.split("data: ")[-2].split("\n")[0])["type"] == ended
    finally:
        end_runners(home)
