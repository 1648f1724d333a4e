"""What the zoo says of a forecast: coverage by kind, metric and year, skill, bias, and the gate.

Farms are resampled whole: months of one farm are one piece of luck.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from herd_engine.errors import ParameterError
from pipelines.zoo.farms.kinds import KINDS
from pipelines.zoo.judge import METRICS, SCHEMA

JUDGED, REFERENCE = "calibrated", "empirical"
RESAMPLES = 1000
POOLED_BAND, LOWEST_METRIC, LOWEST_CELL = (0.75, 0.85), 0.70, 0.60
FEWEST_FARMS = 2
"""One farm has no interval: nothing is broken by it."""
MOST_WORSE, MOST_BIAS = 0.05, 0.02
HOLDS, BROKEN, OPEN = "holds", "broken", "open"
"""Of a rule of the gate: kept, broken, or too few farms to tell."""

Farms = Sequence[Mapping[str, Any]]
Numbers = NDArray[np.float64]


def report(document: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return tables and gate of a judged zoo.

    Parameters
    ----------
    document : mapping
        As ``visit`` returns it.
    before : mapping, optional
        The same farms, judged at an earlier state of the program.

    Returns
    -------
    dict
        ``rows``: per kind and metric coverage of the 80 % band in each year with the ends of its 95 %
        interval over all years, CRPS against the reference mode and against ``before``, bias of the mean of
        36 months.
        ``gate``: each rule with its figure and whether it holds.

    Raises
    ------
    ParameterError
        A document is none of the zoo.
    """
    for each in (document, *([before] if before else [])):
        if each.get("schema") != SCHEMA:
            raise ParameterError("FILE", str(each.get("schema")), f"be a zoo that was run ({SCHEMA})")
    earlier = {(farm["kind"], farm["number"]): farm for farm in before["farms"]} if before else {}
    kinds = [name for name in KINDS if any(farm["kind"] == name for farm in document["farms"])]
    rows = [
        _row(kind, metric.value, [farm for farm in document["farms"] if farm["kind"] == kind], earlier)
        for kind in kinds
        for metric in METRICS
    ]
    steady = [farm for farm in document["farms"] if KINDS[farm["kind"]].is_stationary]
    gate = [*(_coverage_rules(steady) if steady else ()), *(_bias_rules(steady) if steady else ())]
    gate += _cell_rules(rows)
    return {"schema": "herd-zoo-report/1", "version": document["version"], "rows": rows, "gate": gate}


def _row(kind: str, metric: str, farms: Farms, earlier: Mapping[tuple[str, int], Any]) -> dict[str, Any]:
    inside, score = coverage(farms, metric), crps(farms, metric)
    low, high = interval(inside)
    row = {
        "kind": kind,
        "metric": metric,
        "farms": len(farms),
        "coverage_by_year": [float(coverage(farms, metric, year).mean()) for year in (1, 2, 3)],
        "coverage": float(inside.mean()),
        "coverage_low": low,
        "coverage_high": high,
        "crps": float(score.mean()),
        "crps_to_reference": float(score.mean() / crps(farms, metric, REFERENCE).mean()),
        "bias": float(bias(farms, metric).mean()),
    }
    same = [earlier[at] for farm in farms if (at := (farm["kind"], farm["number"])) in earlier]
    if len(same) == len(farms):
        row |= {
            "crps_to_before": float(score.mean() / crps(same, metric).mean()),
            "coverage_before": float(coverage(same, metric).mean()),
        }
    return row


def _judged(farms: Farms, metric: str, mode: str = JUDGED) -> Iterable[Mapping[str, list[float]]]:
    return (farm["modes"][mode][metric] for farm in farms)


def coverage(farms: Farms, metric: str, year: int | None = None) -> Numbers:
    """Return the share of months, of one year or all, whose 80 % band held what happened; shape (farms,)."""
    shares = []
    for judged in _judged(farms, metric):
        in_year = (np.array(judged["month"]) - 1) // 12 + 1
        hits = np.array(judged["inside"], np.float64)
        shares.append(hits.mean() if year is None else hits[in_year == year].mean())
    return np.array(shares)


def crps(farms: Farms, metric: str, mode: str = JUDGED) -> Numbers:
    """Return the mean continuous ranked probability score, in the metric's unit; shape (farms,)."""
    return np.array([np.mean(judged["crps"]) for judged in _judged(farms, metric, mode)])


def bias(farms: Farms, metric: str) -> Numbers:
    """Return by how much the mean of all months was forecast too high, as a share; shape (farms,)."""
    return np.array(
        [sum(judged["expected"]) / sum(judged["happened"]) - 1 for judged in _judged(farms, metric)]
    )


def interval(by_farm: Numbers) -> tuple[float, float]:
    """Return the 95 % interval of a mean over farms, which are resampled whole; the same each time."""
    drawn = np.random.default_rng(0).integers(0, len(by_farm), (RESAMPLES, len(by_farm)))
    low, high = np.quantile(by_farm[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def _coverage_rules(steady: Farms) -> list[dict[str, Any]]:
    """Return the rules on kinds that go on as they are, pooled and by metric."""
    by_metric = {metric.value: coverage(steady, metric.value) for metric in METRICS}
    pooled = np.mean(list(by_metric.values()), axis=0)
    return [
        _rule("pooled coverage of stationary kinds", pooled, POOLED_BAND),
        *(
            _rule(f"coverage of {metric}, stationary kinds", values, (LOWEST_METRIC, 1.0))
            for metric, values in by_metric.items()
        ),
    ]


def _bias_rules(steady: Farms) -> list[dict[str, Any]]:
    return [
        _rule(f"bias of {metric}, stationary kinds", bias(steady, metric.value), (-MOST_BIAS, MOST_BIAS))
        for metric in METRICS
    ]


def _cell_rules(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the kinds and metrics whose bands surely miss, or whose score became worse than before."""
    missed = [
        {
            "rule": f"coverage of {row['metric']}, {row['kind']}",
            "value": row["coverage"], "low": row["coverage_low"], "high": row["coverage_high"],
            "from": LOWEST_CELL, "to": 1.0, "state": BROKEN,
        }
        for row in rows
        if row["farms"] >= FEWEST_FARMS and row["coverage_high"] < LOWEST_CELL
    ]  # fmt: skip
    worse = [
        {
            "rule": f"CRPS of {row['metric']}, {row['kind']}, against before",
            "value": row["crps_to_before"], "low": None, "high": None,
            "from": 0.0, "to": 1 + MOST_WORSE, "state": BROKEN,
        }
        for row in rows
        if row.get("crps_to_before", 0.0) > 1 + MOST_WORSE
    ]  # fmt: skip
    return [*missed, *worse]


def _rule(name: str, by_farm: Numbers, allowed: tuple[float, float]) -> dict[str, Any]:
    """Return a rule: broken only where all of its interval is outside, open where some of it is."""
    value, (low, high) = float(by_farm.mean()), interval(by_farm)
    is_inside = allowed[0] <= value <= allowed[1]
    is_out = len(by_farm) >= FEWEST_FARMS and (high < allowed[0] or low > allowed[1])
    state = HOLDS if is_inside else BROKEN if is_out else OPEN
    return {
        "rule": name, "value": value, "low": low, "high": high,
        "from": allowed[0], "to": allowed[1], "state": state,
    }  # fmt: skip
