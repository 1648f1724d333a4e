"""What a farm aims at: by these its animals are early, late or overdue."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from herd_engine.errors import ParameterError, UnknownParameterError
from herd_engine.model.scenario import check_ranges, parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class FarmTargets:
    """Targets of a farm; None: the farm's own habit, as its file shows it.

    Attributes
    ----------
    vwp : int or None
        Days in milk from which the farm inseminates.
    early_service_tolerance : int
        An insemination so many days before that is no deviation.
    late_first_service : int or None
        Days in milk by which a cow should have been inseminated; vwp + 25.
    days_open_target : int or None
        Days in milk by which a cow should be in calf; vwp + 60, at least 130.
    open_limit : int or None
        Days in milk after which an open cow is past her time; vwp + 300.
    preg_check_after : int or None
        Days after an insemination by which the farm knows; its lag + 14.
    dry_min, dry_max, dried_early : int
        Dry days: too few below, too many above, dried off early above.
    dry_off_grace, calving_grace : int
        Days after the planned day that are no deviation.
    gestation_max : int
        Days in calf after which a calving is overdue, whatever the plan.
    heifer_first_service : int or None
        Age from which the farm inseminates heifers.
    heifer_tolerance : int
    heifer_late : int
        Age by which a heifer should be in calf.
    pr21, pregnant_by_150 : float
        Shares aimed at.
    afc_months : float
        Age at first calving aimed at.
    """

    vwp: int | None = parameter(None, 20, 200, "days in milk; the farm's own")
    early_service_tolerance: int = parameter(5, 0, 60, "days; our choice")
    late_first_service: int | None = parameter(None, 30, 400, "days in milk; vwp + 25")
    days_open_target: int | None = parameter(None, 60, 400, "days in milk; vwp + 60, at least 130")
    open_limit: int | None = parameter(None, 150, 1000, "days in milk; vwp + 300")
    preg_check_after: int | None = parameter(None, 20, 150, "days after insemination; the farm's lag + 14")
    dry_min: int = parameter(45, 1, 120, "dry days; our choice")
    dry_max: int = parameter(70, 30, 200, "dry days; our choice")
    dried_early: int = parameter(120, 60, 400, "dry days; our choice")
    dry_off_grace: int = parameter(3, 0, 60, "days; our choice")
    calving_grace: int = parameter(10, 0, 60, "days; our choice")
    gestation_max: int = parameter(290, 280, 320, "days in calf; our choice")
    heifer_first_service: int | None = parameter(None, 250, 700, "days of age; the farm's own")
    heifer_tolerance: int = parameter(14, 0, 120, "days; our choice")
    heifer_late: int = parameter(460, 300, 900, "days of age; our choice")
    pr21: float = parameter(0.25, 0.05, 0.6, "share; AHDB")
    pregnant_by_150: float = parameter(0.70, 0.1, 1.0, "share; usual aim")
    afc_months: float = parameter(24.0, 18.0, 40.0, "months; AHDB")

    def __post_init__(self) -> None:
        check_ranges(self)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return the targets that named values state; UnknownParameterError, ParameterError."""
        known = {item.name: item.type for item in fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise UnknownParameterError(str(name), known)
            is_whole = known[name] is not float
            if isinstance(value, bool) or not isinstance(value, int if is_whole else int | float):
                raise ParameterError(name, value, "be a whole number" if is_whole else "be a number")
        return cls(**values)

    def stated(self) -> dict[str, float]:
        """Return what differs from what holds where nobody has said anything, as ``of`` takes it."""
        return {
            item.name: value for item in fields(self) if (value := getattr(self, item.name)) != item.default
        }

    def resolved(self, *, wait: int, lag: int, heifer_wait: int) -> "FarmTargets":
        """Return the same with the farm's own habits where nobody has set a target.

        Parameters
        ----------
        wait : int
            Days in milk from which the farm inseminates.
        lag : int
            Days from insemination to a known pregnancy.
        heifer_wait : int
            Age from which it inseminates heifers; 0 where not known.
        """
        vwp = _or(self.vwp, _within(wait, 20, 200))
        own: dict[str, Any] = {
            "vwp": vwp,
            "late_first_service": vwp + 25,
            "days_open_target": max(130, vwp + 60),
            "open_limit": vwp + 300,
            "preg_check_after": _within(lag + 14, 20, 150),
            "heifer_first_service": _within(heifer_wait, 250, 700) if heifer_wait else None,
        }
        return FarmTargets(
            **asdict(self) | {name: _or(getattr(self, name), value) for name, value in own.items()}
        )

    def document(self, stated: "FarmTargets") -> list[dict[str, Any]]:
        """Return every target as plain values; ``stated``: the same before habits filled it."""
        return [
            {
                "key": item.name,
                "value": getattr(self, item.name),
                "unit_and_source": item.metadata["about"],
                "is_default": getattr(stated, item.name) == item.default,
            }
            for item in fields(self)
        ]


def _or(stated: Any, own: Any) -> Any:
    return own if stated is None else stated


def _within(value: int, low: int, high: int) -> int:
    return min(max(value, low), high)
