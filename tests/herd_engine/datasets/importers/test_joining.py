"""Sheets and files of no known program that tell of the same animals are one herd, or are asked about."""

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from openpyxl import Workbook

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.datasets.importers.bringing import zipped
from herd_engine.errors import HerdDataError
from herd_engine.model.answers import NO_ANSWERS, Answers

REPORT = date(2026, 3, 1)
COWS = ("Ear tag", "Birth date", "Lactation", "Last calving", "DIM", "Status")
SERVICES = ("Cow number", "Last service", "Conception")
Rows = list[Sequence[object]]


def cows() -> Rows:
    """Return 40 cows, one calved every six days, and 20 heifers."""
    milking = [
        (n, REPORT - timedelta(700 + 6 * n), 1, REPORT - timedelta(6 * n), 6 * n, "Fresh")
        for n in range(1, 41)
    ]
    return [*milking, *((n, REPORT - timedelta(5 * n), 0, None, None, "Heifer") for n in range(101, 121))]


def services() -> Rows:
    """Return the services of the 20 cows that calved first: 70 days later, and conceived then."""
    return [(n, *[REPORT - timedelta(6 * n - 70)] * 2) for n in range(21, 41)]


HERD = {"milking": 40, "dry": 0, "heifer": 20, "pregnant_heifer": 0}


def workbook(**sheets: Rows) -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([*row])
    book.save(out)
    return out.getvalue()


def text(rows: Rows) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(rows)
    return out.getvalue().encode()


def read(data: bytes, answers: Answers = NO_ANSWERS) -> HerdFile:
    return read_herd_bytes(data, "farm", answers=answers)


def refused(data: bytes) -> HerdDataError:
    with pytest.raises(HerdDataError) as caught:
        read(data)
    return caught.value


def codes(error: HerdDataError) -> set[str]:
    return {issue.code for issue in error.issues if issue.blocking}


def one_table(others: Rows | None = None) -> HerdFile:
    """Return the herd of the same facts in one table."""
    of = {row[0]: row[1:] for row in (services() if others is None else others)}
    rows = [[*row, *of.get(row[0], ("", ""))] for row in cows()]
    return read(text([[*COWS, *SERVICES[1:]], *rows]))


def assert_same(file: HerdFile, other: HerdFile) -> None:
    assert file.herd.counts() == other.herd.counts() == HERD
    assert file.herd.report_date == other.herd.report_date
    for name in ("animal_ids", "birth", "calving", "conception", "insemination"):
        assert getattr(file.herd, name).tolist() == getattr(other.herd, name).tolist()


def test_sheets_are_joined_by_the_animals_number() -> None:
    file = read(workbook(Cows=[COWS, *cows()], Services=[SERVICES, *services()]))

    assert_same(file, one_table())
    (told,) = [issue for issue in file.issues if issue.code == "tables_joined"]
    assert told.params["columns"] == ["insemination_date", "successful_insemination_date"]


def test_sheets_of_which_none_is_whole_are_joined_too() -> None:
    births = [COWS[:2], *(row[:2] for row in cows())]
    rest = [[COWS[0], *COWS[2:], *SERVICES[1:]]]
    of = {row[0]: row[1:] for row in services()}
    rest += [[row[0], *row[2:], *of.get(row[0], (None, None))] for row in cows()]

    assert_same(read(workbook(Births=births, Now=rest)), one_table())
    assert_same(read(workbook(Now=rest, Births=births)), one_table())


def test_files_of_a_zip_are_joined_however_numbers_are_written() -> None:
    padded = [(f"000{row[0]}", *row[1:]) for row in services()]

    assert_same(
        read(zipped({"a.csv": text([COWS, *cows()]), "b.csv": text([SERVICES, *padded])})), one_table()
    )


def test_of_several_services_the_latest_counts_in_any_order() -> None:
    earlier = [(row[0], row[1] - timedelta(21), None) for row in services()]  # type: ignore[operator]

    for rows in ([*earlier, *services()], [*services(), *earlier]):
        assert_same(read(workbook(Cows=[COWS, *cows()], Services=[SERVICES, *rows])), one_table())


def test_a_column_of_numbers_under_another_name_is_asked_about_and_then_believed() -> None:
    data = workbook(Cows=[COWS, *cows()], Services=[("Beast", *SERVICES[1:]), *services()])
    (question,) = refused(data).questions

    assert (question.code, question.subject, question.guess) == ("ask_column", "animal_id", "Beast")
    assert_same(read(data, Answers.of(columns={"Beast": "animal_id"})), one_table())


def test_numbers_of_other_animals_are_not_joined() -> None:
    others = [(row[0] + 5000, *row[1:]) for row in services()]  # type: ignore[operator]

    assert codes(refused(workbook(Cows=[COWS, *cows()], Services=[SERVICES, *others]))) == {"join_ambiguous"}


def test_a_number_of_two_animals_is_not_joined_without_the_birth_date() -> None:
    again = (21, REPORT - timedelta(30), 0, None, None, "Heifer")

    data = workbook(Cows=[COWS, *cows(), again], Services=[SERVICES, *services()])
    assert codes(refused(data)) == {"join_ambiguous"}
    births = {row[0]: row[1] for row in cows()}
    told = [(row[0], births[row[0]], *row[1:]) for row in services()]
    header = (SERVICES[0], "Born", *SERVICES[1:])
    data = workbook(Cows=[COWS, *cows(), again], Services=[header, *told])
    whole = read(data, Answers.of(columns={"Born": "birth_date"}))
    assert whole.herd.counts() == HERD | {"heifer": 21}


def test_tables_that_disagree_are_refused_unless_one_is_chosen() -> None:
    others = [(*row, row[0] + 1) for row in services()]  # type: ignore[operator]
    data = workbook(Cows=[COWS, *cows()], Services=[(*SERVICES, "Lactation"), *others])

    assert codes(refused(data)) == {"tables_disagree"}
    assert read(data, Answers.of(sheet="Cows")).herd.counts() == HERD


def test_sheets_that_tell_nothing_of_animals_are_only_named() -> None:
    file = read(workbook(Cows=[COWS, *cows()], Services=[SERVICES, *services()], Notes=[("Done",), ("yes",)],
                         Empty=[SERVICES]))  # fmt: skip

    assert_same(file, one_table())
    (told,) = [issue for issue in file.issues if issue.code == "other_sheets_ignored"]
    assert told.params["sheets"] == ["Notes", "Empty"]


LEFT = (*COWS, "Exit date")
LEFT_OTHERWISE = ("No", "Born", "LACT", "FDAT", "Days in milk", "State", "ARDAT")


def leavers() -> Rows:
    """Return ten cows that were sold, one every ten days."""
    return [
        (
            n,
            REPORT - timedelta(1500),
            2,
            REPORT - timedelta(300),
            290 - 10 * n,
            "Sold",
            REPORT - timedelta(10 * n + 10),
        )
        for n in range(10)
    ]


@pytest.mark.parametrize(
    "left_header", [LEFT, ("No", "Born", "LACT", "FDAT", "Days in milk", "State", "ARDAT")]
)
def test_leavers_on_a_sheet_of_their_own_are_leavers(left_header: Sequence[str]) -> None:
    rows = [(row[0] + 900, *row[1:]) for row in leavers()]  # type: ignore[operator]
    named = dict(zip(("No", "Born", "State"), ("animal_id", "birth_date", "status"), strict=True))
    said = Answers.of(columns={header: name for header, name in named.items() if header in left_header})
    beside = read(workbook(Herd=[COWS, *cows()], Gone=[left_header, *rows]), said)
    below = [[*row, None] for row in cows()]
    whole = read(workbook(Herd=[LEFT, *below, *rows]))

    assert beside.herd.counts() == whole.herd.counts() == HERD | {"pregnant_heifer": 0}
    assert beside.records.archive.tolist() == whole.records.archive.tolist()
    assert (beside.records.archive > -(1 << 30)).sum() == 10
    assert beside.herd.report_date == whole.herd.report_date
    apart = zipped({"a.csv": text([COWS, *cows()]), "b.csv": text([left_header, *rows])})
    assert read(apart, said).records.archive.tolist() == whole.records.archive.tolist()
    assert "leavers_joined" in {issue.code for issue in beside.issues}


@pytest.mark.parametrize("main_header", [COWS, LEFT])
def test_animals_of_the_herds_sheet_that_another_says_have_left_are_leavers(
    main_header: Sequence[str],
) -> None:
    births = {row[0]: row[1] for row in cows()}
    gone = [(n, births[n], REPORT - timedelta(days), "Sold") for n, days in ((31, 9), (32, 40), (105, 3))]
    herd = [[*row, *[None] * (len(main_header) - len(row))] for row in cows()]
    left = (COWS[0], COWS[1], "Exit date", "Status")
    file = read(workbook(Herd=[main_header, *herd], Gone=[left, *gone]))

    assert file.herd.counts() == HERD | {"milking": 38, "heifer": 19}
    days = dict(zip(file.records.animal_ids, file.records.archive.tolist(), strict=True))
    assert [days[number] for number in ("31", "32", "105")] == [-9, -40, -3]


def test_two_days_of_leaving_of_one_animal_are_refused() -> None:
    herd = [[*row, None] for row in cows()]
    herd[30][-1] = REPORT - timedelta(20)
    gone = [(herd[30][0], herd[30][1], REPORT - timedelta(9))]
    data = workbook(Herd=[LEFT, *herd], Gone=[(COWS[0], COWS[1], "Exit date"), *gone])

    assert codes(refused(data)) == {"tables_disagree"}


def test_a_number_of_a_leaver_used_again_is_another_animal() -> None:
    rows = [(row[0] + 101, *row[1:]) for row in leavers()]  # type: ignore[operator]
    file = read(workbook(Herd=[COWS, *cows()], Gone=[LEFT, *rows]))

    assert file.herd.counts() == HERD
    assert file.records.n_animals == 70


def test_heifers_on_a_sheet_of_their_own_are_not_lost_in_silence() -> None:
    header = (COWS[0], COWS[1], COWS[5])
    young = [(row[0], row[1], row[5]) for row in cows()[40:]]
    data = workbook(Cows=[COWS, *cows()[:40]], Heifers=[header, *young])
    (question,) = refused(data).questions

    assert question.code == "ask_losses"
    assert question.samples[0]["reason"] == "rows_without_animal"
    assert read(data, Answers.of(accept_losses=True)).herd.counts() == HERD | {"heifer": 0}


def test_two_whole_herds_are_asked_about() -> None:
    data = zipped({"a.csv": text([COWS, *cows()]), "b.csv": text([COWS, *cows()[:50]])})
    (question,) = refused(data).questions

    assert (question.code, question.choices) == ("ask_sheet", ("a.csv", "b.csv"))
    assert read(data, Answers.of(sheet="a.csv")).herd.n_animals == 60
    assert read(data, Answers.of(sheet="b.csv")).herd.n_animals == 50


def test_a_member_that_is_a_workbook_can_be_chosen() -> None:
    data = zipped({"a.xlsx": workbook(Cows=[COWS, *cows()]), "b.csv": text([COWS, *cows()[:50]])})

    assert read(data, Answers.of(sheet="a.xlsx")).herd.n_animals == 60
    assert read(data, Answers.of(sheet="b.csv")).herd.n_animals == 50
