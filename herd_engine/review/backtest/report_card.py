"""A backtest as plain data and words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from typing import Any

from herd_engine.figures.wording import Language
from herd_engine.model.forecast import Metric
from herd_engine.review.backtest.backtest import Backtest, Fold
from herd_engine.review.backtest.baselines import Baseline
from herd_engine.review.backtest.scores import Judged, pit_histogram, robustness, score, skill, together

FoldScores = Mapping[tuple[str, Metric], Judged]
_REFERENCE = str(Baseline.PERSISTENCE)
LIMITS = (
    "current_lactation",
    "dry_offs",
    "habits",
    "exits",
    "losses",
    "placed",
    "purchases",
    "unconfirmed",
    "few_months",
)


def document(backtest: Backtest, language: Language = Language.ENGLISH) -> dict[str, Any]:
    """Return a backtest as plain data for JSON."""
    return {
        "dataset": {
            "name": backtest.dataset_name,
            "sha256": backtest.dataset_sha256,
            "report_date": backtest.report_date.isoformat(),
        },
        "coverage_of_reconstruction": [
            {
                "origin": fold.months_back,
                "date": fold.origin.isoformat(),
                "horizon": fold.horizon,
                **asdict(fold.coverage),
            }
            for fold in backtest.folds
        ],
        "scores": [row for fold in backtest.folds for row in _scores_of(fold)],
        "pooled": pooled(backtest.folds),
        "limits": limits(backtest, language),
    }


def _scores_of(fold: Fold) -> list[dict[str, Any]]:
    return [
        {
            "mode": mode,
            "metric": str(metric),
            "origin": fold.months_back,
            "horizon": fold.horizon,
            **asdict(score(judged)),
        }
        for (mode, metric), judged in fold.judged.items()
    ]


def pooled(folds: Sequence[Fold]) -> list[dict[str, Any]]:
    """Pool folds, of one herd or several, into a row for each mode and metric.

    ``skill`` is against persistence; ``pit`` counts the probability integral transform in equal bins.
    """
    keys = dict.fromkeys(key for fold in folds for key in fold.judged)
    return [
        _pooled(mode, metric, [fold.judged for fold in folds if _has(fold, mode, metric)])
        for mode, metric in keys
        if any(_has(fold, mode, metric) for fold in folds)
    ]


def _has(fold: Fold, mode: str, metric: Metric) -> bool:
    return (mode, metric) in fold.judged and (_REFERENCE, metric) in fold.judged


def _pooled(mode: str, metric: Metric, folds: Sequence[FoldScores]) -> dict[str, Any]:
    judged = [fold[mode, metric] for fold in folds]
    reference = [fold[_REFERENCE, metric] for fold in folds]
    rating = robustness(judged, reference)
    everything = together(judged)
    return {
        "mode": mode,
        "metric": str(metric),
        **asdict(score(everything)),
        "skill": skill(everything, together(reference)),
        "pit": pit_histogram(everything),
        "robustness": {**asdict(rating), "verdict": rating.verdict},
    }


def limits(backtest: Backtest, language: Language) -> list[str]:
    """Tell what the scores cannot tell, in the language asked for."""
    coverage = [fold.coverage for fold in backtest.folds]
    facts = {
        "share": round(100 * min(item.share_exact for item in coverage)),
        "lag": backtest.confirmation_lag,
        "months": max(fold.months_back for fold in backtest.folds),
        "unknown": max(item.unknown_leaving for item in coverage),
        "flags": max(item.flags_placed for item in coverage),
        "folds": len(backtest.folds),
    }
    texts = _texts(language)
    names = [*LIMITS, *(["unknown_leaving"] if facts["unknown"] else [])]
    return [texts[name].format(**facts) for name in names]


@cache
def _texts(language: Language) -> dict[str, str]:
    source = files("herd_engine.review.backtest") / "texts" / f"{language}.json"
    texts: dict[str, str] = json.loads(source.read_text("utf-8"))
    return texts
