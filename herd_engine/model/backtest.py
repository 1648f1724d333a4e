"""Forecasts of a herd from earlier dates, beside what happened since."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.forecast import Metric
from herd_engine.model.quality import QualityIssue

Numbers = NDArray[np.float64]

QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Of the futures, at which a forecast of a backtest is kept."""
BANDS = (0.5, 0.8, 0.9)
"""Central bands: the share of outcomes that each should hold."""
JUDGED_BAND = 0.8
"""The band that a forecast is judged by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What of a rewound herd could be rebuilt, in animals.

    Attributes
    ----------
    animals : int
        On the farm at the origin. They are heifers now too (``exact``), cows in the lactation that the file
        shows (``exact``), heifers that have calved since (``conception_rebuilt``: gestation drawn), cows
        that have calved since (``calving_rebuilt``: days open drawn too), or animals that seem to have
        calved twice since (``two_calvings_since``: their lactation number is likely, not sure).
    exact, conception_rebuilt, calving_rebuilt, two_calvings_since : int
    share_exact : float
        ``exact`` / ``animals``; their dates up to the origin are all as filed.
    came_back : int
        Left after the origin.
    not_born, unknown_leaving : int
        Left out: born after the origin; gone, on a day that the file does not tell.
    unknown_calving : int
        Cows without a calving date, taken as calved on the origin.
    pregnancies_hidden : int
        Conceived by the origin, but not confirmed by then.
    services_placed, flags_placed : int
        Inseminations by the origin that later ones have overwritten, and marks for culling: given to animals
        by the pattern of the report date.
    """

    animals: int
    exact: int
    conception_rebuilt: int
    calving_rebuilt: int
    two_calvings_since: int
    share_exact: float
    came_back: int
    not_born: int
    unknown_leaving: int
    unknown_calving: int
    pregnancies_hidden: int
    services_placed: int
    flags_placed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Forecasts of one metric against what happened, an element each; shape (n,) but for ``inside``.

    Attributes
    ----------
    happened, forecast : ndarray of float64
        ``forecast`` is the median of the draws.
    crps : ndarray of float64
        Of a forecast without a band: its absolute error.
    inside : ndarray of float64, shape (n, len(BANDS))
        1 where what happened lies in the band, its ends included; NaN without a band.
    pit : ndarray of float64
        Probability integral transform; NaN without a band.
    """

    happened: Numbers
    forecast: Numbers
    crps: Numbers
    inside: Numbers
    pit: Numbers

    def __len__(self) -> int:
        return len(self.happened)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """One origin.

    Attributes
    ----------
    months_back : int
    origin : date
    dates : tuple of date
        Month starts after the origin that were forecast: stocks on these days, events in the months that
        end on them.
    coverage : Coverage
    happened : dict of Metric to ndarray of float64, shape (len(dates),)
        NaN where it is not known.
    quantiles : dict of tuple of str, Metric to ndarray of float64, shape (len(QUANTILES), len(dates))
        What was forecast, by mode or baseline, and metric; the quantiles of a baseline are all the same.
    judged : dict of tuple of str, Metric to Judged
        By the same; without those of which nothing is known.
    """

    months_back: int
    origin: date
    dates: tuple[date, ...]
    coverage: Coverage
    happened: dict[Metric, Numbers]
    quantiles: dict[tuple[str, Metric], Numbers]
    judged: dict[tuple[str, Metric], Judged]

    @property
    def horizon(self) -> int:
        """Months forecast."""
        return len(self.dates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Forecasts of a herd from earlier dates, judged.

    Attributes
    ----------
    dataset_name, dataset_sha256 : str
    report_date : date
    confirmation_lag : int
        Days from an insemination to a confirmed pregnancy on this farm.
    modes : tuple of str
        Of the forecasts that were simulated; all others are baselines.
    left_out : dict of str to tuple of QualityIssue
        Modes that what was known on an origin is not enough for, and what it lacks.
    runs : int
        Of each.
    folds : tuple of Fold
        In the order asked for.
    """

    dataset_name: str
    dataset_sha256: str
    report_date: date
    confirmation_lag: int
    modes: tuple[str, ...]
    left_out: dict[str, tuple[QualityIssue, ...]]
    runs: int
    folds: tuple[Fold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Errors in the metric's unit; None where nothing can be told.

    Attributes
    ----------
    n : int
        Forecasts judged.
    mae, rmse : float
        Of the median.
    wape : float or None
        Sum of absolute errors / sum of what happened.
    bias : float
        Mean of forecast - happened: positive where too much was forecast.
    crps : float
    coverage50, coverage80, coverage90 : float or None
        Share of what happened inside the band.
    """

    n: int
    mae: float
    rmse: float
    wape: float | None
    bias: float
    crps: float
    coverage50: float | None
    coverage80: float | None
    coverage90: float | None


FEWEST_FOLDS = 3
"""Fewer tell nothing of how errors vary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """How far a forecast can be relied on, 0 … 100, and its four parts, 0 … 1 each.

    Attributes
    ----------
    score : float or None
        100 (0.4 skill + 0.3 coverage + 0.2 bias + 0.1 stability); None where a part is not known.
    skill : float or None
        Mean over folds of max(0, skill against persistence).
    coverage : float or None
        1 - min(1, |share inside the 80 % band - 0.8| / 0.8); None without a band.
    bias : float
        1 - min(1, |bias| / MAE); 1 where there is no error at all.
    stability : float
        1 - min(1, standard deviation / mean) of the folds' MAE; 1 where there is no error at all.
    folds : int
    """

    score: float | None
    skill: float | None
    coverage: float | None
    bias: float
    stability: float
    folds: int

    @property
    def verdict(self) -> str:
        """``insufficient`` with fewer than three folds; else ``sufficient``."""
        return "sufficient" if self.folds >= FEWEST_FOLDS else "insufficient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What all folds together say of one mode or baseline, and metric.

    Attributes
    ----------
    name : str
        Of the mode or baseline.
    metric : Metric
    score : Score
    skill : float or None
        1 - CRPS / CRPS of persistence: 1 is perfect, 0 no better; None where persistence was perfect.
    against : dict of str to float or None
        The same against each baseline that says something of the metric; None, too, where it says something
        of other months only.
    pit : tuple of int or None
        Counts of the probability integral transform in equal bins; None without bands.
    robustness : Robustness
    """

    name: str
    metric: Metric
    score: Score
    skill: float | None
    against: dict[str, float | None]
    pit: tuple[int, ...] | None
    robustness: Robustness
