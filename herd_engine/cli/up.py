"""`herd up`: everything of a Workbench on this machine, under one process."""

import getpass
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import typer
from rich.markup import escape

from herd_engine.api.settings import PORT
from herd_engine.cli.apps_page import open_apps, print_addresses
from herd_engine.cli.options import Home, available_cores
from herd_engine.cli.printing import err, new_table, out, print_paths
from herd_engine.errors import ConflictError, ServiceError
from herd_engine.operations.parts import API, left_out, standard_parts
from herd_engine.operations.ports import APPS_PORT, kept_port
from herd_engine.operations.supervisor import Supervisor, stopped_by_signals
from herd_engine.operations.systemd import systemd_unit
from herd_engine.workbench import DEFAULT_REPLICATES, Workbench
from herd_engine.workbench.home import StoreSettings, owners_alone, require_usable
from herd_engine.workbench.samples import add_sample_farm
from herd_engine.workbench.supervision import Report, living_supervisor, read_report

DEMO_FARM = "Sample farm"
LOOK_SECONDS = 0.1
READY_SECONDS = 300.0
"""After so long `--detach` says which part is not ready; it stays in the background and goes on trying."""


def up(  # noqa: PLR0913 - one argument an option
    *,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Dask worker processes; one a core by default.")
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Stay in the background; `herd down` ends it.")
    ] = False,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Of the apps, this time and from then on.")
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open the apps in a browser.")
    ] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="Add a sample farm, forecast it, and open the apps with it.")
    ] = False,
    systemd: Annotated[
        bool, typer.Option("--systemd", help="Print a unit that does this as a service, and end.")
    ] = False,
    home: Home = None,
) -> None:
    """Start cluster, runner, apps and API, and keep them running; Ctrl-C or `herd down` ends them."""
    settings = StoreSettings.from_environment(home)
    n_workers = workers or available_cores()
    if systemd:
        typer.echo(systemd_unit(settings.home, getpass.getuser(), n_workers), nl=False)
        return
    if (pid := living_supervisor(settings.home)) is not None:
        message = (
            f"Herd Workbench is up already for {settings.home} (process {pid}). End it with `herd down`."
        )
        raise ConflictError(message, "up_already", str(settings.home))
    require_usable(settings)  # what is wrong with it is said here, not by each part
    page = _demo_page(settings.home) if demo else ""
    if detach:
        report = _detach(settings.home, n_workers, port)
        _print_report(report, settings.home, "`herd down` ends it.", page)
        return

    def when_ready(report: Report) -> None:
        _print_report(report, settings.home, "`herd down`, or Ctrl-C here, ends it.", page)
        if not no_browser:
            open_apps(report, settings.home, page)

    with stopped_by_signals() as stop:
        ports = (kept_port(settings.home, "apps", APPS_PORT, port), kept_port(settings.home, API, PORT))
        parts = standard_parts(settings, n_workers, *ports)
        for sentence in left_out():
            _tell(sentence)
        Supervisor(settings.home, parts, _tell, when_ready).run(stop)
    err.print("Ended: " + ", ".join(part.name for part in parts))


def _demo_page(home: Path) -> str:
    """Add a sample farm and queue its forecast; return the page that shows it."""
    workbench = add_sample_farm(Workbench.open(home), DEMO_FARM, datetime.now().astimezone().date())
    workbench.runs.submit(workbench.datasets.all()[0].id, {"mc_runs": DEFAULT_REPLICATES})
    return f"overview?{urlencode({'farm': DEMO_FARM})}"


def _detach(home: Path, n_workers: int, port: int | None) -> Report:
    """Run `herd up` in the background; return when all its parts are ready, or say which one is not."""
    log = home / "logs" / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "herd_engine", "up"]
    command += ["--workers", str(n_workers), "--home", str(home)]
    command += [] if port is None else ["--port", str(port)]
    with open(log, "wb", opener=owners_alone) as output:
        process = subprocess.Popen(  # noqa: S603 - our own command line
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None:
        report = read_report(home)
        if report is not None and report.pid == process.pid:
            if report.is_ready:
                return report
            if time.monotonic() > deadline:
                down = report.down[0]
                advice = f"it is tried again without end; see `herd status` and {down.log}"
                raise ServiceError(down.name, f"{down.reason or down.state} ({advice})")
        time.sleep(LOOK_SECONDS)
    said = log.read_text(encoding="utf-8", errors="replace").strip()
    raise ServiceError("herd up", f"it ended with {process.returncode}. It said: {said}")


def _print_report(report: Report, home: Path, how_to_end: str, page: str) -> None:
    table = new_table("part", "pid", "address", "log")
    for part in report.parts:
        table.add_row(part.name, str(part.pid), escape(part.address), escape(Path(part.log).name))
    out.print(table)
    print_paths("Logs in", Path(report.parts[0].log).parent)
    out.print(f"Herd Workbench is up (process {report.pid}). {how_to_end}")
    print_addresses(report, home, page)


def _tell(sentence: str) -> None:
    err.print(escape(sentence), soft_wrap=True)
