"""Presets: partial payloads that are laid over a scenario."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from herd_engine.model.scenario import Mode, PurchasePolicy
from herd_engine.scenarios.identity import sha256_of
from herd_engine.scenarios.schema import complete, without_unread

_DEFAULTS = without_unread(complete({}))

BUILT_IN: Mapping[str, Mapping[str, Any]] = {
    "baseline": {
        name: _DEFAULTS[name]
        for name in ("mode", "purchase_policy", "lead_time_days", "confidence_central", "model")
    },
    "conservative": {
        "mode": Mode.THEORETICAL.value,
        "purchase_policy": PurchasePolicy.MANUAL.value,
        "confidence_central": 0.90,
        "model": {"population_regulation": 0.85, "max_service_period_after_vwp": 260},
    },
    "aggressive": {
        "mode": Mode.EMPIRICAL.value,
        "purchase_policy": PurchasePolicy.AUTO_FORECAST.value,
        "lead_time_days": 90,
        "confidence_central": 0.75,
        "model": {"population_regulation": 1.0, "max_service_period_after_vwp": 340},
        "purchases": [],
    },
}
"""The presets that every farm has. Baseline names all assumptions; seed, runs and dates stay as they are."""


def apply_preset(payload: Mapping[str, Any], preset: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload with the fields that the preset names; all others stay as they were.

    Parameters
    ----------
    payload, preset : mapping
        Partial payloads. A preset's purchases replace the payload's as a whole.

    Returns
    -------
    dict
        Not checked: a preset may be laid over a form that is still being filled in. Where a preset names
        another mode, what that mode does not read falls back to its default.

    Examples
    --------
    >>> apply_preset({"seed": 1, "model": {"gestation_lo": 274}}, {"model": {"gestation_hi": 281}})
    {'seed': 1, 'model': {'gestation_lo': 274, 'gestation_hi': 281}}
    """
    result = {**payload, **preset}
    if "model" in preset:
        result["model"] = {**payload.get("model", {}), **preset["model"]}
    return deepcopy(without_unread(result) if "mode" in preset else result)


def content_hash(params: Mapping[str, Any]) -> str:
    """Return the same 64 hexadecimal digits for the same content, however its keys are ordered."""
    return sha256_of(params)
