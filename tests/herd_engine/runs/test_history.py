"""Many runs at once, what is kept of them, and how they go, with a real store and a real runner."""

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.errors import NotFoundError, ParameterError, ScenarioError, StorageError
from herd_engine.exports.csv_file import forecast_csv
from herd_engine.exports.document import forecast_document, forecast_json
from herd_engine.exports.document_reader import forecast_from_document
from herd_engine.exports.xlsx_file import forecast_xlsx
from herd_engine.forecasting.forecast import make_forecast
from herd_engine.model.forecast import Metric
from herd_engine.model.run_status import RunStatus
from herd_engine.model.scenario import Mode, ModelParameters, Purchase, PurchasePolicy, Scenario
from herd_engine.presentation.page.html_page import forecast_html
from herd_engine.runs.kept import KeptRuns
from herd_engine.sample import make_sample
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.files import FileStore
from herd_engine.storage.run_rows import RunFilters
from tests.herd_engine.runs.conftest import PAYLOAD, work

SMALL = {"horizon_months": 2, "mc_runs": 2, "seed": 5}
NOBODY = "00000000-0000-0000-0000-000000000000"


def make_runs(kept: KeptRuns, dataset: DatasetRow, n: int) -> list[str]:
    """Return the ids of finished runs, oldest first."""
    ids = [kept.submit(dataset.id, SMALL | {"seed": seed}).run.id for seed in range(n)]
    work(kept)
    return ids


def ids_of(kept: KeptRuns, filters: RunFilters) -> list[str]:
    return [row.id for row in kept.list_runs(filters).items]


def unusual_scenario(problems: bool) -> Scenario:
    """A scenario in which hardly anything is the default."""
    report_date = read_herd_bytes(make_sample(animals=300, problems=problems).csv, "a.csv").herd.report_date
    later = report_date + timedelta(40)
    purchases = (
        Purchase(date_in=later, count=3, days_pregnant=100),
        Purchase(date_in=later, count=2, expected_calving_date=later + timedelta(50)),
    )
    return Scenario(
        horizon_months=7,
        mode=Mode.THEORETICAL,
        purchase_policy=PurchasePolicy.MANUAL,
        confidence_central=0.8,
        future_date=(report_date.replace(day=1) + timedelta(95)).replace(day=1),
        model=ModelParameters(gestation_mu=278, max_days_in_milk=305),
        purchases=purchases,
    )


@pytest.mark.parametrize("problems", [False, True])
def test_a_forecast_comes_back_from_its_document_with_the_same_exports(problems: bool) -> None:
    herd_file = read_herd_bytes(make_sample(animals=300, problems=problems).csv, "a.csv")
    forecast = make_forecast(herd_file, unusual_scenario(problems), 20, 3)

    again = forecast_from_document(json.loads(forecast_json(forecast)))

    assert again.meta == forecast.meta
    assert forecast_document(again) == forecast_document(forecast)
    assert forecast_json(again) == forecast_json(forecast)
    assert forecast_csv(again) == forecast_csv(forecast)
    assert forecast_xlsx(again) == forecast_xlsx(forecast)
    assert forecast_html(again) == forecast_html(forecast)


def test_a_document_from_before_quartiles_were_kept_can_be_read(farm_file: bytes) -> None:
    forecast = make_forecast(read_herd_bytes(farm_file, "a.csv"), Scenario(horizon_months=2), 20, 3)
    document = json.loads(forecast_json(forecast))
    for point in document["points"]:
        for quartile in ("p25", "p75"):
            del point[quartile]
            for errors in point["mcse"].values():
                del errors[quartile]

    milking = forecast_from_document(document).series[Metric.MILKING_COUNT]

    assert np.isnan(milking.p25).all()
    assert np.isnan(milking.mcse_p75).all()
    np.testing.assert_array_equal(milking.p50, forecast.series[Metric.MILKING_COUNT].p50)


def test_a_document_of_another_schema_is_refused() -> None:
    with pytest.raises(ParameterError, match="herd-forecast/1"):
        forecast_from_document({"schema": "herd-forecast/0"})


def test_variants_share_seed_and_group_and_hold_every_combination(
    kept: KeptRuns, dataset: DatasetRow
) -> None:
    values = {"model.gestation_sd": [1, 3], "model.culling_intensity": [0.4, 0.6, 0.8]}

    group = kept.submit_variants(dataset.id, SMALL, values)

    runs = [item.submitted.run for item in group.items]
    assert len({run.run_hash for run in runs}) == 6
    assert {run.seed for run in runs} == {5}
    assert {run.group_id for run in runs} == {group.group_id}
    assert sorted(ids_of(kept, RunFilters(group_id=group.group_id))) == sorted(run.id for run in runs)
    for item, run in zip(group.items, runs, strict=True):
        model = json.loads(run.config)["scenario"]["model"]
        assert {f"model.{name}": model[name] for name in ("gestation_sd", "culling_intensity")} == (
            item.values
        )


def test_a_bad_variant_never_stops_the_others(kept: KeptRuns, dataset: DatasetRow) -> None:
    group = kept.submit_variants(dataset.id, SMALL, {"model.gestation_sd": [1, -1, 3]})

    assert [item.submitted is not None for item in group.items] == [True, False, True]
    assert isinstance(group.items[1].error, ScenarioError)
    assert work(kept) == 2


def test_a_hundred_variants_are_the_most(kept: KeptRuns, dataset: DatasetRow) -> None:
    most = kept.submit_variants(dataset.id, SMALL, {"lead_time_days": list(range(1, 101))})

    assert len(most.items) == 100
    with pytest.raises(ParameterError, match="100"):
        kept.submit_variants(dataset.id, SMALL, {"lead_time_days": list(range(1, 102))})
    with pytest.raises(ParameterError, match="be the same for all variants"):
        kept.submit_variants(dataset.id, SMALL, {"seed": [1, 2]})


def test_runs_are_found_by_status_text_and_date(kept: KeptRuns, dataset: DatasetRow) -> None:
    scenario = kept.catalog.scenarios.save("Dry summer", SMALL)
    named = kept.submit(dataset.id, scenario_id=scenario.id).run
    other = kept.submit(dataset.id, SMALL | {"seed": 6}).run
    kept.cancel(other.id)
    now = datetime.now(UTC)

    assert ids_of(kept, RunFilters(statuses=(RunStatus.CANCELED,))) == [other.id]
    assert ids_of(kept, RunFilters(text="SUMMER")) == [named.id]
    assert ids_of(kept, RunFilters(text="farm.c")) == [other.id, named.id]
    assert ids_of(kept, RunFilters(text=named.id[:9])) == [named.id]
    assert ids_of(kept, RunFilters(created_from=now - timedelta(1), created_to=now)) == [other.id, named.id]
    assert ids_of(kept, RunFilters(created_from=now + timedelta(1))) == []


def test_pages_of_runs_follow_each_other(kept: KeptRuns, dataset: DatasetRow) -> None:
    ids = [kept.submit(dataset.id, SMALL | {"seed": seed}).run.id for seed in range(3)]

    first = kept.list_runs(limit=2)
    second = kept.list_runs(cursor=first.next_cursor, limit=2)

    assert [row.id for row in (*first.items, *second.items)] == ids[::-1]
    assert second.next_cursor is None


def test_a_run_is_found_by_the_beginning_of_its_id(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, SMALL).run

    assert kept.find(run.id[:8]) == run
    for missing in ("", "zz", NOBODY):
        with pytest.raises(NotFoundError, match="no run"):
            kept.find(missing)


def test_deleted_runs_leave_no_files_and_active_ones_stay(kept: KeptRuns, dataset: DatasetRow) -> None:
    done, other = make_runs(kept, dataset, 2)
    queued = kept.submit(dataset.id, SMALL | {"seed": 9}).run.id

    deleted = kept.delete([done, queued, NOBODY])

    assert deleted.deleted_ids == (done,)
    assert {each.id: each.reason for each in deleted.skipped} == {queued: "active", NOBODY: "not_found"}
    assert kept.store.files.list(f"runs/{done}") == ()
    assert kept.verify(other) == kept.verify_chain() == ()
    with pytest.raises(NotFoundError, match="no run"):
        kept.forecast(done)


def test_a_run_whose_files_cannot_be_deleted_is_gone_and_told(
    kept: KeptRuns, dataset: DatasetRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run_id,) = make_runs(kept, dataset, 1)

    def refuse(self: FileStore, prefix: str) -> None:
        raise StorageError(prefix, "the disk is read-only")

    monkeypatch.setattr(FileStore, "delete_prefix", refuse)

    deleted = kept.delete([run_id])

    assert deleted.deleted_ids == (run_id,)
    assert [(each.id, each.reason) for each in deleted.skipped] == [(run_id, "files_left")]


def test_pruning_keeps_the_newest_and_the_pinned_and_first_only_tells(
    kept: KeptRuns, dataset: DatasetRow
) -> None:
    first, second, third, fourth = make_runs(kept, dataset, 4)
    kept.pin(first)

    told = [row.id for row in kept.prune(keep=1)]

    assert told == [second, third]
    assert len(kept.list_runs().items) == 4
    assert [row.id for row in kept.prune(keep=1, dry_run=False)] == told
    assert ids_of(kept, RunFilters()) == [fourth, first]
    assert kept.store.files.list(f"runs/{second}") == ()
    assert kept.verify_chain() == ()


def test_a_run_that_is_no_longer_pinned_is_pruned(kept: KeptRuns, dataset: DatasetRow) -> None:
    (run_id,) = make_runs(kept, dataset, 1)
    kept.pin(run_id)
    assert kept.prune(keep=0) == ()

    kept.pin(run_id, pinned=False)

    assert [row.id for row in kept.prune(keep=0)] == [run_id]
    with pytest.raises(ParameterError, match="0 or more"):
        kept.prune(keep=-1)


def test_the_forecast_of_a_run_is_the_one_that_was_published(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    work(kept)

    published = kept.artifact(run.id, "result.json").decode()

    assert forecast_json(kept.forecast(run.id)) == published
