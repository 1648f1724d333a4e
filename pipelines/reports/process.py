"""A notebook executed in a process of its own: within a limit of time, stoppable, nothing left running."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

from herd_engine.workbench.files import write_atomically
from pipelines.reports.manifest import NOTEBOOK, ReportFailure, ReportStatus
from pipelines.reports.notebook_file import read_file, write_file

LOOK_SECONDS = 0.1
JOB, PROGRESS, OUTCOME, LOG = "job.json", "progress.json", "outcome.json", "execute.log"
LAST_CHARACTERS = 2000

Tell = Callable[[int, int, str], None]
"""Gets the cell that is being executed, the number of cells, and the section."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookJob:
    """What to execute.

    Attributes
    ----------
    notebook : Path
    parameters : mapping
        Checked.
    folder : Path
        Where it is executed; the notebook stands here afterwards.
    seconds : float
        Limit of wall time.
    cell_seconds : float
        The same of each cell.
    environment : mapping
        All of it.
    """

    notebook: Path
    parameters: Mapping[str, Any]
    folder: Path
    seconds: float
    cell_seconds: float
    environment: Mapping[str, str]


def run_notebook(job: NotebookJob, stop: Event, tell: Tell) -> tuple[ReportStatus, ReportFailure | None]:
    """Execute a notebook and return how that ended; what was finished is in the folder, however it did.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    words = {"notebook": str(job.notebook), "parameters": job.parameters, "cell_seconds": job.cell_seconds}
    write_atomically(job.folder / JOB, json.dumps(words).encode())
    command = [sys.executable, "-P", "-m", "pipelines.reports.execute", str(job.folder)]
    with (job.folder / LOG).open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=dict(job.environment),
            start_new_session=True,
        )
    try:
        stopped = _wait(process, job, stop, tell)
    finally:
        _end(process, job.folder)
    status, failure = (stopped, _stop_reason(stopped, job)) if stopped else _outcome(process, job.folder)
    if failure is not None:
        failure = failure.model_copy(update={"section": _progress(job.folder).get("section", "")})
    _seal(job, status)
    return status, failure


def _wait(process: subprocess.Popen[bytes], job: NotebookJob, stop: Event, tell: Tell) -> ReportStatus | None:
    """Wait for the end of the process; return why it has to be ended, None where it ended by itself."""
    deadline, told = monotonic() + job.seconds, -1
    while process.poll() is None:
        if stop.is_set():
            return ReportStatus.CANCELED
        if monotonic() > deadline:
            return ReportStatus.TIMEOUT
        progress = _progress(job.folder)
        if progress.get("cell", told) != told:
            told = progress["cell"]
            tell(told, progress["cells"], progress["section"])
        stop.wait(LOOK_SECONDS)
    return None


def _end(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Kill what still lives of the process and of its kernel, which has a process group of its own."""
    kernel = _progress(folder).get("kernel")
    if process.poll() is None:
        _kill_group(process.pid)
        if kernel is not None:
            _kill_group(kernel)
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _progress(folder: Path) -> dict[str, Any]:
    try:
        progress: dict[str, Any] = json.loads((folder / PROGRESS).read_bytes())
    except FileNotFoundError:
        return {}
    return progress


def _stop_reason(status: ReportStatus, job: NotebookJob) -> ReportFailure:
    if status is ReportStatus.TIMEOUT:
        return ReportFailure(code="TIME_LIMIT", message=f"the report took longer than {job.seconds:g} s")
    return ReportFailure(code="CANCELED", message="somebody asked it to stop")


def _outcome(process: subprocess.Popen[bytes], folder: Path) -> tuple[ReportStatus, ReportFailure | None]:
    """Return what the process told; where it could not tell, its exit code and last words."""
    try:
        told = json.loads((folder / OUTCOME).read_bytes())
    except FileNotFoundError:
        said = (folder / LOG).read_text(encoding="utf-8", errors="replace").strip()
        message = said.splitlines()[-1] if said else f"the process ended with {process.returncode}"
        return ReportStatus.FAILED, ReportFailure(
            code="NOT_EXECUTED", message=message, details=said[-LAST_CHARACTERS:]
        )
    failure = told["failure"]
    return ReportStatus(told["status"]), failure and ReportFailure.model_validate(failure)


def _seal(job: NotebookJob, status: ReportStatus) -> None:
    """Write into the notebook how it ended: a process that was killed could not."""
    path = job.folder / NOTEBOOK
    notebook = read_file(path if path.exists() else job.notebook)
    for cell in notebook.cells:
        state = cell.metadata.get("papermill", {})
        if state.get("status") == "running":
            state["status"], state["exception"] = "failed", True
    notebook.metadata["herd_report"] = {"status": str(status)}
    notebook.metadata.setdefault("papermill", {})["exception"] = status is not ReportStatus.SUCCEEDED
    write_file(path, notebook)
