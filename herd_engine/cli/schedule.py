"""`herd schedule`: plans carried out when they are due."""

import shutil
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Annotated, NoReturn

import typer
from rich.markup import escape

from herd_engine.cli.options import Home
from herd_engine.cli.plan import carry_out
from herd_engine.cli.printing import err, new_table, out, print_error
from herd_engine.errors import HerdError, ParameterError
from herd_engine.operations.parts import SCHEDULE
from herd_engine.operations.supervisor import stopped_by_signals
from herd_engine.workbench import Workbench
from herd_engine.workbench.runners import beating
from pipelines.reports.journal import Journal
from pipelines.reports.plan import Plan
from pipelines.reports.run_plan import Selection, exit_code
from pipelines.reports.schedule import Book, Trouble, attend, next_occasions, read_plans, remarks, run_due

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
    workbench = Workbench.open(home)
    table = new_table("plan", "due (UTC)", "time zone")
    found = read_plans(plans or [], workbench.home)
    for plan in found.plans:
        if plan.schedule is None:
            table.add_row(escape(plan.name), "never by itself", "")
            continue
        for moment in next_occasions(plan.schedule, datetime.now(UTC), SHOWN):
            shown = moment.isoformat(sep=" ", timespec="minutes").removesuffix("+00:00")
            table.add_row(escape(plan.name), shown, plan.schedule.time_zone)
        for remark in remarks(plan.schedule):
            err.print(f"[yellow]{escape(plan.name)}: {escape(remark)}[/]", soft_wrap=True)
    out.print(table)
    _end([], found.troubles)


@app.command("run-due")
def run_due_(plans: Plans = None, *, home: Home = None) -> None:
    """Carry out what is due, once: for cron and systemd; a plan that is wrong is told, the others go on."""
    workbench = Workbench.open(home)
    book = Book(Journal(workbench.home))
    with book.alone(wait=False) as is_alone, stopped_by_signals() as stop:
        if not is_alone:
            out.print("Somebody else carries out the plans of this home.")
            return
        found = read_plans(plans or [], workbench.home)
        codes, failed = run_due(found.plans, book, datetime.now(UTC), _carrier(workbench, stop), stop)
    _end(codes, [*found.troubles, *failed])


@app.command()
def daemon(plans: Plans = None, *, home: Home = None) -> None:
    """Carry out plans as they become due, until stopped; of two daemons of a home one waits."""
    workbench = Workbench.open(home)
    place = workbench.home
    book = Book(Journal(place))
    with stopped_by_signals() as stop, beating(place, SCHEDULE), book.alone(wait=True):
        err.print(f"Plans of {place} are carried out as they become due.", soft_wrap=True)
        attend(lambda: read_plans(plans or [], place), book, _carrier(workbench, stop), stop, _tell)


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
    place = Workbench.open(home).home.absolute()
    files = " ".join(str(path.absolute()) for path in plans or [])
    herd = shutil.which("herd") or f"{sys.executable} -m herd_engine"
    command = f"{herd} schedule run-due {files}".rstrip()
    out.print("# crontab -e", markup=False)
    out.print(f"*/5 * * * * HERD_HOME={place} {command}", soft_wrap=True, markup=False)
    out.print()
    folder = "/etc/systemd/system"
    out.print(SYSTEMD.format(folder=folder, home=place, command=command), soft_wrap=True, markup=False)


def _end(codes: Sequence[int], troubles: Sequence[Trouble]) -> NoReturn:
    """Tell what is wrong with plans; end with the worst exit code."""
    for trouble in troubles:
        _tell(trouble)
    raise typer.Exit(max([*codes, *(trouble.exit_code for trouble in troubles)], default=0))


def _tell(trouble: Trouble) -> None:
    if isinstance(trouble.error, HerdError):
        err.print(f"[yellow]Not carried out:[/] {escape(trouble.plan)}", soft_wrap=True)
        print_error(trouble.error)
        return
    # Nobody foresaw it: the traceback is for whoever mends it.
    lines = traceback.format_exception(trouble.error)
    err.print(f"[red]Not carried out:[/] {escape(trouble.plan)}\n{escape(''.join(lines))}", soft_wrap=True)


def _carrier(workbench: Workbench, stop: Event) -> Callable[[Plan, datetime], int]:
    return lambda plan, moment: exit_code(carry_out(plan, workbench, moment, Selection(), stop))
