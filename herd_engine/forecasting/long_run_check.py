"""The sanity line beside a long forecast: whether the herd stays what it has been, and if not, why."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.calibrate import Calibrate, calibrate
from herd_engine.calibration.exposure import first_day_of_exits
from herd_engine.calibration.habits import habits_of
from herd_engine.calibration.lactations import rebuild_lactations
from herd_engine.datasets.herd_file import HerdFile
from herd_engine.engine.exact.long_run import LATE_DAYS, Equilibrium, equilibrium
from herd_engine.errors import HerdDataError
from herd_engine.forecasting.backtest.baselines import month_start
from herd_engine.forecasting.backtest.happened import Happened
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.animals import AnimalRecords, Herd
from herd_engine.model.farm_calendar import day_number
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.message import Fact, Message, Severity
from herd_engine.model.scenario import Mode, ModelParameters

PAST_MONTHS = 9
"""Further back the file shows calvings less and less well."""
TOLERANCE_DAYS = 10
YEAR_MONTHS = 12
MOST_YEARS = 3
CALVINGS_OFF, LATE_OFF, GROWTH_OFF = 0.10, 0.03, 0.02
"""Change of calvings, of the share of late cows, and yearly growth, from which they are named as reasons;
our choice."""
FASTEST_GROWTH, SETTLED_DAYS = 0.5, (60, 400)
"""A herd that halves, or grows by half, in a year never comes to a stable composition; nor does one whose
cows in milk would have calved less than two months, or more than thirteen, ago on average; our choice."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The herd's last nine months: mean days in milk, and calvings a month."""

    days_in_milk: float
    calvings: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SanityLine:
    """Mean days in milk, past, forecast and in the long run (O20 of the domain's oracles).

    Attributes
    ----------
    past : Past or None
        None where the file does not show it. Cull-flagged cows count, as in the forecast.
    years : tuple of float
        Mean over the months of each whole year of the forecast, at most three.
    long_run : Equilibrium
        If the rates stay and nothing is bought.
    calvings : float
        Expected a month in the next nine.
    late_share : float
        Of today's cows in milk, those with more than 300 days.
    bought : float
        Heifers that the forecast buys.
    is_changed : bool
        Whether the scenario breeds or culls otherwise than the farm has until now.
    tells_exits : bool
        Whether the file has a record of exits.
    """

    past: Past | None
    years: tuple[float, ...]
    long_run: Equilibrium
    calvings: float
    late_share: float
    bought: float
    is_changed: bool
    tells_exits: bool

    @property
    def furthest(self) -> float:
        """How far the year that is furthest from the past lies from it, in days."""
        if self.past is None:
            return 0.0
        return max((year - self.past.days_in_milk for year in self.years), key=abs)

    @property
    def settles(self) -> bool:
        """Whether the herd has a long run: one that goes out, or explodes, has a composition in name only."""
        least, most = SETTLED_DAYS
        is_steady = abs(self.long_run.yearly_growth) < FASTEST_GROWTH
        return is_steady and least <= self.long_run.mean_days_in_milk <= most

    @property
    def messages(self) -> tuple[Message, ...]:
        """The line, and why the forecast leaves the herd's own past, if it does."""
        years = tuple(
            Message("sanity_year", {"days": days, "year": number})
            for number, days in enumerate(self.years, 1)
        )
        long_run = Message("sanity_unsettled")
        if self.settles:
            long_run = Message("sanity_long_run", {"days": self.long_run.mean_days_in_milk})
        facts: dict[str, Fact] = {"years": years, "long_run": long_run}
        if self.past is None:
            return (Message("sanity_no_past", facts),)
        line = Message("sanity_line", {"own": self.past.days_in_milk, **facts})
        if abs(self.furthest) <= TOLERANCE_DAYS:
            return line, Message("sanity_agrees", {"limit": TOLERANCE_DAYS})
        reasons = tuple(self._reasons(self.past)) or (Message("sanity_rates"),)
        told: dict[str, Fact] = {"limit": TOLERANCE_DAYS, "reasons": reasons}
        return line, Message("sanity_differs", told, Severity.WARNING)

    def sentences(self, words: Wording) -> str:
        """Return the messages in words."""
        return " ".join(map(words.say, self.messages))

    def _reasons(self, past: Past) -> Iterator[Message]:
        """Yield what pulls in the direction in which the forecast goes."""
        if self.is_changed:
            yield Message("sanity_changed")
        if not self.tells_exits:
            yield Message("sanity_usual_rates")
        up = 1 if self.furthest > 0 else -1
        fewer = 1 - self.calvings / max(past.calvings, 1e-9)
        if up * fewer > CALVINGS_OFF:
            key = "sanity_few_calvings" if up > 0 else "sanity_many_calvings"
            yield Message(key, {"calvings": self.calvings, "past": past.calvings})
        if self.settles:
            yield from self._reasons_of_the_long_run(up)
        if up < 0 and self.bought >= 1:
            yield Message("sanity_bought", {"count": self.bought})

    def _reasons_of_the_long_run(self, up: int) -> Iterator[Message]:
        if up * (self.long_run.late_share - self.late_share) > LATE_OFF:
            key = "sanity_late_to_come" if up > 0 else "sanity_late_now"
            yield Message(key, {"now": 100 * self.late_share, "long_run": 100 * self.long_run.late_share})
        growth = self.long_run.yearly_growth
        if -up * growth > GROWTH_OFF:
            key = "sanity_shrinks" if up > 0 else "sanity_grows"
            yield Message(key, {"percent": 100 * abs(growth)})


def sanity_line(
    herd_file: HerdFile, forecast: Forecast, calibrate: Calibrate = calibrate
) -> SanityLine | None:
    """Return the line of a forecast of a year or more in the calibrated mode; None of any other.

    Parameters
    ----------
    herd_file : HerdFile
        What the forecast was made from.
    forecast : Forecast
    """
    scenario = forecast.meta.scenario
    years = min(scenario.horizon_months // YEAR_MONTHS, MOST_YEARS)
    days = forecast.series[Metric.AVG_DAYS_IN_MILK].mean[1 : 1 + years * YEAR_MONTHS]
    if scenario.mode is not Mode.CALIBRATED or not years or np.isnan(days).any():
        return None
    model = scenario.model
    tables = calibrate(herd_file.records, Mode.CALIBRATED, model)
    return SanityLine(
        past=past_of(herd_file.records),
        years=tuple(float(year.mean()) for year in days.reshape(years, YEAR_MONTHS)),
        long_run=equilibrium(tables, cap=model.max_days_in_milk),
        calvings=_a_month(forecast.series[Metric.CALVINGS].mean, forecast),
        late_share=late_share(herd_file.herd),
        bought=float(forecast.series[Metric.PURCHASES_IN].mean[1:].sum()),
        is_changed=model != replace(ModelParameters(), parameter_uncertainty=model.parameter_uncertainty),
        tells_exits=first_day_of_exits(herd_file.records) <= 0,
    )


def fine_print(
    herd_file: HerdFile, forecast: Forecast, language: str, calibrate: Calibrate = calibrate
) -> str:
    """Return the line of a forecast in words, ``en`` or ``ru``; nothing where it has none."""
    line = sanity_line(herd_file, forecast, calibrate)
    return "" if line is None else line.sentences(wording(language))


def past_of(records: AnimalRecords) -> Past | None:
    """Return the last nine whole months; None where the file does not show them."""
    try:
        habits = habits_of(records)
    except HerdDataError:  # no completed service period: earlier calvings cannot be rebuilt
        return None
    day = records.report_date
    starts = [month_start(day, back) for back in range(PAST_MONTHS, -1, -1)]
    series = Happened(records, rebuild_lactations(records, habits, 0), habits).series(
        [day_number(start, day) for start in starts]
    )
    days = series[Metric.AVG_DAYS_IN_MILK]
    if np.isnan(days).any():
        return None
    return Past(days_in_milk=float(days.mean()), calvings=float(series[Metric.CALVINGS].mean()))


def late_share(herd: Herd) -> float:
    """Return the share of cows in milk with more than 300 days."""
    days = -herd.calving[herd.is_milking]
    return float((days > LATE_DAYS).mean()) if len(days) else 0.0


def _a_month(by_record: Numbers, forecast: Forecast) -> float:
    """Return the mean of the next nine whole months."""
    first = 2 if forecast.is_partial(1) else 1
    return float(by_record[first : first + PAST_MONTHS].mean())
