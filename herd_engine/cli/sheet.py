"""`herd sheet`: what to do with which animal."""

from pathlib import Path
from typing import Annotated

import typer

from herd_engine.cli.asked_herd import AskedHerd, about_a_herd
from herd_engine.cli.options import (
    PageLanguage,
    Targets,
    file_path,
)
from herd_engine.cli.output import check_outputs, write_file, write_text
from herd_engine.cli.printing import new_table, out, print_paths
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import wording
from herd_engine.presentation.daily_sheet import list_table, sheet_csv, sheet_page
from herd_engine.workbench.work_lists import WorkListName

CsvPath = Annotated[
    Path | None, typer.Option("--csv", metavar="OUT", parser=file_path, help="Write it for spreadsheets.")
]
PagePath = Annotated[
    Path | None, typer.Option("--html", metavar="OUT", parser=file_path, help="Write a page to print.")
]
Lists = Annotated[list[WorkListName] | None, typer.Option("--list", help="Only this list; repeat.")]
Days = Annotated[int, typer.Option(min=0, max=60, help="How far ahead.")]


@about_a_herd
def sheet(  # noqa: PLR0913 - one argument an option
    asked: AskedHerd,
    *,
    target: Targets = None,
    language: PageLanguage = ENGLISH,
    only: Lists = None,
    days: Days = 7,
    csv: CsvPath = None,
    html: PagePath = None,
) -> None:
    """Show the daily sheet: which animals to breed, check, dry off, calve, look at and sell."""
    check_outputs(asked.json, csv, html, source=asked.file)
    herd_file = asked.read()
    found = asked.workbench.daily_sheet(herd_file, asked.aims(target), days=days).only(frozenset(only or ()))
    words = wording(language)
    if csv is not None:
        write_file(csv, sheet_csv(found, words))
    if html is not None:
        write_file(html, sheet_page(found, herd_file.name, words).encode())
    if asked.json is not None:
        write_text(asked.json, found.document())
        return
    if paths := [path for path in (csv, html) if path is not None]:
        print_paths("Written:", *paths)
        return
    out.print(f"[bold]{words.text('work_title', day=found.as_of)}[/]")
    for name in only or tuple(WorkListName):
        table = list_table(found, name, words)
        out.print(f"\n[bold]{words.text(f'work_list.{name}')}[/] ({len(table.rows)})")
        if table.rows:
            out.print(new_table(*table.columns, rows=table.rows))
