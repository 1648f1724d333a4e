"""A herd file that may be another farm's is asked about, and no herd is counted twice."""

import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.errors import ConflictError, FarmNotFoundError
from herd_engine.runs.belonging import counted_twice, shared_animals
from herd_engine.runs.kept import KeptRuns
from herd_engine.sample import make_sample

HERD = make_sample(animals=80, seed=1).csv
OTHER = make_sample(animals=90, seed=2).csv


def read(data: bytes, name: str = "herd.csv") -> HerdFile:
    return read_herd_bytes(data, name)


def later(data: bytes) -> bytes:
    """Return another file of the same animals: without its last two."""
    return b"\n".join(data.rstrip(b"\n").split(b"\n")[:-2])


@pytest.fixture
def north(kept: KeptRuns) -> KeptRuns:
    kept.catalog.farms.add("North")
    return kept.of_farm("North")


def test_the_first_file_of_a_farm_and_the_next_of_its_animals_are_taken_unasked(kept: KeptRuns) -> None:
    datasets = kept.catalog.datasets

    assert datasets.doubt(read(HERD)) is None
    datasets.add(HERD, "january.csv")
    assert datasets.doubt(read(HERD)) is None
    assert datasets.doubt(read(later(HERD))) is None


def test_the_same_file_in_another_farm_is_asked_about(kept: KeptRuns, north: KeptRuns) -> None:
    kept.catalog.datasets.add(HERD, "home.csv")

    doubt = north.catalog.datasets.doubt(read(HERD))

    assert doubt is not None
    assert (doubt.case, doubt.farm, doubt.farms) == ("same_file", "North", ("My farm",))
    with pytest.raises(ConflictError, match=r"kept already as a file of My farm.*--same-farm") as refused:
        north.catalog.datasets.require_own(read(HERD))
    assert (refused.value.case, refused.value.name) == ("farm_same_file", "My farm")

    north.catalog.datasets.add(HERD, "home.csv")  # somebody said that it is North's too
    assert north.catalog.datasets.doubt(read(HERD)) is None


def test_a_herd_none_of_whose_animals_was_there_last_time_is_asked_about(
    kept: KeptRuns, north: KeptRuns
) -> None:
    kept.catalog.datasets.add(HERD, "january.csv")
    north.catalog.datasets.add(OTHER, "north.csv")

    doubt = kept.catalog.datasets.doubt(read(later(OTHER), "february.csv"))

    assert doubt is not None
    assert (doubt.case, doubt.last_file, doubt.farms) == ("other_animals", "january.csv", ("North",))
    assert doubt.n_animals == read(later(OTHER)).herd.n_animals
    assert [number for number, _ in doubt.samples] == list(read(OTHER).records.animal_ids[:3])
    assert "None of the animals of february.csv was in january.csv, the last file of My farm." in str(
        doubt.error()
    )


def test_one_animal_in_common_is_enough_not_to_ask(kept: KeptRuns) -> None:
    kept.catalog.datasets.add(HERD, "january.csv")
    header, *rows = OTHER.rstrip(b"\n").split(b"\n")
    known = HERD.split(b"\n")[1]

    assert kept.catalog.datasets.doubt(read(b"\n".join([header, known, *rows[5:]]))) is None


def test_animals_are_the_same_by_number_and_birth() -> None:
    assert shared_animals(read(HERD), read(HERD)) == 1
    assert shared_animals(read(HERD), read(later(HERD))) == 1  # all of the smaller file
    assert shared_animals(read(HERD), read(OTHER)) == 0  # though the numbers are the same


def test_a_herd_in_two_farms_is_counted_once(kept: KeptRuns, north: KeptRuns) -> None:
    kept.catalog.farms.add("South")
    south = kept.of_farm("South")
    rows = {
        "Home": kept.catalog.datasets.add(HERD, "home.csv"),
        "North": north.catalog.datasets.add(later(HERD), "north.csv"),
        "South": south.catalog.datasets.add(OTHER, "south.csv"),
    }

    assert counted_twice((farm, kept.store.datasets.load(row)) for farm, row in rows.items()) == {
        "North": "Home"
    }


def test_an_unknown_farm_says_how_to_add_it(kept: KeptRuns) -> None:
    with pytest.raises(FarmNotFoundError, match=r'no farm Nowhere\. Add it with: herd farms add "Nowhere"'):
        kept.of_farm("Nowhere")
