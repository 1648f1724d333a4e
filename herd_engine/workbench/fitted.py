"""What a file says of its farm, and a plan moves: types and functions that need nothing that is kept."""

from herd_engine.calibration.audit import Estimate
from herd_engine.calibration.fit import DISTRIBUTIONS, Fit, summarize_distribution
from herd_engine.datasets.issue_kinds import bends_forecast
from herd_engine.forecasting.instant_preview import moved_median

__all__ = [
    "DISTRIBUTIONS",
    "Estimate",
    "Fit",
    "bends_forecast",
    "moved_median",
    "summarize_distribution",
]
