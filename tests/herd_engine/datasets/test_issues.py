"""Each kind of issue is found in the rows where it is planted, and blocks as promised."""

import dataclasses

import pytest

from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.datasets.issue_kinds import ISSUE_KINDS, make_issue
from herd_engine.errors import HerdDataError
from herd_engine.model.quality import Severity

ESTABLISHED_CODES = {
    "invalid_date_values",
    "duplicate_animal_id",
    "inconsistent_lactation",
    "archive_outside_730_days",
    "missing_status",
}

# kind: cells planted by row of the small farm (row n is line n + 1 of the file), lines expected.
PLANTED = {
    "missing_animal_id": ({1: {"animal_id": ""}, 4: {"animal_id": " "}}, (2, 5)),
    "duplicate_animal_id": (
        {
            4: {
                "animal_id": "1",
                "birth_date": "01.01.2022",
                "lactation": "1",
                "lactation_start_date": "02.12.2025",
            }
        },
        (5,),
    ),
    "reused_numbers": ({4: {"animal_id": "1"}}, (2, 5)),
    "missing_birth_date": ({4: {"birth_date": ""}}, (5,)),
    "unreadable_birth_date": ({4: {"birth_date": "soon"}}, (5,)),
    "unreadable_archive_date": ({6: {"archive_date": "soon"}}, (7,)),
    "missing_lactation": ({1: {"lactation": ""}}, (2,)),
    "heifers_without_lactation": ({4: {"lactation": ""}}, (5,)),
    "invalid_lactation": ({4: {"lactation": "first"}}, (5,)),
    "fractional_lactation": ({1: {"lactation": "1.5"}}, (2,)),
    "negative_lactation": ({1: {"lactation": "-1"}}, (2,)),
    "implausible_lactation": ({1: {"lactation": "31"}}, (2,)),
    "invalid_date_values": ({4: {"birth_date": "31.02.2025"}}, (5,)),
    "rows_no_animals": ({4: {"birth_date": "dd.mm.yyyy", "status": "text"}}, (5,)),
    "males_left_out": ({4: {"status": "Бык"}}, (5,)),
    "rounded_animal_ids": ({4: {"animal_id": "6,43E+14"}}, (5,)),
    "invalid_number_values": ({1: {"days_in_milk": "87 days"}}, (2,)),
    "future_date": ({4: {"insemination_date": "27.02.2026"}}, (5,)),
    "undecodable_characters": ({4: {"animal_id": "4\ufffd"}}, (5,)),
    "report_date_from_latest_date": ({1: {"days_in_milk": ""}, 2: {"days_in_milk": ""}}, (7,)),
    "report_date_disagreement": ({6: {"archive_date": "22.02.2026"}}, (7,)),
    "missing_status": ({4: {"status": ""}}, (5,)),
    "unknown_status": ({6: {"status": "Загадочная"}}, (7,)),
    "cull_flagged_animals": ({1: {"status": "Брак"}}, (2,)),
    "moved_animals": ({1: {"status": "Перемещена"}}, (2,)),
    "sold_without_archive_date": ({6: {"archive_date": ""}}, (7,)),
    "dead_without_archive_date": ({6: {"archive_date": "", "status": "Мертвое животное"}}, (7,)),
    "archived_with_present_status": ({6: {"status": "Стельная"}}, (7,)),
    "dry_status_mismatch": ({2: {"status": "В сухостое"}, 3: {"status": "Стельная"}}, (3, 4)),
    "heifer_with_calving": ({4: {"lactation_start_date": "01.02.2026"}}, (5,)),
    "cow_without_calving": ({1: {"lactation_start_date": ""}}, (2,)),
    "conception_before_calving": ({2: {"successful_insemination_date": "30.06.2025"}}, (3,)),
    "dry_off_before_calving": ({3: {"dryoff_date": "28.02.2025"}}, (4,)),
    "heifer_dry_off": ({5: {"dryoff_date": "01.02.2026"}}, (6,)),
    "implausible_expected_date": ({2: {"expected_calving_date": "08.07.2062"}}, (3,)),
    "archive_outside_730_days": ({6: {"archive_date": "26.02.2024"}}, (7,)),
    "archive_before_birth": ({6: {"archive_date": "31.12.2020"}}, (7,)),
    "archive_before_calving": ({6: {"archive_date": "31.08.2025"}}, (7,)),
    "dry_off_without_conception": ({3: {"successful_insemination_date": ""}}, (4,)),
    "dry_off_before_conception": ({3: {"dryoff_date": "31.05.2025"}}, (4,)),
    "conception_differs_from_insemination": ({2: {"insemination_date": "02.10.2025"}}, (3,)),
    "overdue_calving": ({3: {"expected_calving_date": "25.02.2026"}}, (4,)),
    "overlong_pregnancy": ({3: {"successful_insemination_date": "01.05.2025"}}, (4,)),
    "overdue_dry_off": ({2: {"expected_dryoff_date": "25.02.2026"}}, (3,)),
    "implausible_age": ({2: {"birth_date": "01.06.2000"}}, (3,)),
    "implausible_age_at_calving": ({1: {"birth_date": "10.06.2024"}}, (2,)),  # 539 days
    "too_many_lactations_for_age": ({2: {"lactation": "5"}}, (3,)),  # 1491 days < 540 + 4 * 300
    "early_heifer_conception": ({5: {"birth_date": "02.12.2024"}}, (6,)),  # 364 days
    "unusual_service_period": ({2: {"successful_insemination_date": "19.08.2025"}}, (3,)),  # 49 days
    "long_lactation": ({2: {"lactation_start_date": "10.03.2025"}}, (3,)),  # 353 days
    "old_open_heifers": ({4: {"birth_date": "13.10.2024"}}, (5,)),  # 501 days
    "negative_days_in_milk": ({6: {"days_in_milk": "-1"}}, (7,)),
    "days_in_milk_mismatch": ({1: {"days_in_milk": "86"}}, (2,)),
    "frozen_days_in_milk_mismatch": ({3: {"days_in_milk": "362"}}, (4,)),
    "days_pregnant_mismatch": ({2: {"days_pregnant": "147"}}, (3,)),
    "unconfirmed_inseminations": ({1: {"insemination_date": "08.01.2026"}}, (2,)),  # 49 days
    "no_exits_recorded": ({6: {"archive_date": "", "status": "Стельная"}}, ()),
    "few_days_of_exits": (
        {row: {"archive_date": "22.01.2026", "status": "Продана"} for row in (1, 2, 3, 4, 6)},
        (),
    ),
    "no_milking_cows": ({1: {"status": "Продана"}, 2: {"status": "Продана"}}, ()),
    "no_service_periods": (
        {2: {"successful_insemination_date": ""}, 3: {"successful_insemination_date": ""}},
        (),
    ),
    "no_dry_offs_recorded": ({3: {"dryoff_date": "", "status": "Стельная"}}, ()),
    "no_heifer_conceptions": ({1: {"lactation": "2"}, 5: {"successful_insemination_date": ""}}, ()),
    "small_herd": ({}, ()),
}

# Kinds planted in the tests of files, formats and headers.
ELSEWHERE = {
    "file_unreadable",
    "empty_file",
    "unknown_file_format",
    "damaged_file",
    "file_too_large",
    "missing_columns",
    "column_map_unknown_header",
    "column_map_unknown_column",
    "column_map_ambiguous",
    "no_rows",
    "no_report_date",
    "report_date_contradicted",
    "no_animals_present",
    "malformed_rows",
    "duplicate_columns",
    "missing_optional_columns",
    "unknown_columns",
    "other_sheets_ignored",
    "no_conceptions_recorded",
    "few_conceptions_recorded",
    "few_inseminations_recorded",
    "few_calving_dates",
    "few_heifer_conceptions",
    "few_calvings_recorded",
    "few_births_recorded",
    "exits_close_together",
    # Of exports of other programs: tests/herd_engine/datasets/importers.
    *("program_recognised", "program_recognised_untried", "importer_unusable"),
    *("tables_missing", "tables_not_used", "rows_without_animal", "returned_after_exit"),
    *("table_without_animals", "keys_used_twice", "days_missing", "pages_missing"),
    *("several_tables", "leavers_dated", "tables_joined", "leavers_joined"),
    *("join_ambiguous", "tables_disagree"),
    *("no_events", "events_without_date", "events_not_used", "events_after_report_date"),
    "report_date_from_latest_event",
    # In reader/.
    *("ask_date_order", "ask_time_zone", "ask_status", "ask_sex", "ask_sheet", "ask_losses"),
    *("ask_cut_short", "ask_column", "sex_column_recognised", "days_derived", "shared_rounded_ids"),
    "required_by_farm",
    *("answer_unknown", "mixed_date_orders", "dates_swapped", "dates_swapped_back", "calvings_swapped"),
    *("dates_without_late_days", "column_swapped"),
    *("serials_put_right", "serials_unclear", "serials_unproved"),
    "answers_remembered",  # in test_remembered.py
    *("missing_markers", "repeated_rows", "earlier_lactations", "formulas_without_values", "hidden_sheets"),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_an_issue_is_found_in_the_rows_where_it_is_planted(kind: str, read_farm) -> None:
    changes, lines = PLANTED[kind]
    file = read_farm(changes)

    (found,) = [issue for issue in file.issues if kind in (issue.code, issue.params.get("kind"))]
    assert found.sample_rows == lines
    assert found.row_count == len(lines)
    assert (found.severity, found.blocking) == (ISSUE_KINDS[kind].severity, False)


def test_the_sound_farm_has_none_of_them(read_farm) -> None:
    assert [issue.code for issue in read_farm().issues] == ["small_herd"]


def test_every_kind_of_the_table_is_planted_somewhere() -> None:
    assert set(PLANTED) | ELSEWHERE == set(ISSUE_KINDS)


def test_established_codes_are_kept() -> None:
    codes = {entry.code or kind for kind, entry in ISSUE_KINDS.items()}

    assert codes > ESTABLISHED_CODES


def test_only_errors_block() -> None:
    blocking = {kind for kind, entry in ISSUE_KINDS.items() if entry.blocking}

    assert all(ISSUE_KINDS[kind].severity is Severity.ERROR for kind in blocking)
    assert blocking == {
        *("file_unreadable", "empty_file", "unknown_file_format", "damaged_file", "file_too_large"),
        *("table_without_animals", "keys_used_twice", "days_missing", "pages_missing"),
        *("tables_missing", "no_events", "several_tables", "join_ambiguous", "tables_disagree"),
        *("missing_columns", "column_map_unknown_header", "column_map_unknown_column"),
        *("column_map_ambiguous", "no_rows", "no_report_date", "report_date_contradicted"),
        "no_animals_present",
        "no_conceptions_recorded",
        *("ask_date_order", "ask_time_zone", "ask_status", "ask_sex", "ask_sheet", "ask_losses"),
        *("ask_cut_short", "ask_column", "shared_rounded_ids", "required_by_farm"),
        *("answer_unknown", "mixed_date_orders", "dates_swapped", "calvings_swapped"),
        *("dates_without_late_days", "column_swapped", "serials_unclear"),
    }


def test_an_issue_that_is_not_in_the_table_cannot_be_made() -> None:
    with pytest.raises(KeyError, match="no_such_issue"):
        make_issue("no_such_issue")


def test_messages_are_whole_sentences_with_their_facts_filled_in(read_farm) -> None:
    for changes, _ in PLANTED.values():
        for issue in read_farm(changes).issues:
            assert "{" not in issue.message
            assert issue.message.endswith(".")


def test_all_problems_of_a_file_are_told_at_once_errors_first(read_farm) -> None:
    file = read_farm(
        {
            1: {"animal_id": ""},
            2: {"status": "?", "lactation": "2.5"},
            3: {"birth_date": "soon"},
            4: {"status": ""},
        }
    )

    assert [issue.code for issue in file.issues] == [
        *("fractional_lactation", "missing_animal_id", "unreadable_birth_date"),
        *("invalid_date_values", "missing_status", "no_dry_offs_recorded", "no_milking_cows"),
        *("no_service_periods", "report_date_from_latest_date"),
        *("days_pregnant_mismatch", "missing_markers", "small_herd"),
    ]


def test_at_most_five_rows_are_shown_and_all_are_counted(read_farm, farm) -> None:
    more = [farm()[3] | {"animal_id": str(number), "status": ""} for number in range(10, 30)]
    (issue,) = [issue for issue in read_farm(more=more).issues if issue.code == "missing_status"]

    assert issue.row_count == 20
    assert issue.sample_rows == (8, 9, 10, 11, 12)


def test_each_column_with_bad_dates_is_an_issue_of_its_own(read_farm) -> None:
    file = read_farm({1: {"birth_date": "x", "dryoff_date": "y"}, 2: {"birth_date": "z"}})

    bad = [issue for issue in file.issues if issue.code == "invalid_date_values"]
    assert [(issue.params["column"], issue.row_count) for issue in bad] == [
        ("birth_date", 2),
        ("dryoff_date", 1),
    ]


def test_a_farm_of_thirty_heifers_works_and_is_told_what_is_missing(as_csv, farm) -> None:
    rows = [farm()[3] | {"animal_id": str(number)} for number in range(30)]
    file = read_herd_bytes(as_csv(rows), "young.csv")

    assert file.herd.counts() == {"milking": 0, "dry": 0, "heifer": 30, "pregnant_heifer": 0}
    assert {issue.code for issue in file.issues} >= {
        *("no_exits_recorded", "no_heifer_conceptions", "no_service_periods", "no_dry_offs_recorded"),
    }


def test_a_farm_with_the_required_columns_only_works(as_csv, farm) -> None:
    headers = {name: name for name in ("animal_id", "birth_date", "lactation", "status")}
    file = read_herd_bytes(as_csv(farm(), headers=headers), "short.csv")

    (issue,) = [issue for issue in file.issues if issue.code == "missing_optional_columns"]
    assert len(issue.params["columns"]) == 9
    assert file.herd.counts() == {"milking": 3, "dry": 0, "heifer": 2, "pregnant_heifer": 0}


def test_a_refused_file_still_tells_its_other_problems(as_csv, farm) -> None:
    rows = [row | {"status": "sold", "lactation": "x"} for row in farm()[:1]] + [farm()[5]]

    with pytest.raises(HerdDataError, match="No animal is on the farm") as caught:
        read_herd_bytes(as_csv(rows), "sold.csv")

    assert "invalid_lactation" in [issue.code for issue in caught.value.issues]
    assert all(dataclasses.is_dataclass(issue) for issue in caught.value.issues)
