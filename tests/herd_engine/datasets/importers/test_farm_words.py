"""Words of a farm in an export of a program are asked about, and read as was said, now or earlier."""

import csv
import io
import json
from collections.abc import Callable

import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.datasets.importers.bringing import zipped
from herd_engine.datasets.importers.writers import FORMS
from herd_engine.datasets.importers.written import Files
from herd_engine.errors import HerdDataError
from herd_engine.model.answers import Answers
from herd_engine.sample import Sample, make_sample


@pytest.fixture(scope="module")
def farm() -> Sample:
    return make_sample(animals=120, seed=5, with_events=True)


def herd_of(file: HerdFile) -> tuple[object, ...]:
    names = ("state", "is_flagged", "lactation", "birth", "calving", "conception", "dry_off")
    columns = (getattr(file.herd, name).tolist() for name in names)
    return file.herd.report_date, sorted(zip(*columns, strict=True))


def changed(data: bytes, delimiter: str, **cells: Callable[[str], str]) -> bytes:
    """Return a table with other cells in some columns."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=delimiter))
    for header, cell in cells.items():
        place = rows[0].index(header)
        for row in rows[1:]:
            row[place] = cell(row[place].strip())
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


def lely(files: Files) -> bytes:
    active = changed(files["HemAnimal.csv"], ";", AniActive=lambda text: "stays" if text == "1" else "moo")
    return zipped({**files, "HemAnimal.csv": active})


def delpro(files: Files) -> bytes:
    culled = changed(files["Report.csv"], ";", toBeCulled=lambda text: "stays" if text == "0" else "moo")
    return zipped({**files, "Report.csv": culled})


def dc305_events(files: Files) -> bytes:
    """Name sold and dead alike by a word of the herd's own, and say nowhere else that they left."""
    return changed(
        files["events.csv"],
        ",",
        Event=lambda text: "moo" if text in ("SOLD", "DIED") else text,
        RC=lambda text: "" if text == "7" else text,
        ARDAT=lambda text: "",
    )


def dc305_statuses(files: Files) -> bytes:
    return changed(files["events.csv"], ",", RC=lambda text: "moo" if text == "7" else text)


def ade(files: Files) -> bytes:
    document = json.loads(files["herd.json"])
    for one in document["member"]:
        if one.get("status") in ("OffFarm", "Dead"):
            one["status"] = "Moo"
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("form", "write", "meanings"),
    [
        ("lely", lely, {"stays": "fresh", "moo": "sold"}),
        ("delpro", delpro, {"stays": "fresh", "moo": "cull_flagged"}),
        ("dc305-events", dc305_events, {"moo": "sold"}),
        ("dc305-events", dc305_statuses, {"moo": "sold"}),
        ("ade", ade, {"moo": "sold"}),
    ],
)
def test_a_word_that_decides_who_is_there_is_asked_about_and_then_believed(
    form: str, write: Callable[[Files], bytes], meanings: dict[str, str], farm: Sample
) -> None:
    files = FORMS[form].write(farm)
    own = herd_of(read_herd_bytes(zipped(files), "export"))
    data, said = write(files), Answers.of(statuses=meanings)
    with pytest.raises(HerdDataError) as caught:
        read_herd_bytes(data, "export")

    asked = {(question.code, question.subject.lower()) for question in caught.value.questions}
    assert asked == {("ask_status", word) for word in meanings}
    assert herd_of(read_herd_bytes(data, "export", answers=said)) == own
    recalled = read_herd_bytes(data, "export", remembered=said)
    assert herd_of(recalled) == own
    assert {word.lower() for word, _ in recalled.answers.statuses} == set(meanings)


@pytest.mark.parametrize("form", ["ade", "delpro"])
def test_a_word_of_sex_is_asked_about_and_then_believed(form: str, farm: Sample) -> None:
    files = FORMS[form].write(farm)
    own = herd_of(read_herd_bytes(zipped(files), "export"))
    if form == "ade":
        document = json.loads(files["herd.json"])
        calf = {
            "resourceType": "icarAnimalCoreResource", "identifier": {"id": "x", "scheme": "s"},
            "gender": "Stier",
            "managementTag": "x", "birthDate": "2026-01-05T22:00:00Z", "status": "Alive",
        }  # fmt: skip
        member = [*document["member"], calf]
        data = json.dumps({"view": {"totalItems": len(member)}, "member": member}).encode()
    else:
        calf_row, shown = b"99999;99999;RUx;;2026-01-05;Stier\n", b"99999;RUx;Stier;0;;Open;0;0;;0\n"
        data = zipped({
            **files,
            "BasicAnimal.csv": files["BasicAnimal.csv"] + calf_row,
            "Report.csv": files["Report.csv"] + shown,
        })  # fmt: skip
    with pytest.raises(HerdDataError) as caught:
        read_herd_bytes(data, "export")

    assert {question.code for question in caught.value.questions} == {"ask_sex"}
    said = Answers.of(sexes={"Stier": "male"})
    assert herd_of(read_herd_bytes(data, "export", answers=said)) == own
    assert herd_of(read_herd_bytes(data, "export", remembered=said)) == own


def test_what_people_say_goes_before_what_the_program_means(farm: Sample) -> None:
    files = FORMS["dc305"].write(farm)
    said = Answers.of(statuses={"NO BRED": "ready_for_breeding"})

    assert read_herd_bytes(zipped(files), "items").herd.is_flagged.any()
    assert not read_herd_bytes(zipped(files), "items", answers=said).herd.is_flagged.any()
