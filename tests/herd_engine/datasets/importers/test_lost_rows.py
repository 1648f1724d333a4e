"""A part of a table that is not there is missed: the same herd, or a question whether to go on without it."""

import json

import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.datasets.importers.bringing import zipped
from herd_engine.datasets.importers.writers import FORMS
from herd_engine.errors import HerdDataError
from herd_engine.model.answers import Answers
from herd_engine.sample import Sample, make_sample


@pytest.fixture(scope="module")
def farm() -> Sample:
    return make_sample(animals=120, seed=5, with_events=True)


def without_a_quarter(data: bytes) -> bytes:
    header, *lines = data.splitlines(keepends=True)
    return header + b"".join(line for place, line in enumerate(lines) if place % 4)


def asked(data: bytes) -> HerdDataError:
    with pytest.raises(HerdDataError) as caught:
        read_herd_bytes(data, "export")
    return caught.value


def reasons(error: HerdDataError) -> set[str]:
    (question,) = error.questions
    assert question.code == "ask_losses"
    return {sample["reason"] for sample in question.samples}


@pytest.mark.parametrize(
    ("form", "table", "reason"),
    [
        ("lely", "HemAnimal", "rows_without_animal"),
        ("lely", "RemLactation", "rows_without_animal"),
        ("lely", "RemInsemination", "pregnant_without_service"),
        ("delpro", "BasicAnimal", "rows_without_animal"),
        ("delpro", "Report", "absent_from_report"),
    ],
)
def test_a_quarter_of_a_table_is_missed(form: str, table: str, reason: str, farm: Sample) -> None:
    files = FORMS[form].write(farm)
    data = zipped({**files, f"{table}.csv": without_a_quarter(files[f"{table}.csv"])})

    assert reason in reasons(asked(data))
    accepted: HerdFile = read_herd_bytes(data, "export", answers=Answers.of(accept_losses=True))
    assert accepted.herd.n_animals


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ("icarAnimalCoreResource", "rows_without_animal"),
        ("icarReproInseminationEventResource", "pregnant_without_service"),
    ],
)
def test_a_quarter_of_a_kind_of_resources_is_missed(resource: str, reason: str, farm: Sample) -> None:
    document = json.loads(FORMS["ade"].write(farm)["herd.json"])
    of_kind = [one for one in document["member"] if one["resourceType"] == resource]
    gone = {id(one) for one in of_kind[::4]}
    member = [one for one in document["member"] if id(one) not in gone]

    assert reason in reasons(asked(json.dumps({"member": member}).encode()))


def test_services_of_animals_that_the_herd_lacks_are_missed() -> None:
    rows = "".join(f"{n};1.{n % 9 + 1}.2022;1;1.{n % 9 + 1}.2025;Fresh\n" for n in range(100, 200))
    herd = "Ear tag;Birth date;Lactation;Last calving;Status\n" + rows
    more = "".join(f"{n};20.12.2025\n" for n in range(120, 210))
    data = zipped({"a.csv": herd.encode(), "b.csv": ("Cow number;Last service\n" + more).encode()})

    assert reasons(asked(data)) == {"rows_without_animal"}
