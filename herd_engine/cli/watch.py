"""`herd watch`: alerts are looked at, messages are sent."""

from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.options import Home
from herd_engine.cli.printing import err
from herd_engine.operations.watching import watch_home


def watch(
    *,
    once: Annotated[bool, typer.Option("--once", help="One look, one round of messages, and end.")] = False,
    home: Home = None,
) -> None:
    """Look at the policies of alerts and send what is to be told, until stopped."""
    troubles = watch_home(home, once=once)
    for trouble in troubles:
        err.print(escape(trouble), soft_wrap=True)
    raise typer.Exit(3 if troubles else 0)
