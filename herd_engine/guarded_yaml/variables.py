"""Values of the environment in files: ``${NAME}`` and ``${NAME:-otherwise}``."""

import os
import re
from typing import Any

from herd_engine.errors import ParameterError

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


def filled_in(value: Any) -> Any:
    """Return what a file holds with its variables filled in.

    Raises
    ------
    ParameterError
        One is not set.
    """
    match value:
        case dict():
            return {key: filled_in(item) for key, item in value.items()}
        case list():
            return [filled_in(item) for item in value]
        case str():
            return _VARIABLE.sub(_variable, value)
        case _:
            return value


def is_variable(text: str) -> bool:
    """Tell whether a text is a variable and nothing else, without a value of its own."""
    found = _VARIABLE.fullmatch(text)
    return found is not None and found[2] is None


def _variable(found: re.Match[str]) -> str:
    name, otherwise = found.groups()
    value = os.environ.get(name, otherwise)
    if value is None:
        raise ParameterError(found[0], name, "be set in the environment")
    return value
