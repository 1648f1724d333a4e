"""Levers of a sample farm, each moved a step: against the expected forecast of the moved scenario itself."""

import json
from dataclasses import replace
from datetime import date

import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.errors import ParameterError
from herd_engine.model.forecast import Metric
from herd_engine.model.scenario import Mode, ModelParameters, Purchase, Scenario
from herd_engine.model.sensitivity import WatchedNumber
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench

NUMBER = WatchedNumber(metric=Metric.MILKING_COUNT, month=8)


@pytest.fixture(scope="module")
def herd_file() -> HerdFile:
    return read_herd_bytes(make_sample(animals=300, seed=4).csv, "farm.csv")


@pytest.fixture(scope="module")
def bench() -> Workbench:
    return Workbench.open()


def expected(bench: Workbench, herd_file: HerdFile, number: WatchedNumber, **model: float) -> float:
    scenario = Scenario(horizon_months=number.month, model=ModelParameters(**model))
    found = bench.expectation(herd_file, scenario)
    assert found is not None
    return float(found.values[number.metric][number.month])


def test_each_end_is_the_expected_forecast_of_that_lever(bench: Workbench, herd_file: HerdFile) -> None:
    found = bench.sensitivity(herd_file, NUMBER)
    ends = {each.reach.name: (each.at_low, each.at_high) for each in found.swings}

    assert found.base == pytest.approx(expected(bench, herd_file, NUMBER))
    assert ends["culling_intensity"] == pytest.approx(
        [expected(bench, herd_file, NUMBER, culling_intensity=value) for value in (0.9, 1.1)]
    )
    assert ends["waiting_period_change"] == pytest.approx(
        [expected(bench, herd_file, NUMBER, waiting_period_change=value) for value in (-10, 10)]
    )
    assert (found.points, found.replicates, found.method) == (13, 0, "tornado")
    widths = [abs(each.width) for each in found.swings]
    assert widths == sorted(widths, reverse=True)


def test_a_step_begins_at_the_calf_loss_that_the_file_shows(bench: Workbench, herd_file: HerdFile) -> None:
    number = WatchedNumber(metric=Metric.HEIFER_COUNT, month=12)
    found = bench.sensitivity(herd_file, number)
    reach = next(each.reach for each in found.swings if each.reach.name == "calf_loss")

    assert expected(bench, herd_file, number, calf_loss=reach.now) == pytest.approx(found.base)
    assert (reach.low, reach.high) == pytest.approx((max(0, reach.now - 0.02), reach.now + 0.02))


def test_what_is_stopped_has_no_step_and_what_is_moved_steps_from_there(
    bench: Workbench, herd_file: HerdFile
) -> None:
    scenario = Scenario(model=ModelParameters(heifer_sales_intensity=0.0, culling_intensity=1.9))
    reaches = {each.reach.name: each.reach for each in bench.sensitivity(herd_file, NUMBER, scenario).swings}

    assert "heifer_sales_intensity" not in reaches
    culling = reaches["culling_intensity"]
    assert (culling.low, culling.now, culling.high) == pytest.approx((1.71, 1.9, 2.0))


def test_walks_keep_the_order_of_what_matters_and_repeat(bench: Workbench, herd_file: HerdFile) -> None:
    single, walked = (bench.sensitivity(herd_file, NUMBER, by_morris=by) for by in (False, True))

    assert walked.method == "morris"
    assert walked.points == 13 + 12 * 7
    assert walked.swings[0].reach.name == single.swings[0].reach.name
    for each in walked.swings:  # on these small steps the herd answers nearly in a straight line
        assert each.mu_star == pytest.approx(abs(each.width), abs=0.1 + 0.25 * abs(each.width))
    assert walked.document() == bench.sensitivity(herd_file, NUMBER, by_morris=True).document()


def test_a_plan_that_buys_is_simulated_with_the_same_luck(bench: Workbench, herd_file: HerdFile) -> None:
    day = herd_file.herd.report_date
    bought = Purchase(date_in=date(day.year + 1, 1, 5), count=10, days_pregnant=200)
    number = replace(NUMBER, month=16)
    found = bench.sensitivity(herd_file, number, Scenario(purchases=(bought,)))
    moved = bench.sensitivity(herd_file, number)

    assert (found.replicates, moved.replicates) == (100, 0)
    culling, exact = (
        next(each for each in all_.swings if each.reach.name == "culling_intensity")
        for all_ in (found, moved)
    )
    assert culling.width == pytest.approx(exact.width, rel=0.35)
    assert found.base > moved.base


def test_what_cannot_be_watched_is_refused(bench: Workbench, herd_file: HerdFile) -> None:
    with pytest.raises(ParameterError, match="calibrated"):
        bench.sensitivity(herd_file, NUMBER, Scenario(mode=Mode.EMPIRICAL))
    for text in ("milking_count", "cows@3", "milking_count@0", "milking_count@121", "milking_count@-1", ""):
        with pytest.raises(ParameterError):
            WatchedNumber.parse(text)
    assert WatchedNumber.parse(" culls @ 6") == WatchedNumber(metric=Metric.CULLS, month=6)


def test_the_document_is_plain_json(bench: Workbench, herd_file: HerdFile) -> None:
    document = json.loads(json.dumps(bench.sensitivity(herd_file, NUMBER).document(), allow_nan=False))

    assert (document["schema"], document["output"]) == ("herd-sensitivity/1", "milking_count@8")
    first = document["levers"][0]
    assert first["sign"] == (1 if first["at_high"] > first["at_low"] else -1)
    assert first["mu_star"] is None
    assert first["kept"] is True


def test_a_number_that_nothing_moves_says_so(bench: Workbench, herd_file: HerdFile) -> None:
    found = bench.sensitivity(herd_file, WatchedNumber(metric=Metric.PURCHASES_IN, month=3))

    assert not any(each.is_kept for each in found.swings)
