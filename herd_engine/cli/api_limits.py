"""`herd api limits`: who may ask the service for more or less than is usual."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.api_flags import Place
from herd_engine.cli.options import Home, Json
from herd_engine.cli.output import document_of, write_text
from herd_engine.cli.printing import new_table, out, shown_moment
from herd_engine.model.service_limits import EVERYBODY, EVERYWHERE, FARM_CLASSES, PERSON_CLASSES
from herd_engine.workbench import Workbench

app = typer.Typer(no_args_is_help=True, help="Allow a person or a farm more or less than is usual.")
KINDS = sorted({*FARM_CLASSES, *PERSON_CLASSES})
Kind = Annotated[str, typer.Argument(metavar="CLASS", help=f"One of {', '.join(KINDS)}.")]
Who = Annotated[
    str, typer.Option("--who", metavar="NAME", help="A person or key; all of the farm together otherwise.")
]


@app.command("list")
def list_limits(*, farm: Place = EVERYWHERE, json: Json = None, home: Home = None) -> None:
    """List the exceptions that are in force."""
    found = Workbench.open(home).switches.limits(farm)
    if json is not None:
        write_text(json, {"farm": farm, "limits": [document_of(each) for each in found]})
        return
    table = new_table("class", "who", "may", "until", "by")
    for each in found:
        until = shown_moment(each.until) if each.until else ""
        table.add_row(each.kind, escape(each.principal or "all"), each.rate, until, escape(each.created_by))
    out.print(table if found else "Nobody is an exception.")


@app.command("set")
def set_limit(
    kind: Kind,
    rate: Annotated[
        str, typer.Argument(metavar="RATE", help="120/minute; of stream, queue, heavy_at_once a number.")
    ],
    *,
    farm: Place = EVERYWHERE,
    who: Who = EVERYBODY,
    hours: Annotated[float | None, typer.Option(min=0.01, max=8784, help="It ends by itself then.")] = None,
    home: Home = None,
) -> None:
    """Allow more or less; every service obeys within five seconds."""
    until = None if hours is None else datetime.now(UTC) + timedelta(hours=hours)
    Workbench.open(home).switches.set_limit(kind, rate, farm=farm, principal=who, until=until)
    out.print(f"{escape(who or 'all together')}: {kind} {rate}")


@app.command()
def reset(kind: Kind, *, farm: Place = EVERYWHERE, who: Who = EVERYBODY, home: Home = None) -> None:
    """Take an exception back."""
    Workbench.open(home).switches.set_limit(kind, None, farm=farm, principal=who)
    out.print(f"{escape(who or 'all together')}: {kind} as usual")
