"""`herd api flags`: what of the service is switched off."""

from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.options import Home, Json
from herd_engine.cli.output import document_of, write_text
from herd_engine.cli.printing import new_table, out, shown_moment
from herd_engine.model.service_limits import EVERYWHERE, FLAG_MEANINGS, ServiceFlag
from herd_engine.workbench import Workbench

app = typer.Typer(no_args_is_help=True, help="Switch parts of the service off and on while it runs.")
Place = Annotated[str, typer.Option("--farm", metavar="NAME", help="On this farm; everywhere otherwise.")]
Flag = Annotated[ServiceFlag, typer.Argument(metavar="FLAG", help=f"One of {', '.join(ServiceFlag)}.")]


class Switch(StrEnum):
    """Which way."""

    ON = "on"
    OFF = "off"


@app.command("list")
def list_flags(*, farm: Place = EVERYWHERE, json: Json = None, home: Home = None) -> None:
    """Show each flag, and who switched it."""
    said = {each.name: each for each in Workbench.open(home).switches.flags(farm)}
    if json is not None:
        write_text(json, {"farm": farm, "flags": [document_of(each) for each in said.values()]})
        return
    table = new_table("flag", "", "by", "since", "what it is")
    for flag, meaning in FLAG_MEANINGS.items():
        state = said.get(flag)
        who = ("on", "", "") if state is None else (
            "on" if state.enabled else "off", escape(state.created_by), shown_moment(state.created_at)
        )  # fmt: skip
        table.add_row(flag, *who, meaning)
    out.print(table)


@app.command("set")
def set_flag(
    flag: Flag,
    to: Annotated[Switch, typer.Argument(metavar="on|off")],
    *,
    farm: Place = EVERYWHERE,
    home: Home = None,
) -> None:
    """Switch something on or off; every service obeys within five seconds."""
    Workbench.open(home).switches.set_flag(flag, enabled=to is Switch.ON, farm=farm)
    out.print(f"{flag} is {to} {'everywhere' if farm == EVERYWHERE else f'on {escape(farm)}'}")


@app.command()
def reset(flag: Flag, *, farm: Place = EVERYWHERE, home: Home = None) -> None:
    """Take back what was said: it is as everywhere, else on."""
    Workbench.open(home).switches.set_flag(flag, enabled=None, farm=farm)
    out.print(f"nothing is said of {flag} any more")
