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

import sys
from importlib import import_module
from typing import Annotated

import typer

from herd_engine import __version__
from herd_engine.cli.printing import print_error
from herd_engine.errors import HerdError, ServiceError

COMMANDS = (
    "inspect",
    "forecast",
    "backtest",
    "sample",
    "demo",
    "smoke",
    "worker",
    "up",
    "status",
    "doctor",
    "down",
    "backup",
    "restore",
)
GROUPS = (
    "bench",
    "runs",
    "outputs",
    "datasets",
    "scenarios",
    "presets",
    "farms",
    "db",
    "report",
    "plan",
    "schedule",
)
EXTRAS = {"report": "reports", "plan": "reports", "schedule": "reports"}
"""Commands whose libraries are no part of a plain installation."""

app = typer.Typer(
    name="herd",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def load(*names: str) -> None:
    """Give the command line these commands: each stands in the module of its name."""
    for name in names:
        try:
            module = import_module(f"herd_engine.cli.{name}")
        except ModuleNotFoundError as missing:
            if name not in EXTRAS or str(missing.name).startswith("herd_engine"):
                raise
            _stand_in(name, str(missing.name))
            continue
        if name in GROUPS:
            app.add_typer(module.app, name=name)
            continue
        command = getattr(module, name)
        # The sentence is given whole: taken from the docstring it would be cut to one line of the terminal.
        app.command(short_help=(command.__doc__ or "").partition("\n")[0])(command)


def _stand_in(name: str, missing: str) -> None:
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


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Forecast a dairy herd from its own records: every animal, day by day, with honest bands."""


def run() -> str | int | None:
    """Run the command line and return the exit code."""
    # Only what is asked for is imported: the libraries of all commands together take seconds.
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    everything = (*COMMANDS, *GROUPS)
    load(*([asked] if asked in everything else everything))
    try:
        app(prog_name="herd")
    except HerdError as error:
        print_error(error)
        return 3 if isinstance(error, ServiceError) else 2
    except SystemExit as end:
        return end.code
    return 0
