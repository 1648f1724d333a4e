"""How good forecasts of a herd have been, in plain words: the report card of its forecasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from herd_engine.charts.table import Table, digits_of
from herd_engine.errors import HerdDataError, ParameterError
from herd_engine.forecasting.backtest.backtest import BacktestPlan, supported_plan
from herd_engine.forecasting.backtest.chance import inside_by_chance
from herd_engine.forecasting.backtest.ratings import MAIN, best_mode, rate
from herd_engine.i18n.wording import UNKNOWN, Wording
from herd_engine.model.backtest import FEWEST_FOLDS, JUDGED_BAND, Backtest, Rating, Robustness
from herd_engine.model.forecast import Metric
from herd_engine.presentation.report_card import left_out
from herd_engine.workbench import Workbench

HEADLINE = Metric.MILKING_COUNT
"""What trust is spoken of: the measure of the headline."""
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
    OTHER_MODE = "record_other_mode"


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
        """Return in one sentence how far forecasts of the milking cows can be trusted."""
        rating = self.rating(HEADLINE)
        share = None if rating is None else rating.score.coverage80
        if rating is None or share is None:
            return words.text("record_nothing")
        score, inside = rating.score, round(rating.score.n * share)
        few, many = inside_by_chance(self.backtest.folds, HEADLINE)
        told = words.text(
            "record_story",
            lean=self._lean(round(score.bias), words),
            inside=words.number(inside),
            count=words.number(score.n),
            band=f"{100 * JUDGED_BAND:.0f}",
            few=words.number(few),
            many=words.number(many),
        )
        return told if inside >= few else " ".join([told, words.text("record_narrow")])

    def how(self, words: Wording) -> str:
        """Return how that was found out."""
        told = words.text(
            "record_how",
            dates=words.number(len(self.backtest.folds)),
            mode=words.forecast_name(self.mode),
            runs=words.number(self.backtest.runs),
        )
        return " ".join([told, *left_out(self.backtest, words.language).values()])

    @staticmethod
    def _lean(bias: int, words: Wording) -> str:
        if not bias:
            return words.text("record_even")
        return words.text("record_low" if bias < 0 else "record_high", error=words.number(abs(bias)))

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


def track_record(workbench: Workbench, dataset_id: str, preferred: str = "") -> TrackRecord | Untold:
    """Return how good forecasts of a kept herd file have been, or why that cannot be told.

    Parameters
    ----------
    workbench : Workbench
    dataset_id : str
    preferred : str
        Mode to speak of; nothing is told of another in its place. The best one where none is named.
    """
    try:
        plan = supported_plan(workbench.datasets.load(dataset_id).records, BacktestPlan())
        backtest = workbench.kept_backtest(dataset_id, plan)
    except ParameterError:  # no date is supported
        return Untold.TOO_SHORT
    except HerdDataError:
        return Untold.NO_PAST
    if preferred and preferred not in backtest.modes:
        return Untold.OTHER_MODE
    return TrackRecord.of(backtest, preferred)
