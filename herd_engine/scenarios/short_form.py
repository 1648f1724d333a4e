"""A plan as the address of a page holds it: what it changes, in a short text."""

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from typing import Any

from herd_engine.errors import ParameterError
from herd_engine.scenarios.schema import complete

MOST_CHARACTERS = 8_000
"""Longer addresses are cut off by servers on the way."""
MOST_BYTES = 200_000
NOT_OF_A_PLAN = ("dataset_id", "report_date")


def written(payload: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    """Return a plan for an address: its fields that are not as in the defaults.

    Parameters
    ----------
    payload, defaults : mapping
        Complete ones.
    """
    changes = {
        name: _changes(value, defaults[name]) if name == "model" else value
        for name, value in payload.items()
        if name not in NOT_OF_A_PLAN and value != defaults[name]
    }
    text = json.dumps(changes, separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def read(text: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the complete payload of a plan that an address holds.

    Raises
    ------
    ParameterError
        The address was cut off or changed.
    ScenarioError
        The plan has a value that is not allowed.
    """
    try:
        changes = _unpacked(text)
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        raise ParameterError(
            "plan", text[:20], "be a plan as this page writes it into its address"
        ) from error
    model = changes.get("model", {})
    if isinstance(model, Mapping):
        changes = changes | {"model": {**defaults["model"], **model}}
    return complete({**defaults, **changes})


def _changes(mine: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in mine.items() if value != defaults[name]}


def _unpacked(text: str) -> dict[str, Any]:
    if len(text) > MOST_CHARACTERS:
        raise ValueError(len(text))
    packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    unpacking = zlib.decompressobj()
    changes = json.loads(unpacking.decompress(packed, MOST_BYTES))
    if not unpacking.eof or not isinstance(changes, dict):
        raise ValueError(text)
    return changes
