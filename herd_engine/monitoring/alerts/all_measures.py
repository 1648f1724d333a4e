"""Every thing that a policy can watch, and what measures it."""

from collections.abc import Mapping

from herd_engine.monitoring.alerts import herd_measures
from herd_engine.monitoring.alerts.measures import OF_STORE, Measure
from herd_engine.monitoring.alerts.policy import Watched

MEASURES: Mapping[Watched, Measure] = {
    **OF_STORE,
    Watched.OUTSIDE_BAND: herd_measures.outside_band,
    Watched.BACKTEST_COVERAGE: herd_measures.coverage,
    Watched.CULL_RATE_30D: herd_measures.cull_rate,
    Watched.OPEN_OVER_150D_SHARE: herd_measures.open_share,
    Watched.REPORT_FAILURES: herd_measures.report_failures,
}
