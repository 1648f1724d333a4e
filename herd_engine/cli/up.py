"""`herd up`: everything of a Workbench on this machine, under one process."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.options import Home, available_cores
from herd_engine.cli.printing import err, new_table, out, print_paths
from herd_engine.errors import ConflictError, ServiceError
from herd_engine.runs.store import Store, StoreSettings
from herd_engine.services.parts import standard_parts
from herd_engine.services.supervision_file import Report, living_supervisor, read_report
from herd_engine.services.supervisor import Supervisor, stopped_by_signals

LOOK_SECONDS = 0.1


def up(
    *,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Dask worker processes; one a core by default.")
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Stay in the background; `herd down` ends it.")
    ] = False,
    home: Home = None,
) -> None:
    """Start cluster and runner, and keep them running; Ctrl-C or `herd down` ends all of them."""
    settings = StoreSettings.from_environment(home)
    n_workers = workers or available_cores()
    if (pid := living_supervisor(settings.home)) is not None:
        message = (
            f"Herd Workbench is up already for {settings.home} (process {pid}). End it with `herd down`."
        )
        raise ConflictError(message)
    Store(settings).close()  # what is wrong with it is said here, not by each part
    if detach:
        _detach(settings.home, n_workers)
        return
    with stopped_by_signals() as stop:
        parts = standard_parts(settings, n_workers)
        Supervisor(settings.home, parts, _tell, _print_report).run(stop)
    err.print("Ended: " + ", ".join(part.name for part in parts))


def _detach(home: Path, n_workers: int) -> None:
    """Run `herd up` in the background; return when all its parts are ready."""
    log = home / "logs" / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "herd_engine", "up"]
    command += ["--workers", str(n_workers), "--home", str(home)]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    while process.poll() is None:
        report = read_report(home)
        if report is not None and report.pid == process.pid and report.is_ready:
            _print_report(report)
            return
        time.sleep(LOOK_SECONDS)
    said = log.read_text(encoding="utf-8", errors="replace").strip()
    raise ServiceError("herd up", f"it ended with {process.returncode}. It said: {said}")


def _print_report(report: Report) -> None:
    table = new_table("part", "pid", "address", "log")
    for part in report.parts:
        table.add_row(part.name, str(part.pid), escape(part.address), escape(Path(part.log).name))
    out.print(table)
    print_paths("Logs in", Path(report.parts[0].log).parent)
    out.print(f"Herd Workbench is up (process {report.pid}). `herd down`, or Ctrl-C here, ends it.")


def _tell(sentence: str) -> None:
    err.print(escape(sentence), soft_wrap=True)
