"""The commands, and how each ends.

====  =============================================================================
exit  meaning
====  =============================================================================
0     done
1     a comparison found a difference (`herd bench` checks its own claims)
2     the input is wrong: a usage error, a parameter, a herd file; the reason is told
130   stopped by Ctrl-C; nothing is left half written
====  =============================================================================
"""

import sys
from typing import Annotated

import typer

from herd_engine import __version__
from herd_engine.cli.bench import bench
from herd_engine.cli.demo import demo
from herd_engine.cli.forecast import forecast
from herd_engine.cli.inspect import inspect
from herd_engine.cli.printing import print_error
from herd_engine.cli.sample import sample
from herd_engine.errors import HerdError

app = typer.Typer(
    name="herd",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (inspect, forecast, sample, demo, bench):
    app.command()(command)


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


def main() -> None:
    """Run the command line; see the module for exit codes."""
    try:
        app()
    except HerdError as error:
        print_error(error)
        sys.exit(2)
