"""What animals are worth, for people."""

from herd_engine.charts.table import Table
from herd_engine.i18n.wording import UNKNOWN, Wording
from herd_engine.review.values.herd_values import LIMITS, LOSS_DAYS, HerdValues

_FIGURES = ("per_day", "heifer_break_even")


def money_text(value: float | None, currency: str | None, words: Wording, digits: int = 0) -> str:
    """Return an amount with its currency."""
    return UNKNOWN if value is None or currency is None else f"{words.number(value, digits)} {currency}"


def summary_lines(found: HerdValues, words: Wording) -> tuple[str, ...]:
    """Return what a place earns, what a springer may cost, how many cows are worth less than their places."""
    if found.states is None or found.prices is None:
        why = words.text(f"why_unknown.{found.unknown['rpo']}")
        missing = () if found.prices is None else found.prices.missing("worth")
        more = [words.text("value_missing", prices=", ".join(missing))] if missing else []
        curve = [words.text("value_curve")] if found.prices is not None and not missing else []
        return (words.text("value_unknown", why=why), *more, *curve)
    currency = found.prices.currency
    amounts = (found.states.per_day, found.states.heifer_break_even)
    figures = tuple(
        words.text(f"value_figure.{name}", value=money_text(value, currency, words, digits))
        for name, value, digits in zip(_FIGURES, amounts, (2, 0), strict=True)
    )
    cows = int((found.herd.lactation > 0).sum())
    return (*figures, words.text("value_below", n=len(found.to_sell()), of=words.number(cows)))


def states_table(found: HerdValues, words: Wording) -> Table:
    """Return what an open cow, a new pregnancy and the loss of one are worth, by lactation and day."""
    heads = ("lactation", "dim", "rpo_open", "pregnancy_value", "loss_cost")
    rows = tuple(tuple(words.number(row[head]) for head in heads) for row in found.by_state)
    return Table(columns=tuple(words.text(f"value_head.{head}", days=LOSS_DAYS) for head in heads), rows=rows)


def animals_table(found: HerdValues, most: int, words: Wording) -> Table:
    """Return animals, the least worth first."""
    heads = ("animal", "lactation", "dim", "rpo", "pregnancy_value", "insemination_value")
    rows = []
    for place in found.order()[:most]:
        animal, lactation, _, dim, *money = found.row(place)
        cells = (words.number(value) for value in (lactation, dim, *money[:3]))
        rows.append((animal, *cells))
    return Table(columns=tuple(words.text(f"value_head.{head}") for head in heads), rows=tuple(rows))


def value_limits(words: Wording) -> tuple[str, ...]:
    """Return what every value takes for granted."""
    return tuple(words.text(f"value_limit.{limit}") for limit in LIMITS)
