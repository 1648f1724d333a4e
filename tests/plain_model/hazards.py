"""One replicate's rates in the calibrated mode, drawn one by one from what the tables say of them.

Meanings are those of ``herd_engine.model.tables``; the uniforms are the engine's, each for one thing.
Two replicates (0 and 1, 2 and 3, …) share what is not known of the farm; months of luck are each one's own.
"""

import math
from functools import cache

import numpy as np
from scipy.stats import gamma, norm

from herd_engine.engine.kernel.random_numbers import philox_uniforms
from herd_engine.model.tables import Calibrated

DAYS_PER_YEAR, MONTHS_PER_YEAR = 365.25, 12
PARAMETERS, EXIT_MONTHS, PACE_MONTHS = 1, 2, 3
"""Purposes of the uniforms of a replicate."""
FLAGGED_HEIFER, FLAGGED_COW, BOUGHT = 6, 7, 8
"""Groups beside 0 (heifers) and 1 … 5 (cows by lactation)."""


class Rates:
    """What an animal's hazards are in one replicate.

    Parameters
    ----------
    months : int
        Months of the forecast, that of day 1 included.
    """

    def __init__(self, known: Calibrated, seed: int, replicate: int, months: int) -> None:
        self.exits, self.conceptions, self.calves = known.exits, known.conceptions, known
        self.is_uncertain = known.is_uncertain
        n_kinds, cells = len(self.exits.season), self.exits.shape
        names = {"cell": cells.size, "flagged": 2, "level": n_kinds, "cycle": self.conceptions.events.size}
        names |= {"hidden": 2, "calf": 1, "month_variance": n_kinds, "year_variance": n_kinds}
        names |= {"pace_variance": 2, "pace_level": 2}
        drawn = iter(_uniforms(replicate // 2, sum(names.values()), seed, PARAMETERS))
        u = {name: [next(drawn) for _ in range(n)] for name, n in names.items()}

        self.cell = {
            at: self._gamma(value, cells[at], self.exits.years[at])
            for value, at in zip(u["cell"], np.ndindex(cells.shape), strict=True)
        }
        self.flagged = [
            self._gamma(value, shape, years)
            for value, shape, years in zip(
                u["flagged"], self.exits.flagged_shape, self.exits.flagged_years, strict=True
            )
        ]
        self.month_variance = [
            self._one_of(values, at)
            for values, at in zip(self.exits.month_variance, u["month_variance"], strict=True)
        ]
        spread = [
            of_level + self._one_of(of_year, at)
            for of_level, of_year, at in zip(
                self.exits.level_variance, self.exits.year_variance, u["year_variance"], strict=True
            )
        ]
        self.level = [self._factor(at, variance) for at, variance in zip(u["level"], spread, strict=True)]
        self.cycle_factor = np.array(
            [
                self._factor(at, 1 / events)
                for at, events in zip(u["cycle"], self.conceptions.events.ravel(), strict=True)
            ]
        ).reshape(self.conceptions.events.shape)
        self.odds = [
            math.exp(norm.ppf(at) * sd) if self.is_uncertain else 1.0
            for at, sd in zip(u["hidden"], self.conceptions.hidden_log_odds_sd, strict=True)
        ]
        as_filed = known.heifer_calf if known.carried_calf is None else known.carried_calf
        rate = float(as_filed.mean())
        variance = (1 - rate) / (rate * known.calvings) if rate else 0.0
        self.calf_factor = self._factor(u["calf"][0], variance)
        self._draw_months(u, seed, replicate, months)

    def _draw_months(self, u: dict[str, list[float]], seed: int, replicate: int, months: int) -> None:
        """Draw each month's luck: of the exits of a kind, of the conceptions of heifers and of cows."""
        kinds = range(len(self.month_variance))
        luck = iter(_uniforms(replicate, len(kinds) * months, seed, EXIT_MONTHS))
        self.luck = [[lucky(next(luck), self.month_variance[kind]) for _ in range(months)] for kind in kinds]
        paces = iter(_uniforms(replicate, 2 * months, seed, PACE_MONTHS))
        self.pace = []
        for kind in range(2):
            variance = self._one_of(self.conceptions.pace_variance[kind], u["pace_variance"][kind])
            level = self._factor(u["pace_level"][kind], variance / self.conceptions.pace_months[kind])
            spread = math.log1p(variance)
            self.pace.append(
                [
                    level * math.exp(norm.ppf(next(paces)) * math.sqrt(spread) - spread / 2)
                    for _ in range(months)
                ]
            )

    # What is drawn, or taken as its mean where nothing is uncertain

    def _gamma(self, u: float, shape: float, years: float) -> float:
        return float(gamma.ppf(u, shape, scale=1 / years)) if self.is_uncertain else float(shape / years)

    def _factor(self, u: float, variance: float) -> float:
        return lucky(u, variance) if self.is_uncertain else 1.0

    def _one_of(self, values: np.ndarray, u: float) -> float:
        return float(values[int(u * len(values))] if self.is_uncertain else values.mean())

    # Hazards of a day

    def yearly_exits(self, group: int, status: int, band: int) -> tuple[float, int]:
        """Return the yearly rate of a cell as it was observed, and the kind of its exits."""
        if group in (FLAGGED_HEIFER, FLAGGED_COW):
            which = group - FLAGGED_HEIFER
            return self.flagged[which], self.exits.flagged_kinds[which]
        if group == BOUGHT:  # a farm does not sell what it has just bought
            share = self.exits.heifer_death_share[band]
            return self.cell[0, status, band] * share, int(self.exits.kinds[0, status, band])
        return self.cell[group, status, band], int(self.exits.kinds[group, status, band])

    @cache  # noqa: B019 - as long as the replicate
    def leaving(self, group: int, status: int, band: int, month: int, calendar: int) -> float:
        """Return the hazard of leaving on a day.

        A month's luck takes animals from those that are there, so the rate that it multiplies is greater than
        the one observed: of luck with variance v about a hazard h, (1 + v h)^(-1/v) stay, and that is to be
        what is observed.

        Parameters
        ----------
        status : int
            1 for confirmed pregnant animals.
        month : int
            Of the forecast, 0 for that of day 1.
        calendar : int
            The same month of the year, 0 for January.
        """
        observed, kind = self.yearly_exits(group, status, band)
        variance, level = self.month_variance[kind], self.level[kind]
        a_month = observed * level / MONTHS_PER_YEAR
        behind = math.expm1(a_month * variance) / variance if a_month * variance > 0 else a_month
        a_day = behind * MONTHS_PER_YEAR / DAYS_PER_YEAR
        return a_day * self.exits.season[kind, calendar] * self.luck[kind][month]

    @cache  # noqa: B019 - as long as the replicate
    def band(self, group: int, days: int) -> int:
        """Return the band of an age, or of days in milk."""
        edges = self.exits.edges[1 if 0 < group < FLAGGED_HEIFER else 0]
        return int(np.searchsorted(edges, days, side="right")) - 1

    @cache  # noqa: B019 - as long as the replicate
    def conceiving(self, class_: int, days: int, month: int | None) -> float:
        """Return the hazard of conception so many days after birth or calving; month None: after the last."""
        starts = self.conceptions.cycle_starts[class_]
        if days < max(1, starts[0]):
            return 0.0
        cycle = int(np.searchsorted(starts, days, side="right")) - 1
        mean = -math.log1p(-self.conceptions.daily_probability[class_, days])
        pace = 1.0 if month is None else self.pace[min(class_, 1)][month]
        return mean * self.cycle_factor[class_, cycle] * pace

    def is_hidden(self, kind: int, days_ago: int, u: float) -> bool:
        """Tell whether a heifer (0) or cow (1) inseminated so long ago is pregnant, though not confirmed."""
        chances = self.conceptions.hidden[kind]
        if not 0 <= days_ago < len(chances):
            return False
        chance = float(chances[days_ago])
        return u < (chance if chance in (0.0, 1.0) else 1 / (1 + (1 - chance) / (chance * self.odds[kind])))

    def heifer_calf(self, lactation: int, conceived: int | None) -> float:
        """Return the probability of a heifer calf at the calving that begins a lactation.

        ``conceived`` is the day of its conception; None: before the report date.
        """
        of_report_date = conceived is None or conceived <= 0
        if of_report_date and self.calves.carried_calf is not None:
            return float(self.calves.carried_calf[0 if lactation == 1 else 1]) * self.calf_factor
        is_stated = self.calves.carried_calf is not None
        share = float(self.calves.heifer_calf[0 if lactation == 1 else 1])
        return share if is_stated else share * self.calf_factor


def lucky(u: float, variance: float) -> float:
    """Return a gamma factor with mean 1."""
    return float(gamma.ppf(u, 1 / variance, scale=variance)) if variance > 0 else 1.0


def _uniforms(key: int, n: int, seed: int, purpose: int) -> list[float]:
    values: list[float] = philox_uniforms(np.array([key], np.uint64), n, seed, purpose)[0].tolist()
    return values
