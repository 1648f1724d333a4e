"""The program that executes one notebook: ``python -m pipelines.reports.execute FOLDER``.

It runs in a process group of its own, so that it can be stopped whole. The folder holds ``job.json``; what
becomes of it is told in ``progress.json``, ``report.ipynb`` and ``outcome.json``, each whole at any moment.
"""

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook

from herd_engine.workbench.files import write_atomically
from pipelines.reports.manifest import NOTEBOOK, ReportFailure, ReportStatus
from pipelines.reports.notebook_file import write_file
from pipelines.reports.process import JOB, OUTCOME, PROGRESS

ENGINE = "herd-report"
KERNEL_START_SECONDS = 120
QUIET_SECONDS = 60
"""How long the last words of a cell may take to arrive."""
LAST_LINES = 60


class HonestManager(NotebookExecutionManager):  # type: ignore[misc]
    """Tells how far a notebook is, and never calls a cell completed that is not."""

    folder: Path
    client: Any = None

    def save(self, **_facts: Any) -> None:
        """Write the notebook, whole or not at all."""
        write_file(self.folder / NOTEBOOK, self.nb)

    def cell_start(self, cell: Any, cell_index: int = 0, **facts: Any) -> None:
        """Tell which cell is being executed, and by which process."""
        provisioner = self.client.km and self.client.km.provisioner
        progress = {"cell": cell_index, "cells": len(self.nb.cells), "section": cell.get("id", "")}
        progress["kernel"] = provisioner.pid if provisioner else None
        write_atomically(self.folder / PROGRESS, json.dumps(progress).encode())
        super().cell_start(cell, cell_index, **facts)

    def cell_complete(self, cell: Any, cell_index: int = 0, **facts: Any) -> None:
        """Note the end of a cell; papermill calls this on the way out of an exception, too."""
        if sys.exc_info()[0] is not None:
            self.cell_exception(cell, cell_index)
        super().cell_complete(cell, cell_index, **facts)

    def notebook_complete(self, **_facts: Any) -> None:
        """Note the end of the notebook; cells that were not reached stay pending."""
        self.end_time = self.now()
        self.nb.metadata.papermill["end_time"] = self.end_time.isoformat()
        self.nb.metadata.papermill["duration"] = (self.end_time - self.start_time).total_seconds()
        self.save()


class ReportEngine(NBClientEngine):  # type: ignore[misc]
    """Executes a notebook under an ``HonestManager``."""

    @classmethod
    def execute_notebook(
        cls, nb: Any, kernel_name: str, *, folder: str, cell_seconds: float, **_wishes: Any
    ) -> Any:
        """Execute a notebook; ``folder`` is where it is saved."""
        manager = HonestManager(nb, progress_bar=False, autosave_cell_every=0)
        manager.folder = Path(folder)
        manager.client = PapermillNotebookClient(
            manager,
            kernel_name=kernel_name,
            timeout=int(cell_seconds),
            startup_timeout=KERNEL_START_SECONDS,
            iopub_timeout=QUIET_SECONDS,
            shutdown_kernel="immediate",  # all is saved; asked to end, it would take a second longer
        )
        manager.notebook_start()
        try:
            manager.client.execute()
        finally:
            manager.notebook_complete()
        return manager.nb


papermill_engines.register(ENGINE, ReportEngine)


def execute(folder: Path) -> ReportStatus:
    """Execute the notebook that ``job.json`` of a folder names, and tell how that ended."""
    job = json.loads((folder / JOB).read_bytes())
    status, failure = ReportStatus.SUCCEEDED, None
    try:
        execute_notebook(
            job["notebook"],
            None,  # the engine saves
            parameters=job["parameters"],
            engine_name=ENGINE,
            progress_bar=False,
            cwd=str(folder),
            folder=str(folder),
            cell_seconds=job["cell_seconds"],
        )
    except PapermillExecutionError as error:
        status = ReportStatus.FAILED
        details = "\n".join("\n".join(error.traceback).splitlines()[-LAST_LINES:])
        failure = ReportFailure(code=error.ename, message=error.evalue or error.ename, details=details)
    except DeadKernelError:
        status = ReportStatus.DIED
        failure = ReportFailure(
            code="KERNEL_DIED", message="the process that computes the report ended unexpectedly"
        )
    except CellTimeoutError:
        status = ReportStatus.TIMEOUT
        failure = ReportFailure(
            code="TIME_LIMIT", message=f"a section took longer than {job['cell_seconds']:g} s"
        )
    outcome = {"status": status, "failure": failure and failure.model_dump()}
    write_atomically(folder / OUTCOME, json.dumps(outcome).encode())
    return status


def _end_with_parent() -> None:
    """End when whoever started this process is gone: its end of the pipe closes then."""
    sys.stdin.buffer.read()
    os._exit(ReportStatus.CANCELED.exit_code)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    exit_code = execute(Path(sys.argv[1])).exit_code
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)  # all is written: taking modules and threads down would only cost time
