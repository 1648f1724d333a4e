"""The supervisor with parts that are a line of Python each."""

import os
import signal
import time
from pathlib import Path
from threading import Event, Thread

import psutil
import pytest

from herd_engine.errors import ConflictError, ServiceError, StorageError
from herd_engine.monitoring.supervision_report import PartState, living_supervisor, read_report
from herd_engine.operations import parts as parts_module
from herd_engine.operations.kept_part import SupervisionTiming
from herd_engine.operations.parts import Answer, Part, left_out, standard_parts
from herd_engine.operations.ports import WISHED
from herd_engine.operations.supervision_file import sole_supervisor
from herd_engine.operations.supervisor import Supervisor
from herd_engine.runs.signs_of_life import sign_of
from herd_engine.runs.store import StoreSettings
from tests.herd_engine.operations.conftest import all_gone, python

WAIT = "import time; time.sleep(600)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {WAIT}"


HASTY = SupervisionTiming(
    poll=0.02, ask=0.02, ask_new=0.02, stopped=0.5, first_pause=0.01, longest_pause=0.05, end=0.5
)
"""Nobody waits longer than needed."""


def well(_pid):
    return Answer()


def part(name="one", code=WAIT, **others):
    return Part(name=name, command=python(code), environment=os.environ, **({"probe": well} | others))


def supervise(home: Path, *parts: Part, when_ready=None) -> list[str]:
    """Supervise until ``when_ready`` says so, by default when all are ready; return what is said."""
    said, stop = [], Event()
    ready = when_ready or (lambda _report, stop: stop.set())
    Supervisor(home, parts, said.append, lambda report: ready(report, stop), HASTY).run(stop)
    return said


def test_a_part_starts_when_what_it_needs_is_ready(tmp_path):
    marks = tmp_path / "marks"
    first = part(
        "first",
        f"open({str(marks)!r}, 'a').write('first '); {WAIT}",
        probe=lambda _pid: Answer("there") if marks.exists() and marks.read_text() else None,
    )
    second = part(
        "second",
        f"open({str(marks)!r}, 'a').write('second'); {WAIT}",
        probe=lambda _pid: Answer() if marks.read_text().endswith("second") else None,
        needs=("first",),
    )

    supervise(tmp_path, second, first)

    assert marks.read_text() == "first second"


def until(is_so, stop):
    """Stop as soon as something is so; never, if it never is: the test then takes too long."""

    def look():
        while not is_so():
            time.sleep(0.02)
        stop.set()

    Thread(target=look, daemon=True).start()


def test_a_part_that_keeps_dying_is_tried_again_without_end_and_the_others_stay(tmp_path):
    """Here a dozen times; what is down and why stands in the report, and it is well as soon as it can be."""
    cause = tmp_path / "cause"
    cause.write_text("")
    steady = part("steady")
    broken = part("broken", f"import os, sys; os.path.exists({str(cause)!r}) and sys.exit('no luck'); {WAIT}",
                  probe=lambda _pid: None if cause.exists() else Answer())  # fmt: skip
    seen = []

    def has_failed_often():
        report = read_report(tmp_path)
        if report is not None:
            seen.append(report)
        return seen and seen[-1].parts[1].restarts >= 12

    until(lambda: has_failed_often() and cause.unlink() is None, Event())
    said = supervise(tmp_path, steady, broken)

    (down,) = {(each.name, each.reason) for report in seen for each in report.down if each.reason}
    assert down == ("broken", "it ended with exit code 1: no luck")
    assert {report.parts[0].pid for report in seen if report.parts[0].pid} == {seen[-1].parts[0].pid}
    assert [each.partition(";")[0] for each in said][:2] == [
        "broken ended with exit code 1", "broken ended with exit code 1 (2 times in a row)",
    ]  # fmt: skip
    assert len(said) < 8
    assert said[-1] == "broken is back."
    assert read_report(tmp_path).down  # after the end nothing runs
    assert living_supervisor(tmp_path) is None


def test_a_part_that_was_stopped_is_silent_and_started_again(tmp_path):
    """Its process exists and nothing is wrong with it, but it does not get on."""
    code = (
        f"from pathlib import Path; from herd_engine.runs.signs_of_life import beating; import time\n"
        f"with beating(Path({str(tmp_path)!r}), 'one'): {WAIT}"
    )
    states, pids = set(), []

    def probe(pid):
        sign = sign_of(tmp_path, "one", pid)
        return Answer() if sign is not None and sign.silent_seconds < 2.5 else None

    def stop_it(report, stop):
        pids.append(report.parts[0].pid)
        os.kill(pids[0], signal.SIGSTOP)

        def is_back():
            (now,) = (read_report(tmp_path) or report).parts
            states.add(now.state)
            return now.pid not in (None, pids[0]) and now.state is PartState.READY

        until(is_back, stop)

    said = supervise(tmp_path, part(code=code, probe=probe), when_ready=stop_it)

    assert [each.partition(";")[0] for each in said] == ["one gave no answer for 0.5 s", "one is back."]
    assert PartState.SILENT in states
    assert not psutil.pid_exists(pids[0])


def test_a_part_that_waits_for_something_says_so_and_is_left_alone(tmp_path):
    trouble = ["waits for its database"]
    seen = []

    def look(report):
        seen.append(report.parts[0])
        if report.parts[0].state is PartState.TROUBLED:
            trouble.clear()

    def probe(_pid):
        report = read_report(tmp_path)
        if report is not None and report.pid == os.getpid():
            look(report)
        return Answer(trouble=trouble[0] if trouble else "")

    said = supervise(tmp_path, part(probe=probe))

    (told,) = {each.reason for each in seen if each.state is PartState.TROUBLED}
    assert told == "waits for its database"
    assert said == []


@pytest.mark.parametrize("torn", [b"", b"{", b"[]", b'{"parts": [{}]}', b'{"pid": 1'])
def test_a_torn_report_of_the_supervisor_before_is_written_anew(tmp_path, torn):
    (tmp_path / "up.json").write_bytes(torn)

    supervise(tmp_path, part())

    assert [each.name for each in read_report(tmp_path).parts] == ["one"]


def test_a_report_that_is_torn_meanwhile_is_written_again(tmp_path):
    def tear(report, stop):
        (tmp_path / "up.json").write_bytes((tmp_path / "up.json").read_bytes()[:40])
        assert read_report(tmp_path) is None
        until(lambda: read_report(tmp_path) is not None, stop)

    assert supervise(tmp_path, part(), when_ready=tear) == []


def test_what_is_owed_is_tried_until_it_succeeds_and_only_then_the_part_starts_again(tmp_path):
    answers = [StorageError("the database", "it is away")] * 3
    settled, pids = [], []

    def release(pid):
        if answers:
            raise answers.pop()
        settled.append(pid)

    def kill_it(report, stop):
        pids.append(report.parts[0].pid)
        os.kill(pids[0], signal.SIGKILL)
        until(lambda: read_report(tmp_path).is_ready and read_report(tmp_path).parts[0].pid != pids[0], stop)

    said = supervise(tmp_path, part(after_end=release), when_ready=kill_it)

    assert settled[0] == pids[0]
    assert said[1:] == ["one: the database cannot be used: it is away.", "one is back."]


def test_a_part_that_is_killed_comes_back_with_those_that_need_it(tmp_path):
    ended: list[tuple[str, int]] = []
    first: dict[str, int] = {}
    stops: list[Event] = []

    def kill_base(report, stop):
        first.update({each.name: each.pid for each in report.parts})
        stops.append(stop)
        os.kill(first["base"], signal.SIGKILL)

    def user_is_ready(pid):
        for stop in stops:
            if pid != first["user"]:  # it is here a second time: enough
                stop.set()
        return Answer()

    parts = [
        part(name, needs=needs, probe=probe, after_end=lambda pid, name=name: ended.append((name, pid)))
        for name, needs, probe in (
            ("base", (), well),
            ("user", ("base",), user_is_ready),
            ("other", (), well),
        )
    ]

    said = supervise(tmp_path, *parts, when_ready=kill_base)

    assert said[0].partition(";")[0] == "base ended with signal SIGKILL"
    assert sorted(name for name, _pid in ended) == ["base", "base", "other", "user", "user"]
    assert {name for name, pid in ended[2:] if pid == first[name]} == {"other"}


def test_a_part_that_does_not_listen_is_killed_with_its_children(tmp_path):
    child = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); {STUBBORN}"
    log = tmp_path / "logs" / "one.log"
    left = []

    def end(report, stop):
        left.extend([psutil.Process(report.parts[0].pid), *psutil.Process(report.parts[0].pid).children()])
        stop.set()

    def are_deaf(_pid):
        return Answer() if log.read_text().count("deaf") == 2 else None

    supervise(tmp_path, part(code=child, probe=are_deaf), when_ready=end)

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

        def has_said(_pid, log=log):
            return Answer() if log.read_text().strip() else None

        supervise(tmp_path, part(code=f"print({word!r}, flush=True); {WAIT}", probe=has_said))

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
    assert knowing == {"runner", "apps", "api", "schedule", "watch"}


def test_a_cluster_elsewhere_needs_only_runner_and_fronts_here(tmp_path, monkeypatch):
    monkeypatch.setenv("HERD_DASK_ADDRESS", "tcp://10.0.0.1:8786")

    parts = standard_parts(StoreSettings.from_environment(tmp_path), 2)

    names = ["runner", "apps", "api", "schedule", "watch"]
    assert [(each.name, each.needs) for each in parts] == [(name, ()) for name in names]


def test_a_part_whose_libraries_are_missing_is_left_out_and_told(tmp_path, monkeypatch):
    monkeypatch.setattr(parts_module, "find_spec", lambda library: None if library == "uvicorn" else library)

    parts = standard_parts(StoreSettings.from_environment(tmp_path), 2)

    assert {"apps", "schedule"} <= {each.name for each in parts}
    assert "api" not in {each.name for each in parts}
    assert left_out() == ("api is left out: it needs uvicorn: pip install 'herd-workbench[api]'",)
