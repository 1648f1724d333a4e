"""What the outputs of a farm are, whatever is in the table and whatever is not yet."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from pyarrow import parquet

from herd_engine.errors import NotFoundError, ParameterError
from herd_engine.model.forecast import Metric
from herd_engine.model.run_status import RunStatus
from herd_engine.runs.kept import KeptRuns
from herd_engine.sample import make_sample
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.outputs.rows import COLUMNS, SCHEMA, OutputFilters, OutputRow, View
from herd_engine.storage.run_rows import Outcome
from herd_engine.storage.scenarios import ScenarioEdit
from tests.herd_engine.runs.conftest import PAYLOAD, work
from tests.herd_engine.runs.outputs.publishing import (
    ROWS_OF_A_RUN,
    WORKER,
    as_parquet,
    begin,
    every,
    expected,
    month,
    numbers,
    publish,
    publish_file,
    rows,
)


def test_columns_are_those_of_a_row() -> None:
    assert OutputRow._fields == COLUMNS == tuple(SCHEMA.names)


def test_a_run_has_the_rows_of_its_file_before_and_in_the_table(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    work(kept)

    pending = every(kept.outputs.query)
    assert kept.outputs.flush() == 1
    indexed = every(kept.outputs.query, OutputFilters(run_ids=(run.id,)))

    assert len(pending) == 10 * 13  # metrics, report date and 12 months
    assert indexed == pending
    file = parquet.read_table(io.BytesIO(kept.artifact(run.id, "outputs.parquet"))).to_pylist()
    by_key = {(row["metric"], row["target_month"]): row for row in file}
    for row in indexed:
        said = row._asdict()
        for name, value in by_key[row.metric, row.target_month.isoformat()].items():
            assert (said[name].isoformat() if isinstance(said[name], date) else said[name]) == value
        assert row.published_at == kept.get(run.id).finished_at
        assert (row.farm_id, row.scenario_id) == (run.farm_id, "")
        assert (row.run_hash, row.content_hash) == (run.run_hash, kept.get(run.id).content_hash)


def test_what_is_published_is_seen_by_the_next_read(kept: KeptRuns, dataset: DatasetRow) -> None:
    first = publish(kept, dataset, 100)
    assert sorted(numbers(every(kept.outputs.query))) == sorted(expected(first, 100))

    second = publish(kept, dataset, 200)

    everything = sorted(expected(first, 100) + expected(second, 200))
    assert sorted(numbers(every(kept.outputs.query))) == everything
    assert (kept.outputs.counters.hits, kept.outputs.counters.misses) == (0, 2)
    every(kept.outputs.query)
    assert (kept.outputs.counters.hits, kept.outputs.counters.misses) == (1, 2)


def test_a_canceled_run_leaves_no_rows(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = begin(kept, dataset, as_parquet(rows()))
    kept.cancel(run.id)
    assert kept.store.runs.finish(run.id, WORKER, Outcome(status=RunStatus.CANCELED))

    assert kept.outputs.flush() == 0
    assert every(kept.outputs.query) == []
    assert every(kept.outputs.query, OutputFilters(run_ids=(run.id,))) == []


def test_a_deleted_run_is_gone_at_once_and_later_from_the_table(kept: KeptRuns, dataset: DatasetRow) -> None:
    stays, goes, waits = (publish(kept, dataset, first) for first in (100, 200, 300))
    kept.outputs.flush()
    waits = publish(kept, dataset, 400)
    assert len(every(kept.outputs.query)) == 4 * ROWS_OF_A_RUN

    kept.delete([goes.id, waits.id])

    seen = {row.run_id for row in every(kept.outputs.query)}
    assert goes.id not in seen
    assert waits.id not in seen
    assert stays.id in seen
    with pytest.raises(NotFoundError):
        kept.outputs.query(OutputFilters(run_ids=(goes.id,)))
    assert goes.id in runs_in_table(kept)
    before = every(kept.outputs.query)
    kept.outputs.maintain()
    assert runs_in_table(kept) == seen
    assert every(kept.outputs.query, OutputFilters(value_from=0)) == before


def runs_in_table(kept: KeptRuns) -> set[str]:
    index = kept.outputs._index
    found = index.reader.runs_in(index.table.data_files() or ())
    return set().union(*found.values())


@pytest.fixture
def plans(kept: KeptRuns) -> list[str]:
    """Ids of three kept scenarios with tags."""
    tags = {"Spring": ("season", "buy"), "Autumn": ("season",), "Plain": ()}
    payload = {"mc_runs": 10, "horizon_months": 2}
    return [kept.catalog.scenarios.save(name, payload, tags=tags[name]).id for name in tags]


@pytest.fixture
def older(kept: KeptRuns) -> DatasetRow:
    """A herd of an earlier report date."""
    return kept.add_dataset(make_sample(animals=200, report_date=date(2026, 2, 1)).csv, "older.csv")


def test_rows_are_ordered_and_pages_make_the_whole(
    kept: KeptRuns, dataset: DatasetRow, plans: list[str]
) -> None:
    runs = {}
    for number, plan in enumerate([*plans, None, plans[0], None]):
        more: dict[str, Any] = {} if plan is None else {"scenario_id": plan}
        runs[publish(kept, dataset, 100 * number, **more).id] = 100 * number
        if number == 2:
            kept.outputs.flush()  # the other half stays pending

    for limit in (7, ROWS_OF_A_RUN, 500):
        found = every(kept.outputs.query, limit=limit)
        keys = [(row.scenario_id, row.metric, row.asof_date, row.run_id, row.target_month) for row in found]
        assert keys == sorted(keys)
        assert len(set(keys)) == len(keys) == 6 * ROWS_OF_A_RUN
    wanted = sorted(number for run_id, first in runs.items() for number in expected(kept.get(run_id), first))
    assert sorted(numbers(found)) == wanted


def test_latest_is_the_newest_run_of_each_scenario_and_date(
    kept: KeptRuns, dataset: DatasetRow, older: DatasetRow, plans: list[str]
) -> None:
    assert older.report_date < dataset.report_date
    for first in (100, 200):
        publish(kept, dataset, first, scenario_id=plans[0])
    kept.outputs.flush()
    wanted = {
        publish(kept, dataset, 300, scenario_id=plans[0]).id: (plans[0], dataset.report_date),
        publish(kept, dataset, 400, scenario_id=plans[1]).id: (plans[1], dataset.report_date),
        publish(kept, older, 500, scenario_id=plans[1]).id: (plans[1], older.report_date),
    }
    publish(kept, dataset, 600)
    wanted[publish(kept, dataset, 700).id] = ("", dataset.report_date)

    for _ in range(2):
        found = every(kept.outputs.latest, limit=7)
        assert {row.run_id: (row.scenario_id, row.asof_date) for row in found} == wanted
        assert len(found) == len(wanted) * ROWS_OF_A_RUN
        kept.outputs.flush()
        kept.outputs.rebuild()


def test_latest_by_metric_is_one_row_of_the_newest_date(
    kept: KeptRuns, dataset: DatasetRow, older: DatasetRow, plans: list[str]
) -> None:
    newest = publish(kept, dataset, 100, scenario_id=plans[0])
    kept.outputs.flush()
    later_of_before = publish(kept, older, 200, scenario_id=plans[0])
    assert later_of_before.finished_at > newest.finished_at

    for month_to, point in ((None, 2), (month(1), 1)):
        found = every(kept.outputs.latest_by_metric, OutputFilters(month_to=month_to), limit=3)
        assert sorted(numbers(found)) == sorted(
            (newest.id, metric.value, month(point), 100 + point + 1000 * number)
            for number, metric in enumerate(Metric)
        )


def test_every_filter_takes_what_it_says(kept: KeptRuns, dataset: DatasetRow, plans: list[str]) -> None:
    spring, autumn, _plain = (publish(kept, dataset, 100, scenario_id=plan) for plan in plans)
    kept.outputs.flush()
    loose = publish(kept, dataset, 500)
    everything = every(kept.outputs.query)
    calvings = list(Metric).index(Metric.CALVINGS)
    cases = {
        OutputFilters(scenario_ids=(plans[0],)): lambda row: row.scenario_id == plans[0],
        OutputFilters(run_ids=(autumn.id, loose.id)): lambda row: row.run_id in {autumn.id, loose.id},
        OutputFilters(tags=("season",)): lambda row: row.run_id in {spring.id, autumn.id},
        OutputFilters(tags=("season", "buy")): lambda row: row.run_id == spring.id,
        OutputFilters(tags=("unknown",)): lambda row: False,
        OutputFilters(metrics=(Metric.CALVINGS, Metric.CULLS)): lambda row: (
            row.metric in {"calvings", "culls"}
        ),
        OutputFilters(month_from=month(1), month_to=month(1)): lambda row: row.target_month == month(1),
        OutputFilters(value_from=1000 * calvings + 101, value_to=1000 * calvings + 501): lambda row: (
            1000 * calvings + 101 <= row.p50 <= 1000 * calvings + 501
        ),
        OutputFilters(statistic="mcse_mean", value_from=0): lambda row: False,
        OutputFilters(
            scenario_ids=tuple(plans[:2]), metrics=(Metric.CALVINGS,), month_from=month(2)
        ): lambda row: (
            row.scenario_id in plans[:2] and row.metric == "calvings" and row.target_month >= month(2)
        ),
    }

    for _ in range(2):
        for filters, is_meant in cases.items():
            assert every(kept.outputs.query, filters, limit=11) == [
                row for row in everything if is_meant(row)
            ]
        kept.outputs.flush()


def test_tags_that_were_changed_are_seen_at_once(
    kept: KeptRuns, dataset: DatasetRow, plans: list[str]
) -> None:
    publish(kept, dataset, scenario_id=plans[2])
    filters = OutputFilters(tags=("new",))
    assert every(kept.outputs.query, filters) == []

    kept.catalog.scenarios.edit(plans[2], ScenarioEdit(tags=("new",)))

    assert len(every(kept.outputs.query, filters)) == ROWS_OF_A_RUN


def test_another_farm_sees_nothing(kept: KeptRuns, dataset: DatasetRow, plans: list[str]) -> None:
    run = publish(kept, dataset, scenario_id=plans[0])
    kept.outputs.flush()
    kept.catalog.farms.add("Other")
    other = KeptRuns(kept.store, "tester", "Other")

    assert every(other.outputs.query) == []
    for filters in (OutputFilters(run_ids=(run.id,)), OutputFilters(scenario_ids=(plans[0],))):
        for ask in (other.outputs.query, other.outputs.latest, other.outputs.latest_by_metric):
            with pytest.raises(NotFoundError):
                ask(filters)
        with pytest.raises(NotFoundError):
            other.outputs.csv(filters)
    other.outputs.close()


def test_cursors_and_limits_that_cannot_be_are_refused(kept: KeptRuns, dataset: DatasetRow) -> None:
    publish(kept, dataset)
    cursor = kept.outputs.query(limit=1).next_cursor

    for ask in (
        lambda: kept.outputs.latest(cursor=cursor),
        lambda: kept.outputs.query(OutputFilters(value_from=0), cursor=cursor),
        lambda: kept.outputs.query(cursor="bm8="),
        lambda: kept.outputs.query(cursor="["),
    ):
        with pytest.raises(ParameterError, match="next_cursor of a page of the same list"):
            ask()
    for limit in (0, 501):
        with pytest.raises(ParameterError, match=r"within 1 … 500"):
            kept.outputs.query(limit=limit)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"metrics": ("milk",)}, "be one of milking_count"),
        ({"statistic": "p99"}, "be one of mean"),
        ({"value_to": float("nan")}, "be a finite number"),
    ],
)
def test_filters_that_mean_nothing_are_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        OutputFilters(**wrong)


def test_csv_has_a_line_for_every_row(kept: KeptRuns, dataset: DatasetRow) -> None:
    publish(kept, dataset, 100)
    kept.outputs.flush()
    publish(kept, dataset, 200)

    lines = b"".join(kept.outputs.csv()).decode().splitlines()

    assert lines[0] == ",".join(COLUMNS)
    assert len(lines) == 1 + 2 * ROWS_OF_A_RUN
    read = list(csv.DictReader(lines))
    for text, row in zip(read, every(kept.outputs.query), strict=True):
        assert text["run_id"] == row.run_id
        assert text["published_at"] == row.published_at.isoformat()
        assert text["target_month"] == row.target_month.isoformat()
        assert float(text["p50"]) == row.p50
        assert text["mcse_p50"] == ""


def test_csv_for_spreadsheets_has_a_mark_and_runs_no_formula(kept: KeptRuns, dataset: DatasetRow) -> None:
    evil = [row | {"unit": "=1+1"} for row in rows()]
    publish_file(kept, dataset, as_parquet(evil))

    data = b"".join(kept.outputs.csv(view=View.LATEST, excel=True))

    assert data.startswith(b"\xef\xbb\xbffarm_id;scenario_id;")
    assert data.count(b";'=1+1;") == ROWS_OF_A_RUN
    assert b";=" not in data
