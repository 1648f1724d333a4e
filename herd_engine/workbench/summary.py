"""A forecast in a few numbers, with keys that are always the same."""

from herd_engine.model.forecast import Forecast, Metric
from herd_engine.workbench.answers import Outlook, Run, RunSummary

A_YEAR_MONTHS = 12
WHEN = ("now", "in_a_year", "at_the_end")
UNKNOWN = Outlook(date=None, p_low=None, p50=None, p_high=None)


def summary_of(run: Run, forecast: Forecast | None) -> RunSummary:
    """Return the summary of a run; without a forecast its numbers are None."""
    meta = None if forecast is None else forecast.meta
    return RunSummary(
        run_id=run.id,
        status=run.status,
        dataset_id=run.dataset_id,
        scenario_id=run.scenario_id,
        seed=run.seed,
        runs=None if meta is None else meta.runs,
        report_date=None if meta is None else meta.report_date,
        horizon_months=None if meta is None else meta.scenario.horizon_months,
        confidence_central=None if meta is None else meta.scenario.confidence_central,
        engine_version=run.engine_version,
        error_code=run.error_code,
        metrics={metric.value: _outlooks(forecast, metric) for metric in Metric},
    )


def _outlooks(forecast: Forecast | None, metric: Metric) -> dict[str, Outlook]:
    if forecast is None:
        return dict.fromkeys(WHEN, UNKNOWN)
    last = len(forecast.dates) - 1
    points = (0, A_YEAR_MONTHS if last >= A_YEAR_MONTHS else None, last)
    return {
        when: UNKNOWN if point is None else _outlook(forecast, metric, point)
        for when, point in zip(WHEN, points, strict=True)
    }


def _outlook(forecast: Forecast, metric: Metric, point: int) -> Outlook:
    low, median, high = (forecast.value(metric, name, point) for name in ("p_low", "p50", "p_high"))
    return Outlook(date=forecast.dates[point], p_low=low, p50=median, p_high=high)
