"""The supervisor with parts that are a line of Python each."""

import os
import signal
from pathlib import Path
from threading import Event

import psutil
import pytest

from herd_engine.errors import ConflictError, ServiceError, StorageError
from herd_engine.runs.store import StoreSettings
from herd_engine.services import supervisor as supervisor_module
from herd_engine.services.parts import Part, standard_parts
from herd_engine.services.ports import WISHED
from herd_engine.services.supervision_file import living_supervisor, sole_supervisor
from herd_engine.services.supervisor import Supervisor
from tests.services.conftest import all_gone, python

WAIT = "import time; time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {WAIT}"


@pytest.fixture(autouse=True)
def hasty(monkeypatch):
    """Let nobody wait longer than needed."""
    monkeypatch.setattr(supervisor_module, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(supervisor_module, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(supervisor_module, "END_SECONDS", 0.5)


def part(name="one", code=WAIT, **others):
    return Part(name=name, command=python(code), environment=os.environ, **({"probe": lambda: ""} | others))


def supervise(home: Path, *parts: Part, when_ready=None) -> list[str]:
    """Supervise until ``when_ready`` says so, by default when all are ready; return what is said."""
    said, stop = [], Event()
    ready = when_ready or (lambda _report, stop: stop.set())
    Supervisor(home, parts, said.append, lambda report: ready(report, stop)).run(stop)
    return said


def test_a_part_starts_when_what_it_needs_is_ready(tmp_path):
    marks = tmp_path / "marks"
    first = part(
        "first",
        f"open({str(marks)!r}, 'a').write('first '); {WAIT}",
        probe=lambda: "there" if marks.exists() and marks.read_text() else None,
    )
    second = part(
        "second",
        f"open({str(marks)!r}, 'a').write('second'); {WAIT}",
        probe=lambda: "" if marks.read_text().endswith("second") else None,
        needs=("first",),
    )

    supervise(tmp_path, second, first)

    assert marks.read_text() == "first second"


def test_a_part_that_keeps_dying_is_given_up_and_the_others_ended(tmp_path):
    pids = []
    steady = part("steady", after_end=pids.append)
    broken = part("broken", "import sys; sys.exit('no luck')", probe=lambda: None)
    said = []

    with pytest.raises(
        ServiceError, match=r"broken: ended with exit code 1, and so 5 times again; see .*broken\.log"
    ):
        Supervisor(tmp_path, (steady, broken), said.append, lambda _report: None).run(Event())

    assert [sentence.rpartition("(")[2] for sentence in said] == [f"{n} of 5)." for n in range(1, 6)]
    assert (tmp_path / "logs" / "broken.log").read_text().count("no luck") == 6
    assert len(pids) == 1
    assert not psutil.pid_exists(pids[0])
    assert living_supervisor(tmp_path) is None


def test_a_part_that_is_killed_comes_back_with_those_that_need_it(tmp_path):
    ended: list[tuple[str, int]] = []
    first: dict[str, int] = {}
    stops: list[Event] = []

    def kill_base(report, stop):
        first.update({each.name: each.pid for each in report.parts})
        stops.append(stop)
        os.kill(first["base"], signal.SIGKILL)

    def user_is_ready():
        for stop in stops:  # it is here a second time: enough
            stop.set()
        return ""

    parts = [
        part(name, needs=needs, probe=probe, after_end=lambda pid, name=name: ended.append((name, pid)))
        for name, needs, probe in (
            ("base", (), lambda: ""),
            ("user", ("base",), user_is_ready),
            ("other", (), lambda: ""),
        )
    ]

    said = supervise(tmp_path, *parts, when_ready=kill_base)

    assert [sentence.partition(";")[0] for sentence in said] == ["base ended with signal SIGKILL"]
    assert [name for name, _pid in ended] == ["user", "base", "other", "user", "base"]
    assert {name for name, pid in ended[2:] if pid == first[name]} == {"other"}


def test_a_part_that_does_not_listen_is_killed_with_its_children(tmp_path):
    child = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); {STUBBORN}"
    log = tmp_path / "logs" / "one.log"
    left = []

    def end(report, stop):
        left.extend([psutil.Process(report.parts[0].pid), *psutil.Process(report.parts[0].pid).children()])
        stop.set()

    supervise(tmp_path, part(code=child, probe=lambda: "" if log.read_text().count("deaf") == 2 else None),
              when_ready=end)  # fmt: skip

    assert len(left) == 2
    assert all_gone(left)


def test_what_a_part_leaves_is_looked_after_also_after_the_supervisor_was_killed(tmp_path):
    ended = []
    supervise(tmp_path, part(after_end=ended.append))
    report = (tmp_path / "up.json").read_text().replace('"pid": null', '"pid": 4711')
    (tmp_path / "up.json").write_text(report)

    supervise(tmp_path, part(after_end=ended.append))

    assert (len(ended), ended[1]) == (3, 4711)


def test_a_store_that_does_not_answer_is_told_and_ends_nothing(tmp_path):
    def fail(_pid):
        raise StorageError("sqlite", "the disk is full")

    assert supervise(tmp_path, part(after_end=fail)) == ["one: sqlite cannot be used: the disk is full."]


def test_the_log_before_is_kept(tmp_path):
    for word in ("first", "second"):
        log = tmp_path / "logs" / "one.log"
        supervise(tmp_path, part(code=f"print({word!r}, flush=True); {WAIT}",
                                 probe=lambda log=log: log.read_text().strip() or None))  # fmt: skip

    assert (log.read_text(), log.with_name("one.log.1").read_text()) == ("second\n", "first\n")


def test_a_wished_port_that_is_taken_is_told(tmp_path, taken_port, monkeypatch):
    monkeypatch.setitem(WISHED, "one", taken_port)

    with pytest.raises(ServiceError, match=f"one: port {taken_port} is taken by another program"):
        supervise(tmp_path, part())


def test_two_of_one_home_are_refused(tmp_path):
    with sole_supervisor(tmp_path):
        assert living_supervisor(tmp_path) == os.getpid()
        with pytest.raises(ConflictError, match=rf"process {os.getpid()}, since 20.*`herd down`"):
            supervise(tmp_path, part())

    assert living_supervisor(tmp_path) is None


def test_secrets_stand_in_no_command_and_reach_only_who_needs_them(tmp_path, monkeypatch):
    monkeypatch.setenv("HERD_DATABASE_URL", "postgresql://anna:hunter2@db/herd")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    settings = StoreSettings.from_environment(tmp_path)

    parts = {each.name: each for each in standard_parts(settings, 2)}

    assert not any("hunter2" in word for each in parts.values() for word in each.command)
    knowing = {name for name, each in parts.items() if any("hunter2" in v for v in each.environment.values())}
    assert knowing == {"runner", "apps", "schedule"}


def test_a_cluster_elsewhere_needs_only_runner_and_apps_here(tmp_path, monkeypatch):
    monkeypatch.setenv("HERD_DASK_ADDRESS", "tcp://10.0.0.1:8786")

    parts = standard_parts(StoreSettings.from_environment(tmp_path), 2)

    assert [(each.name, each.needs) for each in parts] == [("runner", ()), ("apps", ()), ("schedule", ())]
