"""Cow cards for people: a table, and cards to print."""

from collections.abc import Sequence
from html import escape

from herd_engine.charts.table import Table
from herd_engine.i18n.wording import UNKNOWN, Wording
from herd_engine.presentation.herd_values import money_text
from herd_engine.review.cards.cow_cards import LIMITS, MONEY, CardDates, CowCard, HerdCards

_STYLE = """\
body { font: 14px/1.35 system-ui, sans-serif; margin: 1.5rem auto; max-width: 60rem; color: #111 }
h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.1rem; margin: 0 0 .3rem } .none { color: #555 }
section { border: 1px solid #bbb; padding: .6rem .8rem; margin: .8rem 0; break-inside: avoid }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0 } dd { margin: 0 }
@page { margin: 14mm } @media print { body { margin: 0; max-width: none } }"""


def card_title(card: CowCard, words: Wording) -> str:
    """Return whose card it is: animal, lactation, state."""
    marked = f" · {words.text('card_flagged')}" if card.is_flagged else ""
    return f"{card.animal} · {words.text(f'card_state.{card.state.name.lower()}')}{marked}"


def card_facts(card: CowCard, words: Wording, currency: str | None = None) -> tuple[tuple[str, str], ...]:
    """Return what a card says, line by line: name and value."""
    said = {
        "lactation": words.number(card.lactation),
        "days": words.number(card.age if card.dim is None else card.dim),
        "in_calf": percent(card.p_pregnant, words),
        "calving": dates_text(card.calving, words),
        "dry_off": dates_text(card.dry_off, words),
        "in_herd": " · ".join(
            words.text("card_after", months=months, value=percent(share, words))
            for months, share in card.in_herd.items()
        ),
        "milking_days": words.number(card.milking_days),
        "lists": ", ".join(words.text(f"work_list.{name}") for name in card.lists) or UNKNOWN,
        "rules": ", ".join(words.text(f"rule.{rule}") for rule in card.rules) or UNKNOWN,
        "money": worth_text(card, currency, words),
    }
    heifers = {"days": "card_head.age"} if card.dim is None else {}
    return tuple((words.text(heifers.get(name, f"card_head.{name}")), value) for name, value in said.items())


def worth_text(card: CowCard, currency: str | None, words: Wording) -> str:
    """Return what a card tells of money, or why it does not."""
    if card.money["rpo"] is None:
        return words.text(f"why_unknown.{card.unknown['rpo']}")
    rpo, pregnancy, insemination = (money_text(card.money[name], currency, words) for name in MONEY)
    return words.text("card_money", rpo=rpo, pregnancy=pregnancy, insemination=insemination)


def percent(share: float | None, words: Wording) -> str:
    """Return a share in per cent."""
    return UNKNOWN if share is None else words.text("kpi_unit.share", value=words.number(100 * share))


def dates_text(dates: CardDates | None, words: Wording) -> str:
    """Return the middle date, and between which two it lies in 80 of 100 cases."""
    if dates is None:
        return UNKNOWN
    return words.text(
        "card_dates", p10=words.day(dates.p10), p50=words.day(dates.p50), p90=words.day(dates.p90)
    )


def cards_table(cards: Sequence[CowCard], words: Wording) -> Table:
    """Return cards as a table, an animal a row."""
    heads = ("animal", "lactation", "state", "days", "in_calf", "calving_p50", "in_herd_12", "milking_days")
    rows = tuple(
        (
            card.animal,
            words.number(card.lactation),
            words.text(f"card_state.{card.state.name.lower()}"),
            words.number(card.age if card.dim is None else card.dim),
            percent(card.p_pregnant, words),
            UNKNOWN if card.calving is None else words.day(card.calving.p50),
            percent(card.in_herd["12"], words),
            words.number(card.milking_days),
        )
        for card in cards
    )
    return Table(columns=tuple(words.text(f"card_head.{head}") for head in heads), rows=rows)


def card_limits(words: Wording) -> tuple[str, ...]:
    """Return what every card takes for granted."""
    return tuple(words.text(f"card_limit.{limit}") for limit in LIMITS)


def sum_text(cards: HerdCards, words: Wording) -> str:
    """Return how the cards add up: now, in a year, in two."""
    added, at = cards.sum, (12, 24)
    return " ".join(
        words.text(
            "card_sum",
            day=words.day(added.months[month]),
            cards=words.number(float(added.cards[month])),
            others=words.number(float(added.calves_to_come[month])),
            expected=words.number(float(added.expected[month])),
        )
        for month in at
    )


def cards_page(cards: HerdCards, chosen: Sequence[CowCard], name: str, words: Wording) -> str:
    """Return cards as an HTML page to print.

    Parameters
    ----------
    cards : HerdCards
    chosen : sequence of CowCard
        Those that are printed.
    name : str
        Of the herd file.
    words : Wording
    """
    title = escape(words.text("card_title", day=cards.herd.report_date))
    prices = cards.values.prices
    sections = "".join(_section(card, words, None if prices is None else prices.currency) for card in chosen)
    limits = " ".join(card_limits(words))
    return (
        f'<!doctype html><html lang="{words.language}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><h1>{title}</h1>"
        f'<p class="none">{escape(name)} · {escape(limits)}</p>{sections}</body></html>\n'
    )


def _section(card: CowCard, words: Wording, currency: str | None) -> str:
    facts = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
        for name, value in card_facts(card, words, currency)
    )
    return f"<section><h2>{escape(card_title(card, words))}</h2><dl>{facts}</dl></section>"
