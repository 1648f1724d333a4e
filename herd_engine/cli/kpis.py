"""`herd kpis`: key figures of a herd file."""

from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.asked_herd import AskedHerd, about_a_herd
from herd_engine.cli.options import (
    PageLanguage,
    Targets,
)
from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import new_table, out
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import wording
from herd_engine.model.kpi import KeyFigures
from herd_engine.presentation.key_figures import kpi_table, kpi_words


@about_a_herd
def kpis(
    asked: AskedHerd,
    *,
    target: Targets = None,
    language: PageLanguage = ENGLISH,
    about: Annotated[
        bool, typer.Option("--about", help="With definitions, and what each does not tell.")
    ] = False,
) -> None:
    """Show the key figures of a herd file: what it tells, between which two, or why it cannot."""
    check_outputs(asked.json, source=asked.file)
    herd_file = asked.read()
    found = asked.workbench.kpis(herd_file, asked.aims(target))
    if asked.json is not None:
        write_text(asked.json, found.document())
        return
    print_kpis(found, language, about=about)


def print_kpis(found: KeyFigures, language: str, *, about: bool) -> None:
    """Print key figures for people."""
    words = wording(language)
    out.print(f"[bold]{words.text('kpi_title', day=found.as_of)}[/]")
    facts = {name: found.windows[key] for name, key in _WINDOWS.items()}
    out.print(f"[dim]{words.text('kpi_windows', **facts)}[/]\n")
    table = kpi_table(found, words)
    shown = new_table(*table.columns, rows=table.rows)
    out.print(shown, f"\n[bold]{words.text('kpi_head.history')}[/]")
    said = kpi_words(found, words)
    for each in said:
        if each.history:
            out.print(f"{escape(each.name)}: {escape(each.history)}")
    if about:
        for each in said:
            out.print(
                f"\n[bold]{escape(each.name)}[/]: {escape(each.definition)} [dim]{escape(each.notes)}[/]"
            )


_WINDOWS = {"wait": "vwp", "lag": "confirmation_lag", "cycles": "cycles"}
