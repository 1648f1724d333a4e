"""The fields of the scenario form: ranges and defaults are those of the payload's own schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from herd_engine.model.levers import LEVERS, PLACES, Unit
from herd_engine.model.scenario import Mode, PurchasePolicy
from herd_engine.workbench.payloads import payload_schema

CHOICES = {"mode": tuple(Mode), "purchase_policy": tuple(PurchasePolicy)}


def _levers(*, basic: bool) -> tuple[str, ...]:
    return tuple(item.path for item in (*LEVERS.values(), *PLACES.values()) if item.is_basic is basic)


def _counted_in(unit: Unit) -> tuple[str, ...]:
    return tuple(item.path for item in LEVERS.values() if item.unit is unit)


BASIC = ("horizon_months", "purchase_policy", "lead_time_days", *_levers(basic=True), "mc_runs")
ADVANCED = ("confidence_central", "mode", "future_date", "seed", *_levers(basic=False))
"""The fields that the chosen mode does not read are hidden."""
SHARES = ("confidence_central", *_counted_in(Unit.SHARE))
FACTORS = _counted_in(Unit.FACTOR)
_STEPS = dict.fromkeys(SHARES, 0.01) | dict.fromkeys(FACTORS, 0.05)
SLIDER_RANGES = {"mc_runs": (100, 10_000), "horizon_months": (6, 60)}
"""Narrower than what is allowed, so that a slider hits what people mean."""
QUICK = {"horizon_months": (12, 24, 36, 60)}
"""Values that are one touch away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field.

    Attributes
    ----------
    path : str
        Such as ``horizon_months`` or ``model.gestation_lo``.
    kind : str
        ``number``, ``choice``, ``month`` or ``switch``.
    is_basic : bool
    default : value
    low, high, step : float or None
        Of a number.
    is_optional : bool
        Whether it may be left empty.
    choices : tuple of str
    """

    path: str
    kind: str
    is_basic: bool
    default: Any
    low: float | None = None
    high: float | None = None
    step: float | None = None
    is_optional: bool = False
    choices: tuple[str, ...] = ()

    @property
    def slider(self) -> tuple[float, float] | None:
        """Lowest and highest value that a slider offers; None where a slider would be of no use."""
        if self.low is None or self.high is None or self.path == "seed" or self.is_optional:
            return None
        return SLIDER_RANGES.get(self.path, (self.low, self.high))

    @property
    def quick(self) -> tuple[float, ...]:
        """Values that are offered as buttons."""
        return QUICK.get(self.path, ())

    def bounded(self, value: Any) -> Any:
        """Return the nearest value that is allowed to a number that is not; all else as it is."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        number = int if self.step == 1 else float
        if self.low is not None and value < self.low:
            return number(self.low)
        if self.high is not None and value > self.high:
            return number(self.high)
        return value


def form_fields() -> tuple[FormField, ...]:
    """Return all fields, basic ones first."""
    schema = payload_schema()
    return tuple(_field(schema, path) for path in (*BASIC, *ADVANCED))


def _field(schema: Mapping[str, Any], path: str) -> FormField:
    owner, _, name = path.rpartition(".")
    properties = schema["$defs"]["ModelPayload"]["properties"] if owner else schema["properties"]
    node = properties[name]
    variants = node.get("anyOf", [node])
    declared = variants[0]
    facts: dict[str, Any] = {"path": path, "is_basic": path in BASIC, "default": node.get("default")}
    if path in CHOICES:
        return FormField(kind="choice", choices=tuple(map(str, CHOICES[path])), **facts)
    if path == "future_date":
        return FormField(kind="month", is_optional=True, **facts)
    if declared["type"] == "boolean":
        return FormField(kind="switch", **facts)
    low, high = declared["minimum"], declared["maximum"]
    whole = declared["type"] == "integer"
    step = 1.0 if whole else _STEPS.get(path, 0.1)
    is_optional = any(variant.get("type") == "null" for variant in variants)
    return FormField(kind="number", low=low, high=high, step=step, is_optional=is_optional, **facts)
