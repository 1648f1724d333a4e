"""A backtest as plain data and words."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from herd_engine.calibration.habits import GESTATION
from herd_engine.forecasting.backtest.ratings import rate
from herd_engine.forecasting.backtest.scores import score
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import wording
from herd_engine.model.backtest import Backtest, Fold

LIMITS = (
    "current_lactation",
    "dry_offs",
    "habits",
    "exits",
    "calvings_known",
    "losses",
    "placed",
    "purchases",
    "unconfirmed",
    "few_months",
)


def document(backtest: Backtest, language: str = ENGLISH) -> dict[str, Any]:
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
        "left_out": left_out(backtest, language),
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
    """Return what folds together say as plain data, a row for each mode and metric."""
    return [
        {
            "mode": rating.name,
            "metric": str(rating.metric),
            **asdict(rating.score),
            "skill": rating.skill,
            "skill_against": rating.against,
            "pit": None if rating.pit is None else list(rating.pit),
            "robustness": {**asdict(rating.robustness), "verdict": rating.robustness.verdict},
        }
        for rating in rate(folds)
    ]


def limits(backtest: Backtest, language: str) -> list[str]:
    """Tell what the scores cannot tell, in the language asked for."""
    coverage = [fold.coverage for fold in backtest.folds]
    facts = {
        "share": round(100 * min(item.share_exact for item in coverage)),
        "lag": backtest.confirmation_lag,
        "months": max(fold.months_back for fold in backtest.folds),
        "unknown": max(item.unknown_leaving for item in coverage),
        "flags": max(item.flags_placed for item in coverage),
        "folds": len(backtest.folds),
        "gestation": round(GESTATION.mean),
    }
    words = wording(language)
    names = [*LIMITS, *(["unknown_leaving"] if facts["unknown"] else [])]
    return [words.text(name, **facts) for name in names]


def left_out(backtest: Backtest, language: str) -> dict[str, str]:
    """Tell by mode which are not judged, and why."""
    words = wording(language)
    return {
        mode: words.text(
            "left_out", mode=words.forecast_name(mode), reason=" ".join(map(words.issue, issues))
        )
        for mode, issues in backtest.left_out.items()
    }
