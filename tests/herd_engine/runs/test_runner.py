"""The life of a run with a real database, a real cluster, real files."""

import io
import json
import os
import signal
from threading import Event

import pytest
from pyarrow import parquet

from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.errors import ConflictError, ParameterError, ScenarioError
from herd_engine.execution import batches
from herd_engine.execution.cluster import ClusterSettings, open_cluster
from herd_engine.execution.runner import Runner
from herd_engine.execution.timing import Timing
from herd_engine.exports.document import forecast_document
from herd_engine.forecasting.forecast import make_forecast
from herd_engine.model.run_status import RunStatus
from herd_engine.runs.draws_file import DRAWS
from herd_engine.runs.kept import KeptRuns
from herd_engine.scenarios.schema import parse_scenario, to_scenario
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.outputs.rows import OutputFilters
from tests.herd_engine.runs.conftest import (
    LONG,
    PAYLOAD,
    Background,
    has_progress,
    wait_for,
    work,
    worker_process,
)


def test_a_run_gives_the_forecast_that_its_file_and_scenario_give(
    kept: KeptRuns, dataset: DatasetRow, farm_file: bytes
) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run

    assert work(kept) == 1

    forecast = make_forecast(
        read_herd_bytes(farm_file, "farm.csv"), to_scenario(parse_scenario(PAYLOAD)), 60, 5
    )
    assert kept.get(run.id).status is RunStatus.SUCCEEDED
    expected = forecast_document(forecast) | {"timing": {}}
    assert json.loads(kept.artifact(run.id, "result.json")) == json.loads(json.dumps(expected))
    assert kept.reproduce(run.id) == ()


def test_a_run_until_its_bands_are_stable_is_the_run_of_that_many_runs(
    kept: KeptRuns, dataset: DatasetRow
) -> None:
    payload = {"horizon_months": 3, "seed": 5}
    run = kept.submit(dataset.id, payload | {"mc_runs": 20_000, "until_stable": True}).run
    work(kept, ClusterSettings(workers=2))
    found = kept.get(run.id)
    stability = kept.forecast(run.id).meta.stability
    assert stability is not None
    n_runs = stability.checked_at[-1]

    fixed = kept.submit(dataset.id, payload | {"mc_runs": n_runs}).run
    work(kept)

    assert (stability.is_stable, stability.most_runs) == (True, 20_000)
    assert 200 <= n_runs < 20_000
    assert (found.runs_total, found.progress.completed_runs, found.progress.total_runs) == (n_runs,) * 3
    for name in ("outputs.parquet", DRAWS):
        assert kept.artifact(run.id, name) == kept.artifact(fixed.id, name)
    assert kept.reproduce(run.id) == ()


def test_outputs_hold_every_number_of_the_forecast(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    work(kept)

    rows = parquet.read_table(io.BytesIO(kept.artifact(run.id, "outputs.parquet"))).to_pylist()

    points = json.loads(kept.artifact(run.id, "result.json"))["points"]
    assert len(rows) == 10 * 13
    for row in rows:
        point = points[row["horizon_months"]]
        assert row["p50"] == point["p50"][row["metric"]]
        assert row["mcse_p_high"] == point["mcse"][row["metric"]]["p_high"]


@pytest.mark.slow
def test_the_content_is_the_same_on_any_cluster_in_any_batches(
    kept: KeptRuns, dataset: DatasetRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = set()
    for settings in (
        ClusterSettings(workers=1),
        ClusterSettings(workers=3),
        ClusterSettings(workers=2, processes=True),
    ):
        run = kept.submit(dataset.id, PAYLOAD, force=True).run
        work(kept, settings)
        hashes.add(kept.get(run.id).content_hash)
    monkeypatch.setattr(batches, "SHORT_SECONDS", 1e-4)
    monkeypatch.setattr(batches, "LONG_SECONDS", 1e-4)
    assert len(batches.batches_of(60, 200, 12, 2)) > 5
    run = kept.submit(dataset.id, PAYLOAD, force=True).run
    work(kept)

    assert {kept.get(run.id).content_hash} == hashes


def test_kept_scenarios_of_equal_content_have_runs_of_their_own(kept: KeptRuns, dataset: DatasetRow) -> None:
    spring, autumn = (kept.catalog.scenarios.save(name, PAYLOAD).id for name in ("Spring", "Autumn"))
    nameless = kept.submit(dataset.id, PAYLOAD).run
    work(kept)

    first = kept.submit(dataset.id, scenario_id=spring)
    other = kept.submit(dataset.id, scenario_id=autumn)
    work(kept)
    again = kept.submit(dataset.id, scenario_id=spring)

    assert (first.reused, other.reused) == (False, False)
    assert (again.reused, again.run.id) == (True, first.run.id)
    assert len({kept.get(run.id).content_hash for run in (nameless, first.run, other.run)}) == 1
    for scenario_id, submitted in ((spring, first), (autumn, other)):
        rows = kept.outputs.query(OutputFilters(scenario_ids=(scenario_id,))).items
        assert {row.run_id for row in rows} == {submitted.run.id}
    assert kept.submit(dataset.id, PAYLOAD).reused


def test_a_finished_run_is_reused_unless_forced(kept: KeptRuns, dataset: DatasetRow) -> None:
    first = kept.submit(dataset.id, PAYLOAD)
    work(kept)

    again = kept.submit(dataset.id, dict(reversed(PAYLOAD.items())))
    forced = kept.submit(dataset.id, PAYLOAD, force=True)

    assert not first.reused
    assert again.reused
    assert again.run.id == first.run.id
    assert not forced.reused
    assert forced.run.id != first.run.id


def test_a_request_key_with_another_content_is_a_conflict(kept: KeptRuns, dataset: DatasetRow) -> None:
    kept.submit(dataset.id, PAYLOAD, idempotency_key="monday")

    with pytest.raises(ConflictError):
        kept.submit(dataset.id, PAYLOAD | {"seed": 6}, idempotency_key="monday")


def test_bad_scenarios_are_refused_when_submitted(kept: KeptRuns, dataset: DatasetRow) -> None:
    with pytest.raises(ScenarioError, match="mc_runs"):
        kept.submit(dataset.id, {"mc_runs": 0})
    with pytest.raises(ParameterError, match="future_date"):
        kept.submit(dataset.id, PAYLOAD | {"future_date": "2039-01-01"})


def test_tampering_with_a_file_is_found(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    work(kept)
    assert kept.verify(run.id) == ()
    assert kept.verify_chain() == ()

    kept.store.files.put(f"runs/{run.id}/result.json", b"{}")
    kept.store.files.delete_prefix(f"runs/{run.id}/run.log")

    assert set(kept.verify(run.id)) == {"result.json has been changed", "run.log is missing"}


def test_a_canceled_run_publishes_nothing(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, LONG).run
    worker = Background(lambda: work(kept))
    wait_for(kept, run.id, has_progress)

    kept.cancel(run.id)
    worker.join()

    assert kept.get(run.id).status is RunStatus.CANCELED
    assert kept.store.files.list(f"runs/{run.id}") == ()
    types = [event.type for event in kept.events(run.id)]
    assert types[:2] == ["queued", "running"]
    assert types[-1] == "canceled"


def test_a_run_over_its_time_limit_ends(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, LONG, timeout_seconds=0.3).run

    work(kept)

    assert kept.get(run.id).status is RunStatus.TIMEOUT
    assert "'seconds': 0.3" in str(kept.get(run.id).error_params)


def test_a_run_that_cannot_be_simulated_fails_with_the_reason_and_the_next_goes_on(kept: KeptRuns) -> None:
    young = b"\n".join(
        [
            "Номер животного;Дата рождения;Лактация;Статус коровы;Дата архива;Дата начала тек.лакт;"
            "Дни в доении;Дата осеменения;Дата успешного осеменения;Дни стельности;Дата запуска тек.лакт;"
            "Дата ожидаемого запуска;Дата ожидаемого отела".encode(),
            *(f"{n};01.05.2025;0;Телка;;;;;;;;;".encode() for n in range(30)),
        ]
    )
    dataset = kept.add_dataset(young, "young.csv")
    at_its_word = PAYLOAD | {"mode": "empirical"}  # which cannot do without service periods
    first = kept.submit(dataset.id, at_its_word).run
    second = kept.submit(dataset.id, at_its_word | {"seed": 6}).run

    assert work(kept) == 2

    for run_id in (first.id, second.id):
        row = kept.get(run_id)
        assert row.status is RunStatus.FAILED
        assert row.error_code == "HERD_DATA_INVALID"
        issues = (row.error_params or {})["issues"]
        assert "empty_conception_to_dry_off" in {issue["code"] for issue in issues}


@pytest.mark.slow
def test_a_run_whose_runner_was_killed_is_taken_up_again_and_gives_the_same_bytes(
    kept: KeptRuns, dataset: DatasetRow
) -> None:
    payload = PAYLOAD | {"mc_runs": 20_000, "horizon_months": 60}
    run = kept.submit(dataset.id, payload).run
    with worker_process() as process:
        wait_for(kept, run.id, has_progress)
        process.kill()
        process.wait()
    kept.store.files.put(f"runs/{run.id}/config.json", b"as a runner killed while it published leaves it")
    assert kept.get(run.id).status is RunStatus.RUNNING

    work(kept, timing=Timing(lost_after=0.0))

    assert (kept.get(run.id).status, kept.get(run.id).attempt) == (RunStatus.SUCCEEDED, 2)
    assert kept.verify(run.id) == ()
    assert kept.reproduce(run.id) == ()


@pytest.mark.slow
@pytest.mark.parametrize("settings", ["sqlite and folder"], indirect=True)
def test_a_killed_dask_worker_does_not_change_the_result(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, PAYLOAD | {"mc_runs": 20_000, "horizon_months": 120}).run
    with open_cluster(ClusterSettings(workers=2, processes=True)) as cluster:
        pids = list(cluster.connect().run(os.getpid).values())
        worker = Background(lambda: Runner(kept.store, cluster).work(Event(), until_idle=True))
        wait_for(kept, run.id, has_progress)
        os.kill(pids[0], signal.SIGKILL)
        worker.join()

    assert kept.get(run.id).status is RunStatus.SUCCEEDED
    assert kept.reproduce(run.id) == ()
