"""What a forecast assumes: parameters with unit, range and source; purchases; policy and mode."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from operator import index
from typing import Any, TypeVar

from herd_engine.errors import ParameterError, UnknownParameterError


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


def check_ranges(instance: Any) -> None:
    """Raise ``ParameterError`` for the first field of a dataclass that leaves its declared range."""
    for item in fields(instance):
        value = getattr(instance, item.name)
        if "low" not in item.metadata or (value is None and item.default is None):
            continue
        low, high = item.metadata["low"], item.metadata["high"]
        whole = item.type in (int, int | None)
        if hasattr(value, "__index__") and not isinstance(value, bool):
            value = index(value)  # NumPy's integers too
            object.__setattr__(instance, item.name, value)
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            raise ParameterError(item.name, value, "be a whole number" if whole else "be a number")
        if not low <= value <= high:
            raise ParameterError(item.name, value, f"be within {low} … {high}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelParameters:
    """Biology and management; every default and range is `HerdM5ModelParams` of the model page.

    Units are days unless the name says otherwise.
    """

    min_first_insem_age_days: int = parameter(
        365, 250, 800, "youngest age at conception; assumption: usual practice"
    )
    voluntary_waiting_period: int = parameter(50, 0, 200, "days after calving without breeding; assumption")
    max_service_period_after_vwp: int = parameter(
        300, 50, 600, "breeding days before an open cow leaves; assumption"
    )
    max_days_in_milk: int | None = parameter(None, 200, 1000, "longest lactation; none: no cap")
    population_regulation: float = parameter(
        0.5, 0.0, 1.0, "multiplies the daily culling probability; assumption"
    )
    gestation_lo: int = parameter(275, 240, 320, "shortest gestation; assumption")
    gestation_hi: int = parameter(280, 240, 330, "longest gestation; assumption")
    gestation_mu: float = parameter(277.5, 240.0, 320.0, "mean gestation; Holstein 278-279 in the literature")
    gestation_sigma: float = parameter(2.0, 0.1, 20.0, "standard deviation of gestation; assumption")
    heifer_birth_prob: float = parameter(0.5, 0.0, 1.0, "probability of a heifer calf; assumption")
    purchased_days_to_calving_lo: int = parameter(
        1, 1, 280, "bought heifer: fewest days to calving; assumption"
    )
    purchased_days_to_calving_hi: int = parameter(
        280, 1, 330, "bought heifer: most days to calving; assumption"
    )

    culling_intensity: float = parameter(
        1.0, 0.3, 2.0, "calibrated mode: multiplies the rate at which cows are sold; 1: as observed"
    )
    heifer_sales_intensity: float = parameter(
        1.0, 0.0, 3.0, "calibrated mode: multiplies the rate at which heifers are sold; 1: as observed"
    )
    conception_intensity: float = parameter(
        1.0, 0.5, 2.0, "calibrated mode: multiplies the hazard of conception; 1: as observed"
    )
    waiting_period_change: int = parameter(
        0, -60, 120, "calibrated mode: days by which cows are bred later than now"
    )
    calf_loss: float | None = parameter(
        None, 0.0, 0.5, "calibrated mode: share of heifer calves lost by 60 days of age; none: as observed"
    )
    female_fraction: float | None = parameter(
        None,
        0.05,
        0.95,
        "calibrated mode: share of female calves, usual 0.47; none: as observed",
    )
    stillbirth_first: float | None = parameter(
        None, 0.0, 0.5, "calibrated mode: share stillborn at first calvings, usual 0.09; none: as observed"
    )
    stillbirth_later: float | None = parameter(
        None, 0.0, 0.5, "calibrated mode: share stillborn at later calvings, usual 0.045; none: as observed"
    )
    twinning_first: float | None = parameter(
        None, 0.0, 0.2, "calibrated mode: twins at first calvings, usual 0.012; none: as observed"
    )
    twinning_later: float | None = parameter(
        None, 0.0, 0.2, "calibrated mode: twins at later calvings, usual 0.055; none: as observed"
    )
    pregnancy_loss_heifer: float = parameter(
        0.04, 0.0, 0.5, "calibrated mode: share of heifers' pregnancies of 35 days that are lost; Albuja 2019"
    )
    pregnancy_loss_cow: float = parameter(
        0.10, 0.0, 0.5, "calibrated mode: share of cows' pregnancies of 35 days that are lost; Albuja 2019"
    )
    gestation_mean: float = parameter(
        278.0, 265.0, 295.0, "calibrated mode: mean gestation; Holstein field data"
    )
    gestation_sd: float = parameter(
        5.5, 1.0, 10.0, "calibrated mode: standard deviation of gestation; Holstein field data"
    )
    parameter_uncertainty: bool = True

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


INSTEAD_OF = {
    "min_first_insem_age_days": "the file's own ages are used",
    "voluntary_waiting_period": "use waiting_period_change",
    "max_service_period_after_vwp": "cows that never conceive follow from the file",
    "population_regulation": "use culling_intensity",
    "gestation_lo": "use gestation_mean and gestation_sd",
    "gestation_hi": "use gestation_mean and gestation_sd",
    "gestation_mu": "use gestation_mean",
    "gestation_sigma": "use gestation_sd",
    "heifer_birth_prob": "use female_fraction",
}
"""What the calibrated mode does not read, and what it has in its place."""
CALIBRATED_ONLY = (
    "culling_intensity",
    "heifer_sales_intensity",
    "conception_intensity",
    "waiting_period_change",
    "calf_loss",
    "female_fraction",
    "stillbirth_first",
    "stillbirth_later",
    "twinning_first",
    "twinning_later",
    "pregnancy_loss_heifer",
    "pregnancy_loss_cow",
    "gestation_mean",
    "gestation_sd",
    "parameter_uncertainty",
)


def unread_by(mode: Mode) -> frozenset[str]:
    """Return the names of the parameters that a mode does not read."""
    return frozenset(INSTEAD_OF if mode == Mode.CALIBRATED else CALIBRATED_ONLY)


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
        return f"not be set in the calibrated mode: {INSTEAD_OF[name]}"
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
    """Everything a forecast assumes about the future; what it runs on (herd, seed, runs) is apart.

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
    """

    horizon_months: int = parameter(36, 1, 120, "month starts to record")
    mode: Mode = Mode.CALIBRATED
    purchase_policy: PurchasePolicy = PurchasePolicy.MANUAL
    lead_time_days: int = parameter(90, 1, 365, "days that auto_forecast looks ahead; assumption")
    confidence_central: float = parameter(0.90, 0.50, 0.99, "share of futures inside the band")
    future_date: date | None = None
    model: ModelParameters = field(default_factory=ModelParameters)
    purchases: tuple[Purchase, ...] = ()

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
    def draws_parameters(self) -> bool:
        """Whether what is not known of the farm varies over runs, two runs to a draw."""
        return self.mode is Mode.CALIBRATED and self.model.parameter_uncertainty

    @property
    def tail(self) -> float:
        """Share of futures beyond each end of the band."""
        return round((1 - self.confidence_central) / 2, 12)


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
