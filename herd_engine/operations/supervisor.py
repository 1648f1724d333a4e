"""One process that starts the parts, starts again what died or does not get on, and ends all together.

The trouble of one part never ends the others: it is started again, later and later, without end, and the
report says what is down and why.
"""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread

from herd_engine import __version__
from herd_engine.errors import OutputError, ServiceError
from herd_engine.monitoring.supervision_report import Report, now, read_report
from herd_engine.operations.kept_part import KeptPart, SupervisionTiming, put_aside
from herd_engine.operations.parts import Part
from herd_engine.operations.ports import LOOPBACK, WISHED, is_listening
from herd_engine.operations.supervision_file import is_told, sole_supervisor, write_report
from herd_engine.runs.signs_of_life import BEAT_SECONDS, Beat

ROLE = "up"
DEFAULT = SupervisionTiming()


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
    timing : SupervisionTiming
    """

    def __init__(
        self,
        home: Path,
        parts: Sequence[Part],
        tell: Callable[[str], None],
        when_ready: Callable[[Report], None],
        timing: SupervisionTiming = DEFAULT,
    ) -> None:
        self._home, self._tell, self._when_ready, self._timing = home, tell, when_ready, timing
        self._kept = [KeptPart(part, home / "logs" / f"{part.name}.log", timing, tell) for part in parts]
        self._since = now()
        self._told: Report | None = None
        self._fault = ""
        self._looked_at = 0.0

    def run(self, stop: Event) -> None:
        """Keep the parts running until told to stop; then end all of them.

        Raises
        ------
        ConflictError
            There is a supervisor of this home already.
        ServiceError
            A port is taken.
        StorageError
            The home cannot be written.
        """
        self._home.mkdir(parents=True, exist_ok=True)
        with sole_supervisor(self._home), closing(Beat(self._home, ROLE)) as beat:
            self._bury_predecessor(read_report(self._home))
            self._check_ports()
            is_over = Event()
            for kept in self._kept:
                put_aside(kept.log)
                Thread(target=_ask_on, args=(kept, is_over), name=kept.part.name, daemon=True).start()
            try:
                self._keep_running(stop, beat)
            finally:
                is_over.set()
                self._end(self._kept, self._timing.end)
                for kept in self._kept:
                    kept.settle()
                self._report()

    def _keep_running(self, stop: Event, beat: Beat) -> None:
        was_ready, before = False, time.monotonic()
        while not stop.is_set():
            moment = time.monotonic()
            if moment - before > self._timing.stopped / 2:
                for kept in self._kept:  # this process was stopped: that others were silent says nothing
                    kept.forgive()
            before = moment
            beat.touch()
            for kept in self._kept:
                self._look_after(kept)
            report = self._report()
            if report.is_ready and not was_ready:
                was_ready = True
                self._when_ready(report)
            stop.wait(self._timing.poll)

    def _look_after(self, kept: KeptPart) -> None:
        if kept.process is None:
            if kept.is_due and self._has_needs(kept.part):
                kept.start()
        elif (code := kept.process.poll()) is not None:
            # One that was killed had no time for a last word that says why.
            kept.failed(f"ended with {_words(code)}", kept.last_words() if code > 0 else "")
            self._clear_away(kept, self._timing.end)
        elif reason := kept.silence():
            kept.failed(reason)
            self._clear_away(kept, 0.0)

    def _has_needs(self, part: Part) -> bool:
        return all(kept.answers for kept in self._kept if kept.part.name in part.needs)

    def _clear_away(self, kept: KeptPart, patience: float) -> None:
        """End what is left of a part and those that need it; all of them start again."""
        self._end([kept], patience)
        self._end([other for other in self._kept if kept.part.name in other.part.needs], self._timing.end)

    def _end(self, several: Sequence[KeptPart], patience: float) -> None:
        """End processes, the last first: it uses the ones before."""
        deadline = time.monotonic() + patience
        for kept in reversed(several):
            kept.end(deadline)

    def _bury_predecessor(self, report: Report | None) -> None:
        """Do for a supervisor that was killed what it could not: its parts died with it."""
        pids = {} if report is None else {part.name: part.pid for part in report.parts}
        for kept in self._kept:
            if (pid := pids.get(kept.part.name)) is not None:
                kept.owe(pid)

    def _check_ports(self) -> None:
        for kept in self._kept:
            port = WISHED.get(kept.part.name)
            if port is not None and is_listening(LOOPBACK, port):
                raise ServiceError(kept.part.name, f"port {port} is taken by another program; end that")

    def _report(self) -> Report:
        """Tell others how the parts are where that changed, or where somebody tore what was told."""
        parts = tuple(kept.report() for kept in self._kept)
        report = Report(
            pid=os.getpid(), host=socket.gethostname(), version=__version__, since=self._since, parts=parts
        )
        moment = time.monotonic()
        is_time = moment - self._looked_at > BEAT_SECONDS
        if report != self._told or (is_time and not is_told(self._home, report)):
            self._tell_others(report)
        if is_time:
            self._looked_at = moment
        return report

    def _tell_others(self, report: Report) -> None:
        try:
            write_report(self._home, report)
        except OutputError as error:  # a full disk is no reason to end everything
            if str(error) != self._fault:
                self._fault = str(error)
                self._tell(self._fault)
        else:
            self._fault = ""
        self._told = report


def _ask_on(kept: KeptPart, is_over: Event) -> None:
    while not is_over.wait(kept.pause):
        kept.ask()


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


def _words(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
