"""The payload ``herd_m5_v2``: a scenario with its seed and number of replicates, as JSON carries it.

Ranges, defaults and descriptions are those of the engine's dataclasses (``herd_engine.model.scenario``); the
rules that join several fields stand here as validators of the last field that they need, so that one bad
field does not hide another.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields
from datetime import date
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    field_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from herd_engine.errors import ScenarioError, UnknownParameterError
from herd_engine.model.scenario import (
    LONGEST_GESTATION_DAYS,
    MAX_RUNS,
    MAX_SEED,
    Mode,
    ModelParameters,
    Purchase,
    PurchasePolicy,
    Scenario,
    changed_but_unread,
    scenario_values,
    unread_by,
    unread_rule,
)

SCHEMA_VERSION = "herd_m5_v2"


def _declared(cls: type[Any], **more: Any) -> dict[str, Any]:
    """Return a pydantic field for every field of a dataclass that says what it means."""
    return {
        item.name: Field(
            default=item.default,
            ge=item.metadata.get("low"),
            le=item.metadata.get("high"),
            description=item.metadata["about"],
            json_schema_extra=more.get(item.name),
        )
        for item in fields(cls)
        if "about" in item.metadata
    }


def _or_empty(schema: dict[str, Any]) -> None:
    """Let a JSON Schema accept "", which means null."""
    schema["anyOf"].append({"const": ""})


def _empty_is_none(value: Any) -> Any:
    return None if value == "" else value


def _read_date(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    return value


def _broken(rule: str, field: str = "") -> PydanticCustomError:
    """Return a broken rule; ``field`` is the part of a value that is to blame."""
    return PydanticCustomError("rule", "{rule}", {"rule": rule, "field": field})


def _at_least(lower: str) -> Callable[[int, ValidationInfo], int]:
    """Return a validator of the rule that a field is not below an earlier one."""

    def check(value: int, info: ValidationInfo) -> int:
        if info.data.get(lower, value) > value:
            raise _broken(f"Must be at least {lower} ({info.data[lower]})")
        return value

    return check


Day = Annotated[date, BeforeValidator(_read_date)]

_MODEL = _declared(ModelParameters)
_PURCHASE = _declared(Purchase, days_pregnant=_or_empty)
_SCENARIO = _declared(Scenario)


class _Payload(BaseModel):
    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, validate_default=True, allow_inf_nan=False
    )


_LEVER_FIELDS: dict[str, Any] = {
    item.name: (item.type, _MODEL[item.name]) for item in fields(ModelParameters)
}
_ModelFields: Any = create_model("ModelFields", __base__=_Payload, **_LEVER_FIELDS)


class ModelPayload(_ModelFields):  # type: ignore[misc]
    """Biology and management of the herd."""

    _gestation = field_validator("gestation_hi")(_at_least("gestation_lo"))
    _calving = field_validator("purchased_days_to_calving_hi")(_at_least("purchased_days_to_calving_lo"))

    @field_validator("gestation_mu")
    @classmethod
    def _between_lo_and_hi(cls, mean: float, info: ValidationInfo) -> float:
        lo, hi = info.data.get("gestation_lo", mean), info.data.get("gestation_hi", mean)
        if mean < lo:
            raise _broken(f"Must be at least gestation_lo ({lo})")
        if mean > hi:
            raise _broken(f"Must be at most gestation_hi ({hi})")
        return mean


def _read_by_mode(model: ModelPayload, info: ValidationInfo) -> ModelPayload:
    """Refuse parameters that are changed, though the mode does not read them."""
    if "mode" in info.data:
        for name, value in changed_but_unread(info.data["mode"], model):
            rule = unread_rule(info.data["mode"], name)
            raise _broken(f"Must {rule}; got {value}", name)
    return model


class PurchasePayload(_Payload):
    """Pregnant heifers bought on one day; exactly one of the last two fields is given."""

    date_in: Day = Field(description="day of arrival")
    count: int = _PURCHASE["count"]
    days_pregnant: int | None = _PURCHASE["days_pregnant"]
    expected_calving_date: Day | None = Field(
        default=None, description="not before the arrival", json_schema_extra=_or_empty
    )

    _empty = field_validator("days_pregnant", "expected_calving_date", mode="before")(_empty_is_none)

    @field_validator("expected_calving_date")
    @classmethod
    def _one_way_to_say_when(cls, calving: date | None, info: ValidationInfo) -> date | None:
        known = info.data
        if "days_pregnant" in known and (known["days_pregnant"] is None) == (calving is None):
            raise _broken("Exactly one of days_pregnant, expected_calving_date must be given")
        if calving is not None and calving < known.get("date_in", calving):
            raise _broken(f"Must not be before the arrival on {known['date_in']}")
        if calving is not None and (calving - known.get("date_in", calving)).days > LONGEST_GESTATION_DAYS:
            rule = f"Must be at most {LONGEST_GESTATION_DAYS} days after the arrival on {known['date_in']}"
            raise _broken(rule)
        return calving


class ScenarioPayload(_Payload):
    """A scenario, its seed and number of replicates; presets and new scenarios leave out what they like."""

    dataset_id: str | None = Field(
        default=None, min_length=1, description="dataset to run on; not in presets"
    )
    report_date: Day | None = Field(default=None, description="day of the herd file; the file decides")
    horizon_months: int = _SCENARIO["horizon_months"]
    future_date: Day | None = Field(
        default=None, description="a month start of special interest", json_schema_extra=_or_empty
    )
    seed: int = Field(default=42, ge=0, le=MAX_SEED, description="start of all random numbers")
    mc_runs: int = Field(
        default=50, ge=1, le=MAX_RUNS, description="simulated futures; the most, with until_stable"
    )
    until_stable: bool = Field(
        default=False, description="stop as soon as another seed would hardly move a band"
    )
    mode: Mode = Field(default=Mode.CALIBRATED, strict=False, description="how records become distributions")
    model: ModelPayload = Field(default_factory=ModelPayload, description="biology and management")
    _mode = field_validator("model")(_read_by_mode)

    purchase_policy: PurchasePolicy = Field(
        default=PurchasePolicy.MANUAL, strict=False, description="who decides on purchases"
    )
    lead_time_days: int = _SCENARIO["lead_time_days"]
    purchases: tuple[PurchasePayload, ...] = Field(
        default=(), strict=False, description="with the manual policy only"
    )
    confidence_central: float = _SCENARIO["confidence_central"]
    places_milking: int | None = _SCENARIO["places_milking"]
    places_head: int | None = _SCENARIO["places_head"]
    sell_pregnant: bool = _SCENARIO["sell_pregnant"]
    cull_cows: bool = _SCENARIO["cull_cows"]

    _empty = field_validator("future_date", mode="before")(_empty_is_none)

    @field_validator("future_date")
    @classmethod
    def _month_start(cls, day: date | None) -> date | None:
        if day is not None and day.day != 1:
            raise _broken("Must be the first of a month")
        return day

    @field_validator("lead_time_days")
    @classmethod
    def _calving_within_lead_time(cls, lead: int, info: ValidationInfo) -> int:
        model: ModelPayload | None = info.data.get("model")
        forecasting = info.data.get("purchase_policy") is PurchasePolicy.AUTO_FORECAST
        if forecasting and model is not None and model.purchased_days_to_calving_lo > lead:
            lo = model.purchased_days_to_calving_lo
            raise _broken(f"Must be at least model.purchased_days_to_calving_lo ({lo}) with auto_forecast")
        return lead

    @field_validator("purchases")
    @classmethod
    def _bought_by_hand(
        cls, purchases: tuple[PurchasePayload, ...], info: ValidationInfo
    ) -> tuple[PurchasePayload, ...]:
        if purchases and info.data.get("purchase_policy", PurchasePolicy.MANUAL) is not PurchasePolicy.MANUAL:
            raise _broken("Must be empty unless purchase_policy is manual")
        return purchases


def without_unread(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a payload in which what its mode does not read is left out, so that defaults take its place."""
    mode, model = payload.get("mode", Mode.CALIBRATED), payload.get("model", {})
    unread = unread_by(mode)
    return {**payload, "model": {name: value for name, value in model.items() if name not in unread}}


def parse_scenario(payload: Mapping[str, Any]) -> ScenarioPayload:
    """Check a payload and fill in defaults.

    Parameters
    ----------
    payload : mapping
        Names and JSON values of ``herd_m5_v2``; dates may be ``date`` and choices enumerations as well.
        It may say its own ``schema_version``, as what the program gives does.

    Returns
    -------
    ScenarioPayload

    Raises
    ------
    ScenarioError
        With every problem of the payload; a rule that joins fields is checked once these are valid
        by themselves.

    Examples
    --------
    >>> parse_scenario({"seed": 7}).horizon_months
    36
    """
    try:
        return ScenarioPayload.model_validate(_without_version(payload))
    except ValidationError as error:
        problems = tuple(_problem(item) for item in error.errors(include_url=False))
    raise ScenarioError(problems)


def _without_version(payload: Any) -> Any:
    """Return a payload without its own version, which says nothing more; another one is a fault of it."""
    if not isinstance(payload, Mapping):
        return payload
    is_ours = payload.get("schema_version") == SCHEMA_VERSION
    return {name: value for name, value in payload.items() if not (is_ours and name == "schema_version")}


def to_scenario(payload: ScenarioPayload) -> Scenario:
    """Return what the engine assumes; the seed, the runs and the dataset stay behind."""
    values = payload.model_dump(exclude={"dataset_id", "report_date", "seed", "mc_runs", "until_stable"})
    model = ModelParameters(**values.pop("model"))
    purchases = tuple(Purchase(**purchase) for purchase in values.pop("purchases"))
    return Scenario(model=model, purchases=purchases, **values)


def to_payload(scenario: Scenario, seed: int, runs: int) -> dict[str, Any]:
    """Return the complete payload of a scenario; ``to_scenario(parse_scenario(...))`` gives it back."""
    return complete(scenario_values(scenario) | {"seed": seed, "mc_runs": runs})


def complete(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload as JSON values with all defaults filled in; refuse it like ``parse_scenario``."""
    return parse_scenario(payload).model_dump(mode="json")


def complete_model(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the payload with the defaults of its model filled in; nothing is checked."""
    return {**payload, "model": {**ModelPayload().model_dump(mode="json"), **payload.get("model", {})}}


def payload_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the payload: fields, types and ranges.

    The rules that join several fields, and first-of-month, are checked by ``parse_scenario`` alone.
    """
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema = dialect | ScenarioPayload.model_json_schema() | {"title": SCHEMA_VERSION}
    schema["properties"] = {"schema_version": {"const": SCHEMA_VERSION}, **schema["properties"]}
    return schema


_PLAIN_WORDS = {
    "model_type": "Must be an object of named values",
    "tuple_type": "Must be a list",
    "date_type": "Must be a date as YYYY-MM-DD",
}
_LEVELS: dict[int, type[BaseModel]] = {1: ScenarioPayload, 2: ModelPayload, 3: PurchasePayload}
"""What an unknown name stands in, by the length of its path."""


def _known_beside(place: tuple[int | str, ...]) -> list[str]:
    """Return what may stand where an unknown name does; a lever that is one level too high, with its path."""
    known, name = list(_LEVELS[len(place)].model_fields), str(place[-1])
    return [*known, f"model.{name}"] if len(place) == 1 and name in ModelPayload.model_fields else known


def _problem(error: ErrorDetails) -> tuple[str, str]:
    """Word one finding of pydantic: where, what must hold, what was given."""
    place, message = error["loc"], error["msg"]
    if error["type"] == "extra_forbidden":
        message = str(UnknownParameterError(str(place[-1]), _known_beside(place)))
    elif error["type"] != "missing":
        given = repr(error["input"])
        given = given if len(given) <= 60 else given[:59] + "…"
        message = f"{_PLAIN_WORDS.get(error['type'], message)}; got {given}."
    if field := error.get("ctx", {}).get("field"):
        place, message = (*place, field), f"{error['ctx']['rule']}."
    return ".".join(map(str, place)), message
