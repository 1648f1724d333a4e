"""Answers whose types stand in the rooms that make them."""

from herd_engine.monitoring.supervision_report import PartReport
from herd_engine.review.changes import ForecastChanges, Shift, changes_since
from herd_engine.runs.belonging import Doubt
from herd_engine.runs.published import FileFault
from herd_engine.storage.run_rows import Deleted, Skipped

__all__ = [
    "Deleted",
    "Doubt",
    "FileFault",
    "ForecastChanges",
    "PartReport",
    "Shift",
    "Skipped",
    "changes_since",
]
