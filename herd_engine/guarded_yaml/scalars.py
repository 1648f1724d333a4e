"""What a YAML text without quotes stands for: what JSON has, and nothing that surprises."""

import math
import re
from datetime import datetime

Scalar = str | int | float | bool | None
MAX_DIGITS = 18
"""Longer whole numbers are numbers of animals, which are texts: others would round them."""
_CONSTANTS = {"": None, "~": None} | {
    spelled: value
    for name, value in (("null", None), ("true", True), ("false", False))
    for spelled in (name, name.capitalize(), name.upper())
}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_ENDLESS = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[-+]\d\d:\d\d)?)?", re.ASCII)
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")


def plain_value(text: str) -> Scalar:
    """Return what a text without quotes stands for.

    Raises
    ------
    ValueError
        It could be read as another thing than it seems; the words say how to write it.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        if len(text.lstrip("+-")) > MAX_DIGITS:
            raise ValueError(f"{text[:MAX_DIGITS]}… is too long for a number; quotes make it a text")
        if _LEADING_ZERO.fullmatch(text):
            raise ValueError(f'{text} may be a number or a text: write {int(text)} or "{text}"')
        return int(text)
    if _NUMBER.fullmatch(text) or _ENDLESS.fullmatch(text):
        number = math.inf if _ENDLESS.fullmatch(text) else float(text)
        if not math.isfinite(number):
            raise ValueError(f"{text[:MAX_DIGITS]} is no number that can be used; write a finite one")
        return number
    if _MOMENT.fullmatch(text):
        try:
            datetime.fromisoformat(text)
        except ValueError as error:
            raise ValueError(f"{text} is no day of the calendar or no time of a day") from error
    return text
