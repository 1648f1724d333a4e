"""The report card of a herd's forecasts, from numbers written by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from herd_engine.errors import ParameterError
from herd_engine.forecasting.backtest.backtest import BacktestPlan, supported_plan
from herd_engine.forecasting.backtest.ratings import best_mode
from herd_engine.i18n.wording import wording
from herd_engine.model.animals import NO_DAY
from herd_engine.model.backtest import Backtest, Rating, Robustness, Score
from herd_engine.model.forecast import Metric
from herd_engine.presentation.track_record import TrackRecord, Untold, track_record
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.herd_engine.forecasting.backtest.farm_at_two_dates import two_exports

WORDS = wording("en")


def rating(name: str, metric: Metric, skill: float | None, held: float, *, rated: bool = True) -> Rating:
    score = Score(
        n=10, mae=12.4, rmse=14.0, wape=0.055, bias=-8.6, crps=10.0,
        coverage50=held, coverage80=held, coverage90=held,
    )  # fmt: skip
    robustness = Robustness(
        score=48.4 if rated else None,
        skill=0.721 if rated else None,
        coverage=0.556,
        bias=0.07,
        stability=0.12,
        folds=3,
    )
    return Rating(
        name=name, metric=metric, score=score, skill=skill, against={}, pit=None, robustness=robustness
    )


@pytest.fixture(scope="module")
def backtest() -> Backtest:
    plan = BacktestPlan(origins=(2, 4, 6), horizon=3, runs=20)
    return Workbench.open().backtest(two_exports(200).later, plan)


def record(backtest: Backtest, *ratings: Rating) -> TrackRecord:
    return TrackRecord(backtest=backtest, ratings=ratings, mode="empirical")


def test_trust_is_one_sentence_about_the_milking_cows(backtest: Backtest) -> None:
    told = record(
        backtest,
        rating("empirical", Metric.MILKING_COUNT, 0.5, 0.8),
        rating("empirical", Metric.CALVINGS, 0.5, 0.1),
        rating("persistence", Metric.CULLS, 0.0, 1.0),
    )

    assert told.sentence(WORDS) == (
        "Forecasts of milking cows were on average 9 too low; 8 of 10 lay in the band that should hold 80 of "
        "100: chance alone gives 4 to 8."
    )
    assert record(backtest).sentence(WORDS).startswith("Nothing is known")
    assert "Режим" not in told.how(wording("ru"))
    assert "Эмпирический" in told.how(wording("ru"))


@pytest.mark.parametrize(("held", "is_narrow"), [(0.3, True), (0.4, False), (1.0, False)])
def test_bands_are_called_too_narrow_where_chance_cannot_explain_it(
    backtest: Backtest, held: float, is_narrow: bool
) -> None:
    told = record(backtest, rating("empirical", Metric.MILKING_COUNT, 0.5, held)).sentence(WORDS)

    assert told.endswith("take the bands as too narrow.") is is_narrow


def test_a_bias_that_rounds_to_nothing_is_none(backtest: Backtest) -> None:
    even = rating("empirical", Metric.MILKING_COUNT, 0.5, 0.8)
    even = replace(even, score=replace(even.score, bias=0.4))

    assert "neither too high nor too low" in record(backtest, even).sentence(WORDS)
    high = replace(even, score=replace(even.score, bias=2.6))
    assert "3 too high" in record(backtest, high).sentence(WORDS)


def test_the_card_always_shows_the_parts_of_the_score(backtest: Backtest) -> None:
    known = rating("empirical", Metric.CALVINGS, 0.7, 0.44)
    unknown = rating("empirical", Metric.AVG_DAYS_IN_MILK, None, 0.44, rated=False)
    told = record(backtest, unknown, known)

    # Off by, bias, in the band, score; then skill, coverage, bias, stability of 100.
    assert told.card(WORDS).rows == (
        ("Calvings", "12 (6%)", "−9", "44", "48", "72", "56", "7", "12"),
        ("Days in milk", "12.4 (6%)", "−8.6", "44", "–", "–", "56", "7", "12"),
    )
    assert "no score" not in told.card_note(WORDS)
    few = record(replace(backtest, folds=backtest.folds[:2]), known)
    assert few.card_note(WORDS).endswith("There is no score with fewer than 3 dates.")


def test_the_best_mode_has_the_highest_mean_skill_unless_another_is_preferred(backtest: Backtest) -> None:
    ratings = [
        rating("empirical", Metric.CULLS, 0.5, 0.5),
        rating("empirical", Metric.CALVINGS, 0.1, 0.5),  # mean 0.3
        rating("theoretical", Metric.CULLS, 0.4, 0.5),
        rating("theoretical", Metric.DRY_COUNT, -9.0, 0.5),  # nobody plans by it
        rating("last_year", Metric.CULLS, 0.9, 0.5),  # no mode
    ]

    assert best_mode(backtest, ratings) == "theoretical"
    assert best_mode(backtest, ratings, "empirical") == "empirical"
    assert best_mode(backtest, ratings, "last_year") == "theoretical"


def test_origins_that_a_file_does_not_support_are_left_out() -> None:
    records = two_exports(200).later.records
    recent = replace(records, archive=np.where(records.archive < -500, NO_DAY, records.archive))

    assert supported_plan(records, BacktestPlan()) == BacktestPlan()
    assert supported_plan(recent, BacktestPlan()).origins == (3,)
    with pytest.raises(ParameterError, match="days of exits before each"):
        supported_plan(recent, BacktestPlan(origins=(6, 9)))


def test_a_kept_file_has_a_track_record_or_a_reason_why_not(tmp_path: Path) -> None:
    workbench = Workbench.open(tmp_path)
    add = workbench.datasets.add
    good = add(make_sample(animals=200, seed=2).csv, "farm.csv").dataset.id
    head, *rows = make_sample(animals=200, seed=2).csv.decode().splitlines()
    archive = head.split(";").index('"Дата архива"')
    here = [row for row in rows if row.split(";")[archive].strip('"') == ""]
    bad = add("\n".join([head, *here]).encode(), "nobody left.csv").dataset.id

    found, reason = track_record(workbench, good, "theoretical"), track_record(workbench, bad)
    other = track_record(workbench, good, "a mode that the past is not enough for")
    workbench.close()

    assert isinstance(found, TrackRecord)
    assert found.modes == ["theoretical", "empirical", "calibrated"]
    assert reason is Untold.NO_PAST
    assert other is Untold.OTHER_MODE
    assert "the animals that left" in WORDS.text(reason)
