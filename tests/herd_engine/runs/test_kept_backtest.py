"""A backtest that is kept is the one that was made."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from herd_engine.errors import NotFoundError, ParameterError
from herd_engine.forecasting.backtest.backtest import BacktestPlan
from herd_engine.forecasting.backtest.record import from_bytes, to_bytes
from herd_engine.model.backtest import QUANTILES, Backtest
from herd_engine.model.forecast import Metric
from herd_engine.model.scenario import Mode
from herd_engine.presentation.report_card import document
from herd_engine.runs.kept_backtest import plan_of
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.herd_engine.forecasting.backtest.farm_at_two_dates import two_exports

PLAN = BacktestPlan(origins=(2, 4), horizon=3, runs=20)


@pytest.fixture(scope="module")
def backtest() -> Backtest:
    return Workbench.open().backtest(two_exports(200).later, PLAN)


def test_bytes_hold_every_number(backtest: Backtest) -> None:
    again = from_bytes(to_bytes(backtest))

    assert document(again) == document(backtest)
    assert replace(again, folds=()) == replace(backtest, folds=())
    for fold, other in zip(backtest.folds, again.folds, strict=True):
        assert (fold.origin, fold.dates, fold.coverage) == (other.origin, other.dates, other.coverage)
        for metric, values in fold.happened.items():
            np.testing.assert_array_equal(values, other.happened[metric])
        for key, values in fold.quantiles.items():
            np.testing.assert_array_equal(values, other.quantiles[key])


def test_kept_quantiles_are_those_that_were_judged(backtest: Backtest) -> None:
    fold = backtest.folds[1]
    judged, quantiles = (which["empirical", Metric.CULLS] for which in (fold.judged, fold.quantiles))
    low, high = quantiles[QUANTILES.index(0.1)], quantiles[QUANTILES.index(0.9)]

    np.testing.assert_array_equal(quantiles[QUANTILES.index(0.5)], judged.forecast)
    np.testing.assert_array_equal((low <= judged.happened) & (judged.happened <= high), judged.inside[:, 1])
    assert fold.happened[Metric.CULLS].tolist() == judged.happened.tolist()


def test_it_is_made_once_a_plan_and_deleted_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbench = Workbench.open(tmp_path)
    kept = workbench.kept
    row = kept.add_dataset(make_sample(animals=200, seed=2).csv, "farm.csv")
    first = workbench.kept_backtest("farm.csv", PLAN)
    other = workbench.kept_backtest(row.id, replace(PLAN, seed=7))
    files = [key for key in kept.store.files.list() if "backtest" in key]

    def refuse(*_: object) -> None:
        raise AssertionError("made again")

    monkeypatch.setattr("herd_engine.runs.kept_backtest.run_backtest", refuse)
    again = workbench.kept_backtest(row.id, PLAN)
    kept.catalog.datasets.delete(row.id)

    assert document(again) == document(first) != document(other)
    assert len(files) == 2
    assert [key for key in kept.store.files.list() if "backtest" in key] == []
    with pytest.raises(NotFoundError, match=row.id):
        workbench.kept_backtest(row.id, PLAN)
    kept.close()


def test_a_plan_is_made_of_named_values() -> None:
    assert plan_of({}) == BacktestPlan()
    assert plan_of({"origins": [], "modes": [], "runs": 20}) == BacktestPlan(runs=20)
    assert plan_of({"origins": [2], "modes": ["empirical"], "horizon": 1, "seed": 3}) == BacktestPlan(
        origins=(2,), modes=(Mode.EMPIRICAL,), horizon=1, seed=3
    )
    for name, value, rule in (
        ("origins", ["3"], "list whole months"),
        ("modes", ["best"], "be of empirical"),
        ("horizon", 13, "be within 1 … 12"),
    ):
        with pytest.raises(ParameterError, match=rule):
            plan_of({name: value})
