"""What two payloads disagree on, and many payloads that disagree on purpose."""

import math
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from itertools import product, zip_longest
from typing import Any, NamedTuple

from herd_engine.errors import ParameterError, UnknownParameterError
from herd_engine.scenarios.schema import complete

MAX_VARIANTS = 100


class FieldDifference(NamedTuple):
    """One field that two payloads disagree on; a purchase that one of them lacks is None there."""

    path: str
    a: Any
    b: Any


def differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> list[FieldDifference]:
    """Return all fields in which two payloads differ once defaults are filled in, in schema order.

    Examples
    --------
    >>> differences({"seed": 1}, {"seed": 1, "model": {"gestation_sigma": 3}})
    [FieldDifference(path='model.gestation_sigma', a=2.0, b=3.0)]
    """
    return list(_compare("", complete(a), complete(b)))


def _compare(path: str, a: Any, b: Any) -> Iterator[FieldDifference]:
    prefix = f"{path}." if path else ""
    if isinstance(a, dict) and isinstance(b, dict):
        for name in a:
            yield from _compare(prefix + name, a[name], b[name])
    elif isinstance(a, list) and isinstance(b, list):
        for i, (left, right) in enumerate(zip_longest(a, b)):
            yield from _compare(f"{prefix}{i}", left, right)
    elif a != b:
        yield FieldDifference(path, a, b)


def variants(base: Mapping[str, Any], values: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Return one complete payload for every combination of the given values.

    Parameters
    ----------
    base : mapping
        A valid payload; all variants share its seed, so they can be compared run by run.
    values : mapping of path to values
        Such as ``{"model.gestation_sigma": [1, 2], "purchases.0.count": [10, 20]}``; the last path
        varies fastest.

    Returns
    -------
    list of dict
        At most 100. A value out of range is found when its variant is parsed.

    Raises
    ------
    ScenarioError
        The base is not valid.
    UnknownParameterError
        A path names no field of the base.
    ParameterError
        There are no combinations, or more than 100.

    Examples
    --------
    >>> [variant["seed"] for variant in variants({}, {"seed": [1, 2]})]
    [1, 2]
    """
    count = math.prod(len(choices) for choices in values.values())
    if not 1 <= count <= MAX_VARIANTS:
        raise ParameterError("variants", count, f"be within 1 … {MAX_VARIANTS}")
    whole = complete(base)
    known = list(_paths("", whole))
    for path in values:
        if path not in known:
            raise UnknownParameterError(path, known)
    return [_with(whole, dict(zip(values, choice, strict=True))) for choice in product(*values.values())]


def _paths(prefix: str, value: Any) -> Iterator[str]:
    """Name every field, and every object or list of fields, below ``prefix``."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield f"{prefix}{name}"
        yield from _paths(f"{prefix}{name}.", item)


def _with(payload: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    changed = deepcopy(payload)
    for path, value in changes.items():
        *parents, name = path.split(".")
        place: Any = changed
        for parent in parents:
            place = place[int(parent) if isinstance(place, list) else parent]
        place[int(name) if isinstance(place, list) else name] = value
    return changed
