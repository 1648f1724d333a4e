"""Zips and folders of a program's tables are read as one herd; what is of no program is refused."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes, read_herd_file
from herd_engine.datasets.importers.bringing import zipped
from herd_engine.datasets.importers.writers import FORMS
from herd_engine.errors import HerdDataError
from herd_engine.sample import Sample, make_sample

SEED = 5


@pytest.fixture(scope="module")
def farm() -> Sample:
    made = make_sample(animals=120, seed=SEED, with_events=True)
    assert made.herd.events.day.max() == 0  # so that the latest event tells the report date
    return made


@pytest.fixture(scope="module")
def own(farm: Sample) -> HerdFile:
    return read_herd_bytes(farm.csv, "herd.csv")


def herd_of(file: HerdFile) -> list[tuple[object, ...]]:
    """Return the animals that are present: all that the engine looks at, but for flags and plans."""
    herd = file.herd
    names = ("animal_ids", "state", "lactation", "birth", "calving", "conception", "dry_off", "insemination")
    return sorted(zip(*(getattr(herd, name).tolist() for name in names), strict=True))


@pytest.mark.parametrize("form", ["dc305", "dc305-events", "lely", "delpro", "ade", "selex"])
def test_a_farm_is_the_same_herd_in_whatever_form_it_comes(form: str, farm: Sample, own: HerdFile) -> None:
    read = read_herd_bytes(zipped(FORMS[form].write(farm)), f"{form}.zip")

    assert read.herd.report_date == own.herd.report_date
    assert herd_of(read) == herd_of(own)


@pytest.mark.parametrize("form", ["dc305", "dc305-events", "delpro", "ade"])
def test_flags_come_along_where_the_program_has_them(form: str, farm: Sample, own: HerdFile) -> None:
    read = read_herd_bytes(zipped(FORMS[form].write(farm)), f"{form}.zip")
    flagged = [set(file.herd.animal_ids[file.herd.is_flagged]) for file in (read, own)]

    assert flagged[0] == flagged[1] != set()


def test_the_past_comes_along_with_the_animals(farm: Sample) -> None:
    records = read_herd_bytes(zipped(FORMS["ade"].write(farm)), "ade.zip").records
    written, ids = farm.herd.events, farm.herd.ids.astype(str)

    def told(ids: np.ndarray, events: object) -> set[tuple[str, int, int]]:
        columns = (ids[events.animal].tolist(), events.kind.tolist(), events.day.tolist())
        return set(zip(*columns, strict=True))

    assert told(records.animal_ids, records.events) == told(ids, written)
    assert records.complete_from == written.day.min()


def test_a_folder_is_read_as_its_zip(tmp_path: Path, farm: Sample) -> None:
    files = FORMS["lely"].write(farm)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    for name in ("._HemAnimal.csv", "~$HemAnimal.csv", "lely.truth.json"):
        (tmp_path / name).write_bytes(b"\x00\x01")
    read = read_herd_file(tmp_path)

    assert read.sha256 == read_herd_bytes(zipped(files), "x").sha256
    assert herd_of(read) == herd_of(read_herd_bytes(zipped(files), "x"))


def test_a_zip_with_one_herd_file_is_that_file(farm: Sample, own: HerdFile) -> None:
    assert herd_of(read_herd_bytes(zipped({"herd.csv": farm.csv}), "herd.zip")) == herd_of(own)


def test_several_files_of_no_known_program_are_refused(farm: Sample) -> None:
    with pytest.raises(HerdDataError, match=r"not of one known program: a\.csv, b\.csv"):
        read_herd_bytes(zipped({"a.csv": farm.csv, "b.csv": farm.csv}), "farm.zip")


def test_a_list_beside_the_tables_of_a_program_is_named_and_not_used(farm: Sample, own: HerdFile) -> None:
    read = read_herd_bytes(zipped(FORMS["lely"].write(farm) | {"notes.csv": b"a;b\n1;2\n"}), "farm.zip")
    (found,) = [issue for issue in read.issues if issue.code == "tables_not_used"]

    assert found.params["tables"] == ["notes.csv"]
    assert herd_of(read) == herd_of(own)


def test_a_damaged_zip_is_refused(farm: Sample) -> None:
    data = bytearray(zipped({"herd.csv": farm.csv}))
    data[60:80] = bytes(20)

    with pytest.raises(HerdDataError) as caught:
        read_herd_bytes(bytes(data), "herd.zip")
    assert [issue.code for issue in caught.value.issues] == ["damaged_file"]


def test_a_zip_that_unpacks_to_too_much_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(201):
            archive.writestr(f"{number}.csv", "a")

    with pytest.raises(HerdDataError) as caught:
        read_herd_bytes(buffer.getvalue(), "bomb.zip")
    assert [issue.code for issue in caught.value.issues] == ["file_too_large"]
