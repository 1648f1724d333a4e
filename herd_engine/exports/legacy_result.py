"""A forecast in the shape of the first contract that programs were written for."""

from typing import Any

from herd_engine.charts.table import LEVELS
from herd_engine.exports.cells import columns, event_columns, event_rows, future_rows, series_rows
from herd_engine.exports.workbook import Sheet, add_sheet, new_workbook, workbook_bytes
from herd_engine.i18n.catalogue import ENGLISH
from herd_engine.i18n.wording import wording
from herd_engine.model.forecast import EVENTS, STOCKS, Forecast, Metric

SERIES = {"series_p50": "p50", "series_p10": "p_low", "series_p90": "p_high"}
"""Its names are kept; ``meta.levels`` says which quantiles they really hold."""


def legacy_result(forecast: Forecast) -> dict[str, Any]:
    """Return series of points, events of each month, the point of special interest, and where it is from."""
    points = {name: _points(forecast, statistic) for name, statistic in SERIES.items()}
    wanted = forecast.meta.scenario.future_date
    day = None if wanted is None else wanted.isoformat()
    found = next((each for each in points["series_p50"] if each["date"] == day), None)
    return {
        **{name: {"points": each} for name, each in points.items()},
        "events": [_events(forecast, point) for point in range(1, len(forecast.dates))],
        "future_point": found,
        "meta": _meta(forecast),
    }


def legacy_xlsx(forecast: Forecast) -> bytes:
    """Return the sheets Series, Events and Future, with the columns of the CSV; Future may be empty."""
    workbook = new_workbook(forecast.meta.report_date, "Herd Workbench")
    level_columns = columns("date", LEVELS)
    for title, header, rows in (
        ("Series", level_columns, series_rows(forecast)),
        ("Events", event_columns(), event_rows(forecast)),
        ("Future", level_columns, future_rows(forecast)),
    ):
        if add_sheet(workbook, Sheet(title=title, header=header, rows=rows)) is None:
            workbook.create_sheet(title)
    return workbook_bytes(workbook)


def _points(forecast: Forecast, statistic: str) -> list[dict[str, Any]]:
    return [
        {
            "date": day.isoformat(),
            **{metric.value: _whole(forecast.value(metric, statistic, point)) for metric in STOCKS},
            "avg_days_in_milk": forecast.value(Metric.AVG_DAYS_IN_MILK, statistic, point),
        }
        for point, day in enumerate(forecast.dates)
    ]


def _events(forecast: Forecast, point: int) -> dict[str, Any]:
    means = {metric.value: _whole(forecast.value(metric, "mean", point)) for metric in EVENTS}
    return {"month": forecast.dates[point].isoformat(), **means}


def _meta(forecast: Forecast) -> dict[str, Any]:
    meta, words = forecast.meta, wording(ENGLISH)
    return {
        "engine": meta.engine,
        "mode": meta.scenario.mode.value,
        "purchase_policy": meta.scenario.purchase_policy.value,
        "confidence_central": meta.scenario.confidence_central,
        "assumptions": [words.say(each) for each in meta.assumptions],
        "warnings": [words.say(each) for each in meta.warnings],
        "simulation_version": meta.engine_version,
        "levels": {name: forecast.levels[statistic] for name, statistic in SERIES.items()},
    }


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
