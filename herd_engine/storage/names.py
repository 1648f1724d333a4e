"""Names and texts that people give; names are unique and found whatever their case in any alphabet."""

import sqlalchemy as sa

from herd_engine.errors import ParameterError

MAX_LENGTH = 200
MAX_TEXT_LENGTH = 10_000


def checked_name(name: str) -> str:
    """Return the name without spaces around it.

    Raises
    ------
    ParameterError
        It is empty, too long, or holds characters that cannot be shown.
    """
    name = " ".join(name.split())
    if not 1 <= len(name) <= MAX_LENGTH or not name.isprintable():
        raise ParameterError("name", name, f"have 1 … {MAX_LENGTH} characters that can be shown")
    return name


def checked_text(field: str, text: str, max_length: int = MAX_TEXT_LENGTH) -> str:
    """Return a text as it is, of several lines if it likes.

    Raises
    ------
    ParameterError
        It is too long, or holds what a database cannot keep: NUL, or half of a surrogate pair.
    """
    if len(text) > max_length:
        raise ParameterError(field, f"{text[:20]}…", f"have at most {max_length} characters")
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in text):
        raise ParameterError(field, text[:100], "hold only characters that can be stored (no NUL)")
    return text


def name_key(name: str) -> str:
    """Return what is equal for names that differ in case alone (databases fold ASCII at best)."""
    return name.casefold()


def name_contains(column: sa.Column[str], part: str) -> sa.ColumnElement[bool]:
    """Return the condition that a ``name_key`` column contains a part of a name."""
    return column.contains(name_key(part).replace("\0", ""), autoescape=True)
