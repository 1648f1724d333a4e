"""A forecast as plain values: the public contract ``herd-forecast/2``."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from enum import Enum
from importlib.resources import files
from typing import Any

from herd_engine.model.forecast import STATISTICS, Forecast, ForecastMeta, Metric, Stability
from herd_engine.model.scenario import scenario_values

SCHEMA = "herd-forecast/2"


def forecast_document(forecast: Forecast) -> dict[str, Any]:
    """Return a forecast as plain values, keys in a fixed order; only ``timing`` may vary.

    Returns
    -------
    dict
        Valid under ``forecast_schema()``: dates are ISO texts, numbers are as computed, what is
        not known is None.
    """
    points = [_point(forecast, point) for point in range(len(forecast.dates))]
    wanted = _plain(forecast.meta.scenario.future_date)
    return {
        "schema": SCHEMA,
        "meta": _meta(forecast.meta, forecast.levels),
        "points": points,
        "future_point": next((point for point in points if point["date"] == wanted), None),
        "timing": _plain(forecast.timing),
    }


def forecast_json(forecast: Forecast) -> str:
    """Return ``forecast_document`` as JSON text that ends with a line feed."""
    return document_json(forecast_document(forecast))


def document_json(document: Mapping[str, Any]) -> str:
    """Return plain values as JSON text that ends with a line feed."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def forecast_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of ``forecast_document``."""
    source = files("herd_engine.exports") / "forecast.schema.json"
    schema: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    return schema


def _point(forecast: Forecast, point: int) -> dict[str, Any]:
    def by_metric(statistic: str) -> dict[str, float | None]:
        return {metric.value: forecast.value(metric, statistic, point) for metric in Metric}

    return {
        "date": _plain(forecast.dates[point]),
        "period_start": _plain(forecast.period_start(point)),
        "partial": forecast.is_partial(point),
        **{statistic: by_metric(statistic) for statistic in STATISTICS},
        "mcse": {
            metric.value: {
                statistic: forecast.value(metric, f"mcse_{statistic}", point) for statistic in STATISTICS
            }
            for metric in Metric
        },
        "parameter_share": by_metric("parameter_share"),
    }


def _meta(meta: ForecastMeta, levels: dict[str, float]) -> dict[str, Any]:
    scenario = meta.scenario
    values = {
        "engine": meta.engine,
        "engine_version": meta.engine_version,
        "random_scheme": meta.random_scheme,
        "mode": scenario.mode,
        "purchase_policy": scenario.purchase_policy,
        "confidence_central": scenario.confidence_central,
        "levels": levels,
        "seed": meta.seed,
        "runs": meta.runs,
        "horizon_months": scenario.horizon_months,
        "dataset": {"name": meta.dataset_name, "sha256": meta.dataset_sha256},
        "report_date": meta.report_date,
        "herd": meta.herd_counts,
        "excluded": meta.excluded,
        "capped_out": meta.capped_out,
        "capped_dry": meta.capped_dry,
        "scenario": scenario_values(scenario),
        "assumptions": [message.as_plain() for message in meta.assumptions],
        "warnings": [message.as_plain() for message in meta.warnings],
        "quality": [asdict(issue) for issue in meta.quality],
        **_stability(meta.stability),
    }
    plain: dict[str, Any] = _plain(values)
    return plain


def _stability(stability: Stability | None) -> dict[str, Any]:
    """Return what is said of the number of replicates; nothing where it was given."""
    if stability is None:
        return {}
    stopped = "stable" if stability.is_stable else "most_runs"
    told = {"is_stable": stability.is_stable, "stopped": stopped, "message": stability.said.as_plain()}
    return {"stability": {**asdict(stability), **told}}


def _plain(value: Any) -> Any:
    """Return dates as ISO text, enumerations as their values, NaN as None, all the way down."""
    match value:
        case dict():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case float() if math.isnan(value):
            return None
        case _:
            return value
