"""What makes two runs the same run: one canonical form, one hash."""

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any

import rfc8785

from herd_engine.errors import ParameterError
from herd_engine.model.scenario import without_unset
from herd_engine.scenarios.schema import complete, without_unread

SIGNIFICANT_DIGITS = 12
"""Of a float in the canonical form: sums in another order then still hash alike."""


def canonical_json(value: Any) -> bytes:
    """Return the one form in which equal values are equal bytes (RFC 8785 [1]_).

    Parameters
    ----------
    value : mapping, list, tuple, str, int, float, bool, None, date or Enum
        Nested at will. Floats are rounded to 12 significant digits, 5.0 is written as 5 and -0.0
        as 0, dates as ISO texts, enumerations as their values.

    Returns
    -------
    bytes
        UTF-8, no spaces, keys in the order of their UTF-16 codes.

    Raises
    ------
    ParameterError
        NaN, an infinity, an integer beyond 2**53 - 1, or something that JSON cannot carry.

    References
    ----------
    .. [1] Rundgren, A., Jordan, B., Erdtman, S. (2020). JSON Canonicalization Scheme (JCS).
       https://www.rfc-editor.org/rfc/rfc8785

    Examples
    --------
    >>> canonical_json({"b": 5.0, "a": date(2026, 3, 1)})
    b'{"a":"2026-03-01","b":5}'
    """
    try:
        return rfc8785.dumps(_plain(value))
    except ValueError as error:  # rfc8785's own, and UnicodeEncodeError of a key
        raise ParameterError("value", type(value).__name__, f"be fit for canonical JSON: {error}") from error


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return _plain(value.value)
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case date():
            return value.isoformat()
        case float() if not math.isfinite(value):
            raise ParameterError("number", value, "be finite")
        case float():
            return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
        case _:
            return value


def sha256_of(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of a value, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def run_identity(
    payload: Mapping[str, Any], dataset_sha256: str, engine_version: str, random_scheme: str
) -> dict[str, Any]:
    """Return all that a run's result depends on, and nothing else; see ``run_hash``.

    Parameters that the mode does not read are left out.
    """
    scenario = without_unset(without_unread(complete(payload)))
    del scenario["dataset_id"], scenario["report_date"]
    if not scenario["until_stable"]:
        del scenario["until_stable"]  # as versions that did not know it hashed the same run
    return {
        "seed": scenario.pop("seed"),
        "scenario": scenario,
        "dataset_sha256": dataset_sha256,
        "engine_version": engine_version,
        "random_scheme": random_scheme,
    }


def payload_of(config: str) -> dict[str, Any]:
    """Return what a run was asked for, every default filled in, from its identity as it is kept.

    The herd file is no part of it: ``dataset_id`` and ``report_date`` are None.
    """
    identity = json.loads(config)
    return complete({**identity["scenario"], "seed": identity["seed"]})


def run_hash(payload: Mapping[str, Any], dataset_sha256: str, engine_version: str, random_scheme: str) -> str:
    """Return the identity of a run: equal hashes mean equal results.

    Parameters
    ----------
    payload : mapping
        ``herd_m5_v2``, defaults stated or omitted. How a run is executed and what it is called are no
        part of a payload, so they cannot change the hash.
    dataset_sha256 : str
        Of the herd file; it stands for ``dataset_id`` and ``report_date``, which are left out.
    engine_version : str
    random_scheme : str
        ``RANDOM_SCHEME`` of the engine.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    ScenarioError
        The payload is not valid.
    """
    return sha256_of(run_identity(payload, dataset_sha256, engine_version, random_scheme))
