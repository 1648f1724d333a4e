"""Work lists and findings, for those who ask the Workbench."""

from herd_engine.review.detective.findings import Findings
from herd_engine.review.work_lists import DailySheet, WorkListName, WorkRow

__all__ = ["DailySheet", "Findings", "WorkListName", "WorkRow"]
