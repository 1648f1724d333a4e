"""Headers and statuses in every spelling."""

import pytest

from herd_engine.datasets.columns import HEADERS, Column, match_columns
from herd_engine.datasets.statuses import STATUSES, status_code

ENGLISH = [column.value for column in Column]
RUSSIAN = [HEADERS[column][0] for column in Column]
EVERY_POSITION = {column: position for position, column in enumerate(Column)}


def misread(text: str) -> str:
    return text.encode("utf-8").decode("cp1251", "replace")


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(RUSSIAN, id="Russian"),
        pytest.param(ENGLISH, id="English"),
        pytest.param([header.upper() for header in RUSSIAN], id="upper case"),
        pytest.param([f"  {header.replace('_', ' ')} " for header in ENGLISH], id="spaces"),
        pytest.param([misread(header) for header in RUSSIAN], id="mis-decoded once"),
        pytest.param([misread(misread(header)) for header in RUSSIAN], id="mis-decoded twice"),
        pytest.param([misread("\ufeff" + RUSSIAN[0]), *RUSSIAN[1:]], id="mis-decoded byte order mark"),
    ],
)
def test_headers_are_recognised(headers: list[str]) -> None:
    match = match_columns(headers, {})

    assert match.positions == EVERY_POSITION
    assert match.issues == ()


def test_a_mis_decoded_header_is_recognised_by_its_letters() -> None:
    once = "Р›Р°РєС‚Р°С†РёСЏ"  # printf Лактация | iconv -f cp1251 -t utf-8
    twice = "Р вЂєР В°Р С”РЎвЂљР В°РЎвЂ Р С‘РЎРЏ"  # | iconv -f cp1251 -t utf-8

    assert match_columns([once], {}).positions == {Column.LACTATION: 0}
    assert match_columns([twice], {}).positions == {Column.LACTATION: 0}


def test_headers_may_come_in_any_order_with_others_between() -> None:
    match = match_columns(["Порода", *reversed(RUSSIAN)], {})

    assert match.positions == {column: len(Column) - position for position, column in enumerate(Column)}
    assert [(issue.code, issue.params["columns"]) for issue in match.issues] == [
        ("unknown_columns", ["Порода"])
    ]


def test_missing_columns_are_told_with_what_was_found_and_the_nearest_match() -> None:
    match = match_columns(["Номер животнаго", *RUSSIAN[1:]], {})

    issue = match.issues[0]
    assert issue.code == "missing_columns"
    assert issue.blocking
    assert issue.params["columns"] == ["animal_id (Номер животного)"]
    assert issue.params["suggestions"] == ["Номер животнаго=animal_id"]
    assert "Номер животнаго, Дата рождения" in issue.message


def test_the_users_map_goes_before_the_headers_own_meaning() -> None:
    match = match_columns(["Рожд.", *RUSSIAN], {"рожд.": "birth_date"})

    assert match.positions[Column.BIRTH_DATE] == 0
    assert [issue.code for issue in match.issues] == ["unknown_columns"]


def test_the_users_map_takes_our_name_or_the_farm_softwares() -> None:
    match = match_columns(["id", *RUSSIAN[1:]], {"id": "Номер животного"})

    assert match.positions == EVERY_POSITION


@pytest.mark.parametrize(
    ("column_map", "code"),
    [
        ({"Номар": "animal_id"}, "column_map_unknown_header"),
        ({"Номер животного": "animal_ident"}, "column_map_unknown_column"),
        ({"Номер животного": "animal_id", "Лактация": "animal_id"}, "column_map_ambiguous"),
    ],
)
def test_a_map_that_cannot_be_followed_blocks(column_map: dict[str, str], code: str) -> None:
    issues = match_columns(RUSSIAN, column_map).issues

    assert [issue.code for issue in issues if issue.blocking] == [code]


def test_of_a_repeated_header_the_first_counts_and_it_is_an_error() -> None:
    match = match_columns([*RUSSIAN, "Лактация"], {})

    assert match.positions == EVERY_POSITION
    assert [(issue.code, issue.severity.value) for issue in match.issues] == [("duplicate_columns", "error")]


def test_a_hostile_header_is_shown_short_and_printable() -> None:
    issue = match_columns(["\x07" + "x" * 100_000, *RUSSIAN], {}).issues[0]

    assert issue.params["columns"] == ["?" + "x" * 59 + "…"]


@pytest.mark.parametrize("code", range(len(STATUSES) - 1))
def test_a_status_is_recognised_in_every_spelling(code: int) -> None:
    for name in (STATUSES[code].name, *(word.rstrip("*") for word in STATUSES[code].in_files)):
        spelt = [name, name.upper(), f" {name} ", misread(name), misread(misread(name))]
        assert [status_code(text) for text in spelt] == [code] * 5


def test_any_other_status_is_unknown() -> None:
    assert STATUSES[status_code("Загадочная")].name == "unknown"
