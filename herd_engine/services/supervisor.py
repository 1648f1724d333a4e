"""One process that starts the parts, starts again what died, and ends all of them together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from herd_engine import __version__
from herd_engine.errors import HerdError, OutputError, ServiceError
from herd_engine.services import tether
from herd_engine.services.parts import Part
from herd_engine.services.ports import LOOPBACK, WISHED, is_listening
from herd_engine.services.supervision_file import (
    PartReport,
    PartState,
    Report,
    now,
    read_report,
    sole_supervisor,
    write_report,
)

POLL_SECONDS = 0.1
READY_SECONDS = 120.0
"""A part that is not ready after this long is started again."""
STEADY_SECONDS = 60.0
"""A part that lived for so long had not failed at its start: counting begins anew."""
MAX_RESTARTS = 5
"""In a row."""
FIRST_PAUSE_SECONDS = 0.5
"""Before the first restart; doubled for each further one in a row."""
END_SECONDS = 10.0
"""How long a part may take to end by itself when asked to."""


@dataclass(slots=True)
class _Kept:
    """A part and its process."""

    part: Part
    log: Path
    process: subprocess.Popen[bytes] | None = None
    address: str | None = None
    since: str | None = None
    begun: float = 0.0
    not_before: float = 0.0
    failures: int = 0
    restarts: int = -1

    @property
    def state(self) -> PartState:
        if self.process is None:
            return PartState.WAITING
        return PartState.STARTING if self.address is None else PartState.READY

    def report(self) -> PartReport:
        return PartReport(
            name=self.part.name,
            state=self.state,
            pid=None if self.process is None else self.process.pid,
            since=self.since,
            restarts=max(self.restarts, 0),
            address=self.address or "",
            log=str(self.log),
        )


class Supervisor:
    """Keeps parts running.

    Parameters
    ----------
    home : Path
    parts : sequence of Part
    tell : callable
        Gets a sentence whenever something happens.
    when_ready : callable
        Gets the report when all parts are ready for the first time.
    """

    def __init__(
        self,
        home: Path,
        parts: Sequence[Part],
        tell: Callable[[str], None],
        when_ready: Callable[[Report], None],
    ) -> None:
        self._home, self._tell, self._when_ready = home, tell, when_ready
        self._kept = [_Kept(part, home / "logs" / f"{part.name}.log") for part in parts]
        self._since = now()
        self._told: Report | None = None

    def run(self, stop: Event) -> None:
        """Keep the parts running until told to stop; then end all of them.

        Raises
        ------
        ConflictError
            There is a supervisor of this home already.
        ServiceError
            A port is taken, or a part died too often; nothing runs any more.
        """
        self._home.mkdir(parents=True, exist_ok=True)
        with sole_supervisor(self._home):
            self._bury_predecessor(read_report(self._home))
            self._check_ports()
            for kept in self._kept:
                _rotate(kept.log)
            try:
                self._keep_running(stop)
            finally:
                self._end(self._kept)
                self._report()

    def _keep_running(self, stop: Event) -> None:
        was_ready = False
        while not stop.is_set():
            for kept in self._kept:
                self._look_after(kept)
            report = self._report()
            if report.is_ready and not was_ready:
                was_ready = True
                self._when_ready(report)
            stop.wait(POLL_SECONDS)

    def _look_after(self, kept: _Kept) -> None:
        if kept.process is None:
            if time.monotonic() >= kept.not_before and self._has_needs(kept.part):
                self._start(kept)
        elif (code := kept.process.poll()) is not None:
            self._restart(kept, f"ended with {_words(code)}")
        elif kept.address is None:
            kept.address = kept.part.probe()
            if kept.address is None and time.monotonic() > kept.begun + READY_SECONDS:
                self._restart(kept, f"was not ready after {READY_SECONDS:.0f} s")

    def _has_needs(self, part: Part) -> bool:
        return all(kept.state is PartState.READY for kept in self._kept if kept.part.name in part.needs)

    def _start(self, kept: _Kept) -> None:
        # A part of its own session does not hear the Ctrl-C that is meant for the supervisor.
        command = (sys.executable, "-I", "-S", tether.__file__, str(os.getpid()), *kept.part.command)
        with kept.log.open("ab") as log:
            kept.process = subprocess.Popen(  # noqa: S603 - our own command line
                command,
                env=dict(kept.part.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        kept.since, kept.begun, kept.restarts = now(), time.monotonic(), kept.restarts + 1

    def _restart(self, kept: _Kept, reason: str) -> None:
        """Clear away what is left of a part and of those that need it; all of them start again."""
        name = kept.part.name
        self._end([kept, *(other for other in self._kept if name in other.part.needs)])
        is_steady = time.monotonic() > kept.begun + STEADY_SECONDS
        kept.failures = 1 if is_steady else kept.failures + 1
        if kept.failures > MAX_RESTARTS:
            raise ServiceError(name, f"{reason}, and so {MAX_RESTARTS} times again; see {kept.log}")
        pause = FIRST_PAUSE_SECONDS * 2 ** (kept.failures - 1)
        kept.not_before = time.monotonic() + pause
        self._tell(
            f"{name} {reason}; it is started again in {pause:g} s ({kept.failures} of {MAX_RESTARTS})."
        )

    def _end(self, several: Sequence[_Kept]) -> None:
        """End processes, the last first: it uses the ones before."""
        running = [(kept, kept.process) for kept in reversed(several) if kept.process is not None]
        deadline = time.monotonic() + END_SECONDS
        for kept, process in running:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # it, or children that it left behind
            process.wait()
            kept.process = kept.address = None
            self._after_end(kept.part, process.pid)

    def _after_end(self, part: Part, pid: int) -> None:
        try:
            part.after_end(pid)
        except HerdError as error:
            self._tell(f"{part.name}: {error}")

    def _bury_predecessor(self, report: Report | None) -> None:
        """Do for a supervisor that was killed what it could not: its parts died with it."""
        pids = {} if report is None else {part.name: part.pid for part in report.parts}
        for kept in self._kept:
            if (pid := pids.get(kept.part.name)) is not None:
                self._after_end(kept.part, pid)

    def _check_ports(self) -> None:
        for kept in self._kept:
            port = WISHED.get(kept.part.name)
            if port is not None and is_listening(LOOPBACK, port):
                raise ServiceError(kept.part.name, f"port {port} is taken by another program; end that")

    def _report(self) -> Report:
        """Tell others how the parts are where that changed."""
        parts = tuple(kept.report() for kept in self._kept)
        report = Report(
            pid=os.getpid(), host=socket.gethostname(), version=__version__, since=self._since, parts=parts
        )
        if report != self._told:
            self._told = report
            try:
                write_report(self._home, report)
            except OutputError as error:  # a full disk is no reason to end everything
                self._tell(str(error))
        return report


@contextmanager
def stopped_by_signals() -> Iterator[Event]:
    """Yield an event that Ctrl-C, SIGTERM or the loss of the terminal sets."""
    stop = Event()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _rotate(log: Path) -> None:
    """Begin a new log; the one before is kept."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))


def _words(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
