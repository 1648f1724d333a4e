"""Exports of programs with tables, keys, words or pages missing or wrong: the same herd, or a refusal."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.datasets.importers.bringing import zipped
from herd_engine.datasets.importers.writers import FORMS
from herd_engine.datasets.importers.written import Files
from herd_engine.errors import HerdDataError
from herd_engine.model.answers import Answers
from herd_engine.sample import Sample, make_sample

Cell = Callable[[str], str]
MALE_CALF = {"birthDate": "2026-01-05T00:00:00Z", "specie": "Cattle", "status": "Alive"}


@pytest.fixture(scope="module")
def farm() -> Sample:
    return make_sample(animals=120, seed=5, with_events=True)


def herd_of(file: HerdFile) -> list[tuple[object, ...]]:
    herd = file.herd
    names = ("state", "is_flagged", "lactation", "birth", "calving", "conception", "dry_off")
    return sorted(zip(*(getattr(herd, name).tolist() for name in names), strict=True))


def changed(files: Files, table: str, header: str, cell: Cell) -> Files:
    """Return an export with other cells in one column of one table."""
    rows = list(csv.reader(io.StringIO(files[table].decode("utf-8-sig")), delimiter=";"))
    place = rows[0].index(header)
    for row in rows[1:]:
        row[place] = cell(row[place])
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\n").writerows(rows)
    return {**files, table: out.getvalue().encode()}


def refusals(data: bytes) -> set[str]:
    with pytest.raises(HerdDataError) as caught:
        read_herd_bytes(data, "export")
    return {issue.code for issue in caught.value.issues if issue.blocking}


@pytest.mark.parametrize(
    ("form", "table", "header", "cell"),
    [
        ("lely", "HemAnimal.csv", "AniId", "{}.0"),
        ("lely", "RemLactation.csv", "LacAniId", "00{}"),
        ("lely", "RemInsemination.csv", "InsLacId", "{}.0"),
        ("delpro", "Report.csv", "animalNumber", "00{}"),
        ("delpro", "EventInsemination.csv", "Animal", "{}.0"),
    ],
)
def test_keys_that_one_table_writes_otherwise_are_the_same(
    form: str, table: str, header: str, cell: str, farm: Sample
) -> None:
    files = FORMS[form].write(farm)
    read = read_herd_bytes(zipped(changed(files, table, header, cell.format)), "export.zip")

    assert herd_of(read) == herd_of(read_herd_bytes(zipped(files), "export.zip"))


@pytest.mark.parametrize(
    ("form", "table", "header", "cell", "told"),
    [
        ("lely", "RemLactation.csv", "LacAniId", lambda text: "", "table_without_animals"),
        ("lely", "RemLactation.csv", "LacAniId", lambda text: f"9{text}", "table_without_animals"),
        ("lely", "RemLactation.csv", "LacCalvingDate", lambda text: "", "days_missing"),
        ("lely", "RemLactation.csv", "LacNumber", lambda text: "II", "ask_losses"),
        ("lely", "RemLactation.csv", "LacDryOffDate", lambda text: "", "ask_losses"),
        ("lely", "HemAnimal.csv", "AniId", lambda text: text[:-1] + "0", "keys_used_twice"),
        ("lely", "HemAnimal.csv", "AniActive", lambda text: f"state {text}", "ask_status"),
        ("delpro", "HistoryAnimalLactationInfo.csv", "DryOffDate", lambda text: "", "ask_losses"),
        ("delpro", "BasicAnimal.csv", "OID", lambda text: text[:-1] + "0", "keys_used_twice"),
        ("delpro", "Report.csv", "toBeCulled", lambda text: f"state {text}", "ask_status"),
    ],
)
def test_what_would_make_another_herd_is_refused(
    form: str, table: str, header: str, cell: Cell, told: str, farm: Sample
) -> None:
    assert told in refusals(zipped(changed(FORMS[form].write(farm), table, header, cell)))


def test_a_table_without_rows_is_a_missing_table(farm: Sample) -> None:
    files = FORMS["lely"].write(farm)
    empty = files["RemLactation.csv"].splitlines()[0]

    assert refusals(zipped({**files, "RemLactation.csv": empty})) == {"tables_missing"}


def test_tables_of_two_farms_are_not_one_herd(farm: Sample) -> None:
    other = FORMS["lely"].write(make_sample(animals=60, seed=9, with_events=True))
    both = FORMS["lely"].write(farm) | {f"z_{name}": data for name, data in other.items()}

    assert "keys_used_twice" in refusals(zipped(both))


@pytest.mark.parametrize(("registration", "n_animals"), [("RU new", 120), ("", None)])
def test_a_number_used_again_is_told_by_its_registration(
    registration: str, n_animals: int | None, farm: Sample
) -> None:
    files = FORMS["delpro"].write(farm)
    number, shown_as, *_ = files["Report.csv"].decode("utf-8-sig").splitlines()[1].split(";")
    gone = f"99999;{number};{registration or shown_as};;2015-01-05;Female\n"
    data = zipped({**files, "BasicAnimal.csv": files["BasicAnimal.csv"] + gone.encode()})
    if n_animals is None:
        assert "keys_used_twice" in refusals(data)
        return
    own = read_herd_bytes(zipped(files), "export.zip")

    assert herd_of(read_herd_bytes(data, "export.zip")) == herd_of(own)


def ade_of(farm: Sample) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(FORMS["ade"].write(farm)["herd.json"])
    return document


def with_members(document: dict[str, Any], more: list[dict[str, Any]]) -> bytes:
    members = [*document["member"], *more]
    view = {**document["view"], "totalItems": len(members)}
    return json.dumps({"view": view, "member": members}).encode()


def test_resources_that_were_deleted_count_no_more(farm: Sample) -> None:
    document = ade_of(farm)
    events = [one for one in document["member"] if "eventDateTime" in one]
    wrong = [
        {**one, "eventDateTime": "2026-02-20T00:00:00Z", "meta": {"sourceId": f"s{n}"}}
        for n, one in enumerate(events)
    ]
    deleted = [{**one, "meta": {**one["meta"], "isDeleted": True}} for one in wrong]
    own = read_herd_bytes(with_members(document, []), "herd.json")

    assert herd_of(read_herd_bytes(with_members(document, [*wrong, *deleted]), "herd.json")) == herd_of(own)


def test_pages_that_are_missing_are_missed(farm: Sample) -> None:
    document = ade_of(farm)
    half = len(document["member"]) // 2
    total = len(document["member"])
    parts = (document["member"][:half], document["member"][half:])
    pages = [
        {"view": {"totalItems": total, "currentPage": n, "totalPages": 2}, "member": part}
        for n, part in enumerate(parts, 1)
    ]
    own = read_herd_bytes(with_members(document, []), "herd.json")

    assert refusals(json.dumps(pages[0]).encode()) == {"pages_missing"}
    assert refusals(json.dumps({**document, "member": document["member"][:half]}).encode()) == {
        "pages_missing"
    }
    assert herd_of(read_herd_bytes(json.dumps(pages).encode(), "herd.json")) == herd_of(own)
    apart = zipped({f"{n}.json": json.dumps(page).encode() for n, page in enumerate(pages)})
    assert herd_of(read_herd_bytes(apart, "herd.zip")) == herd_of(own)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"gender": "Stier"}, "ask_sex"),
        ({"gender": "Female", "status": "Inactive"}, "ask_status"),
    ],
)
def test_words_that_decide_who_counts_and_are_not_known_are_asked_about(
    facts: dict[str, str], told: str, farm: Sample
) -> None:
    calf = {**MALE_CALF, **facts, "resourceType": "icarAnimalCoreResource", "managementTag": "x1"}
    calf["identifier"] = {"id": "x1", "scheme": "org.example.farm"}  # type: ignore[assignment]

    assert told in refusals(with_members(ade_of(farm), [calf]))


def test_calvings_that_are_not_there_are_missed(farm: Sample) -> None:
    document = ade_of(farm)
    document["member"] = [
        one for one in document["member"] if one["resourceType"] != "icarReproParturitionEventResource"
    ]

    assert "ask_losses" in refusals(with_members(document, []))


def test_two_herds_in_one_document_are_asked_about(farm: Sample) -> None:
    other = make_sample(animals=60, seed=9, with_events=True)
    members = []
    for name, one in (("north", farm), ("south", other)):
        place = {"scheme": "org.example.farm", "id": name}
        for resource in ade_of(one)["member"]:
            whose = "identifier" if "identifier" in resource else "animal"
            own = {**resource[whose], "id": f"{name}{resource[whose]['id']}"}
            members.append({**resource, whose: own, "location": place})
    data = json.dumps({"member": members}).encode()
    with pytest.raises(HerdDataError) as caught:
        read_herd_bytes(data, "herds.json")
    (question,) = caught.value.questions

    assert question.code == "ask_sheet"
    assert question.choices == ("org.example.farm:north", "org.example.farm:south")
    for choice, sample in zip(question.choices, (farm, other), strict=True):
        chosen = read_herd_bytes(data, "herds.json", answers=Answers.of(sheet=choice))
        assert herd_of(chosen) == herd_of(read_herd_bytes(with_members(ade_of(sample), []), "x"))
