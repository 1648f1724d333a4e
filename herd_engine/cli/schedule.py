"""`herd schedule`: plans carried out when they are due."""

import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.options import Home
from herd_engine.cli.plan import carry_out
from herd_engine.cli.printing import err, new_table, out, print_error
from herd_engine.errors import ParameterError
from herd_engine.runs.kept import KeptRuns
from herd_engine.services.supervisor import stopped_by_signals
from herd_engine.workbench import Workbench
from pipelines.reports.journal import Journal
from pipelines.reports.plan import Plan
from pipelines.reports.run_plan import Selection, exit_code
from pipelines.reports.schedule import Book, attend, next_occasions, read_plans, remarks, run_due

app = typer.Typer(no_args_is_help=True, help="Carry out plans when they are due.")
Plans = Annotated[
    list[Path] | None, typer.Argument(metavar="[PLAN]...", help="YAML files; HERD_HOME/plans by default.")
]
SHOWN = 5
SYSTEMD = """# {folder}/herd-reports.service
[Unit]
Description=Herd reports

[Service]
Type=oneshot
Environment=HERD_HOME={home}
ExecStart={command}

# {folder}/herd-reports.timer
[Unit]
Description=Herd reports, every five minutes what is due

[Timer]
OnCalendar=*:0/5
Persistent=true

[Install]
WantedBy=timers.target"""


@app.command("next")
def next_(plans: Plans = None, *, home: Home = None) -> None:
    """Print when plans are due next, in their own time zones."""
    kept = Workbench.open(home).kept
    table = new_table("plan", "due (UTC)", "time zone")
    for plan in read_plans(plans or [], kept.store.settings.home):
        if plan.schedule is None:
            table.add_row(plan.name, "never by itself", "")
            continue
        for moment in next_occasions(plan.schedule, datetime.now(UTC), SHOWN):
            shown = moment.isoformat(sep=" ", timespec="minutes").removesuffix("+00:00")
            table.add_row(plan.name, shown, plan.schedule.time_zone)
        for remark in remarks(plan.schedule):
            err.print(f"[yellow]{plan.name}: {escape(remark)}[/]", soft_wrap=True)
    out.print(table)


@app.command("run-due")
def run_due_(plans: Plans = None, *, home: Home = None) -> None:
    """Carry out what is due, once: for cron and systemd."""
    kept = Workbench.open(home).kept
    book = Book(Journal(kept.store.settings.home))
    with book.alone(wait=False) as is_alone, stopped_by_signals() as stop:
        if not is_alone:
            out.print("Somebody else carries out the plans of this home.")
            return
        found = read_plans(plans or [], kept.store.settings.home)
        codes = run_due(found, book, datetime.now(UTC), _carrier(kept, stop), stop)
    raise typer.Exit(max(codes, default=0))


@app.command()
def daemon(plans: Plans = None, *, home: Home = None) -> None:
    """Carry out plans as they become due, until stopped; of two daemons of a home one waits."""
    kept = Workbench.open(home).kept
    place = kept.store.settings.home
    book = Book(Journal(place))
    with stopped_by_signals() as stop, book.alone(wait=True):
        err.print(f"Plans of {place} are carried out as they become due.", soft_wrap=True)
        attend(lambda: read_plans(plans or [], place), book, _carrier(kept, stop), stop, print_error)


@app.command()
def install(
    plans: Plans = None,
    *,
    print_only: Annotated[bool, typer.Option("--print", help="Nothing is changed; needed.")] = False,
    home: Home = None,
) -> None:
    """Print lines for cron and systemd that carry out plans when they are due."""
    if not print_only:
        raise ParameterError("--print", "nothing", "be given: herd prints the lines, you install them")
    place = Workbench.open(home).kept.store.settings.home.absolute()
    files = " ".join(str(path.absolute()) for path in plans or [])
    herd = shutil.which("herd") or f"{sys.executable} -m herd_engine"
    command = f"{herd} schedule run-due {files}".rstrip()
    out.print("# crontab -e", markup=False)
    out.print(f"*/5 * * * * HERD_HOME={place} {command}", soft_wrap=True, markup=False)
    out.print()
    folder = "/etc/systemd/system"
    out.print(SYSTEMD.format(folder=folder, home=place, command=command), soft_wrap=True, markup=False)


def _carrier(kept: KeptRuns, stop: Event) -> Callable[[Plan, datetime], int]:
    return lambda plan, moment: exit_code(carry_out(plan, kept, moment, Selection(), stop))
