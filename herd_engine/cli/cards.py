"""`herd cards`: what is expected of each animal."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.asked_herd import AskedHerd, about_a_herd
from herd_engine.cli.options import (
    Conception,
    Curve,
    PageLanguage,
    PriceSetName,
    Targets,
    file_path,
)
from herd_engine.cli.output import check_outputs, write_file, write_text
from herd_engine.cli.printing import new_table, out, print_paths
from herd_engine.errors import ParameterError
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import Wording, wording
from herd_engine.presentation.cow_cards import (
    card_facts,
    card_limits,
    card_title,
    cards_page,
    cards_table,
    sum_text,
)
from herd_engine.workbench.cow_cards import MOST_CARDS, CowCard, HerdCards, WorkListName

PagePath = Annotated[
    Path | None, typer.Option("--html", metavar="OUT", parser=file_path, help="Write cards to print.")
]
Animal = Annotated[str | None, typer.Option(help="Only this animal.")]
Only = Annotated[
    str | None, typer.Option("--list", metavar="sell|breed|dry|check|calve|look", help="Only this work list.")
]
Offset = Annotated[int, typer.Option(min=0, help="So many are skipped.")]
Limit = Annotated[
    int | None, typer.Option(min=1, max=MOST_CARDS, help="Most cards; 50 in the terminal, 2,000 in files.")
]
SHOWN = 50


@about_a_herd
def cards(  # noqa: PLR0913 - one argument an option
    asked: AskedHerd,
    *,
    target: Targets = None,
    prices: PriceSetName = None,
    curve: Curve = None,
    conception: Conception = None,
    language: PageLanguage = ENGLISH,
    animal: Animal = None,
    only: Only = None,
    offset: Offset = 0,
    limit: Limit = None,
    html: PagePath = None,
) -> None:
    """Show what is expected of each animal, exactly; the herd's expected forecast is their sum."""
    check_outputs(asked.json, html, source=asked.file)
    name = None if only is None else list_name(only)
    herd_file = asked.read()
    chosen_prices = asked.prices(prices)
    known_curve = asked.curve(curve)
    values = asked.workbench.values(herd_file, chosen_prices, curve=known_curve, conception=conception)
    targets = asked.aims(target)
    found = asked.workbench.cards(herd_file, targets, values=values)
    most = limit or (MOST_CARDS if asked.json is not None or html is not None else SHOWN)
    words = wording(language)
    chosen = found.page(name, offset=offset, limit=most) if animal is None else (found.card(animal),)
    if html is not None:
        write_file(html, cards_page(found, chosen, herd_file.name, words).encode())
    if asked.json is not None:
        write_text(asked.json, found.document(name, animal=animal, offset=offset, limit=most))
    elif html is not None:
        print_paths("Written:", html)
    elif animal is not None:
        _print_card(chosen[0], None if chosen_prices is None else chosen_prices.currency, words)
    else:
        _print_cards(found, chosen, len(found.places(name)), words)


def list_name(said: str) -> WorkListName:
    """Return the work list of a name; ``dry`` is short for the dry-offs."""
    known = {str(name): name for name in WorkListName} | {"dry": WorkListName.DRY_OFF}
    if said not in known:
        raise ParameterError("list", said, f"be one of {', '.join(known)}")
    return known[said]


def _print_cards(found: HerdCards, chosen: tuple[CowCard, ...], total: int, words: Wording) -> None:
    out.print(f"[bold]{words.text('card_title', day=found.herd.report_date)}[/]")
    table = cards_table(chosen, words)
    out.print(new_table(*table.columns, rows=table.rows))
    if len(chosen) < total:
        out.print(words.text("card_shown", shown=len(chosen), total=total))
    out.print(sum_text(found, words))
    _print_limits(words)


def _print_card(card: CowCard, currency: str | None, words: Wording) -> None:
    out.print(f"[bold]{escape(card_title(card, words))}[/]")
    for name, value in card_facts(card, words, currency):
        out.print(f"{escape(name)}: {escape(value)}", soft_wrap=True)
    _print_limits(words)


def _print_limits(words: Wording) -> None:
    for limit in card_limits(words):
        out.print(f"[dim]{escape(limit)}[/]")
