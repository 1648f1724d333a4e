"""A part and its process: started, asked how it is, and ended."""

import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from herd_engine.errors import HerdError
from herd_engine.monitoring.supervision_report import PartReport, PartState, moment, now
from herd_engine.operations import tether
from herd_engine.operations.parts import Answer, Part
from herd_engine.runs.home import owners_alone

logger = logging.getLogger(__name__)

LOG_BYTES = 5 * 2**20
"""A longer log is put aside when the part starts again: one that fails without end fills no disk."""
TAIL_BYTES, WORDS = 4000, 300
"""So much of a log is looked at for a reason, and so many characters of its last line are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionTiming:
    """How long the supervisor waits, in seconds.

    Attributes
    ----------
    poll : float
        Between two looks at the processes.
    ask_new, ask : float
        Between two questions to a part: before it is ready, and from then on.
    ready : float
        A part that is not ready after so long is started again.
    stopped, silent : float
        So is one that was ready and has given no answer for so long: one that somebody stopped, and one
        that may only be slow because its machine is busy.
    steady : float
        A part that lived for so long had not failed at its start: counting begins anew.
    first_pause, longest_pause : float
        Before a restart; doubled for each further one in a row, up to the longest.
    end : float
        A part may take so long to end by itself when asked to.
    """

    poll: float = 0.1
    ask_new: float = 0.1
    ask: float = 1.0
    ready: float = 180.0
    stopped: float = 10.0
    silent: float = 120.0
    steady: float = 60.0
    first_pause: float = 0.5
    longest_pause: float = 10.0
    end: float = 10.0


class KeptPart:
    """A part and its process; asked from one thread, everything else from another.

    Parameters
    ----------
    part : Part
    log : Path
    timing : SupervisionTiming
    tell : callable
        Gets a sentence whenever something happens.
    """

    def __init__(self, part: Part, log: Path, timing: SupervisionTiming, tell: Callable[[str], None]) -> None:
        self.part, self.log = part, log
        self._timing, self._tell = timing, tell
        self.process: subprocess.Popen[bytes] | None = None
        self._answer: Answer | None = None
        self._was_ready = False
        self._begun = self._heard = self._not_before = 0.0
        self._since: str | None = None
        self._retry_at: str | None = None
        self._reason = self._debt = ""
        self._failures, self._restarts, self._log_start = 0, -1, 0
        self._owed: list[int] = []

    @property
    def state(self) -> PartState:
        """How it is."""
        if self.process is None:
            return PartState.WAITING
        if self._answer is None:
            return PartState.SILENT if self._was_ready else PartState.STARTING
        return PartState.TROUBLED if self._answer.trouble else PartState.READY

    @property
    def answers(self) -> bool:
        """Whether parts that need it may run."""
        return self._answer is not None

    @property
    def is_due(self) -> bool:
        """Whether it may be started: its pause is over, and nothing of the process before is left to do."""
        return time.monotonic() >= self._not_before and not self._owed

    @property
    def pause(self) -> float:
        """Seconds until it is asked again."""
        return self._timing.ask if self._was_ready else self._timing.ask_new

    def report(self) -> PartReport:
        """Return what others are told of it."""
        answer, state = self._answer, self.state
        return PartReport(
            name=self.part.name,
            state=state,
            pid=None if self.process is None else self.process.pid,
            since=self._since,
            restarts=max(self._restarts, 0),
            address="" if answer is None else answer.address,
            log=str(self.log),
            reason=self._why(state),
            retry_at=self._retry_at if state is PartState.WAITING else None,
        )

    def _why(self, state: PartState) -> str:
        if self._answer is not None:
            return self._answer.trouble
        return "it gives no answer" if state is PartState.SILENT else (self._debt or self._reason)

    def start(self) -> None:
        """Start its process."""
        # A part of its own session does not hear the Ctrl-C that is meant for the supervisor.
        command = (sys.executable, "-I", "-S", tether.__file__, str(os.getpid()), *self.part.command)
        self._answer, self._was_ready, self._begun = None, False, time.monotonic()
        try:
            if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
                put_aside(self.log)
            with open(self.log, "ab", opener=owners_alone) as log:
                self._log_start = log.tell()
                self.process = subprocess.Popen(  # noqa: S603 - our own command line
                    command,
                    env=dict(self.part.environment),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    umask=self.part.umask,
                )
        except OSError as error:
            self.failed(f"cannot be started: {error.strerror or error}")
            return
        self._since, self._restarts = now(), self._restarts + 1

    def ask(self) -> None:
        """Ask it how it is, and do what is left to do of processes of it that ended; may take its time."""
        self.settle()
        process = self.process
        if process is None:
            return
        try:
            answer = self.part.probe(process.pid)
        except Exception:  # the border: whatever a question meets, it must be asked again
            logger.exception("%s could not be asked", self.part.name)
            answer = None
        if process is not self.process:
            return  # it was started again meanwhile
        self._answer = answer
        if answer is not None:
            if not self._was_ready and self._failures:
                self._tell(f"{self.part.name} is back.")
            self._heard, self._was_ready = time.monotonic(), True

    def owe(self, pid: int) -> None:
        """Do what is to be done after a process of this part has ended, again and again until it succeeds."""
        self._owed.append(pid)

    def settle(self) -> None:
        """Try to do it now."""
        while self._owed:
            try:
                self.part.after_end(self._owed[0])
            except HerdError as error:
                if str(error) != self._debt:
                    self._debt = str(error)
                    self._tell(f"{self.part.name}: {error}")
                return
            self._owed, self._debt = self._owed[1:], ""

    def silence(self) -> str:
        """Return in words that it has been silent for too long; nothing where it has not."""
        silent = time.monotonic() - max(self._heard, self._begun)
        limit = self._timing.silent if self._was_ready else self._timing.ready
        if self._was_ready and silent > self._timing.stopped and self._is_stopped():
            limit = self._timing.stopped
        if silent <= limit:
            return ""
        return f"gave no answer for {limit:g} s" if self._was_ready else f"was not ready after {limit:g} s"

    def _is_stopped(self) -> bool:
        """Whether a process of this part, which has a session of its own, was stopped by a signal."""
        return self.process is not None and any(
            state == "T" and session == self.process.pid for state, session in _states_and_sessions()
        )

    def forgive(self) -> None:
        """Begin to count its silence anew: we ourselves did not look."""
        self._heard = time.monotonic()

    def failed(self, reason: str, said: str = "") -> None:
        """Let it be started again, later than the last time if it had just begun.

        Parameters
        ----------
        reason : str
        said : str
            Its last words.
        """
        moment_of_failure = time.monotonic()
        is_steady = moment_of_failure > self._begun + self._timing.steady
        self._failures = 1 if is_steady else self._failures + 1
        doubled = self._timing.first_pause * 2 ** min(self._failures - 1, 20)
        pause = min(doubled, self._timing.longest_pause)
        self._not_before, self._retry_at = moment_of_failure + pause, moment(time.time() + pause)
        self._reason = f"it {reason}: {said}" if said else f"it {reason}"
        if self._failures & (self._failures - 1) == 0:  # the 1st, 2nd, 4th, 8th … time: a log is no drum
            count = f" ({self._failures} times in a row)" if self._failures > 1 else ""
            self._tell(
                f"{self.part.name} {reason}{count}; it is started again in {pause:g} s. See {self.log}"
            )

    def end(self, deadline: float) -> None:
        """End its process with all its children, by force where it does not by itself."""
        process = self.process
        if process is None:
            return
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # it, or children that it left behind
        process.wait()
        self.process = self._answer = None
        self.owe(process.pid)

    def last_words(self) -> str:
        """Return the last line that the process wrote into its log."""
        try:
            with self.log.open("rb") as log:
                log.seek(max(self._log_start, log.seek(0, os.SEEK_END) - TAIL_BYTES))
                lines = log.read().decode(errors="replace").split("\n")
        except OSError:
            return ""
        return next((_event(line.strip())[:WORDS] for line in reversed(lines) if line.strip()), "")


def _event(line: str) -> str:
    """Return what a line of a log says, without what it belongs to."""
    try:
        return str(json.loads(line)["event"])
    except (ValueError, TypeError, KeyError):
        return line


def _states_and_sessions() -> Iterator[tuple[str, int]]:
    """Yield of each process of this machine how it is and its session; see proc_pid_stat(5)."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            fields = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            yield fields[0], int(fields[3])


def put_aside(log: Path) -> None:
    """Let a new log begin; the one before is kept."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(f"{log.name}.1"))
