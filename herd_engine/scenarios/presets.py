"""Presets: partial payloads that are laid over a scenario."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from herd_engine.model.levers import PLACES
from herd_engine.model.scenario import Mode, PurchasePolicy
from herd_engine.scenarios.identity import sha256_of
from herd_engine.scenarios.schema import complete, without_unread

_DEFAULTS = without_unread(complete({}))
_AS_NOW: Mapping[str, Any] = {
    name: _DEFAULTS[name]
    for name in ("mode", "purchase_policy", "lead_time_days", "confidence_central", "model", *PLACES)
}


def _with_model(**changes: Any) -> Mapping[str, Any]:
    return {**_AS_NOW, "model": {**_AS_NOW["model"], **changes}}


BUILT_IN: Mapping[str, Mapping[str, Any]] = {
    "baseline": _AS_NOW,
    "keep the cows": {**_AS_NOW, "purchase_policy": PurchasePolicy.AUTO_COUNTER.value, "purchases": []},
    "fewer culls": _with_model(culling_intensity=0.85),
    "better fertility": _with_model(conception_intensity=1.1),
    "longer wait": _with_model(waiting_period_change=20),
    "sell fewer heifers": _with_model(heifer_sales_intensity=0.5),
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
"""The presets that every farm has; seed, runs and dates stay as they are.

Baseline names all assumptions: things go on as they do now. Each of the next changes one of them. What they
are called, and the line on what each changes, are texts of both languages (``preset.*``, ``preset_about.*``).
"""
HOLD_THE_PLACES = "hold the places"
"""The built-in preset that is made of a herd: see ``built_in``."""
LEGACY = frozenset({"conservative", "aggressive"})
"""Built-in presets that leave the calibrated mode: they take the file at its word, and miss by far."""


def built_in(counts: Mapping[str, int] | None) -> dict[str, Mapping[str, Any]]:
    """Return the built-in presets of a farm: `hold the places` is there where a herd is.

    Parameters
    ----------
    counts : mapping of str to int, or None
        Animals of the herd by group, as ``Herd.counts`` has them: it has as many places as animals now.

    Examples
    --------
    >>> counts = {"milking": 60, "dry": 10, "heifer": 30, "pregnant_heifer": 12}
    >>> built_in(counts)["hold the places"]["places_head"]
    112
    """
    if counts is None or not counts["milking"]:
        return dict(BUILT_IN)
    places = {"places_milking": counts["milking"], "places_head": sum(counts.values())}
    held = {**_AS_NOW, **places, "sell_pregnant": True, "cull_cows": True}
    first = {name: preset for name, preset in BUILT_IN.items() if name not in LEGACY}
    return {**first, HOLD_THE_PLACES: held, **BUILT_IN}


def text_key(name: str) -> str:
    """Return what the texts of a built-in preset are called by.

    Examples
    --------
    >>> text_key("fewer culls")
    'fewer_culls'
    """
    return name.replace(" ", "_")


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
