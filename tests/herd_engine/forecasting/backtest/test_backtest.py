"""The backtest as a whole: folds, baselines, refusals, and what is told of it."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest

from herd_engine.calibration.habits import habits_of
from herd_engine.calibration.lactations import rebuild_lactations
from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.engine.simulate import Execution
from herd_engine.errors import HerdDataError, ParameterError
from herd_engine.forecasting.backtest.backtest import BacktestPlan, run_backtest
from herd_engine.forecasting.backtest.baselines import baseline_forecasts, month_start
from herd_engine.forecasting.backtest.happened import Happened
from herd_engine.forecasting.backtest.record import from_bytes, to_bytes
from herd_engine.i18n.catalogue import languages
from herd_engine.i18n.wording import wording
from herd_engine.model.animals import NO_DAY
from herd_engine.model.backtest import Backtest
from herd_engine.model.forecast import Metric
from herd_engine.model.scenario import Mode
from herd_engine.presentation.report_card import document, pooled
from herd_engine.presentation.track_record import TrackRecord
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.herd_engine.forecasting.backtest.farm_at_two_dates import REPORT_DATE, two_exports
from tests.herds import dry_cow, heifer, herd, open_cow, pregnant_cow

PLAN = BacktestPlan(origins=(2, 4, 6), horizon=3, runs=30)
SCORE = {
    "mode", "metric", "origin", "horizon", "n", "mae", "rmse", "wape", "bias", "crps",
    "coverage50", "coverage80", "coverage90",
}  # fmt: skip


@cache
def the_backtest() -> Backtest:
    return Workbench.open().backtest(two_exports(200).later, PLAN)


@cache
def told() -> dict[str, Any]:
    return document(the_backtest())


@pytest.mark.parametrize(
    ("day", "back", "start"),
    [
        (date(2026, 2, 26), 0, date(2026, 2, 1)),
        (date(2026, 2, 26), 2, date(2025, 12, 1)),
        (date(2026, 3, 1), 3, date(2025, 12, 1)),
        (date(2026, 12, 31), 12, date(2025, 12, 1)),
    ],
)
def test_months_are_counted_back(day: date, back: int, start: date) -> None:
    assert month_start(day, back) == start


def test_forecasts_start_on_month_starts_and_end_with_the_file() -> None:
    folds = the_backtest().folds

    assert [fold.origin for fold in folds] == [date(2026, 1, 1), date(2025, 11, 1), date(2025, 9, 1)]
    assert [fold.horizon for fold in folds] == [2, 3, 3]
    assert len(folds[0].judged["empirical", Metric.CALVINGS]) == 2


def test_the_document_has_these_keys_and_no_others() -> None:
    assert set(told()) == {
        *("dataset", "coverage_of_reconstruction", "left_out", "scores", "pooled", "limits")
    }
    assert all(set(row) == SCORE for row in told()["scores"])
    assert {row["mode"] for row in told()["scores"]} == {
        "empirical", "theoretical", "calibrated", "persistence", "last_year", "due_dates"
    }  # fmt: skip
    assert {row["origin"] for row in told()["scores"]} == {2, 4, 6}


def test_pooled_scores_are_those_of_the_folds_together() -> None:
    for row in told()["pooled"]:
        parts = [
            part
            for part in told()["scores"]
            if (part["mode"], part["metric"]) == (row["mode"], row["metric"])
        ]
        assert row["n"] == sum(part["n"] for part in parts)
        assert row["crps"] == pytest.approx(sum(part["crps"] * part["n"] for part in parts) / row["n"])
        assert row["robustness"]["folds"] == len(parts)


def test_folds_of_two_herds_pool_too() -> None:
    twice = pooled([*the_backtest().folds, *the_backtest().folds])

    assert [row["n"] for row in twice] == [2 * row["n"] for row in told()["pooled"]]


def test_equal_arguments_give_equal_scores_on_any_number_of_threads() -> None:
    again = run_backtest(two_exports(200).later, PLAN, Execution(threads=3))

    assert document(again) == told()


def test_another_seed_changes_the_forecasts_but_no_baseline() -> None:
    other = document(run_backtest(two_exports(200).later, replace(PLAN, seed=1, modes=(Mode.EMPIRICAL,))))

    def crps(of: dict[str, Any], mode: str) -> list[float]:
        return [row["crps"] for row in of["scores"] if row["mode"] == mode]

    assert crps(other, "empirical") != crps(told(), "empirical")
    assert crps(other, "due_dates") == crps(told(), "due_dates")


def test_limits_are_told_in_both_languages() -> None:
    english, russian = (document(the_backtest(), language)["limits"] for language in languages())

    assert len(english) == len(russian)
    assert not any("{" in text for text in (*english, *russian))
    assert all(any("а" <= letter <= "я" for letter in text) for text in russian)
    # The border of what can be told: gestation is the literature's mean of 278 days, not the farm's.
    assert sum("278" in text and "gestation" in text for text in english) == 1
    assert sum("278" in text and "стельност" in text for text in russian) == 1


def test_baselines_are_counted_by_hand() -> None:
    origin = date(2026, 1, 1)
    animals = herd(
        open_cow(50),
        pregnant_cow(150, 40),  # due on day 278 - 40, to be dried off on day 220 - 40
        dry_cow(300, 250, 20),  # due on day 28
        pregnant_cow(330, 190),  # due on day 88, to be dried off on day 30
        heifer(400),
        heifer(700, state=1, conception=-265),  # due on day 13
        report_date=origin,
    )
    records = two_exports(200).later.records
    habits = replace(habits_of(records), calving_plan=278, dry_off_plan=220)
    happened = Happened(records, rebuild_lactations(records, habits), habits)
    dates = (origin, date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1))  # days 31, 59, 90
    found = baseline_forecasts(animals, dates, happened, habits, REPORT_DATE)

    due = found["due_dates"]
    assert due[Metric.CALVINGS].tolist() == [2, 0, 1]
    assert due[Metric.HEIFER_INTROS].tolist() == [1, 0, 0]
    assert due[Metric.DRYOFFS].tolist() == [1, 0, 0]
    stays = found["persistence"]
    assert stays[Metric.MILKING_COUNT].tolist() == [3, 3, 3]
    assert stays[Metric.AVG_DAYS_IN_MILK] == pytest.approx([(50 + 150 + 330) / 3] * 3)
    december = int(((records.archive > -90) & (records.archive <= -59)).sum())
    assert stays[Metric.CULLS].tolist() == [december] * 3
    january_2025 = int(((records.archive > -424) & (records.archive <= -393)).sum())
    assert found["last_year"][Metric.CULLS][0] == january_2025


@pytest.mark.parametrize(
    "changes", [{"origins": (13,)}, {"origins": ()}, {"origins": (3, 3)}, {"horizon": 0}]
)
def test_a_plan_that_cannot_be_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match=next(iter(changes))):
        BacktestPlan(**changes)


def test_an_origin_that_the_files_exits_do_not_reach_is_refused() -> None:
    herd_file = two_exports(200).later
    records = herd_file.records
    recent = replace(records, archive=np.where(records.archive < -500, NO_DAY, records.archive))
    since = REPORT_DATE + timedelta(days=int(recent.archive[recent.archive != NO_DAY].min()))
    short = replace(herd_file, records=recent)

    with pytest.raises(ParameterError, match=f"since {since}; got '6 months back, 2025-09-01'"):
        run_backtest(short, replace(PLAN, origins=(2, 6)))
    assert run_backtest(short, replace(PLAN, origins=(2,))).folds


def test_a_file_without_exits_is_refused() -> None:
    herd_file = two_exports(200).later
    records = replace(herd_file.records, archive=np.full_like(herd_file.records.archive, NO_DAY))

    with pytest.raises(HerdDataError, match="no animals that left"):
        run_backtest(replace(herd_file, records=records), PLAN)


@cache
def young_farm() -> HerdFile:
    """Return a farm whose cows have all calved once and none of which was dried off: no interval to draw."""
    text = make_sample(animals=200, seed=2).csv.decode("utf-8-sig").replace("Дата запуска тек.лакт", "?")
    header, *rows = text.splitlines()
    position = header.split(";").index('"Лактация"')
    young = [row for row in rows if row.split(";")[position] in ('"0"', '"1"')]
    return read_herd_bytes("\n".join([header, *young]).encode(), "young.csv")


def test_a_mode_that_the_file_does_not_support_is_left_out_and_told() -> None:
    backtest = run_backtest(young_farm(), replace(PLAN, origins=(2,), runs=5))
    english, russian = (document(backtest, language)["left_out"] for language in languages())

    assert backtest.modes == ("theoretical", "calibrated")
    assert "empirical" not in {row["mode"] for row in document(backtest)["scores"]}
    assert set(english) == set(russian) == {"empirical"}
    assert "Empirical is not judged" in english["empirical"]
    assert "no conception to dry-off intervals" in english["empirical"]
    assert "нет ни одного срока от успешного осеменения до запуска" in russian["empirical"]
    note = TrackRecord.of(backtest).card_note(wording("ru"))
    assert russian["empirical"] in note
    assert from_bytes(to_bytes(backtest)).left_out == backtest.left_out


def test_a_mode_that_was_asked_for_by_name_is_refused_if_the_file_does_not_support_it() -> None:
    plan = replace(PLAN, origins=(2,), runs=5, modes=(Mode.EMPIRICAL, Mode.CALIBRATED))

    with pytest.raises(HerdDataError, match="no conception to dry-off intervals"):
        run_backtest(young_farm(), plan)


def test_skill_is_told_against_every_baseline_that_says_something_of_the_same_months() -> None:
    rows = {(row["mode"], row["metric"]): row for row in told()["pooled"]}
    row = rows["empirical", "calvings"]

    assert set(row["skill_against"]) == {"persistence", "last_year", "due_dates"}
    assert row["skill_against"]["persistence"] == row["skill"]
    for baseline in ("last_year", "due_dates"):
        worst = rows[baseline, "calvings"]["crps"]
        assert row["skill_against"][baseline] == pytest.approx(1 - row["crps"] / worst)
    assert "due_dates" not in rows["empirical", "milking_count"]["skill_against"]
    assert rows["persistence", "culls"]["skill_against"]["persistence"] == 0
