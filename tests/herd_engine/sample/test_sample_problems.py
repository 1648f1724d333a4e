from collections.abc import Callable
from datetime import date
from itertools import pairwise

import pytest

from herd_engine.sample import Sample, make_sample
from tests.herd_engine.sample.farm_file import NAMES, cells

REPORT_DATE = date(2026, 3, 1)
Row = dict[str, str]


def day(text: str) -> date:
    """Return the date of DD.MM.YYYY."""
    return date(int(text[6:]), int(text[3:5]), int(text[:2]))


FOUND: dict[str, Callable[[Row, Row], bool]] = {
    "dead_without_archive_date": lambda row, _: row["status"] == "Мертвое животное" and not row["archive"],
    "overdue_pregnancy": lambda row, _: day(row["expected_calving"]) < REPORT_DATE and not row["archive"],
    "future_date": lambda row, _: day(row["insemination"]) > REPORT_DATE,
    "cow_without_calving": lambda row, _: int(row["lactation"]) > 0 and not row["calving"],
    "calving_before_birth": lambda row, _: day(row["calving"]) < day(row["birth"]),
    "moved": lambda row, _: row["status"] == "Перемещена" and not row["archive"],
    "heifer_with_calving": lambda row, _: row["lactation"] == "0" and row["calving"] != "",
    "iso_date": lambda row, _: date.fromisoformat(row["birth"]) <= REPORT_DATE,
    "impossible_date": lambda row, _: row["insemination"].startswith("31.02."),
    "days_in_milk_mismatch": lambda row, _: (
        (REPORT_DATE - day(row["calving"])).days + 17 == int(row["days_in_milk"])
    ),
    "fractional_lactation": lambda row, _: row["lactation"].endswith(".5"),
    "negative_lactation": lambda row, _: row["lactation"] == "-1",
    "unknown_status": lambda row, _: row["status"] == "На лечении",
    "missing_status": lambda row, _: row["status"] == "",
    "missing_birth_date": lambda row, _: row["birth"] == "",
    "duplicate_id": lambda row, above: row["id"] == above["id"],
    "formula_like_id": lambda row, _: row["id"].startswith("=1+"),
}
"""How a reader of the file would recognise each problem, given a row and the one above it."""


@pytest.fixture(scope="module")
def faulty() -> Sample:
    return make_sample(animals=2000, seed=7, report_date=REPORT_DATE, problems=True)


@pytest.fixture(scope="module")
def lines(faulty: Sample) -> list[list[str]]:
    return cells(faulty.csv)


def test_every_kind_of_problem_is_in_the_file(faulty: Sample) -> None:
    listed = {problem["kind"]: len(problem["lines"]) for problem in faulty.truth["problems"]}

    assert listed == dict.fromkeys(FOUND, 5)


@pytest.mark.parametrize("kind", FOUND)
def test_each_problem_is_at_the_stated_lines(kind: str, faulty: Sample, lines: list[list[str]]) -> None:
    listed = next(item for item in faulty.truth["problems"] if item["kind"] == kind)

    assert listed["lines"]
    for line in listed["lines"]:
        row = dict(zip(NAMES, lines[line - 1], strict=True))
        above = dict(zip(NAMES, lines[line - 2], strict=True))
        assert FOUND[kind](row, above)


def test_nothing_but_the_listed_lines_and_columns_differs_from_the_clean_file(
    faulty: Sample, lines: list[list[str]]
) -> None:
    clean = cells(make_sample(animals=2000, seed=7, report_date=REPORT_DATE).csv)
    listed = {line: set(item["columns"]) for item in faulty.truth["problems"] for line in item["lines"]}
    changed = {
        number: {name for name, a, b in zip(clean[0], old, new, strict=True) if a != b}
        for number, (old, new) in enumerate(zip(clean, lines, strict=True), 1)
        if old != new
    }

    assert changed == listed


def test_listed_ids_are_those_of_the_clean_file(faulty: Sample) -> None:
    clean = cells(make_sample(animals=2000, seed=7, report_date=REPORT_DATE).csv)

    for item in faulty.truth["problems"]:
        assert [clean[line - 1][0] for line in item["lines"]] == item["ids"]


def test_animals_named_by_the_truth_keep_their_rows(faulty: Sample) -> None:
    hidden = {item["id"] for item in faulty.truth["unconfirmed_pregnancies"]}
    touched = {number for item in faulty.truth["problems"] for number in item["ids"]}

    assert hidden
    assert not hidden & touched


def test_a_clean_file_has_no_problems() -> None:
    sample = make_sample(animals=500, seed=2, report_date=REPORT_DATE)
    rows = [dict(zip(NAMES, line, strict=True)) for line in cells(sample.csv)[1:]]
    always_readable = ("iso_date", "future_date", "calving_before_birth", "overdue_pregnancy")
    simple = {kind: claim for kind, claim in FOUND.items() if kind not in always_readable}

    assert sample.truth["problems"] == []
    for above, row in pairwise(rows):
        applicable = [k for k in simple if k != "days_in_milk_mismatch" or row["calving"]]
        assert not any(simple[kind](row, above) for kind in applicable)


@pytest.mark.parametrize("animals", [10, 30])
def test_small_farms_have_problems_too(animals: int) -> None:
    listed = make_sample(animals=animals, seed=1, problems=True).truth["problems"]

    assert [item["kind"] for item in listed] == list(FOUND)
    assert sum(len(item["lines"]) for item in listed) >= 10
