"""`herd value`: what cows, pregnancies and places are worth, at stated prices."""

from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.asked_herd import AskedHerd, about_a_herd
from herd_engine.cli.options import (
    Conception,
    Curve,
    PageLanguage,
    PriceSetName,
)
from herd_engine.cli.output import check_outputs, write_text
from herd_engine.cli.printing import new_table, out
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import Wording, wording
from herd_engine.presentation.herd_values import animals_table, states_table, summary_lines, value_limits
from herd_engine.workbench.values import MOST_ROWS, HerdValues

Offset = Annotated[int, typer.Option(min=0, help="So many animals are skipped.")]
Limit = Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="Most animals, in JSON.")]
SHOWN = 20


@about_a_herd
def value(  # noqa: PLR0913 - one argument an option
    asked: AskedHerd,
    *,
    prices: PriceSetName = None,
    curve: Curve = None,
    conception: Conception = None,
    language: PageLanguage = ENGLISH,
    offset: Offset = 0,
    limit: Limit = MOST_ROWS,
) -> None:
    """Show what cows, pregnancies and a place are worth at stated prices if the herd goes on as now."""
    check_outputs(asked.json, source=asked.file)
    herd_file = asked.read()
    chosen = asked.prices(prices)
    known_curve = asked.curve(curve)
    found = asked.workbench.values(herd_file, chosen, curve=known_curve, conception=conception)
    if asked.json is not None:
        write_text(asked.json, found.document(offset=offset, limit=limit))
        return
    _print(found, wording(language))


def _print(found: HerdValues, words: Wording) -> None:
    day, prices = found.herd.report_date, found.prices
    title = (
        words.text("value_unpriced", day=day)
        if prices is None
        else words.text("value_title", day=day, prices=prices.reference)
    )
    out.print(f"[bold]{escape(title)}[/]")
    for line in summary_lines(found, words):
        out.print(escape(line), soft_wrap=True)
    if found.states is None:
        return
    for table in (states_table(found, words), animals_table(found, SHOWN, words)):
        out.print(new_table(*table.columns, rows=table.rows))
    for limit in value_limits(words):
        out.print(f"[dim]{escape(limit)}[/]")
