"""The card of an animal: chosen from the list above, read, printed."""

import ipywidgets

from herd_engine.presentation.cow_cards import card_facts, card_limits, card_title, cards_page
from herd_engine.workbench.cow_cards import CowCard
from widgets.controls.download import Download
from widgets.controls.form import Form
from widgets.page import Page
from widgets.view_models.cow_card import ChosenCard
from widgets.view_models.work import FarmWork
from widgets.views.common.markup import box, html, table_markup, tag


def cow_card(page: Page, work: FarmWork, chosen: ChosenCard) -> ipywidgets.Widget:
    """Return the choice of an animal, its card, and the way to print it or those of the list."""
    t = page.texts.t
    form = Form(on_change=page.guarded(lambda _, value: chosen.look_at(str(value or ""))))
    shown = html()
    one = _printed(page, work, chosen, t("todo.card_print"), whole=False)
    many = _printed(page, work, chosen, t("todo.cards_print"), whole=True)
    files = box([one, many], "herd-row")

    def draw() -> None:
        animals = [["", t("todo.card_none")], *([animal, animal] for animal in chosen.animals)]
        form.fields = [
            {"path": "animal", "kind": "choice", "label": t("todo.card_pick"), "help": "", "group": "",
             "choices": animals},
        ]  # fmt: skip
        form.values = {"animal": chosen.animal}
        said = tag("p", t("todo.card_reading"), "herd-note") if chosen.is_reading else ""
        card = chosen.card
        shown.value = f'<div role="status">{said}</div>{"" if card is None else _markup(page, chosen, card)}'
        files.layout.display = None if card is not None else "none"

    page.draw_on(chosen.changed, draw)
    title = html(tag("h2", t("todo.card")) + tag("p", t("todo.card_note"), "herd-note"))
    return box([title, form, shown, files], "herd-card", "herd-cow")


def _markup(page: Page, chosen: ChosenCard, card: CowCard) -> str:
    words, t = page.texts.words, page.texts.t
    title = card_title(card, words)
    facts = table_markup(
        (t("todo.card_what"), t("todo.card_value")), card_facts(card, words, chosen.currency), title
    )
    limits = "".join(tag("p", limit, "herd-note") for limit in card_limits(words))
    return tag("h3", title) + facts + limits


def _printed(page: Page, work: FarmWork, chosen: ChosenCard, label: str, *, whole: bool) -> Download:
    def give(button: Download) -> None:
        card = chosen.card
        if chosen.cards is None or card is None or work.row is None:
            return
        cards = chosen.of_list() if whole else (card,)
        content = cards_page(chosen.cards, cards, work.row.name, page.texts.words).encode()
        button.give(content, f"cards-{chosen.cards.herd.report_date.isoformat()}.html", "text/html")

    return Download(on_wanted=page.guarded(give), label=label)
