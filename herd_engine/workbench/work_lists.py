"""Work lists, for those who ask the Workbench."""

from herd_engine.review.work_lists import DailySheet, WorkListName, WorkRow

__all__ = ["DailySheet", "WorkListName", "WorkRow"]
