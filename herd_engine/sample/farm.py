"""The farm that a sample file comes from: biology and management, each with its unit and source."""

from dataclasses import dataclass, field, fields
from typing import Any

from herd_engine.errors import ParameterError
from herd_engine.model.scenario import check_ranges, parameter

LAST_PARITY = 5
"""Rates by lactation are given for lactations 1…4 and for 5 and later."""


def _sequence(default: tuple[Any, ...], about: str) -> Any:
    """Declare a field that holds several numbers; `SampleFarm` checks it by hand."""
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFarm:
    """A dairy farm with constant habits: its herd is near equilibrium whenever one looks.

    Every field's metadata says what it means, its unit and its source; `make_sample` repeats that in the
    truth. Weekdays count from 0 = Monday. Lists by lactation run from lactation 1; the last value
    holds for all later ones.
    """

    waiting_period_days: int = parameter(
        70, 20, 200, "days after calving before the first service; US herds average in the 60s (DRMS)"
    )
    cycle_days: int = parameter(21, 18, 24, "days between heats; 18-24 in textbooks")
    first_service_rate: float = parameter(
        0.90, 0.05, 1.0, "probability that the first heat is served; farms that time it serve nearly all"
    )
    service_rate: float = parameter(
        0.60, 0.05, 1.0, "probability that a cow's heat is served; 0.55 by sight to 0.70 with activity meters"
    )
    conception_rate_by_lactation: tuple[float, ...] = _sequence(
        (0.42, 0.38, 0.36),
        "probability that a cow's first service holds to term, by lactation; US mean 0.40 (DRMS), "
        "0.46 in Midwest herds",
    )
    conception_factor_per_service: float = parameter(
        0.95, 0.5, 1.0, "each further service multiplies the conception rate; assumption"
    )
    breeding_stop_days: int = parameter(
        350, 150, 800, "days after calving when an open cow is given up and flagged; assumption"
    )
    heifer_first_service_age_days: int = parameter(
        390, 300, 700, "age at the first heat that is served; breeding at 13-14 months is usual practice"
    )
    heifer_service_rate: float = parameter(
        0.80, 0.05, 1.0, "probability that a heifer's heat is served; assumption"
    )
    heifer_conception_rate: float = parameter(
        0.57, 0.05, 1.0, "per service; Norman et al. 2010, J. Dairy Sci. 93:3880"
    )
    heifer_cycles: int = parameter(10, 1, 30, "heats before a heifer is given up and flagged; assumption")

    gestation_mean_days: float = parameter(
        278.0, 265.0, 295.0, "cows; Holstein 278-279 days in field data of 24,367 gestations"
    )
    gestation_sd_days: float = parameter(5.5, 0.01, 8.0, "standard deviation; 5-6 in field data")
    gestation_lo_days: int = parameter(255, 240, 270, "shortest gestation that counts as a calving")
    gestation_hi_days: int = parameter(300, 285, 320, "longest gestation")
    heifer_gestation_shift_days: float = parameter(
        -1.3, -5.0, 5.0, "added to the mean for a first calving; assumption"
    )
    calving_plan_days: int = parameter(278, 265, 295, "conception to expected calving; the farm's constant")
    dry_off_plan_days: int = parameter(
        220,
        180,
        250,
        "conception to expected dry-off: 58 days dry; mean 60.5 in Kuhn et al. 2005, J. Dairy Sci. 88:1147",
    )
    dry_off_weekdays: tuple[int, ...] = _sequence(
        (0, 3), "cows are dried off on these weekdays, before the plan"
    )
    early_dry_off_share: float = parameter(
        0.10, 0.0, 1.0, "share of cows dried off early for low yield; assumption"
    )
    early_dry_off_most_days: int = parameter(45, 1, 90, "early cows dry off 1 to this many days before plan")
    close_up_days: int = parameter(
        21, 0, 60, "days before expected calving when close-up begins; usual practice"
    )
    confirmation_lag_days: int = parameter(
        35, 20, 90, "youngest pregnancy that the farm's check finds; farms check from day 30-45"
    )
    check_weekday: int = parameter(1, 0, 6, "pregnancies are checked on this weekday")

    exit_rate_by_lactation: tuple[float, ...] = _sequence(
        (0.20, 0.28, 0.37, 0.50, 0.60),
        "exits per cow-year, before those given up for not conceiving; .208/.289/.386/.525 in published "
        "Markov herd models",
    )
    exit_by_days_in_milk: tuple[tuple[float, float], ...] = _sequence(
        ((0, 2.4), (30, 1.2), (60, 1.0), (150, 2.0), (305, 3.5), (400, 5.0)),
        "(first day in milk, relative exit hazard of an open cow): of all cows, pregnant ones included, "
        "it is high early, low from day 60 and high late (Beaudeau et al. 1995)",
    )
    pregnant_exit_factor: float = parameter(
        0.20,
        0.01,
        1.0,
        "exit hazard of a pregnant cow relative to an open one; about a fifth of culls are pregnant",
    )
    early_death_share: float = parameter(
        0.18, 0.0, 1.0, "share of exits by day 60 in milk that are deaths; assumption"
    )
    later_death_share: float = parameter(0.10, 0.0, 1.0, "share of later exits that are deaths; assumption")
    flagged_sale_share: float = parameter(
        0.7, 0.0, 1.0, "share of sales of open animals that were flagged beforehand; assumption"
    )
    flag_to_sale_mean_days: float = parameter(
        120.0, 1.0, 365.0, "mean time from the flag to such a sale; assumption"
    )
    given_up_stay_days: float = parameter(
        150.0, 1.0, 600.0, "mean time on the farm of an animal given up for not conceiving; assumption"
    )

    female_fraction: float = parameter(
        0.48,
        0.05,
        0.95,
        "heifer calves among calves born; 0.467 in Silva del Rio et al. 2007, J. Dairy Sci. 90:1255",
    )
    stillbirth_first_calving: float = parameter(0.09, 0.0, 0.5, "same source: 10.4 % of singles of heifers")
    stillbirth_later_calving: float = parameter(0.045, 0.0, 0.5, "same source: 5.0 % of singles of cows")
    calf_loss_by_day_60: float = parameter(
        0.05,
        0.0,
        0.5,
        "share of calves that die before weaning; 5.0 % in Urie et al. 2018, J. Dairy Sci. 101",
    )
    calf_loss_first_week_share: float = parameter(
        0.5, 0.0, 1.0, "share of that in the first 7 days; assumption"
    )
    heifer_death_rate: float = parameter(0.02, 0.0, 0.5, "deaths per heifer-year after day 60; assumption")
    heifer_sale_rate: float = parameter(0.02, 0.0, 0.5, "sales per heifer-year after day 60; assumption")
    surplus_sale_age_days: tuple[int, int] = _sequence(
        (450, 600), "youngest and oldest age at which heifers beyond the farm's need are sold; assumption"
    )
    history_years: int = parameter(
        16, 10, 40, "years of births that make the herd; hardly any cow gets older than 16"
    )

    def __post_init__(self) -> None:
        check_ranges(self)
        self._check_rates("conception_rate_by_lactation", most=1.0)
        self._check_rates("exit_rate_by_lactation", most=5.0)
        self._check_exit_shape()
        if not self.dry_off_weekdays or not all(day in range(7) for day in self.dry_off_weekdays):
            raise ParameterError("dry_off_weekdays", self.dry_off_weekdays, "hold weekdays 0 … 6")
        if self.breeding_stop_days < self.waiting_period_days + self.cycle_days:
            raise ParameterError("breeding_stop_days", self.breeding_stop_days, "leave room for a service")
        first, last = self.surplus_sale_age_days
        if not 0 < first < last <= self.heifer_first_service_age_days + self.gestation_lo_days:
            rule = "rise and end before any first calving"
            raise ParameterError("surplus_sale_age_days", (first, last), rule)

    def _check_rates(self, name: str, *, most: float) -> None:
        rates = getattr(self, name)
        if not rates or not all(0 < rate <= most for rate in rates):
            raise ParameterError(name, rates, f"hold a number above 0 and up to {most:g} per lactation")

    def _check_exit_shape(self) -> None:
        starts = [start for start, _ in self.exit_by_days_in_milk]
        if not starts or starts[0] != 0 or starts != sorted(set(starts)):
            raise ParameterError("exit_by_days_in_milk", starts, "start at day 0 and rise")
        levels = [level for _, level in self.exit_by_days_in_milk]
        if min(levels) <= 0:
            raise ParameterError("exit_by_days_in_milk", levels, "hold hazards above 0")

    def of_lactation(self, values: tuple[float, ...], number: int) -> float:
        """Return the entry of a list by lactation; later lactations share the last one."""
        return values[min(number, len(values)) - 1]

    def describe(self) -> dict[str, dict[str, Any]]:
        """Return every parameter's value and meaning."""
        return {
            item.name: {"value": getattr(self, item.name), "about": item.metadata["about"]}
            for item in fields(self)
        }


DEFAULT_FARM = SampleFarm()
