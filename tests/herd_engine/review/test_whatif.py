"""Two plans of one herd: equal plans differ by nothing, and the same luck makes differences sure."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.errors import ParameterError
from herd_engine.i18n.wording import wording
from herd_engine.model.forecast import Metric
from herd_engine.model.scenario import Mode, ModelParameters, Purchase, Scenario
from herd_engine.model.whatif import SaidLever, moved_model
from herd_engine.presentation.whatif import whatif_notes, whatif_table
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench

YEAR = Scenario(horizon_months=12)


@pytest.fixture(scope="module")
def herd_file() -> HerdFile:
    return read_herd_bytes(make_sample(animals=300, seed=4).csv, "farm.csv")


@pytest.fixture(scope="module")
def bench() -> Workbench:
    return Workbench.open()


def said(text: str) -> SaidLever:
    return SaidLever.parse(text)


def test_equal_plans_differ_by_nothing_in_every_future(bench: Workbench, herd_file: HerdFile) -> None:
    found = bench.what_if(herd_file, [said("first_service=+0"), said("culling=x1")], YEAR, runs=20)

    assert found.unmoved == tuple(Metric)
    for each in found.metrics:
        assert not np.nan_to_num(each.delta).any()
        assert not np.nan_to_num(each.mean).any()
        assert np.nan_to_num(each.better).max() == 0


def test_both_plans_are_the_forecasts_of_their_scenarios(bench: Workbench, herd_file: HerdFile) -> None:
    found = bench.what_if(herd_file, [said("culling=0.8")], YEAR, runs=40, seed=5)
    other = Scenario(horizon_months=12, model=ModelParameters(culling_intensity=0.8))

    for scenario, quantiles in ((YEAR, found.of(Metric.MILKING_COUNT).base),
                                (other, found.of(Metric.MILKING_COUNT).scenario)):  # fmt: skip
        forecast = bench.forecast(herd_file, scenario, runs=40, seed=5)
        assert quantiles[1] == pytest.approx(forecast.series[Metric.MILKING_COUNT].p50)
    milking = found.of(Metric.MILKING_COUNT)
    assert milking.mean[-1] > 0
    assert milking.better[-1] > 0.9
    assert found.of(Metric.CULLS).better[1:].mean() > 0.5  # fewer leave: that is better


def test_a_share_of_female_calves_moves_no_heifer_before_a_gestation_is_over(
    bench: Workbench, herd_file: HerdFile
) -> None:
    """Calves of the next 255 days are conceived already: heifers of eight months differ in no future."""
    found = bench.what_if(herd_file, [said("female_calves=0.9")], Scenario(horizon_months=20), runs=40)
    heifers, early = found.of(Metric.HEIFER_COUNT), [
        place for place, day in enumerate(found.dates) if (day - found.as_of).days < 255
    ]  # fmt: skip

    assert len(early) >= 8
    assert not heifers.delta[:, early].any()
    assert not heifers.mean[early].any()
    assert heifers.mean[-1] > 0
    assert {Metric.MILKING_COUNT, Metric.CALVINGS} <= set(found.unmoved)
    for language in ("en", "ru"):
        words = wording(language)
        assert any(words.metric(Metric.MILKING_COUNT, "name") in note for note in whatif_notes(found, words))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ds1", "ds2"])
def test_the_same_luck_is_worth_many_more_futures(data_dir: Path, bench: Workbench, name: str) -> None:
    """Of 400 futures: 50 times as many for a longer wait, 1,000 times for thirty heifers in month 4."""
    herd_file = bench.read(data_dir / f"{name}.csv")
    day = herd_file.herd.report_date
    springers = Purchase(date_in=date(day.year, day.month + 4, 1), count=30, days_pregnant=250)

    waited = bench.what_if(herd_file, [said("first_service=+20")], YEAR, runs=400)
    bought = bench.what_if(herd_file, (), YEAR, purchases=[springers], runs=400)

    assert waited.of(Metric.MILKING_COUNT).variance_reduction[12] >= 50
    assert bought.of(Metric.MILKING_COUNT).variance_reduction[12] >= 1000
    assert bought.bought == 30
    assert 20 < bought.of(Metric.MILKING_COUNT).mean[12] <= 30


def test_levers_are_moved_as_a_manager_says_them() -> None:
    model, changed = moved_model(
        ModelParameters(culling_intensity=0.5, waiting_period_change=-5),
        [said(" first_service = +20"), said("culling=0.9"), said("female_calves=0.8"), said("calf_loss=0.1")],
    )

    assert (model.waiting_period_change, model.culling_intensity) == (15, pytest.approx(0.45))
    assert (model.female_fraction, model.calf_loss) == (0.8, 0.1)
    told = [(each["name"], each["before"], each["formula"]) for each in (c.document() for c in changed)]
    assert told == [
        ("first_service", -5, "before + 20"), ("culling", 0.5, "before × 0.9"),
        ("female_calves", None, "0.8"), ("calf_loss", None, "0.1"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "texts",
    [["cullin=1"], ["culling"], ["culling="], ["culling=nan"], ["culling=inf"], ["culling=5"],
     ["first_service=1.5"], ["longest_lactation=20"], ["culling=0.9", "culling=0.8"], ["female_calves=0"]],
)  # fmt: skip
def test_what_is_no_lever_is_refused(texts: list[str]) -> None:
    with pytest.raises(ParameterError):
        moved_model(ModelParameters(), [said(text) for text in texts])


def test_plans_that_cannot_be_told_apart_are_refused(bench: Workbench, herd_file: HerdFile) -> None:
    with pytest.raises(ParameterError, match="nothing"):
        bench.what_if(herd_file, (), YEAR)
    with pytest.raises(ParameterError, match="empirical"):
        bench.what_if(herd_file, [said("culling=0.9")], Scenario(mode=Mode.EMPIRICAL))


def test_the_table_says_how_sure_and_how_often(bench: Workbench, herd_file: HerdFile) -> None:
    found = bench.what_if(herd_file, [said("culling=0.8")], YEAR, runs=100)
    row = next(row for row in whatif_table(found, [12, 99], wording("en")).rows if row[0] == "Milking cows")
    milking = found.of(Metric.MILKING_COUNT)

    assert row[3] == str(round(milking.scenario[1, 12]))
    assert row[4] == f"+{milking.mean[12]:.1f} ± {1.96 * milking.se[12]:.1f}"
    assert row[5] == f"better in {100 * milking.better[12]:.0f} of 100"
