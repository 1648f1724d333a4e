"""`herd review`: what is not as the farm wants it."""

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
from herd_engine.presentation.findings import cluster_texts, hits_table, not_evaluated, rates_table


@about_a_herd
def review(
    asked: AskedHerd,
    *,
    target: Targets = None,
    language: PageLanguage = ENGLISH,
    rows: Annotated[int, typer.Option("--rows", min=0, max=2000, help="So many animals are listed.")] = 15,
) -> None:
    """Hold the farm's rules against a herd file: how often, which animals, and what it cannot tell."""
    check_outputs(asked.json, source=asked.file)
    herd_file = asked.read()
    found = asked.workbench.findings(herd_file, asked.aims(target))
    if asked.json is not None:
        write_text(asked.json, found.document())
        return
    words = wording(language)
    out.print(f"[bold]{words.text('rule_title', day=found.as_of)}[/]\n")
    for table in (rates_table(found, words), hits_table(found.hits[:rows], words)):
        out.print(new_table(*table.columns, rows=table.rows), "")
    if len(found.hits) > rows:
        out.print(words.text("rule_more", n=len(found.hits) - rows))
    caught = found.any_deviation
    out.print(words.text("rule_any", n=caught.n, of=caught.of[0]))
    for text in cluster_texts(found, words):
        out.print(text)
    out.print(f"[dim]{escape(words.text('rule_not_told', rules=', '.join(not_evaluated(found, words))))}[/]")
