"""The herd on the days of its exports: days are named in the reader's language, also of one day alone."""

from datetime import date

import pytest

from herd_engine.charts.herd_over_time import herd_over_time
from herd_engine.model.changes import Export, History
from herd_engine.model.events import no_events

COUNTS = {"milking": 100, "dry": 10, "heifer": 60, "pregnant_heifer": 20}


def of_days(*days: date) -> History:
    exports = tuple(Export(name="h.csv", report_date=day, counts=COUNTS, changes=None) for day in days)
    return History(exports=exports, events=no_events())


@pytest.mark.parametrize(("language", "names"), [("en", "1 May 2026"), ("ru", "1 мая 2026")])
def test_two_files_of_one_day_have_that_day_in_the_readers_language(language: str, names: str) -> None:
    axis = herd_over_time(of_days(date(2026, 5, 1), date(2026, 5, 1)), language=language).figure.layout.xaxis

    assert list(axis.ticktext) == [names]
    assert tuple(axis.range) == ("2026-04-24", "2026-05-08")


def test_of_many_days_a_few_are_named() -> None:
    days = [date(2025, month, 1) for month in range(1, 13)]

    axis = herd_over_time(of_days(*days)).figure.layout.xaxis

    assert list(axis.tickvals) == ["2025-01-01", "2025-04-01", "2025-07-01", "2025-10-01"]
    assert axis.range is None
