"""A backtest as bytes, and back: every number as it was."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from typing import Any

import numpy as np

from herd_engine.model.backtest import Backtest, Coverage, Fold, Judged, Numbers
from herd_engine.model.forecast import Metric
from herd_engine.model.quality import QualityIssue, Severity

FORMAT = 2
_PLAIN = ("dataset_name", "dataset_sha256", "confirmation_lag", "runs")


def to_bytes(backtest: Backtest) -> bytes:
    """Return a backtest as JSON; NaN is null in it."""
    record = {
        **{name: getattr(backtest, name) for name in _PLAIN},
        "report_date": backtest.report_date.isoformat(),
        "modes": list(backtest.modes),
        "left_out": {mode: [asdict(issue) for issue in issues] for mode, issues in backtest.left_out.items()},
        "folds": [_fold(fold) for fold in backtest.folds],
    }
    return json.dumps(record, allow_nan=False, separators=(",", ":")).encode()


def from_bytes(data: bytes) -> Backtest:
    """Return the backtest that ``to_bytes`` wrote."""
    record = json.loads(data)
    return Backtest(
        **{name: record[name] for name in _PLAIN},
        report_date=date.fromisoformat(record["report_date"]),
        modes=tuple(record["modes"]),
        left_out={mode: tuple(map(_issue, issues)) for mode, issues in record["left_out"].items()},
        folds=tuple(_read_fold(fold) for fold in record["folds"]),
    )


def _issue(record: Mapping[str, Any]) -> QualityIssue:
    rows = tuple(record["sample_rows"])
    return QualityIssue(**{**record, "severity": Severity(record["severity"]), "sample_rows": rows})


def _fold(fold: Fold) -> dict[str, Any]:
    return {
        "months_back": fold.months_back,
        "origin": fold.origin.isoformat(),
        "dates": [day.isoformat() for day in fold.dates],
        "coverage": asdict(fold.coverage),
        "happened": {str(metric): _plain(values) for metric, values in fold.happened.items()},
        "forecasts": [
            {
                "name": name,
                "metric": str(metric),
                "quantiles": _plain(quantiles),
                "judged": _judged(fold.judged.get((name, metric))),
            }
            for (name, metric), quantiles in fold.quantiles.items()
        ],
    }


def _read_fold(record: Mapping[str, Any]) -> Fold:
    forecasts = {(item["name"], Metric(item["metric"])): item for item in record["forecasts"]}
    return Fold(
        months_back=record["months_back"],
        origin=date.fromisoformat(record["origin"]),
        dates=tuple(date.fromisoformat(day) for day in record["dates"]),
        coverage=Coverage(**record["coverage"]),
        happened={Metric(name): _numbers(values) for name, values in record["happened"].items()},
        quantiles={key: _numbers(item["quantiles"]) for key, item in forecasts.items()},
        judged={
            key: Judged(**{name: _numbers(values) for name, values in item["judged"].items()})
            for key, item in forecasts.items()
            if item["judged"] is not None
        },
    )


def _judged(judged: Judged | None) -> dict[str, Any] | None:
    if judged is None:
        return None
    return {item.name: _plain(getattr(judged, item.name)) for item in fields(Judged)}


def _plain(values: Numbers) -> list[Any]:
    plain = values.astype(object)
    plain[np.isnan(values)] = None
    listed: list[Any] = plain.tolist()
    return listed


def _numbers(values: list[Any]) -> Numbers:
    return np.array(values, dtype=np.float64)
