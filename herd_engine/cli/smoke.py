"""`herd smoke`: whether everything holds, for every herd file of a folder."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.options import REPLICATES, Json, available_cores
from herd_engine.cli.output import TERMINAL, check_outputs, write_text
from herd_engine.cli.printing import err, new_table, out
from herd_engine.model.scenario import FILE_MODES, Mode
from herd_engine.settings import Settings, secret_text
from pipelines.smoke import smoke as smoke_folder
from pipelines.smoke import smoke_document
from pipelines.smoke_api import SCHEMA, Step, smoke_api, smoke_api_document
from pipelines.smoke_stack import SCHEMA as STACK_SCHEMA
from pipelines.smoke_stack import smoke_stack


class Modes(StrEnum):
    """One mode, both that take the file at its word, or all."""

    EMPIRICAL = "empirical"
    THEORETICAL = "theoretical"
    CALIBRATED = "calibrated"
    BOTH = "both"
    ALL = "all"


API, STACK = Path("api"), Path("stack")
SEVERAL = {Modes.BOTH: FILE_MODES, Modes.ALL: tuple(Mode)}


def smoke(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Folder of herd files, `api`, or `stack`: everything in order."),
    ],
    *,
    mode: Annotated[
        Modes, typer.Option(help="How records become rates; `both`: empirical and theoretical.")
    ] = Modes.ALL,
    runs: Annotated[
        int, typer.Option(*REPLICATES, min=1, max=50_000, help="Simulated futures of each forecast.")
    ] = 30,
    base: Annotated[
        str | None, typer.Option(metavar="URL", help="With `api`: the service to try; else one is started.")
    ] = None,
    json: Json = None,
) -> None:
    """Inspect and forecast every herd file of a folder, check the results; exit 1 names what broke."""
    check_outputs(json)
    if folder == API:
        _tell(smoke_api(base, secret_text(Settings.read().api_token) or "", runs), json)
        return
    if folder == STACK:
        _tell(smoke_stack(runs), json, STACK_SCHEMA)
        return
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


def _tell(steps: tuple[Step, ...], json: Path | None, schema: str = SCHEMA) -> None:
    """Tell what was tried; the token for a service elsewhere is in ``HERD_API_TOKEN``."""
    if json is not None:
        write_text(json, smoke_api_document(steps, schema))
    if json != TERMINAL:
        table = new_table("step", "seconds", "")
        for step in steps:
            table.add_row(step.name, f"{step.seconds:.2f}", "broken" if step.fault else "holds")
        out.print(table)
    for step in steps:
        if step.fault:
            err.print(f"[red]{escape(step.name)}: {escape(step.fault)}[/]", soft_wrap=True)
    if any(step.fault for step in steps):
        raise typer.Exit(1)
