"""`herd history`: the exports of a farm, one after the other."""

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.options import Home, Json
from herd_engine.cli.output import write_text
from herd_engine.cli.printing import new_table, out
from herd_engine.model.changes import Changes
from herd_engine.workbench import Workbench
from herd_engine.workbench.forecast_files import history_document

HAPPENED = ("calved", "conceived", "lost", "dried_off", "vanished")


def history(
    farm: Annotated[
        str | None, typer.Argument(metavar="FARM", help="Name of the farm; the default one otherwise.")
    ] = None,
    *,
    json: Json = None,
    home: Home = None,
) -> None:
    """Show the kept exports of a farm: the herd over time, and what changed from each to the next."""
    found = Workbench.open(home, farm=farm).history()
    if json is not None:
        write_text(json, history_document(found))
        return
    age = found.age(datetime.now().astimezone().date())
    if not found.exports:
        out.print("No herd file of this farm is kept. Keep one: herd datasets add FILE")
        return
    table = new_table("report date", "file", *found.exports[0].counts, "came", "left", *HAPPENED)
    for one in found.exports:
        table.add_row(
            one.report_date.isoformat(), escape(one.name), *(f"{n:,}" for n in one.counts.values()),
            *_since(one.changes),
        )  # fmt: skip
    out.print(table)
    out.print(
        f"\nThe newest file is {age:,} days old. Together they tell {len(found.events):,} dated events."
    )


def _since(changes: Changes | None) -> list[str]:
    if changes is None:
        return ["-"] * (2 + len(HAPPENED))
    lists = [len(getattr(changes, name)) for name in HAPPENED]
    return [f"{n:,}" for n in (changes.entered, changes.gone, *lists)]
