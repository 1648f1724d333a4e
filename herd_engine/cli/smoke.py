"""`herd smoke`: whether everything holds, for every herd file of a folder."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.options import Json, available_cores
from herd_engine.cli.output import TERMINAL, check_outputs, write_text
from herd_engine.cli.printing import err, new_table, out
from herd_engine.model.scenario import FILE_MODES, Mode
from pipelines.smoke import smoke as smoke_folder
from pipelines.smoke import smoke_document


class Modes(StrEnum):
    """One mode, both that take the file at its word, or all."""

    EMPIRICAL = "empirical"
    THEORETICAL = "theoretical"
    CALIBRATED = "calibrated"
    BOTH = "both"
    ALL = "all"


SEVERAL = {Modes.BOTH: FILE_MODES, Modes.ALL: tuple(Mode)}


def smoke(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of herd files.")],
    *,
    mode: Annotated[
        Modes, typer.Option(help="How records become rates; `both`: empirical and theoretical.")
    ] = Modes.ALL,
    runs: Annotated[int, typer.Option(min=1, max=50_000, help="Simulated futures of each forecast.")] = 30,
    json: Json = None,
) -> None:
    """Inspect and forecast every herd file of a folder and check the results; exit 1 names what broke."""
    check_outputs(json)
    modes = SEVERAL.get(mode) or (Mode(mode),)
    results = smoke_folder(folder, modes, runs, available_cores())
    if json is not None:
        write_text(json, smoke_document(results))
    if json != TERMINAL:
        table = new_table("file", "mode", "animals", "points", "")
        for result in results:
            state = "broken" if result.broken else "holds"
            table.add_row(escape(result.file), result.mode, f"{result.animals:,}", str(result.points), state)
        out.print(table)
    for result in results:
        for fault in result.broken:
            err.print(f"[red]{escape(result.file)}, {result.mode}: {escape(fault)}[/]", soft_wrap=True)
    if any(result.broken for result in results):
        raise typer.Exit(1)
