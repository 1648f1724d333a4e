"""How good forecasts of a herd have been, in plain words: the report card of its forecasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from herd_engine.errors import HerdDataError, ParameterError
from herd_engine.figures.table import Table, digits_of
from herd_engine.figures.wording import UNKNOWN, Wording
from herd_engine.model.backtest import FEWEST_FOLDS, JUDGED_BAND, Backtest, Rating, Robustness
from herd_engine.model.forecast import Metric
from herd_engine.review.backtest.backtest import BacktestPlan, supported_plan
from herd_engine.review.backtest.kept_backtest import kept_backtest
from herd_engine.review.backtest.ratings import MAIN, best_mode, rate
from herd_engine.review.backtest.report_card import left_out
from herd_engine.runs.kept import KeptRuns
from herd_engine.storage.datasets import DatasetRow

WIDE_ENOUGH = (0.7, 0.9)
"""Share of outcomes within the 80 % band of which it can be said that the band holds."""
PARTS = {
    "skill": "record_skill",
    "coverage": "record_coverage",
    "bias": "record_bias",
    "stability": "record_stability",
}
"""Parts of the score, and how they are called."""


class Untold(StrEnum):
    """Why nothing can be told of past forecasts; each names a text of reports."""

    NO_PAST = "record_no_past"
    TOO_SHORT = "record_too_short"


@dataclass(frozen=True, kw_only=True)
class TrackRecord:
    """A backtest, what it says together, and the mode to speak of."""

    backtest: Backtest
    ratings: Sequence[Rating]
    mode: str

    @classmethod
    def of(cls, backtest: Backtest, preferred: str = "") -> Self:
        """Return the track record that a backtest gives; of the preferred mode where it was tested."""
        ratings = rate(backtest.folds)
        return cls(backtest=backtest, ratings=ratings, mode=best_mode(backtest, ratings, preferred))

    @property
    def modes(self) -> list[str]:
        """The modes that were tested, the one to speak of first."""
        return [self.mode, *(mode for mode in self.backtest.modes if mode != self.mode)]

    def rating(self, metric: Metric) -> Rating | None:
        """Return the rating of the mode; None where nothing is known."""
        found = (each for each in self.ratings if (each.name, each.metric) == (self.mode, metric))
        return next(found, None)

    def sentence(self, words: Wording) -> str:
        """Return in one sentence how far off forecasts were."""
        clauses = [
            words.text(key, error=self._error(rating, words))
            for key, metric in (
                ("record_milking", Metric.MILKING_COUNT),
                ("record_calvings", Metric.CALVINGS),
            )
            if (rating := self.rating(metric)) is not None
        ]
        if not clauses:
            return words.text("record_nothing")
        return words.text(
            "record_story",
            dates=words.number(len(self.backtest.folds)),
            errors=words.text("record_and").join(clauses),
            held=words.number(100 * self.held),
            band=f"{100 * JUDGED_BAND:.0f}",
        )

    @property
    def held(self) -> float:
        """Share of outcomes within the band of the mode, over all metrics."""
        own = [each.score for each in self.ratings if each.name == self.mode]
        inside = sum(score.n * (score.coverage80 or 0) for score in own)
        return inside / max(1, sum(score.n for score in own))

    def advice(self, words: Wording) -> str:
        """Return how to take the bands of a forecast."""
        low, high = WIDE_ENOUGH
        key = "record_narrow" if self.held < low else "record_wide" if self.held > high else "record_holds"
        held, band = words.number(100 * self.held), f"{100 * JUDGED_BAND:.0f}"
        advice = words.text(key, held=held, band=band)
        narrow = [
            f"{words.metric(each.metric, 'name')} ({words.number(100 * share)})"
            for each in self.ratings
            if each.name == self.mode and (share := each.score.coverage80) is not None and share < low
        ]
        if key == "record_narrow" or not narrow:
            return advice
        exceptions = words.text("record_except", band=band, metrics=", ".join(narrow))
        return f"{advice} {exceptions}"

    def card(self, words: Wording) -> Table:
        """Return the report card of what a farm plans by: errors, score, and the parts of the score."""
        columns = ("record_off", "record_lean", "record_inside", "record_score")
        return Table(
            columns=(
                words.text("metric"),
                *(words.text(key) for key in columns),
                *map(words.text, PARTS.values()),
            ),
            rows=tuple(self._row(metric, words) for metric in MAIN if self.rating(metric) is not None),
        )

    def card_note(self, words: Wording) -> str:
        """Return how to read the card."""
        texts = [words.text("record_note", mode=words.forecast_name(self.mode))]
        if len(self.backtest.folds) < FEWEST_FOLDS:
            texts.append(words.text("record_few", count=words.number(FEWEST_FOLDS)))
        texts += left_out(self.backtest, words.language).values()
        return " ".join(texts)

    def _row(self, metric: Metric, words: Wording) -> tuple[str, ...]:
        rating = self.rating(metric)
        if rating is None:
            return ()
        score, robustness = rating.score, rating.robustness
        inside = UNKNOWN if score.coverage80 is None else words.number(100 * score.coverage80)
        lean = words.change(score.bias, digits_of(metric))
        total = UNKNOWN if robustness.score is None else words.number(robustness.score)
        parts = (_of_100(robustness, part, words) for part in PARTS)
        return (words.metric(metric, "name"), self._error(rating, words), lean, inside, total, *parts)

    def _error(self, rating: Rating, words: Wording) -> str:
        error = words.number(rating.score.mae, digits_of(rating.metric))
        if rating.score.wape is None:
            return error
        return error + words.text("share_of", percent=words.number(100 * rating.score.wape))


def _of_100(robustness: Robustness, part: str, words: Wording) -> str:
    value = getattr(robustness, part)
    return UNKNOWN if value is None else words.number(100 * value)


def track_record(kept: KeptRuns, row: DatasetRow, preferred: str = "") -> TrackRecord | Untold:
    """Return how good forecasts of a kept herd file have been, or why that cannot be told.

    Parameters
    ----------
    kept : KeptRuns
    row : DatasetRow
    preferred : str
        Mode to speak of.
    """
    try:
        plan = supported_plan(kept.store.datasets.load(row).records, BacktestPlan())
        return TrackRecord.of(kept_backtest(kept, row, plan), preferred)
    except ParameterError:  # no date is supported
        return Untold.TOO_SHORT
    except HerdDataError:
        return Untold.NO_PAST
