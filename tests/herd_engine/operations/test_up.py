"""`herd up` with real processes: what it starts, what is killed and comes back."""

import json
import os
import signal
from collections.abc import Callable

import httpx
import psutil
import pytest
from distributed import Client
from distributed.security import Security

from tests.herd_engine.operations.conftest import LONG_RUN, LONG_RUN_TOTAL, SHORT_RUN, Place, all_gone, family

pytestmark = pytest.mark.slow


def begun(place: Place) -> tuple[str, Callable[[], dict]]:
    """Submit a long run and follow it until it is under way; return its id and what waits for its end."""
    watching = place.start("runs", "submit", place.farm, *LONG_RUN, "--watch")
    run = next(watching.stdout).split()[0]
    first = next(line for line in watching.stdout if LONG_RUN_TOTAL in line and " 0 of" not in line)
    assert " 20,000 of" not in first

    def ended() -> dict:
        watching.communicate(timeout=300)
        return json.loads(place.herd("runs", "show", run).out)

    return run, ended


def test_a_run_from_another_process_succeeds(up):
    ended = up.herd("runs", "submit", up.farm, *SHORT_RUN, "--watch")

    assert (ended.code, ended.out.splitlines()[-1].split()[-1]) == (0, "succeeded"), ended.err
    assert not (up.home / "worker.log").exists()  # no runner beside that of `herd up`


def test_status_tells_what_is_alive(up):
    ended = up.herd("status")
    status = up.json("status")

    assert (ended.code, status["is_good"], status["faults"]) == (0, True, [])
    assert {"scheduler", "workers", "runner"} <= {part["name"] for part in status["up"]["parts"]}
    assert all(psutil.pid_exists(part["pid"]) for part in status["up"]["parts"])
    assert list(status["workers"].values()) == [1, 1]
    assert status["revisions"]["found"] == status["revisions"]["needed"]


def test_programs_find_the_service_where_status_says(up):
    address = up.parts()["api"]["address"]
    key = (up.home / "access.key").read_text().strip()
    who = httpx.get(f"{address}/me", headers={"Authorization": f"Bearer {key}"}, timeout=60).json()

    assert who["principal"] == "local"
    assert f"Programs ask {address}, with the key in {up.home / 'access.key'}" in up.herd("status").out


def test_everything_listens_on_this_machine_alone(up):
    processes = [each for part in up.parts().values() for each in family(part["pid"])]
    listening = [
        connection.laddr.ip
        for process in processes
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]

    assert listening
    assert set(listening) == {"127.0.0.1"}


def test_other_users_of_the_machine_cannot_reach_the_scheduler(up):
    address = up.parts()["scheduler"]["address"]
    key = up.home / "dask" / "cluster.pem"
    stranger = Security.temporary()

    assert address.startswith("tls://127.0.0.1:")
    assert key.stat().st_mode & 0o777 == 0o600
    with pytest.raises(OSError, match="TLS certificate does not match"):
        Client(address, security=stranger, timeout=3)
    with pytest.raises(OSError, match=r"Timed out|Connection reset"):
        Client(address.replace("tls", "tcp"), timeout=3)
    assert len(up.json("status")["workers"]) == 2


@pytest.mark.parametrize("how", [(), ("--detach",)])
def test_a_second_one_is_refused_and_told_of_the_first(up, how):
    ended = up.herd("up", *how)

    assert ended.code == 2
    assert f"process {up.report().pid}" in ended.err
    assert "`herd down`" in ended.err


def test_the_doctor_finds_nothing_wrong(up):
    checks = up.json("doctor")["checks"]

    assert {check["code"]: check["what"] for check in checks if check["grade"] == "error"} == {}


def test_a_run_outlives_a_dask_worker_that_is_killed(up):
    pid = up.parts()["workers"]["pid"]
    victim = next(each for each in family(pid)[1:] if "spawn_main" in " ".join(each.cmdline()))
    run, ended = begun(up)

    victim.kill()

    assert ended()["status"] == "succeeded"
    assert up.herd("runs", "verify", run).code == 0
    assert up.parts()["workers"]["pid"] == pid  # its nanny started another


def test_a_runner_that_is_killed_is_started_again_and_its_run_too(up):
    before = up.parts()["runner"]
    run, ended = begun(up)

    os.kill(before["pid"], signal.SIGKILL)

    result = ended()
    assert (result["status"], result["attempt"]) == ("succeeded", 2)
    after = up.parts()["runner"]
    assert after["restarts"] == before["restarts"] + 1
    assert after["pid"] != before["pid"]
    assert up.herd("runs", "reproduce", run).code == 0


def test_a_scheduler_that_is_killed_takes_along_what_needs_it_and_all_come_back(up):
    before = up.parts()

    os.kill(before["scheduler"]["pid"], signal.SIGKILL)

    ended = up.herd("runs", "submit", up.farm, *SHORT_RUN, "--force", "--watch")
    assert (ended.code, ended.out.splitlines()[-1].split()[-1]) == (0, "succeeded"), ended.err
    after = up.parts()
    changed = {name for name in before if after[name]["pid"] != before[name]["pid"]}
    assert changed == {"scheduler", "workers", "runner"}


def test_a_backup_made_meanwhile_gives_runs_that_verify_and_reproduce(up, tmp_path):
    run, ended = begun(up)
    made = up.herd("backup", tmp_path / "b.tar")
    assert ended()["status"] == "succeeded"
    other = ("--home", tmp_path / "other")

    restored = up.herd("restore", tmp_path / "b.tar", *other)

    assert (made.code, restored.code) == (0, 0), made.err + restored.err
    verified = up.herd("runs", "verify", *other)
    assert (verified.code, verified.out.startswith("0 ")) == (0, False)
    runs = up.json("runs", "list", *other)["runs"]
    assert {row["id"]: row["status"] for row in runs}[run] == "running"  # as it was
    finished = next(row["id"] for row in runs if row["status"] == "succeeded")
    assert up.herd("runs", "reproduce", finished, *other).code == 0


def test_nothing_is_restored_over_what_runs(up, tmp_path):
    up.herd("backup", tmp_path / "b.tar")

    ended = up.herd("restore", tmp_path / "b.tar", "--force")

    assert ended.code == 2
    assert "`herd down` first" in ended.err


def test_all_is_good_in_the_end(up):
    ended = up.herd("runs", "verify")

    assert (ended.code, ended.err) == (0, "")


def test_in_the_background_until_it_is_killed_or_ended(new_place):
    place = new_place()
    assert place.herd("down").out.startswith("Nothing is running")
    first = place.process("up", "--detach", "--workers", 1)
    assert first.code == 0, first.err
    assert "`herd down` ends it" in first.out
    assert "Ctrl-C" not in first.out  # nobody has a terminal for it
    pid = place.report().pid
    children = family(pid)

    os.kill(pid, signal.SIGKILL)

    assert len(children) > 4
    assert all_gone(children)
    assert place.herd("status").code == 3
    (found,) = [check for check in place.json("doctor")["checks"] if check["code"] == "herd_up"]
    assert (found["grade"], str(pid) in found["what"]) == ("warning", True)

    second = place.process("up", "--detach", "--workers", 1, "--demo")
    assert second.code == 0, second.err
    assert "overview?farm=Sample+farm in a browser" in second.out
    (run,) = place.json("runs", "list", "--farm", "Sample farm")["runs"]
    assert run["status"] in {"queued", "running", "succeeded"}
    pid = place.report().pid
    children = family(pid)
    ended = place.herd("down")

    assert (ended.code, ended.out.startswith(f"Ended process {pid}: scheduler, workers, runner")) == (0, True)
    assert all_gone(children)
    assert place.herd("down").out.startswith("Nothing is running")
