"""Forecasts written by hand, and one of any length made of plain sine waves."""

from dataclasses import replace
from datetime import date

import numpy as np

from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.forecast import EVENTS, STATISTICS, Forecast, ForecastMeta, Metric, Series
from herd_engine.model.message import Message
from herd_engine.model.quality import QualityIssue, Severity
from herd_engine.model.scenario import Mode, Purchase, Scenario

NAN = float("nan")

# Metric: (p_low, p50, p_high) at 26 Feb, 1 Mar, 1 Apr, 1 May 2026; the mean is p50 + 0.25, quartiles lie
# halfway between.
SMALL = {
    Metric.MILKING_COUNT: [
        (1277, 1277, 1277),
        (1262.5, 1268, 1272),
        (1201.45, 1218.5, 1230),
        (1062, 1118, 1171),
    ],
    Metric.DRY_COUNT: [(145, 145, 145), (139, 141, 141), (144, 148, 152), (157, 162, 167)],
    Metric.HEIFER_COUNT: [(940, 940, 940), (926.45, 932, 936.55), (871.45, 888, 904), (854, 872, 890)],
    Metric.PREGNANT_HEIFER_COUNT: [(444, 444, 444), (447, 450, 455.55), (449, 460, 471.55), (442, 455, 466)],
    Metric.AVG_DAYS_IN_MILK: [
        (181.152, 181.152, 181.152),
        (180.517, 181.675, 182.44),
        (181.63, 183.599, 185.296),
        (178.385, 180.345, 182.398),
    ],
    Metric.CALVINGS: [(NAN, NAN, NAN), (6, 6, 6), (104, 106, 108), (123, 128, 131)],
    Metric.DRYOFFS: [(NAN, NAN, NAN), (1, 1, 1), (63, 66, 67), (83, 87, 90.55)],
    Metric.CULLS: [(NAN, NAN, NAN), (12.45, 18, 25), (114, 130, 149.55), (76, 93, 106.1)],
    Metric.PURCHASES_IN: [(NAN, NAN, NAN), (0, 0, 0), (0, 0, 0), (0, 0, 0)],
    Metric.HEIFER_INTROS: [(NAN, NAN, NAN), (1, 1, 1), (53, 54, 55), (58, 60, 62)],
}


def as_written(text):
    """Return what an edited document of version 1 said in words of its own."""
    return Message("as_written", {"text": text})


def small_forecast(**meta_changes: object) -> Forecast:
    """Return the four points of ``SMALL``; keywords replace fields of its meta."""
    values = {metric: np.array(points, dtype=np.float64).T for metric, points in SMALL.items()}
    means = {metric: median + 0.25 for metric, (_, median, _) in values.items()}
    means[Metric.PURCHASES_IN] = values[Metric.PURCHASES_IN][1]
    series = {
        metric: Series(
            mean=means[metric],
            p_low=low,
            p25=(low + median) / 2,
            p50=median,
            p75=(median + high) / 2,
            p_high=high,
            mcse_mean=np.full(4, 0.125),
            mcse_p_low=np.full(4, NAN),
            mcse_p25=np.full(4, NAN),
            mcse_p50=np.full(4, 0.25),
            mcse_p75=np.full(4, NAN),
            mcse_p_high=np.full(4, 0.5),
            parameter_share=np.full(4, NAN),
        )
        for metric, (low, median, high) in values.items()
    }
    report_date = date(2026, 2, 26)
    return Forecast(
        meta=replace(_meta(report_date, months=3), **meta_changes),
        dates=(report_date, date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)),
        series=series,
        timing={"engine": 1.5},
    )


def forecast_of(
    milking: list[float], report_date: date = date(2026, 2, 26), purchases: float = 0.0
) -> Forecast:
    """Return a forecast with these medians of milking cows; bands are ±10 but not below 0."""
    n = len(milking)
    constant = {metric: np.full(n, 100.0) for metric in Metric}
    constant[Metric.MILKING_COUNT] = np.array(milking, dtype=np.float64)
    constant[Metric.PURCHASES_IN] = np.full(n, purchases)
    for metric in EVENTS:
        constant[metric][0] = NAN
    series = {
        metric: Series(
            mean=values,
            p_low=np.maximum(values - 10, 0),
            p25=np.maximum(values - 4, 0),
            p50=values,
            p75=values + 4,
            p_high=values + 10,
            **{f"mcse_{name}": np.zeros(n) for name in STATISTICS},
            parameter_share=np.full(n, NAN),
        )
        for metric, values in constant.items()
    }
    return Forecast(
        meta=_meta(report_date, months=n - 1),
        dates=(report_date, *month_starts(report_date, n - 1)),
        series=series,
    )


def long_forecast(months: int = 36) -> Forecast:
    """Return a forecast of many months whose milking cows follow a sine wave."""
    angles = np.linspace(0, 6, months + 1)
    return forecast_of([float(value) for value in 1270 + 100 * np.sin(angles)], purchases=14.0)


def _meta(report_date: date, months: int) -> ForecastMeta:
    purchase = Purchase(date_in=date(2026, 3, 15), count=20, expected_calving_date=date(2026, 6, 1))
    return ForecastMeta(
        engine="herd-workbench",
        engine_version="1.2.3",
        random_scheme="philox",
        scenario=Scenario(
            mode=Mode.EMPIRICAL, horizon_months=months, future_date=date(2026, 4, 1), purchases=(purchase,)
        ),
        seed=2**53 - 1,
        runs=2000,
        dataset_name="North Meadow.csv",
        dataset_sha256="ab" * 32,
        report_date=report_date,
        herd_counts={"milking": 1277, "dry": 145, "heifer": 940, "pregnant_heifer": 444},
        excluded={"sold": 812, "dead": 0},
        capped_out=3,
        capped_dry=2,
        assumptions=(as_written("Records describe the future."),),
        warnings=(as_written("Few culls in February."),),
        quality=(
            QualityIssue(
                code="future_date",
                severity=Severity.WARNING,
                message="A calving lies after the report date.",
                params={"column": "calving", "dates": ["2026-03-01"], "count": 3},
                row_count=3,
                sample_rows=(17, 203, 590),
            ),
        ),
    )
