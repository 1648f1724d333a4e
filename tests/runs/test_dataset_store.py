from dataclasses import fields

import numpy as np
import pytest

from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.datasets.sample import make_sample
from herd_engine.model.animals import AnimalRecords, Herd
from herd_engine.runs.kept import KeptRuns


@pytest.mark.parametrize("problems", [False, True])
def test_a_kept_herd_file_comes_back_as_it_was_read(kept: KeptRuns, problems: bool) -> None:
    data = make_sample(animals=150, problems=problems).csv
    read = read_herd_bytes(data, "farm.csv")

    loaded = kept.store.datasets.load(kept.add_dataset(data, "farm.csv"))

    for part, cls in (("records", AnimalRecords), ("herd", Herd)):
        for item in fields(cls):
            ours, theirs = (getattr(getattr(file, part), item.name) for file in (loaded, read))
            assert np.array_equal(ours, theirs), item.name
            assert getattr(ours, "dtype", None) == getattr(theirs, "dtype", None)
    assert loaded.issues == read.issues
    assert (loaded.sha256, loaded.n_rows, loaded.status_counts) == (
        read.sha256,
        read.n_rows,
        read.status_counts,
    )


def test_the_same_bytes_are_the_same_dataset(kept: KeptRuns, farm_file: bytes) -> None:
    first = kept.add_dataset(farm_file, "farm.csv")

    assert kept.add_dataset(farm_file, "copy of farm.csv").id == first.id


def test_the_original_bytes_are_kept(kept: KeptRuns, farm_file: bytes) -> None:
    dataset = kept.add_dataset(farm_file, "farm.csv")

    assert kept.store.files.get(f"datasets/{dataset.sha256}/original") == farm_file
