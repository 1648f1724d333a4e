"""What the folds of a backtest say together, of each mode, baseline and metric."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from herd_engine.forecasting.backtest.baselines import Baseline
from herd_engine.forecasting.backtest.scores import pit_histogram, robustness, score, skill, together
from herd_engine.model.backtest import Backtest, Fold, Judged, Rating
from herd_engine.model.forecast import Metric

FoldScores = Mapping[tuple[str, Metric], Judged]
MAIN = (Metric.MILKING_COUNT, Metric.CALVINGS, Metric.CULLS, Metric.AVG_DAYS_IN_MILK)
"""What a farm plans by, and a mode is chosen by."""
_REFERENCE = str(Baseline.PERSISTENCE)


def rate(folds: Sequence[Fold]) -> tuple[Rating, ...]:
    """Pool folds, of one herd or several, into a rating for each mode or baseline, and metric."""
    keys = dict.fromkeys(key for fold in folds for key in fold.judged)
    return tuple(
        _rating(name, metric, [fold.judged for fold in folds if _has(fold, name, metric)])
        for name, metric in keys
        if any(_has(fold, name, metric) for fold in folds)
    )


def best_mode(backtest: Backtest, ratings: Iterable[Rating], preferred: str = "") -> str:
    """Return the mode to speak of: the preferred one where it was tested, else the one of highest skill.

    Parameters
    ----------
    backtest : Backtest
    ratings : iterable of Rating
        Of it.
    preferred : str
        Name of a mode.
    """
    if preferred in backtest.modes:
        return preferred
    skills: dict[str, list[float]] = {mode: [] for mode in backtest.modes}
    for rating in ratings:
        if rating.name in skills and rating.metric in MAIN and rating.skill is not None:
            skills[rating.name].append(rating.skill)
    return max(skills, key=lambda mode: float(np.mean(skills[mode])) if skills[mode] else -np.inf)


def _against(metric: Metric, folds: Sequence[FoldScores], own: Judged) -> dict[str, float | None]:
    """Return the skill against each baseline, on the same months."""
    found: dict[str, float | None] = {}
    for baseline in map(str, Baseline):
        if all((baseline, metric) in fold for fold in folds):
            other = together([fold[baseline, metric] for fold in folds])
            is_same = np.array_equal(own.happened, other.happened)
            found[baseline] = skill(own, other) if is_same else None
    return found


def _has(fold: Fold, name: str, metric: Metric) -> bool:
    return (name, metric) in fold.judged and (_REFERENCE, metric) in fold.judged


def _rating(name: str, metric: Metric, folds: Sequence[FoldScores]) -> Rating:
    judged = [fold[name, metric] for fold in folds]
    reference = [fold[_REFERENCE, metric] for fold in folds]
    everything = together(judged)
    return Rating(
        name=name,
        metric=metric,
        score=score(everything),
        skill=skill(everything, together(reference)),
        against=_against(metric, folds, everything),
        pit=pit_histogram(everything),
        robustness=robustness(judged, reference),
    )
