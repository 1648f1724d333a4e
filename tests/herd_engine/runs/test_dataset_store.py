"""Herd files that are kept: what comes back, and which of them are the same."""

import hashlib
import io
from dataclasses import fields, replace
from datetime import date

import numpy as np
import pytest
from pyarrow import parquet

from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.datasets.identity import dataset_sha256
from herd_engine.datasets.store import events_of, herd_file_as_parquet
from herd_engine.errors import ConflictError
from herd_engine.model.animals import AnimalRecords, Herd
from herd_engine.model.answers import NO_ANSWERS, Answers
from herd_engine.model.gate import GateMode
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.preflight import PreflightDesk
from herd_engine.sample import make_sample
from tests.herd_engine.runs.conftest import PAYLOAD


@pytest.mark.parametrize("problems", [False, True])
def test_a_kept_herd_file_comes_back_as_it_was_read(kept: KeptRuns, problems: bool) -> None:
    data = make_sample(animals=300, problems=problems).csv
    read = read_herd_bytes(data, "farm.csv")

    loaded = kept.store.datasets.load(kept.add_dataset(data, "farm.csv"))

    for part, cls in (("records", AnimalRecords), ("herd", Herd)):
        for item in fields(cls):
            ours, theirs = (getattr(getattr(file, part), item.name) for file in (loaded, read))
            if item.name == "events":
                ours, theirs = ours.day, theirs.day
            assert np.array_equal(ours, theirs), item.name
            assert getattr(ours, "dtype", None) == getattr(theirs, "dtype", None)
    assert loaded.issues == read.issues
    assert (loaded.sha256, loaded.n_rows, loaded.status_counts) == (
        read.sha256,
        read.n_rows,
        read.status_counts,
    )


def test_a_farms_own_columns_are_kept_with_the_file(kept: KeptRuns, farm_file: bytes) -> None:
    layer = "own: {pen: {type: text, words: [Загон]}, milk_kg: {type: number, words: [Удой]}}"
    kept.catalog.contracts.save(layer.encode(), "layer.yaml", "pens and milk")
    header, *rows = farm_file.decode("utf-8-sig").splitlines()
    told = [f"{row};pen {n};{n},5" for n, row in enumerate(rows)]
    data = "\n".join([f"{header};Загон;Удой", *told]).encode()
    read = kept.catalog.datasets.read(data, "farm.csv")

    loaded = kept.store.datasets.load(kept.add_dataset(data, "farm.csv"))

    assert len(loaded.own["pen"]) == loaded.records.n_animals > 100
    assert {name: values.tolist() for name, values in loaded.own.items()} == {
        name: values.tolist() for name, values in read.own.items()
    }
    done = PreflightDesk(kept).examine(
        data,
        "farm.csv",
        kept.catalog.contracts.contract(),
        GateMode.REPORT_ONLY,
        date(2026, 3, 1),
        NO_ANSWERS,
    )
    unified = PreflightDesk(kept).artifact(done.row.id, "unified.csv").decode().splitlines()
    assert unified[0].endswith('"pen","milk_kg"')
    pens = [row.rpartition('"pen ')[2].replace('"', "") for row in unified[1:]]
    assert all(pen == f"{float(milk) - 0.5:g}" for pen, milk in (each.split(",") for each in pens))


def test_the_same_bytes_are_the_same_dataset(kept: KeptRuns, farm_file: bytes) -> None:
    first = kept.add_dataset(farm_file, "farm.csv")

    assert kept.add_dataset(farm_file, "copy of farm.csv").id == first.id


def test_the_original_bytes_are_kept(kept: KeptRuns, farm_file: bytes) -> None:
    dataset = kept.add_dataset(farm_file, "farm.csv")

    assert kept.store.files.get(f"datasets/{dataset.sha256}/original") == farm_file


def test_what_happened_to_the_animals_is_kept_with_them() -> None:
    made = make_sample(animals=40, with_events=True)
    read = read_herd_bytes(made.csv, "farm.csv")
    rows = [str(number) for number in made.herd.ids]
    assert read.records.animal_ids.tolist() == rows  # so that animals of the events are rows
    told = replace(read, records=replace(read.records, events=made.herd.events, complete_from=-9000))
    table = parquet.read_table(io.BytesIO(herd_file_as_parquet(told)))

    for name in ("animal", "kind", "day"):
        assert np.array_equal(getattr(events_of(table), name), getattr(made.herd.events, name))
    assert len(events_of(parquet.read_table(io.BytesIO(herd_file_as_parquet(read))))) == 0


def columns_a_and_b() -> bytes:
    """Return a herd file whose day of drying off may be either of two columns."""
    lines = make_sample(animals=60).csv.decode("utf-8-sig").splitlines()
    header = lines[0].split(";")
    dry_off = next(i for i, name in enumerate(header) if "запуска" in name and "ожид" not in name)
    header[dry_off] = "A"
    rows = [line.split(";") for line in lines[1:]]
    return "\n".join(";".join([*row, last]) for row, last in zip(
        [header, *rows], ["B", *([""] * len(rows))], strict=True
    )).encode()  # fmt: skip


def test_the_same_bytes_read_with_another_answer_are_another_dataset(kept: KeptRuns) -> None:
    data = columns_a_and_b()
    first = kept.add_dataset(data, "farm.csv", column_map={"A": "dryoff_date"})
    table = kept.store.files.get(f"datasets/{first.sha256}/animals.parquet")
    submitted = kept.submit(first.id, PAYLOAD)

    second = kept.add_dataset(data, "farm.csv", column_map={"B": "dryoff_date"})

    assert first.id != second.id
    assert first.sha256 != second.sha256
    assert first.file_sha256 == second.file_sha256 == hashlib.sha256(data).hexdigest()
    assert kept.store.files.get(f"datasets/{first.sha256}/animals.parquet") == table
    dry_off = [kept.store.datasets.load(row).records.dry_off for row in (first, second)]
    assert not np.array_equal(*dry_off)
    other = kept.submit(second.id, PAYLOAD)
    assert (other.reused, other.run.run_hash == submitted.run.run_hash) == (False, False)


def test_the_same_answers_in_any_order_are_the_same_dataset(kept: KeptRuns) -> None:
    data = columns_a_and_b()
    answers = [
        {"A": "dryoff_date", "Лактация": "lactation"},
        {"Лактация": "lactation", "A": "dryoff_date"},
    ]

    ids = {kept.add_dataset(data, "farm.csv", column_map=each).id for each in answers}
    ids.add(kept.add_dataset(data, "farm.csv", answers=Answers.of(columns=answers[0])).id)

    assert len(ids) == 1


def test_what_was_answered_is_kept_with_the_dataset(kept: KeptRuns) -> None:
    row = kept.add_dataset(columns_a_and_b(), "farm.csv", column_map={"A": "dryoff_date"})

    assert row.answers == {"columns": {"A": "dryoff_date"}}
    loaded = kept.store.datasets.load(row)
    assert loaded.answers == Answers.of(columns={"A": "dryoff_date"})
    assert (loaded.sha256, loaded.file_sha256) == (row.sha256, row.file_sha256)


def test_a_file_that_nobody_had_to_explain_is_identified_by_its_bytes(farm_file: bytes) -> None:
    read = read_herd_bytes(farm_file, "farm.csv")

    assert read.sha256 == read.file_sha256 == hashlib.sha256(farm_file).hexdigest()


def test_another_contract_reads_another_dataset() -> None:
    by_hand = '{"answers":{},"contract":"herd_export@2.0.0","file_sha256":"ab"}'
    assert (
        dataset_sha256("ab", Answers(contract="herd_export@2.0.0"))
        == hashlib.sha256(by_hand.encode()).hexdigest()
    )
    assert dataset_sha256("ab", Answers(contract="herd_export@1.0.0")) == "ab"


def test_a_kept_table_is_never_replaced_whatever_an_older_version_made_of_the_file(
    kept: KeptRuns, farm_file: bytes
) -> None:
    other = read_herd_bytes(make_sample(animals=70, seed=5).csv, "other.csv")
    older = replace(other, sha256=hashlib.sha256(farm_file).hexdigest(), file_sha256="")
    key = f"datasets/{older.sha256}/animals.parquet"
    kept.store.files.put(key, herd_file_as_parquet(older))
    before = kept.store.files.get(key)

    row = kept.add_dataset(farm_file, "farm.csv")

    assert kept.store.files.get(key) == before
    assert row.sha256 != older.sha256
    assert kept.store.datasets.load(row).n_rows == read_herd_bytes(farm_file, "farm.csv").n_rows
    assert kept.add_dataset(farm_file, "farm.csv").id == row.id

    kept.store.files.put(f"datasets/{row.sha256}/animals.parquet", before)
    with pytest.raises(ConflictError, match="kept before with other contents"):
        kept.add_dataset(farm_file, "farm.csv")


def test_adding_a_file_again_writes_nothing(
    kept: KeptRuns, farm_file: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = kept.add_dataset(farm_file, "farm.csv")
    written: list[str] = []
    monkeypatch.setattr(type(kept.store.files), "put", lambda _files, key, _data: written.append(key))

    assert kept.add_dataset(farm_file, "farm.csv").id == first.id
    assert written == []
