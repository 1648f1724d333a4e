"""Scenarios of the schema before ``herd_m5_v2``: shown with the reason, never run.

A payload that holds both ``mode`` and ``purchase_policy`` was written as ``herd_m5_v2``, any other as
``legacy_v1``. This is about payloads that were stored or exported somewhere; a new scenario, which may leave
out any field, goes to ``parse_scenario`` and is stored with all fields filled in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from herd_engine.errors import ScenarioError
from herd_engine.scenarios.schema import SCHEMA_VERSION, ScenarioPayload, parse_scenario

LEGACY_VERSION = "legacy_v1"

LEGACY_DEFAULTS: Mapping[str, Any] = {
    "dim_mode": None,
    "service_period.mean_days": 115,
    "service_period.std_days": 10,
    "service_period.min_days_after_calving": 50,
    "heifer_insem.min_age_days": 365,
    "heifer_insem.max_age_days": 395,
    "culling.estimate_from_dataset": True,
    "culling.grouping": None,
    "culling.fallback_monthly_hazard": 0.008,
    "culling.age_band_years": 2,
    "replacement.enabled": True,
    "replacement.annual_heifer_ratio": 0.30,
    "replacement.lookahead_months": 12,
    "mc_runs": 1,
}
"""Fields of ``legacy_v1`` with what it assumed where they were omitted; None where that is not known."""

LEGACY_REASON = (
    "Created with the schema legacy_v1, whose engine is gone: its parameters have no counterpart in "
    f"{SCHEMA_VERSION}, so it can be looked at but not run."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacySummary:
    """What can be shown of a payload that cannot be run.

    Attributes
    ----------
    schema_version : str
        ``legacy_v1``, or ``herd_m5_v2`` for one that was written as such but is not valid.
    reason : str
        Why it cannot be run.
    problems : tuple of (str, str)
        Path and message of all that keeps a ``herd_m5_v2`` from being valid.
    values : dict
        Path → value: what the payload states, then what ``legacy_v1`` assumed where it is silent.
    unknown : tuple of str
        Stated paths that no schema knows.
    """

    schema_version: str
    reason: str
    problems: tuple[tuple[str, str], ...] = ()
    values: dict[str, Any]
    unknown: tuple[str, ...] = ()


def schema_version(payload: Mapping[str, Any]) -> str:
    """Return the schema that a payload was written in, ``herd_m5_v2`` or ``legacy_v1``.

    Examples
    --------
    >>> schema_version({"dim_mode": "from_calving"})
    'legacy_v1'
    """
    return SCHEMA_VERSION if "mode" in payload and "purchase_policy" in payload else LEGACY_VERSION


def describe_legacy(payload: Mapping[str, Any]) -> LegacySummary | None:
    """Return what to show of a payload that cannot be run, with the reason; None if it can be run."""
    stated = dict(_leaves("", payload))
    if schema_version(payload) == LEGACY_VERSION:
        known = {*LEGACY_DEFAULTS, *ScenarioPayload.model_fields}
        return LegacySummary(
            schema_version=LEGACY_VERSION,
            reason=LEGACY_REASON,
            values=stated | {path: v for path, v in LEGACY_DEFAULTS.items() if path not in stated},
            unknown=tuple(path for path in stated if not {path, path.split(".")[0]} & known),
        )
    try:
        parse_scenario(payload)
    except ScenarioError as error:
        reason = (
            f"Holds mode and purchase_policy, so it was written as {SCHEMA_VERSION}, but is not valid as "
            f"such; it is shown like a legacy scenario and cannot be run. {error}"
        )
        return LegacySummary(
            schema_version=SCHEMA_VERSION, reason=reason, problems=error.problems, values=stated
        )
    return None


def _leaves(prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        if isinstance(item, Mapping):
            yield from _leaves(f"{prefix}{name}.", item)
        else:
            yield f"{prefix}{name}", item
