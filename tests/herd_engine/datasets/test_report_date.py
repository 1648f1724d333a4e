"""The day of an export that does not prove it: told, or refused where the file says otherwise."""

from datetime import date

import pytest

from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.errors import HerdDataError
from herd_engine.model.answers import Answers
from tests.herd_engine.datasets.conftest import delimited, farm_rows

NO_DAYS = {1: {"days_in_milk": ""}, 2: {"days_in_milk": ""}}
"""Without days in milk nothing proves the day; the latest date of the farm is 25.02.2026."""


def test_a_told_day_counts_where_no_cow_proves_one() -> None:
    data = delimited(farm_rows(NO_DAYS)).encode()
    told = Answers.of(report_date="2026-02-28")
    read = read_herd_bytes(data, "farm.csv", answers=told)

    assert read.herd.report_date == date(2026, 2, 28)
    assert "report_date_from_latest_date" not in {issue.code for issue in read.issues}
    assert read.answers.document() == {"report_date": "2026-02-28"}
    assert Answers.from_document(read.answers.document()) == told
    assert read.sha256 != read_herd_bytes(data, "farm.csv").sha256


@pytest.mark.parametrize(
    ("changes", "told"),
    [({}, date(2026, 3, 20)), (NO_DAYS, date(2026, 2, 10))],
    ids=["proved", "later facts"],
)
def test_a_day_that_the_file_contradicts_is_refused(changes: dict[int, dict[str, str]], told: date) -> None:
    data = delimited(farm_rows(changes)).encode()
    with pytest.raises(HerdDataError) as refused:
        read_herd_bytes(data, "farm.csv", answers=Answers(report_date=told))

    assert "report_date_contradicted" in {issue.code for issue in refused.value.issues}


def test_the_day_is_of_this_file_alone() -> None:
    assert Answers(report_date=date(2026, 2, 28)).of_any_file() == Answers()
