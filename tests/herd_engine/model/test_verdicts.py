"""Verdicts together: counts by hand, the interval as another library has it."""

from datetime import date

import pytest
from scipy.stats import binomtest

from herd_engine.model.forecast import Metric
from herd_engine.model.verdicts import JudgedForecast, RecordOfForecasts, Verdict, VerdictTally, wilson


def verdict(happened: float, metric: Metric = Metric.CALVINGS) -> Verdict:
    return Verdict(metric=metric, day=date(2026, 4, 1), p50=10, low=8, high=13, happened=happened)


def test_the_ends_of_a_band_are_inside() -> None:
    assert [verdict(n).is_inside for n in (7.9, 8, 13, 13.1)] == [False, True, True, False]


def test_a_tally_is_counted_by_hand() -> None:
    tally = VerdictTally.of_verdicts([verdict(8), verdict(16), verdict(9)])

    assert (tally.inside, tally.of) == (2, 3)
    assert tally.bias == pytest.approx((-2 + 6 - 1) / 3)
    assert tally.mae == pytest.approx((2 + 6 + 1) / 3)


@pytest.mark.parametrize(("inside", "of"), [(0, 1), (9, 12), (60, 60), (3, 200)])
def test_the_interval_is_that_of_scipy(inside: int, of: int) -> None:
    expected = binomtest(inside, of).proportion_ci(0.95, method="wilson")

    assert wilson(inside, of) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_a_record_tells_every_quantity_apart() -> None:
    judged = JudgedForecast(
        run_id="r",
        made=date(2026, 3, 1),
        judged_by=date(2026, 4, 9),
        band=0.9,
        verdicts=(verdict(20), verdict(10, Metric.CULLS)),
    )
    document = RecordOfForecasts(forecasts=(judged,)).document()

    assert document["schema"] == "herd-report-card/1"
    assert {name: each["inside"] for name, each in document["metrics"].items()} == {"calvings": 0, "culls": 1}
    assert [each["inside"] for each in document["forecasts"][0]["verdicts"]] == [False, True]
    assert RecordOfForecasts(forecasts=()).document()["coverage"] is None
