"""`herd changes`: what happened between two exports of a farm."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.asking import (
    AcceptLosses,
    Dates,
    SexMap,
    Sheet,
    StatusMap,
    answers_of,
    questions_in,
    read_of_farm,
)
from herd_engine.cli.options import ColumnMap, Farm, Home, Json
from herd_engine.cli.output import write_text
from herd_engine.cli.printing import new_table, out
from herd_engine.errors import ParameterError
from herd_engine.model.answers import Answers
from herd_engine.model.changes import Changes
from herd_engine.workbench import HerdFile, Workbench

GROUPS = (
    ("left", ("sold", "dead", "moved", "left", "vanished")),
    ("of these without a day", ("undated",)),
    ("came", ("born", "bought", "reappeared")),
    ("happened", ("calved", "calved_and_left", "came_and_left", "conceived", "served", "lost", "dried_off",
                  "flagged", "unflagged")),
    ("to be checked", ("skipped", "id_reused")),
)  # fmt: skip
_SHOWN = 8


def changes(  # noqa: PLR0913 - one argument an option
    old: Annotated[str, typer.Argument(metavar="OLD", help="The older export: a file, or a kept dataset.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The newer one.")],
    *,
    column_map: ColumnMap = None,
    map_status: StatusMap = None,
    map_sex: SexMap = None,
    dates: Dates = None,
    sheet: Sheet = "",
    accept_losses: AcceptLosses = False,
    json: Json = None,
    home: Home = None,
    farm: Farm = None,
) -> None:
    """Compare two exports of a farm: which animals came, left, calved, conceived, were dried off."""
    workbench = Workbench.open(home, farm=farm)
    answers = answers_of(column_map, map_status, map_sex, dates, sheet, accept_losses)
    with questions_in(json):
        before, after = (_file(workbench, name, answers, of_farm=farm is not None) for name in (old, new))
    if after.herd.report_date < before.herd.report_date:
        rule = f"be no older than OLD, which is of {before.herd.report_date}"
        raise ParameterError("NEW", after.herd.report_date.isoformat(), rule)
    found = workbench.changes(before, after)
    if json is not None:
        write_text(json, found.document())
        return
    print_changes(found)


def _file(workbench: Workbench, name: str, answers: Answers, *, of_farm: bool) -> HerdFile:
    """Return a file of this path, else the kept dataset of this name."""
    if Path(name).exists():
        if of_farm:
            return read_of_farm(workbench, Path(name), answers)
        return workbench.read(Path(name), answers=answers)
    return workbench.datasets.load(workbench.datasets.find(name).id)


def print_changes(found: Changes) -> None:
    """Print changes for people: the balance, then who."""
    if found.is_of_another_farm:
        out.print("[yellow]Hardly any animal of the older herd is in the newer file: another farm?[/]")
    out.print(
        f"{found.from_date} … {found.to_date}, {found.days} days: {found.before:,} animals "
        f"+ {found.entered:,} came - {found.gone:,} left = [bold]{found.after:,}[/]\n"
    )
    table = new_table("", "", "animals", "")
    for group, names in GROUPS:
        rows = [(name, getattr(found, name)) for name in names if getattr(found, name)]
        for place, (name, animals) in enumerate(rows):
            table.add_row("" if place else group, name.replace("_", " "), f"{len(animals):,}", _some(animals))
    out.print(table)
    for one in found.corrected[:_SHOWN]:
        out.print(f"[dim]corrected[/] {escape(one.animal)}: {one.field} {one.old} → {one.new}")
    if len(found.corrected) > _SHOWN:
        out.print(f"[dim]… {len(found.corrected):,} corrections in all; --json lists them.[/]")


def _some(animals: tuple[str, ...]) -> str:
    more = ", …" if len(animals) > _SHOWN else ""
    return escape(", ".join(animals[:_SHOWN])) + more
