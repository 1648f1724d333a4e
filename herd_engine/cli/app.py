"""The commands, and how each ends.

====  =============================================================================
exit  meaning
====  =============================================================================
0     done
1     a defect of this program (its traceback is shown), or who read a pipe went away
2     the input is wrong: a usage error, a parameter, a herd file; the reason is told
3     something that should run does not, or a check of `herd doctor` failed
130   stopped by Ctrl-C; nothing is left half written
====  =============================================================================
"""

import os
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from herd_engine import __version__
from herd_engine.errors import HerdError, ServiceError

COMMANDS = {
    "inspect": "Check a herd file: the herd on the report date, its quality, the fitted distributions.",
    "kpis": "Show the key figures of a herd file: what it tells, between which two, or why it cannot.",
    "review": "Hold the farm's rules against a herd file: how often, which animals, and what it cannot tell.",
    "sheet": "Show the daily sheet: which animals to breed, check, dry off, calve, look at and sell.",
    "cards": "Show what is expected of each animal, exactly; the herd's expected forecast is their sum.",
    "value": "Show what cows, pregnancies and a place are worth at stated prices if the herd goes on as now.",
    "optimize": "Find the fewest heifers to buy that keep so many milking cows, and say how surely they do.",
    "sensitivity": "Move each lever one step of management up and down, and show what moves a number most.",
    "whatif": "Show what other levers and purchases change, future by future with the same luck.",
    "forecast": "Forecast a herd: simulate every animal forward, many times, and summarize with bands.",
    "backtest": "Rewind the herd to earlier dates, forecast from there, and score by what happened since.",
    "sample": "Write a synthetic, realistic export in the farm's format; the truth goes to OUT.truth.json.",
    "changes": "Compare two exports of a farm: which animals came, left, calved, conceived, were dried off.",
    "history": "Show the kept exports of a farm: the herd over time, and what changed from each to the next.",
    "reportcard": "Show the forecasts that later exports of the farm have judged: how many numbers held.",
    "notebooks": "Copy how-to pages and notebooks for analysts into a folder; files that are there stay.",
    "demo": "Make a sample farm, check it, forecast 36 months, and write a page with charts.",
    "smoke": "Inspect and forecast every herd file of a folder, check the results; exit 1 names what broke.",
    "api": "Serve the REST and streaming service for programs; Ctrl-C ends it.",
    "worker": "Execute queued runs, on this machine's cores or on the Dask cluster of HERD_DASK_ADDRESS.",
    "up": "Start cluster, runner, apps and API, and keep them running; Ctrl-C or `herd down` ends them.",
    "status": "Show what runs, what waits, where it is kept; exit 3 where something should run and does not.",
    "settings": "Show every setting of the environment: name, value, where that comes from, what it means.",
    "doctor": "Check everything that may be wrong on this machine; exit 3 where something is.",
    "down": "End everything that `herd up` has started; runs that were being executed are queued again.",
    "backup": "Write all farms, files and runs into one file; runs may go on meanwhile.",
    "watch": "Look at the policies of alerts and send what is to be told, until stopped.",
    "restore": "Put a backup in place of an empty home; every byte is checked before.",
}
"""Each stands in the module of its name; its sentence is the first of its docstring: a test says so."""
GROUPS = {
    "bench": "Measure how fast it is here: every figure with its definition.",
    "zoo": "Judge forecasts on simulated farms of many kinds.",
    "runs": "Queue, watch, list, verify, export and delete runs.",
    "outputs": "Search the numbers of all kept runs; write them as CSV.",
    "datasets": "Keep herd files, find, rename, archive and delete them.",
    "scenarios": "Create, list, show, edit and delete scenarios.",
    "presets": "List the built-in presets and your own; save and delete yours.",
    "farms": "Add, rename, archive farms, and choose the default one.",
    "prices": "State prices by name and date, show them, choose the set that is meant.",
    "contracts": "List, show and compare contracts; check herd files by them.",
    "preflight": "Ask herd files by their contract, list and show what came of it.",
    "deliveries": "Show what was told to others and what was not; send it again; test channels.",
    "alerts": "Show what holds, acknowledge and silence it, set what is watched.",
    "monitoring": "Write files for Prometheus, Alertmanager and Grafana.",
    "db": "Show and upgrade the tables of the database.",
    "report": "Make reports, list, render and open them.",
    "plan": "Check and carry out plans of reports.",
    "schedule": "Carry out plans when they are due.",
}
"""As ``COMMANDS``: modules with an ``app`` of several commands."""
WITH_MORE = {"api"}
"""Commands that have commands below them: modules with an ``app`` that does something by itself."""
EXTRAS = {"api": "api", "report": "reports", "plan": "reports", "schedule": "reports", "watch": "watch"}
"""Commands whose libraries are no part of a plain installation."""


class PlainGroup(TyperGroup):
    """Commands whose refusal of a value is a plain sentence, without what the library puts before it."""

    def invoke(self, ctx: Any) -> Any:
        """Carry out a command."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as refused:
            refused.message = refused.message.removeprefix("Value error, ")
            raise


def command_line(asked: str) -> typer.Typer:
    """Return the command line for who asks for a command, or for what there is."""
    app = typer.Typer(
        name="herd",
        cls=PlainGroup,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(options)
    if asked in COMMANDS or asked in GROUPS:
        load(app, asked)
    else:
        name_all(app)
    return app


def load(app: typer.Typer, name: str) -> None:
    """Give the command line a command, or a group of them: it stands in the module of its name."""
    try:
        module = import_module(f"herd_engine.cli.{name}")
    except ModuleNotFoundError as missing:
        if name not in EXTRAS or str(missing.name).startswith("herd_engine"):
            raise
        _stand_in(app, name, str(missing.name))
        return
    if name in GROUPS:
        app.add_typer(module.app, name=name)
    elif name in WITH_MORE:
        app.add_typer(module.app, name=name, short_help=COMMANDS[name])
    else:
        # The sentence is given whole: taken from the docstring it would be cut to one line of the terminal.
        app.command(short_help=COMMANDS[name])(getattr(module, name))


def name_all(app: typer.Typer) -> None:
    """List the commands without their modules, whose libraries together take seconds to import."""

    def command() -> None:
        """Never called: a command that is asked for is loaded instead."""

    for name, sentence in {**COMMANDS, **GROUPS}.items():
        app.command(name, short_help=sentence)(command)


def _stand_in(app: typer.Typer, name: str, missing: str) -> None:
    """Give the command line a command that says what to install."""
    advice = f"`herd {name}` needs {missing}: pip install 'herd-workbench[{EXTRAS[name]}]'"

    def command() -> None:
        typer.echo(advice, err=True)
        raise typer.Exit(2)

    anything = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command(name, help=advice, context_settings=anything)(command)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"herd {__version__}")
        raise typer.Exit


def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Forecast a dairy herd from its own records: every animal, day by day, with honest bands."""


def _asked() -> str:
    """Return the command that is asked for, or to be completed by a shell."""
    completed = os.environ.get("_TYPER_COMPLETE_ARGS") or os.environ.get("COMP_WORDS", "")
    return next(iter((completed.split() or sys.argv)[1:]), "")


def run() -> str | int | None:
    """Run the command line and return the exit code."""
    try:
        command_line(_asked())(prog_name="herd")
    except HerdError as error:
        from herd_engine.cli.printing import print_error  # noqa: PLC0415 - rich takes as long as the rest

        print_error(error)
        return 3 if isinstance(error, ServiceError) else 2
    except SystemExit as end:
        return end.code
    return 0
