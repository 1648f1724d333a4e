"""What a forecast assumes: parameters with unit, range and source; purchases; policy and mode."""

from collections.abc import Iterator, Mapping
from dataclasses import Field, asdict, dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from numbers import Integral, Real
from typing import Any, TypeVar

from herd_engine.errors import ParameterError, UnknownParameterError
from herd_engine.model.levers import LEVERS, PLACES


class Mode(StrEnum):
    """How the herd's records become distributions."""

    EMPIRICAL = "empirical"
    THEORETICAL = "theoretical"
    CALIBRATED = "calibrated"


FILE_MODES = (Mode.EMPIRICAL, Mode.THEORETICAL)
"""Take the file at its word: lists of intervals, exits over all days on file."""


LONGEST_GESTATION_DAYS = 330
"""Upper end of `gestation_hi`: no animal that is pregnant on arrival calves later."""


class PurchasePolicy(StrEnum):
    """Who decides on purchases of pregnant heifers."""

    MANUAL = "manual"
    AUTO_COUNTER = "auto_counter"
    AUTO_FORECAST = "auto_forecast"


def parameter(default: Any, low: float, high: float, about: str) -> Any:
    """Declare a dataclass field with its inclusive range and what it means (unit and source)."""
    return field(default=default, metadata={"low": low, "high": high, "about": about})


def lever(name: str) -> Any:
    """Declare a dataclass field that is a lever, with all that is said of it."""
    item = PLACES[name] if name in PLACES else LEVERS[name]
    if item.low is None or item.high is None:
        return field(default=item.default, metadata={"about": item.description})
    return parameter(item.default, item.low, item.high, item.description)


def check_ranges(instance: Any) -> None:
    """Let every number of a dataclass be of its declared type; refuse what leaves its declared range.

    A number may be given as an integer, or as one of NumPy's, where a float is declared: an array that is
    made of it must not become one of integers, nor a cache take 1 and 1.0 for different things.

    Raises
    ------
    ParameterError
        For the first field that is wrong.
    """
    for item in fields(instance):
        value = getattr(instance, item.name)
        if item.type is bool and not isinstance(value, bool):
            raise ParameterError(item.name, value, "be true or false")
        if "low" in item.metadata and not (value is None and item.default is None):
            object.__setattr__(instance, item.name, _within_range(item, value))


def _within_range(item: Field[Any], value: Any) -> int | float:
    low, high = item.metadata["low"], item.metadata["high"]
    is_whole = item.type in (int, int | None)
    kind: type[Any] = Integral if is_whole else Real
    if isinstance(value, bool) or not isinstance(value, kind):
        raise ParameterError(item.name, value, "be a whole number" if is_whole else "be a number")
    number: int | float = int(value) if is_whole else float(value) + 0.0  # 0.0 where it is -0.0
    if not low <= number <= high:
        raise ParameterError(item.name, value, f"be within {low} … {high}")
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelParameters:
    """Biology and management: every lever that a scenario can move, in the order of the model page."""

    min_first_insem_age_days: int = lever("min_first_insem_age_days")
    voluntary_waiting_period: int = lever("voluntary_waiting_period")
    max_service_period_after_vwp: int = lever("max_service_period_after_vwp")
    max_days_in_milk: int | None = lever("max_days_in_milk")
    population_regulation: float = lever("population_regulation")
    gestation_lo: int = lever("gestation_lo")
    gestation_hi: int = lever("gestation_hi")
    gestation_mu: float = lever("gestation_mu")
    gestation_sigma: float = lever("gestation_sigma")
    heifer_birth_prob: float = lever("heifer_birth_prob")
    purchased_days_to_calving_lo: int = lever("purchased_days_to_calving_lo")
    purchased_days_to_calving_hi: int = lever("purchased_days_to_calving_hi")
    culling_intensity: float = lever("culling_intensity")
    heifer_sales_intensity: float = lever("heifer_sales_intensity")
    conception_intensity: float = lever("conception_intensity")
    waiting_period_change: int = lever("waiting_period_change")
    calf_loss: float | None = lever("calf_loss")
    female_fraction: float | None = lever("female_fraction")
    stillbirth_first: float | None = lever("stillbirth_first")
    stillbirth_later: float | None = lever("stillbirth_later")
    twinning_first: float | None = lever("twinning_first")
    twinning_later: float | None = lever("twinning_later")
    pregnancy_loss_heifer: float = lever("pregnancy_loss_heifer")
    pregnancy_loss_cow: float = lever("pregnancy_loss_cow")
    gestation_mean: float = lever("gestation_mean")
    gestation_sd: float = lever("gestation_sd")
    parameter_uncertainty: bool = lever("parameter_uncertainty")

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.gestation_lo > self.gestation_hi:
            raise ParameterError(
                "gestation_lo", self.gestation_lo, f"be at most gestation_hi ({self.gestation_hi})"
            )
        if not self.gestation_lo <= self.gestation_mu <= self.gestation_hi:
            rule = f"lie within gestation_lo … gestation_hi ({self.gestation_lo} … {self.gestation_hi})"
            raise ParameterError("gestation_mu", self.gestation_mu, rule)
        if self.purchased_days_to_calving_lo > self.purchased_days_to_calving_hi:
            rule = f"be at most purchased_days_to_calving_hi ({self.purchased_days_to_calving_hi})"
            raise ParameterError("purchased_days_to_calving_lo", self.purchased_days_to_calving_lo, rule)


def unread_by(mode: Mode) -> frozenset[str]:
    """Return the names of the parameters that a mode does not read."""
    return frozenset(name for name, item in LEVERS.items() if mode not in item.modes)


def changed_but_unread(mode: Mode, model: Any) -> Iterator[tuple[str, Any]]:
    """Yield the parameters that are not at their default, though the mode does not read them."""
    unread = unread_by(mode)
    for item in fields(ModelParameters):
        value = getattr(model, item.name)
        if item.name in unread and value != item.default:
            yield item.name, value


def unread_rule(mode: Mode, name: str) -> str:
    """Word what must hold of a parameter that a mode does not read."""
    if mode is Mode.CALIBRATED:
        return f"not be set in the calibrated mode: {LEVERS[name].instead}"
    return "not be set unless mode is calibrated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """Pregnant heifers bought on one day; exactly one of the last two fields is given.

    Attributes
    ----------
    date_in : date
        Day of arrival.
    count : int
        Animals, 1…5000.
    days_pregnant : int, optional
        Days since conception on arrival, 0…280.
    expected_calving_date : date, optional
        Not before the arrival.
    """

    date_in: date
    count: int = parameter(1, 1, 5000, "animals")
    days_pregnant: int | None = parameter(None, 0, 280, "days since conception on arrival")
    expected_calving_date: date | None = None

    def __post_init__(self) -> None:
        check_ranges(self)
        if (self.days_pregnant is None) == (self.expected_calving_date is None):
            given = "neither" if self.days_pregnant is None else "both"
            raise ParameterError(
                "purchases", given, "give exactly one of days_pregnant, expected_calving_date"
            )
        if self.expected_calving_date is not None and self.expected_calving_date < self.date_in:
            rule = f"not be before the arrival on {self.date_in}"
            raise ParameterError("expected_calving_date", str(self.expected_calving_date), rule)
        if self.expected_calving_date is not None:
            days = (self.expected_calving_date - self.date_in).days
            if days > LONGEST_GESTATION_DAYS:
                rule = f"be at most {LONGEST_GESTATION_DAYS} days after the arrival on {self.date_in}"
                raise ParameterError("expected_calving_date", str(self.expected_calving_date), rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Everything a forecast assumes about the future; what it runs on (herd, seed, replicates) is apart.

    Attributes
    ----------
    horizon_months : int
        Month starts to record after the report date, 1…120.
    mode : Mode
    purchase_policy : PurchasePolicy
    lead_time_days : int
        How far `auto_forecast` looks ahead, 1…365 days.
    confidence_central : float
        Share of futures inside the band, 0.50…0.99.
    future_date : date, optional
        A month start of special interest.
    model : ModelParameters
    purchases : tuple of Purchase
        With the manual policy only.
    places_milking, places_head : int, optional
        Most cows in milk, and most females, after the first of a month; None: no limit.
    sell_pregnant, cull_cows : bool
        Whether pregnant heifers, and open cows, are sold where selling open heifers is not enough.
    """

    horizon_months: int = parameter(36, 1, 120, "month starts to record")
    mode: Mode = Mode.CALIBRATED
    purchase_policy: PurchasePolicy = PurchasePolicy.MANUAL
    lead_time_days: int = parameter(90, 1, 365, "days that auto_forecast looks ahead; assumption")
    confidence_central: float = parameter(0.90, 0.50, 0.99, "share of futures inside the band")
    future_date: date | None = None
    model: ModelParameters = field(default_factory=ModelParameters)
    purchases: tuple[Purchase, ...] = ()
    places_milking: int | None = lever("places_milking")
    places_head: int | None = lever("places_head")
    sell_pregnant: bool = lever("sell_pregnant")
    cull_cows: bool = lever("cull_cows")

    def __post_init__(self) -> None:
        check_ranges(self)
        self._check_choices()
        for name, value in changed_but_unread(self.mode, self.model):
            raise ParameterError(name, value, unread_rule(self.mode, name))
        self._check_purchases()

    def _check_choices(self) -> None:
        for name, known in (("mode", Mode), ("purchase_policy", PurchasePolicy)):
            value = getattr(self, name)
            if value not in tuple(known):
                raise ParameterError(name, value, f"be one of {', '.join(known)}")
            object.__setattr__(self, name, known(value))  # a text becomes the member that code compares with

    def _check_purchases(self) -> None:
        if self.purchases and self.purchase_policy is not PurchasePolicy.MANUAL:
            raise ParameterError(
                "purchases", len(self.purchases), "be empty unless purchase_policy is manual"
            )
        if self.future_date is not None and self.future_date.day != 1:
            raise ParameterError("future_date", str(self.future_date), "be the first of a month")
        lo = self.model.purchased_days_to_calving_lo
        if self.purchase_policy is PurchasePolicy.AUTO_FORECAST and lo > self.lead_time_days:
            rule = f"be at most lead_time_days ({self.lead_time_days}) with purchase_policy auto_forecast"
            raise ParameterError("purchased_days_to_calving_lo", lo, rule)

    def in_mode(self, mode: Mode) -> "Scenario":
        """Return the same scenario in another mode; what that mode does not read takes its default."""
        unread: dict[str, Any] = {
            item.name: item.default for item in fields(self.model) if item.name in unread_by(mode)
        }
        return replace(self, mode=mode, model=replace(self.model, **unread))

    @property
    def has_places(self) -> bool:
        """Whether the number of animals is limited."""
        return self.places_milking is not None or self.places_head is not None

    @property
    def draws_parameters(self) -> bool:
        """Whether what is not known of the farm varies over runs, two runs to a draw."""
        return self.mode is Mode.CALIBRATED and self.model.parameter_uncertainty

    @property
    def tail(self) -> float:
        """Share of futures beyond each end of the band."""
        return round((1 - self.confidence_central) / 2, 12)


def without_unset(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return named values of a scenario without the levers beside the model that are at their default.

    What says nothing is not told: documents and hashes of scenarios without places stay as they were.
    """
    return {
        name: value
        for name, value in values.items()
        if name not in PLACES or value not in {None, PLACES[name].default}
    }


def scenario_values(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario as named values, ``model`` and ``purchases`` within; see ``without_unset``."""
    return without_unset(asdict(scenario))


MAX_SEED = 2**53 - 1
"""Largest seed: every program that reads JSON numbers as doubles reads it exactly."""
MAX_RUNS = 50_000

Parameters = TypeVar("Parameters", ModelParameters, Purchase, Scenario)


def from_mapping(cls: type[Parameters], values: Mapping[str, Any]) -> Parameters:
    """Build a parameter class from names and values; an unknown name is refused with a suggestion."""
    known = [item.name for item in fields(cls)]
    for name in values:
        if name not in known:
            raise UnknownParameterError(name, known)
    return cls(**values)
