"""What makes a run trustworthy, item by item; cancel, loss and progress have files of their own."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from herd_engine.errors import NotFoundError, ParameterError, ScenarioError
from herd_engine.execution import batches
from herd_engine.execution.cluster import ClusterSettings
from herd_engine.model.run_status import RunStatus
from herd_engine.runs import submitting
from herd_engine.runs.kept import KeptRuns
from herd_engine.sample import make_sample
from herd_engine.storage.datasets import DatasetRow
from herd_engine.storage.scenarios import ScenarioEdit
from herd_engine.storage.tables import artifact, manifest_ledger
from tests.herd_engine.runs.conftest import PAYLOAD, work

TINY = {"horizon_months": 1, "mc_runs": 1}


# Identity


def test_the_same_configuration_has_the_same_hash_however_it_is_written(
    kept: KeptRuns, dataset: DatasetRow
) -> None:
    def hash_of(payload: dict[str, Any]) -> str:
        return kept.submit(dataset.id, payload, force=True).run.run_hash

    expected = hash_of(PAYLOAD)

    assert hash_of(dict(reversed(PAYLOAD.items()))) == expected
    # Defaults of section 4 of the functional specification, stated.
    assert hash_of(PAYLOAD | {"mode": "calibrated", "model": {"gestation_mean": 278.0}}) == expected
    assert hash_of(PAYLOAD | {"model": {"gestation_mean": 278.0 + 1e-13}}) == expected


def test_another_seed_dataset_byte_or_engine_version_has_another_hash(
    kept: KeptRuns, dataset: DatasetRow, farm_file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_bytes = kept.add_dataset(farm_file + b"\n", "farm.csv")
    hashes = [
        kept.submit(dataset.id, PAYLOAD).run.run_hash,
        kept.submit(dataset.id, PAYLOAD | {"seed": 6}).run.run_hash,
        kept.submit(other_bytes.id, PAYLOAD).run.run_hash,
    ]
    monkeypatch.setattr(submitting, "__version__", "0.0.1")

    hashes.append(kept.submit(dataset.id, PAYLOAD).run.run_hash)

    assert len(set(hashes)) == 4


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_refused(kept: KeptRuns, dataset: DatasetRow, number: float) -> None:
    with pytest.raises(ScenarioError, match="gestation_mean"):
        kept.submit(dataset.id, PAYLOAD | {"model": {"gestation_mean": number}})
    with pytest.raises(ParameterError, match="`timeout_seconds` must be a number of seconds above 0"):
        kept.submit(dataset.id, PAYLOAD, timeout_seconds=number)


# Content


def test_one_and_eight_workers_and_other_batches_give_the_same_content(
    kept: KeptRuns, dataset: DatasetRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = set()
    for workers, seconds in ((1, 1.0), (8, 1.0), (8, 1e-4), (1, 1e-5)):
        monkeypatch.setattr(batches, "SHORT_SECONDS", seconds)
        monkeypatch.setattr(batches, "LONG_SECONDS", seconds)
        run = kept.submit(dataset.id, PAYLOAD, force=True).run
        work(kept, ClusterSettings(workers=workers))
        hashes.add(kept.get(run.id).content_hash)

    assert len(hashes) == 1
    assert None not in hashes


def test_the_name_of_a_dataset_is_no_part_of_the_content(
    kept: KeptRuns, dataset: DatasetRow, farm_file: bytes
) -> None:
    kept.catalog.farms.add("North")
    north = KeptRuns(kept.store, "tester", "north")
    first = kept.submit(dataset.id, PAYLOAD).run
    theirs = north.submit(north.add_dataset(farm_file, "theirs.csv").id, PAYLOAD).run
    work(kept)
    kept.catalog.datasets.rename(dataset.id, "spring")
    renamed = kept.submit(dataset.id, PAYLOAD, force=True).run
    work(kept)

    rows = [kept.get(first.id), north.get(theirs.id), kept.get(renamed.id)]
    assert len({row.run_hash for row in rows}) == len({row.content_hash for row in rows}) == 1
    named = [kept.forecast(first.id), north.forecast(theirs.id), kept.forecast(renamed.id)]
    assert [forecast.meta.dataset_name for forecast in named] == ["farm.csv", "theirs.csv", "spring"]
    assert kept.reproduce(first.id) == ()
    assert kept.reproduce(renamed.id) == ()
    assert north.reproduce(theirs.id) == ()


# Manifest and chain


def test_a_resubmission_leaves_the_manifest_as_it_is(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    work(kept)
    before = kept.artifact(run.id, "manifest.json")

    again = kept.submit(dataset.id, PAYLOAD)
    assert (again.reused, again.run.id) == (True, run.id)
    assert work(kept) == 0

    assert kept.artifact(run.id, "manifest.json") == before


def test_every_artifact_that_is_tampered_with_is_found(kept: KeptRuns, dataset: DatasetRow) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    work(kept)
    names = [row.name for row in kept.store.artifacts.list_artifacts(kept.scope, run.id)]
    assert len(names) == 8

    for name in names:
        key = f"runs/{run.id}/{name}"
        data = kept.store.files.get(key)
        kept.store.files.put(key, bytes([data[0] ^ 1]) + data[1:])
        assert kept.verify(run.id) == (f"{name} has been changed",)
        kept.store.files.put(key, data)

    assert kept.verify(run.id) == ()


def test_a_file_changed_together_with_its_row_is_found_by_the_manifest(
    kept: KeptRuns, dataset: DatasetRow
) -> None:
    run = kept.submit(dataset.id, PAYLOAD).run
    work(kept)
    kept.store.files.put(f"runs/{run.id}/result.json", b"{}")
    # SHA-256 of the two bytes, by sha256sum.
    forged = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    with kept.store.database.transaction() as connection:
        connection.execute(
            sa.update(artifact).where(artifact.c.name == "result.json").values(sha256=forged, size=2)
        )

    assert kept.verify(run.id) == ("result.json has been changed",)


@pytest.mark.parametrize("field", ["run_hash", "manifest_hash", "chain_previous", "link_hash", "run_id"])
def test_every_tampered_row_of_the_ledger_is_found_also_after_pruning(
    kept: KeptRuns, dataset: DatasetRow, field: str
) -> None:
    ids = [kept.submit(dataset.id, TINY | {"seed": seed}).run.id for seed in range(3)]
    work(kept)
    pruned = kept.prune(keep=1, dry_run=False)
    assert [row.id for row in pruned] == ids[:2]
    assert kept.verify_chain() == ()

    with kept.store.database.transaction() as connection:
        row = manifest_ledger.c.run_id == ids[1]
        connection.execute(sa.update(manifest_ledger).where(row).values({field: "f" * 36}))

    assert kept.verify_chain() != ()


@pytest.mark.slow
def test_the_101st_finished_run_prunes_exactly_the_oldest_unpinned(
    kept: KeptRuns, dataset: DatasetRow
) -> None:
    ids = [kept.submit(dataset.id, TINY | {"seed": seed}).run.id for seed in range(102)]
    work(kept)
    kept.pin(ids[0])

    assert [row.id for row in kept.prune()] == [ids[1]]
    assert [row.id for row in kept.prune(dry_run=False)] == [ids[1]]

    assert kept.prune() == ()
    with pytest.raises(NotFoundError):
        kept.get(ids[1])
    assert kept.store.files.list(f"runs/{ids[1]}") == ()
    assert kept.get(ids[0]).status is kept.get(ids[2]).status is RunStatus.SUCCEEDED
    assert kept.verify_chain() == ()


# Tenants


def test_whatever_another_farm_has_is_not_found(kept: KeptRuns, dataset: DatasetRow) -> None:
    kept.catalog.farms.add("North")
    north = KeptRuns(kept.store, "tester", "north")
    scenario = kept.catalog.scenarios.save("Base", PAYLOAD)
    run = kept.submit(dataset.id, scenario_id=scenario.id).run
    work(kept)
    of_runs: list[Callable[[str], object]] = [
        north.get, north.find, north.pin, north.events, north.events_version, north.cancel,
        north.forecast, north.draws, north.verify, north.reproduce,
        lambda run_id: north.artifact(run_id, "result.json"),
    ]  # fmt: skip
    datasets, scenarios = north.catalog.datasets, north.catalog.scenarios
    of_datasets: list[Callable[[str], object]] = [
        datasets.get, datasets.find, datasets.archive, datasets.n_runs, datasets.delete, north.submit,
        lambda dataset_id: datasets.rename(dataset_id, "mine"),
        lambda dataset_id: north.submit_variants(dataset_id, PAYLOAD, {"lead_time_days": [1]}),
    ]  # fmt: skip
    of_scenarios: list[Callable[[str], object]] = [
        scenarios.get, scenarios.find, scenarios.runnable, scenarios.n_runs, scenarios.delete,
        lambda scenario_id: scenarios.edit(scenario_id, ScenarioEdit(name="Mine")),
    ]  # fmt: skip

    for row_id, calls in ((run.id, of_runs), (dataset.id, of_datasets), (scenario.id, of_scenarios)):
        for call in calls:
            with pytest.raises(NotFoundError, match=f"There is no .* {row_id}"):
                call(row_id)
    assert north.delete([run.id]).deleted_ids == ()
    assert north.list_runs().items == north.catalog.datasets.list().items == ()
    assert kept.verify(run.id) == ()


# Texts


NUL_TEXTS: dict[str, Callable[[KeptRuns, str], Any]] = {
    "name of a scenario": lambda kept, text: kept.catalog.scenarios.save(text, PAYLOAD),
    "description": lambda kept, text: kept.catalog.scenarios.save("a", PAYLOAD, description=text),
    "tag": lambda kept, text: kept.catalog.scenarios.save("a", PAYLOAD, tags=(text,)),
    "name of a farm": lambda kept, text: kept.catalog.farms.add(text),
    "name of a preset": lambda kept, text: kept.catalog.presets.save(text, {"seed": 3}),
    "name of a dataset": lambda kept, text: kept.add_dataset(make_sample(animals=150).csv, text),
}


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
@pytest.mark.parametrize("what", NUL_TEXTS)
def test_a_text_that_no_database_can_keep_is_refused(kept: KeptRuns, what: str, text: str) -> None:
    if (what, text) == ("name of a dataset", "a\ud800b"):  # as of a file whose name is not UTF-8
        assert kept.catalog.datasets.get(NUL_TEXTS[what](kept, text).id).name == "a\N{REPLACEMENT CHARACTER}b"
        return
    with pytest.raises(ParameterError, match="characters that can be"):
        NUL_TEXTS[what](kept, text)


def test_edits_and_renames_refuse_such_a_text_too(kept: KeptRuns, dataset: DatasetRow) -> None:
    scenario = kept.catalog.scenarios.save("a", PAYLOAD)

    for edit in (ScenarioEdit(name="\0"), ScenarioEdit(description="\0"), ScenarioEdit(tags=("\0",))):
        with pytest.raises(ParameterError, match="characters that can be"):
            kept.catalog.scenarios.edit(scenario.id, edit)
    with pytest.raises(ParameterError, match="characters that can be"):
        kept.catalog.datasets.rename(dataset.id, "a\0")


@pytest.mark.parametrize("key", ["", "a\0", "a b", "ключ", "k" * 256])
def test_a_request_key_is_of_visible_ascii(kept: KeptRuns, dataset: DatasetRow, key: str) -> None:
    with pytest.raises(ParameterError, match="`idempotency_key` must have 1 … 255"):
        kept.submit(dataset.id, PAYLOAD, idempotency_key=key)


def test_a_description_may_have_lines_and_any_script(kept: KeptRuns) -> None:
    text = "Коровы: 1\u00a0000\n\tвесна 🐄"

    row = kept.catalog.scenarios.save("a", PAYLOAD, description=text)

    assert kept.catalog.scenarios.get(row.id).description == text
