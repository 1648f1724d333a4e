"""A forecast back from its plain values: the inverse of ``forecast_document``."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from herd_engine.errors import ParameterError
from herd_engine.exports.document import SCHEMA
from herd_engine.exports.version_1 import VERSION_1, upgraded
from herd_engine.model.forecast import STATISTICS, Forecast, ForecastMeta, Metric, Series, Stability
from herd_engine.model.message import Message
from herd_engine.model.quality import QualityIssue, Severity
from herd_engine.model.scenario import (
    Mode,
    ModelParameters,
    Purchase,
    PurchasePolicy,
    Scenario,
    from_mapping,
)


def forecast_from_document(document: Mapping[str, Any]) -> Forecast:
    """Return the forecast that a document was made of.

    Parameters
    ----------
    document : mapping
        What ``forecast_document`` returned, also after a way through JSON.

    Returns
    -------
    Forecast
        Every export made of it has the bytes of one made of the original. Version 1 is read for ever.

    Raises
    ------
    ParameterError
        The document is of another schema.
    """
    if document.get("schema") not in (SCHEMA, VERSION_1):
        raise ParameterError("schema", document.get("schema"), f"be {VERSION_1} or {SCHEMA}")
    document = upgraded(document)
    points = document["points"]
    return Forecast(
        meta=_meta(document["meta"]),
        dates=tuple(date.fromisoformat(point["date"]) for point in points),
        series={metric: _series(points, metric) for metric in Metric},
        timing=dict(document["timing"]),
    )


def _series(points: list[dict[str, Any]], metric: Metric) -> Series:
    def numbers(values: list[float | None]) -> NDArray[np.float64]:
        return np.array([np.nan if value is None else value for value in values], np.float64)

    return Series(
        # Documents of the first versions have no quartiles.
        **{name: numbers([point.get(name, {}).get(metric) for point in points]) for name in STATISTICS},
        **{
            f"mcse_{name}": numbers([point["mcse"][metric].get(name) for point in points])
            for name in STATISTICS
        },
        parameter_share=numbers([point.get("parameter_share", {}).get(metric) for point in points]),
    )


def _meta(values: Mapping[str, Any]) -> ForecastMeta:
    dataset = values["dataset"]
    return ForecastMeta(
        engine=values["engine"],
        engine_version=values["engine_version"],
        random_scheme=values["random_scheme"],
        scenario=_scenario(values["scenario"]),
        seed=values["seed"],
        runs=values["runs"],
        dataset_name=dataset["name"],
        dataset_sha256=dataset["sha256"],
        report_date=date.fromisoformat(values["report_date"]),
        herd_counts=dict(values["herd"]),
        excluded=dict(values["excluded"]),
        capped_out=values["capped_out"],
        capped_dry=values["capped_dry"],
        assumptions=tuple(map(Message.from_plain, values["assumptions"])),
        warnings=tuple(map(Message.from_plain, values["warnings"])),
        quality=tuple(_issue(**issue) for issue in values["quality"]),
        stability=_stability(values.get("stability")),
    )


def _stability(values: Mapping[str, Any] | None) -> Stability | None:
    if values is None:
        return None
    return Stability(
        most_runs=values["most_runs"],
        checked_at=tuple(values["checked_at"]),
        n_unsettled=values["n_unsettled"],
    )


def _scenario(values: Mapping[str, Any]) -> Scenario:
    """Read by the engine's own classes, which keep 278 apart from 278.0 where a payload does not."""
    typed = {
        "mode": Mode(values["mode"]),
        "purchase_policy": PurchasePolicy(values["purchase_policy"]),
        "future_date": _day(values["future_date"]),
        "model": from_mapping(ModelParameters, values["model"]),
        "purchases": tuple(_purchase(purchase) for purchase in values["purchases"]),
    }
    return from_mapping(Scenario, {**values, **typed})


def _purchase(values: Mapping[str, Any]) -> Purchase:
    dates = {name: _day(values[name]) for name in ("date_in", "expected_calving_date")}
    return from_mapping(Purchase, {**values, **dates})


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _issue(*, severity: str, sample_rows: list[int], **values: Any) -> QualityIssue:
    return QualityIssue(severity=Severity(severity), sample_rows=tuple(sample_rows), **values)
