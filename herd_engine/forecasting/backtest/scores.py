"""How far forecasts were from what happened; pure functions of numbers."""

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from herd_engine.model.backtest import BANDS, FEWEST_FOLDS, JUDGED_BAND, Judged, Numbers, Robustness, Score

PIT_BINS = 5


def crps(draws: Numbers, happened: Numbers) -> Numbers:
    """Return the continuous ranked probability score of each column, in the metric's unit; 0 is perfect.

    mean |X - y| - mean |X - X'| / 2 over the draws X, the second part from their order in O(n log n).
    A single draw gives the absolute error.

    Parameters
    ----------
    draws : ndarray of float64, shape (n, columns)
    happened : ndarray of float64, shape (columns,)

    References
    ----------
    .. [1] Gneiting, T., Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and estimation.
       J. Am. Stat. Assoc. 102, 359-378. https://doi.org/10.1198/016214506000001437
    """
    n = len(draws)
    weights = (2 * np.arange(1, n + 1) - n - 1) / n**2
    spread: Numbers = (weights[:, np.newaxis] * np.sort(draws, axis=0)).sum(axis=0)
    distance: Numbers = np.abs(draws - happened).mean(axis=0)
    return distance - spread


def probability_integral_transform(draws: Numbers, happened: Numbers) -> Numbers:
    """Return the share of draws below what happened, equal ones counted half; shape (columns,)."""
    below: Numbers = (draws < happened).mean(axis=0) + (draws == happened).mean(axis=0) / 2
    return below


def judge(draws: Numbers, happened: Numbers) -> Judged:
    """Judge draws, shape (n, columns); where it is not known what happened (NaN), nothing is judged."""
    known = ~np.isnan(happened) & ~np.isnan(draws).any(axis=0)
    draws, happened = draws[:, known], happened[known]
    has_band = len(draws) > 1
    ends = np.quantile(draws, [(1 - b) / 2 for b in BANDS] + [(1 + b) / 2 for b in BANDS], axis=0)
    low, high = ends[: len(BANDS)], ends[len(BANDS) :]
    inside = ((low <= happened) & (happened <= high)).T.astype(np.float64)
    pit = probability_integral_transform(draws, happened)
    return Judged(
        happened=happened,
        forecast=np.median(draws, axis=0),
        crps=crps(draws, happened),
        inside=inside if has_band else np.full_like(inside, np.nan),
        pit=pit if has_band else np.full_like(pit, np.nan),
    )


def together(parts: Sequence[Judged]) -> Judged:
    """Put judged forecasts of several folds into one."""
    return Judged(
        **{item.name: np.concatenate([getattr(part, item.name) for part in parts]) for item in fields(Judged)}
    )


def score(judged: Judged) -> Score:
    """Average judged forecasts, at least one."""
    error = judged.forecast - judged.happened
    total = float(np.abs(judged.happened).sum())
    coverage = [None if np.isnan(share) else float(share) for share in judged.inside.mean(axis=0)]
    return Score(
        n=len(judged),
        mae=float(np.abs(error).mean()),
        rmse=float(np.sqrt((error**2).mean())),
        wape=float(np.abs(error).sum()) / total if total else None,
        bias=float(error.mean()),
        crps=float(judged.crps.mean()),
        coverage50=coverage[0],
        coverage80=coverage[1],
        coverage90=coverage[2],
    )


def pit_histogram(judged: Judged) -> tuple[int, ...] | None:
    """Count the probability integral transform in ``PIT_BINS`` equal bins; None without bands.

    Equal counts are right; a heap at an end says that forecasts are too low (last bin) or too high, heaps
    at both that bands are too narrow.
    """
    if np.isnan(judged.pit).any():
        return None
    counts: list[int] = np.histogram(judged.pit, PIT_BINS, (0.0, 1.0))[0].tolist()
    return tuple(counts)


def skill(judged: Judged, reference: Judged) -> float | None:
    """Return 1 - CRPS / CRPS of a reference: 1 is perfect, 0 no better; None if the reference is perfect."""
    worst = float(reference.crps.mean())
    return 1 - float(judged.crps.mean()) / worst if worst else None


def robustness(folds: Sequence[Judged], references: Sequence[Judged]) -> Robustness:
    """Rate folds of one metric against persistence on the same folds; at least one."""
    overall = score(together(folds))
    skills = [skill(fold, reference) for fold, reference in zip(folds, references, strict=True)]
    known = [max(0.0, value) for value in skills if value is not None]
    errors = np.array([score(fold).mae for fold in folds])
    mean_skill = float(np.mean(known)) if known else None
    coverage = None
    if overall.coverage80 is not None:
        coverage = 1 - min(1.0, abs(overall.coverage80 - JUDGED_BAND) / JUDGED_BAND)
    bias = 1 - min(1.0, abs(overall.bias) / overall.mae) if overall.mae else 1.0
    deviation = float(errors.std(ddof=1)) if len(errors) > 1 else 0.0
    stability = 1 - min(1.0, deviation / float(errors.mean())) if overall.mae else 1.0
    total = None
    if mean_skill is not None and coverage is not None and len(folds) >= FEWEST_FOLDS:
        total = 100 * (0.4 * mean_skill + 0.3 * coverage + 0.2 * bias + 0.1 * stability)
    return Robustness(
        score=total,
        skill=mean_skill,
        coverage=coverage,
        bias=bias,
        stability=stability,
        folds=len(folds),
    )
