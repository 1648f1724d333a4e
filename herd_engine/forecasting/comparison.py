"""Runs of one farm against one of them, replicate by replicate where they share their luck."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from herd_engine.engine.run_rates import RUNS_PER_DRAW
from herd_engine.engine.summary import parameter_share, series_of
from herd_engine.errors import ConflictError, ParameterError
from herd_engine.model.comparison import DIFFERENCE_LEVELS, ComparedRun, Comparison, Difference
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import EVENTS, Forecast, Metric

MOST_RUNS = 6
"""What a chart can tell apart."""

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A run to compare: its forecast and its replicates."""

    forecast: Forecast
    draws: Draws


def compare(candidates: Mapping[str, Candidate], base: str) -> Comparison:
    """Return by how much runs differ from one of them, on the dates that all share.

    Parameters
    ----------
    candidates : mapping of str to Candidate
        2…6 runs of the same farm by key, such as a run's id.
    base : str
        Key of the run that the others are compared with.

    Returns
    -------
    Comparison
        A run with the same herd file, seed and random scheme as the base is compared replicate by
        replicate; equal runs then differ by exactly 0 in each.

    Raises
    ------
    ParameterError
        Too few runs, too many, or the base is not among them.
    ConflictError
        The runs have no date in common.

    Notes
    -----
    Runs that do not share their luck are independent samples: replicate r of one meets replicate r + 1
    of the other, since two exports of a farm with the same seed share some of it.
    """
    if not 2 <= len(candidates) <= MOST_RUNS:
        raise ParameterError("runs", len(candidates), f"be 2 … {MOST_RUNS} different runs")
    if base not in candidates:
        raise ParameterError("base", base, f"be one of {', '.join(candidates)}")
    common = set.intersection(*(set(candidate.draws.dates) for candidate in candidates.values()))
    if not common:
        message = "These runs have no date in common: their forecasts cover different years."
        raise ConflictError(message, "no_common_date")
    dates = tuple(sorted(common))
    return Comparison(
        base=base,
        dates=dates,
        runs=tuple(
            _compared(key, candidate, candidates[base], dates)
            for key, candidate in candidates.items()
            if key != base
        ),
    )


def _compared(key: str, run: Candidate, base: Candidate, dates: tuple[date, ...]) -> ComparedRun:
    n = min(run.draws.n_replicates, base.draws.n_replicates)
    is_paired = _share_luck(run.forecast, base.forecast)
    rows, base_rows = ([c.draws.dates.index(day) for day in dates] for c in (run, base))
    unlike = [
        run.forecast.period_start(row) != base.forecast.period_start(base_row)
        for row, base_row in zip(rows, base_rows, strict=True)
    ]
    in_pairs = any(c.forecast.meta.scenario.draws_parameters for c in (run, base))
    differences = {}
    for metric in Metric:
        values = run.draws.values(metric)[:n, rows]
        base_values = base.draws.values(metric)[:n, base_rows]
        if metric in EVENTS:
            values[:, unlike] = np.nan
        differences[metric] = difference_of(values, base_values, is_paired=is_paired, in_pairs=in_pairs)
    return ComparedRun(key=key, is_paired=is_paired, n_replicates=n, differences=differences)


def _share_luck(one: Forecast, other: Forecast) -> bool:
    a, b = one.meta, other.meta
    return (a.dataset_sha256, a.seed, a.random_scheme) == (b.dataset_sha256, b.seed, b.random_scheme)


def difference_of(values: Values, base: Values, *, is_paired: bool, in_pairs: bool = False) -> Difference:
    """Summarize ``values - base``, both of shape (replicates, dates), NaN where not known.

    Parameters
    ----------
    values, base : ndarray of float64
    is_paired : bool
        Whether a replicate is the same luck in both; else each is compared with another's.
    in_pairs : bool
        Whether two replicates at a time share their parameters; they are no independent witnesses.
    """
    base = base if is_paired else np.roll(base, -RUNS_PER_DRAW if in_pairs else -1, axis=0)
    apart = values - base
    n = np.count_nonzero(~np.isnan(apart), axis=0)
    more, less = _share(apart > 0, n), _share(apart < 0, n)
    alone = _variance(values + 0 * base) + _variance(base + 0 * values)  # where both are known
    together = _variance(apart)
    return Difference(
        series=series_of(apart, DIFFERENCE_LEVELS, in_pairs=in_pairs),
        more=more,
        less=less,
        mcse_more=_share_error(apart > 0, n, in_pairs=in_pairs),
        mcse_less=_share_error(apart < 0, n, in_pairs=in_pairs),
        variance_reduction=np.divide(alone, together, out=np.full(len(n), np.nan), where=together > 0),
    )


def _share(hits: NDArray[np.bool_], n: NDArray[np.int64]) -> Values:
    share: Values = np.divide(hits.sum(axis=0), n, out=np.full(len(n), np.nan), where=n > 0)
    return share


def _share_error(hits: NDArray[np.bool_], n: NDArray[np.int64], *, in_pairs: bool) -> Values:
    """Return the standard error of a share; what pairs have in common tells nothing new."""
    share = _share(hits, n)
    error: Values = np.sqrt(share * (1 - share) / np.maximum(n, 1))
    if in_pairs:
        error *= np.sqrt(1 + np.nan_to_num(parameter_share(hits.astype(np.float64))))
    return error


def _variance(values: Values) -> Values:
    """Return the variance of each column over its known values; NaN for fewer than two."""
    return np.asarray(np.ma.masked_invalid(values).var(axis=0, ddof=1).filled(np.nan), np.float64)
