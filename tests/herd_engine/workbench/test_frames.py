"""Frames hold the numbers of the answers, tidy, and pandas is imported when they are asked for."""

import subprocess
import sys

import numpy as np
import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.errors import ParameterError
from herd_engine.forecasting.backtest.backtest import BacktestPlan, run_backtest
from herd_engine.model.backtest import JUDGED_BAND, QUANTILES
from herd_engine.model.forecast import Forecast, Metric
from herd_engine.model.scenario import Mode, Scenario
from herd_engine.model.sensitivity import WatchedNumber
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from herd_engine.workbench.plans import BuyingTerms, Goal


@pytest.fixture(scope="module")
def herd_file() -> HerdFile:
    return read_herd_bytes(make_sample(animals=120, seed=2).csv, "farm.csv")


@pytest.fixture(scope="module")
def forecast(herd_file: HerdFile) -> Forecast:
    return Workbench().forecast(herd_file, Scenario(horizon_months=3), runs=20)


def test_a_forecast_is_a_row_a_day_and_quantity(forecast: Forecast) -> None:
    table = Workbench().frame(forecast)
    days = table[table["metric"] == "avg_days_in_milk"]

    assert len(table) == len(Metric) * len(forecast.dates)
    assert set(days["unit"]) == {"days"}
    assert days["p50"].to_numpy() == pytest.approx(forecast.series[Metric.AVG_DAYS_IN_MILK].p50)
    assert [day.date() for day in days["date"]] == list(forecast.dates)


def test_a_backtest_says_whether_what_happened_lies_in_the_band(herd_file: HerdFile) -> None:
    backtest = run_backtest(
        herd_file, BacktestPlan(origins=(2,), horizon=2, runs=20, modes=(Mode.CALIBRATED,))
    )
    table = Workbench().frame(backtest)
    fold = backtest.folds[0]
    rows = table[(table["mode"] == "calibrated") & (table["metric"] == "milking_count")]
    quantiles = fold.quantiles["calibrated", Metric.MILKING_COUNT]
    low, high = (QUANTILES.index(level) for level in (0.1, 0.9))
    happened = fold.happened[Metric.MILKING_COUNT]

    assert JUDGED_BAND == 0.8
    assert rows["happened"].to_numpy() == pytest.approx(happened)
    assert rows["inside"].tolist() == ((quantiles[low] <= happened) & (happened <= quantiles[high])).tolist()


def test_estimates_are_a_row_each_and_anything_else_is_refused(herd_file: HerdFile) -> None:
    estimates = Workbench().audit(herd_file)
    table = Workbench().frame(estimates)

    assert len(table) == len(estimates)
    assert np.all(table["low"] <= table["high"])
    for other in (herd_file, (1, 2)):
        with pytest.raises(ParameterError):
            Workbench().frame(other)


def test_pandas_is_not_imported_before_a_frame_is_asked_for() -> None:
    code = "import sys; from herd_engine.workbench import Workbench, frames; print('pandas' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_what_to_do_is_a_row_a_figure_an_animal_a_purchase_a_lever(herd_file: HerdFile) -> None:
    bench = Workbench()
    figures, found, sheet = bench.kpis(herd_file), bench.findings(herd_file), bench.daily_sheet(herd_file)
    goal = Goal(at_least=herd_file.herd.counts()["milking"] + 10, first=4, last=6)
    plan = bench.optimize(herd_file, goal, terms=BuyingTerms(runs=100, fresh_runs=100))
    levers = bench.sensitivity(herd_file, WatchedNumber(month=4))

    table = bench.frame(figures).set_index("key")
    documents = {each["key"]: each for each in figures.document()["kpis"]}
    assert list(table.index) == list(documents)
    for key, row in documents.items():
        assert (row["value"] is None) == bool(table["value"].isna()[key])
        assert (row["reason"] or "") == table["reason"].fillna("")[key]
    hits = found.document()["hits"]["rows"]
    assert bench.frame(found)["animal"].tolist() == [each["animal"] for each in hits]
    assert bench.frame(sheet)["list"].value_counts().to_dict() == {
        name: n for name, n in sheet.document()["counts"].items() if n
    }
    bought = bench.frame(plan)
    assert bought["count"].sum() == plan.total > 0
    assert [day.date() for day in bought["date"]] == [each.date_in for each in plan.actions]
    assert bench.frame(levers)["lever"].tolist() == [each.reach.name for each in levers.swings]
