"""Prices of a farm: a named, dated set; none is built in, and what is not said is not known."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from herd_engine.errors import ParameterError, UnknownParameterError

MOST_MONEY = 1e9
MOST_DISCOUNT = 0.3
LONGEST_NAME, LONGEST_NOTE, OLDEST_DAYS = 60, 500, 5000
DISCOUNT = "discount_rate_year"
PRICES = (
    "milk_per_kg",
    "feed.maintenance_milking_day", "feed.per_kg_milk", "feed.dry_day",
    "springer_price",
    "cull_cow.per_head", "cull_cow.per_kg", "cull_cow.weight_kg",
    "died_value",
    "calf.heifer", "calf.bull", "calf.beef_cross",
    "semen.conventional", "semen.sexed", "semen.beef",
    "insemination", "pregnancy_check",
    DISCOUNT,
)  # fmt: skip
"""Prices by their path in YAML."""
BY_AGE = ("feed.heifer_day", "heifer_sale.open", "heifer_sale.pregnant")
"""Prices that depend on the age of a heifer: a further part of the path is the first day of an age band."""
CULL_COW = "cull_cow"
"""Per head, or per kg with a weight."""
_WORTH = (
    "milk_per_kg", "feed.maintenance_milking_day", "feed.per_kg_milk", "feed.dry_day", "springer_price",
    CULL_COW, "calf.heifer", "calf.bull", DISCOUNT,
)  # fmt: skip
FIGURES: Mapping[str, tuple[str, ...]] = {
    "worth": _WORTH,
    "insemination": (*_WORTH, "semen.conventional", "insemination"),
    "plan_cost": ("springer_price", DISCOUNT),
}
"""Which prices each figure needs: what cows are worth, an insemination, a plan of purchases."""
_FACTS = ("name", "currency", "valid_from", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSet:
    """A farm's prices from a day on.

    Attributes
    ----------
    name : str
    currency : str
        ISO 4217.
    valid_from : date
    note : str
    prices : mapping of str to float
        By path, such as ``feed.dry_day``; only what was said.
    """

    name: str
    currency: str
    valid_from: date
    note: str = ""
    prices: Mapping[str, float]

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not 0 < len(self.name.strip()) <= LONGEST_NAME:
            raise ParameterError("name", self.name, f"have 1 … {LONGEST_NAME} letters")
        code = self.currency
        if not (isinstance(code, str) and len(code) == 3 and code.isascii() and code.isalpha()
                and code.isupper()):  # fmt: skip
            raise ParameterError("currency", code, "be three capital letters of ISO 4217, such as EUR")
        if not isinstance(self.note, str) or len(self.note) > LONGEST_NOTE:
            raise ParameterError("note", self.note, f"have at most {LONGEST_NOTE} letters")
        for path, value in self.prices.items():
            _check(path, value)
        if {"cull_cow.per_head", "cull_cow.per_kg"} <= self.prices.keys():
            raise ParameterError("cull_cow", "both", "be stated per head, or per kg with a weight, not both")

    @property
    def reference(self) -> str:
        """How results name the set: name and date."""
        return f"{self.name}@{self.valid_from.isoformat()}"

    @property
    def cull_cow(self) -> float | None:
        """What a cow brings that is sold for slaughter; None where that was not said."""
        per_kg, weight = self.prices.get("cull_cow.per_kg"), self.prices.get("cull_cow.weight_kg")
        by_weight = None if per_kg is None or weight is None else per_kg * weight
        return self.prices.get("cull_cow.per_head", by_weight)

    def by_age(self, path: str) -> tuple[tuple[int, float], ...]:
        """Return a price by the first day of each age band, the youngest first."""
        start = f"{path}."
        bands = ((key, value) for key, value in self.prices.items() if key.startswith(start))
        return tuple(sorted((int(key.removeprefix(start)), value) for key, value in bands))

    def missing(self, figure: str) -> tuple[str, ...]:
        """Return the prices that a figure of ``FIGURES`` needs and nobody has stated."""
        known = self.prices.keys() | ({CULL_COW} if self.cull_cow is not None else set())
        return tuple(path for path in FIGURES[figure] if path not in known)

    @classmethod
    def of(cls, document: object, name: str | None = None) -> Self:
        """Return the set that a document describes, as ``document`` writes it.

        Parameters
        ----------
        document : mapping
            Prices stand below their headings.
        name : str, optional
            In place of the document's.

        Raises
        ------
        ParameterError, UnknownParameterError
        """
        if not isinstance(document, Mapping):
            raise ParameterError("prices", document, "be names with values")
        facts = {key: document[key] for key in _FACTS if document.get(key) is not None}
        if name is not None:
            facts["name"] = name
        for needed in ("name", "currency", "valid_from"):
            if needed not in facts:
                raise ParameterError(needed, None, "be stated")
        facts["valid_from"] = _day(facts["valid_from"])
        rest = {key: value for key, value in document.items() if key not in _FACTS}
        return cls(**facts, prices=dict(_flat(rest)))

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return the set that says something else; None for what is no longer said."""
        said = self.document()
        facts = {key: said.get(key) for key in _FACTS}
        prices: dict[str, Any] = dict(self.prices)
        for path, value in changes.items():
            (facts if path in facts else prices)[path] = value
        kept = {path: value for path, value in prices.items() if value is not None}
        return type(self).of(facts | kept)

    def document(self) -> dict[str, Any]:
        """Return it as plain values, prices below their headings: as YAML and JSON hold it."""
        said: dict[str, Any] = {
            "name": self.name,
            "currency": self.currency,
            "valid_from": self.valid_from.isoformat(),
        }
        if self.note:
            said["note"] = self.note
        for path, value in sorted(self.prices.items(), key=lambda each: _rank(each[0])):
            *headings, last = path.split(".")
            place = said
            for heading in headings:
                place = place.setdefault(heading, {})
            place[last] = value
        return said


def _check(path: str, value: object) -> None:
    """Refuse what is no price."""
    heading, _, band = path.rpartition(".")
    is_band = heading in BY_AGE and band.isascii() and band.isdecimal() and int(band) <= OLDEST_DAYS
    if path not in PRICES and not is_band:
        raise UnknownParameterError(path, [*PRICES, *(f"{each}.0" for each in BY_AGE)])
    most = MOST_DISCOUNT if path == DISCOUNT else MOST_MONEY
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(float(value)) or not 0 <= float(value) <= most:  # type: ignore[arg-type]
        raise ParameterError(path, value, f"be a number within 0 … {most:g}")


def _flat(values: Mapping[Any, Any], heading: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in values.items():
        path = f"{heading}{key}"
        found += _flat(value, f"{path}.") if isinstance(value, Mapping) else [(path, value)]
    return found


def _rank(path: str) -> tuple[int, str, int]:
    """Return the place of a price: in the order of ``PRICES``, then by age."""
    if path in PRICES:
        return PRICES.index(path), "", 0
    heading, _, band = path.rpartition(".")
    return len(PRICES), heading, int(band)


def _day(said: object) -> date:
    if isinstance(said, date):
        return said
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        raise ParameterError("valid_from", said, "be a date as 2026-03-01") from None
