"""Settings of a plan as forms call them, and their values as people write them."""

from datetime import date
from typing import Any

from herd_engine.i18n.wording import UNKNOWN, Wording

_DAYS = ("future_date", "date_in", "expected_calving_date", "report_date")


def setting_label(path: str, words: Wording) -> str:
    """Return what a form calls the field of a payload; the path itself where no form has it."""
    if not path.startswith("purchases."):
        return str(words.texts.get(f"field.{path}", path))
    number, _, name = path.removeprefix("purchases.").partition(".")
    purchase = f"{words.text('plan.title')}, {int(number) + 1}"
    return f"{purchase} ({words.text(f'plan.{name}')})" if name else purchase


def setting_value(path: str, value: Any, words: Wording) -> str:
    """Return the value of a field of a payload; – where it has none."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return words.text("yes" if value else "no")
    if isinstance(value, dict):  # a purchase that the other plan has not
        day = words.day(date.fromisoformat(value["date_in"]))
        return words.text("compare.purchase", count=words.number(value["count"]), day=day)
    if path.rpartition(".")[2] in _DAYS:
        return words.day(date.fromisoformat(value))
    if path == "seed" or not isinstance(value, int | float):
        return str(words.texts.get(f"choice.{path}.{value}", value))
    return words.number(
        value, next(digits for digits in (0, 1, 2) if digits == 2 or round(value, digits) == value)
    )
