"""What a farm says about itself that no herd file holds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self
from zoneinfo import available_timezones

from herd_engine.errors import ParameterError, UnknownParameterError
from herd_engine.model.milk_curves import CURVES
from herd_engine.model.targets import FarmTargets

MOST_PLACES, MOST_DAYS, LONGEST = 100_000, 365, 100
_OF_TARGETS = "targets."


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmSheet:
    """A farm's sheet; None for what was not said.

    Attributes
    ----------
    cow_places, head_places : int or None
        Places for cows, and for all animals.
    breed : str or None
    price_set : str or None
        Name of a set of prices.
    time_zone : str or None
        IANA name.
    currency : str or None
        Three capital letters.
    waiting_days : int or None
        Voluntary waiting period, 0 to 365 days.
    semen_policy : str or None
        Such as ``sexed for heifers``.
    milk_curve : str or None
        Lactation curve of ``milk_curves.CURVES``: where no milk is on file, kilograms are its.
    targets : mapping of str to float, or None
        Those of ``FarmTargets`` that the farm has set.
    """

    cow_places: int | None = None
    head_places: int | None = None
    breed: str | None = None
    price_set: str | None = None
    time_zone: str | None = None
    currency: str | None = None
    waiting_days: int | None = None
    semen_policy: str | None = None
    milk_curve: str | None = None
    targets: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        for name, least, most in (
            ("cow_places", 1, MOST_PLACES), ("head_places", 1, MOST_PLACES), ("waiting_days", 0, MOST_DAYS),
        ):  # fmt: skip
            value = getattr(self, name)
            if value is not None and (type(value) is not int or not least <= value <= most):
                raise ParameterError(name, value, f"be a whole number within {least} … {most}")
        for name in ("breed", "price_set", "semen_policy"):
            text = getattr(self, name)
            if text is not None and not (isinstance(text, str) and 0 < len(text.strip()) <= LONGEST):
                raise ParameterError(name, text, f"have 1 … {LONGEST} letters")
        if self.time_zone is not None and self.time_zone not in available_timezones():
            raise ParameterError("time_zone", self.time_zone, "be the name of a zone, such as Europe/Moscow")
        code = self.currency
        if code is not None and not (isinstance(code, str) and len(code) == 3 and code.isalpha()
                                     and code.isupper() and code.isascii()):  # fmt: skip
            raise ParameterError("currency", code, "be three capital letters, such as EUR")
        if self.milk_curve is not None and self.milk_curve not in CURVES:
            raise ParameterError("milk_curve", self.milk_curve, f"be one of {', '.join(CURVES)}")
        if self.targets is not None and not isinstance(self.targets, Mapping):
            raise ParameterError("targets", self.targets, "be names with numbers")
        self.farm_targets()

    @classmethod
    def of(cls, values: object) -> Self:
        """Return the sheet that named values describe; UnknownParameterError, ParameterError."""
        if not isinstance(values, dict):
            raise ParameterError("sheet", values, "be names with values")
        names = [item.name for item in fields(cls)]
        for name in values:
            if name not in names:
                raise UnknownParameterError(str(name), names)
        return cls(**values)

    def changed(self, changes: Mapping[str, Any]) -> Self:
        """Return the sheet that says something else; UnknownParameterError, ParameterError.

        Parameters
        ----------
        changes : mapping
            By name, a target's as ``targets.vwp``; None for what is no longer said.
        """
        said, targets = self.document(), dict(self.targets or {})
        for name, value in changes.items():
            target = name.removeprefix(_OF_TARGETS)
            (said if target == name else targets)[target] = value
        if "targets" not in changes:
            said["targets"] = {name: value for name, value in targets.items() if value is not None} or None
        return self.of(said)

    def farm_targets(self) -> FarmTargets:
        """Return what the farm aims at.

        Its waiting period counts where no target says another, as far as a target may go: 20 to 200 days.
        """
        waiting = {} if self.waiting_days is None else {"vwp": min(max(self.waiting_days, 20), 200)}
        return FarmTargets.of(waiting | dict(self.targets or {}))

    def document(self) -> dict[str, Any]:
        """Return what was said, as plain values."""
        return {name: value for name, value in asdict(self).items() if value is not None}
