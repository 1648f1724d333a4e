"""A farm of one animal per state: what is read, and what states mean; counted by hand."""

import dataclasses
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.model.animals import NO_DAY, AnimalState

ANIMAL = {"1": "open", "2": "pregnant", "3": "dry", "4": "heifer", "5": "pregnant_heifer"}


def states(herd) -> dict[str, str]:
    return {
        animal: AnimalState(state).name.lower()
        for animal, state in zip(herd.animal_ids, herd.state, strict=True)
    }


def codes(file) -> list[str]:
    return [issue.code for issue in file.issues]


def test_a_sound_farm_has_one_animal_of_each_state_and_nothing_to_report_but_its_size(read_farm) -> None:
    file = read_farm()

    assert file.records.report_date == date(2026, 2, 26)
    assert states(file.herd) == ANIMAL
    assert file.herd.excluded == {"sold": 1}
    assert codes(file) == ["small_herd"]


def test_days_are_counted_from_the_report_date(read_farm) -> None:
    herd = read_farm().herd

    assert herd.calving.tolist() == [-87, -240, -362, NO_DAY, NO_DAY]
    assert herd.conception.tolist() == [NO_DAY, -148, -270, NO_DAY, -87]
    assert herd.dry_off.tolist() == [NO_DAY, NO_DAY, -25, NO_DAY, NO_DAY]
    assert herd.expected_calving.tolist() == [NO_DAY, 132, 10, NO_DAY, 193]
    assert herd.mean_days_in_milk == (87 + 240) / 2


def test_a_heifers_expected_dry_off_is_ignored(read_farm) -> None:
    assert read_farm().herd.expected_dry_off.tolist() == [NO_DAY, 72, -50, NO_DAY, NO_DAY]


def test_records_keep_animals_that_left(read_farm) -> None:
    records = read_farm().records

    assert records.animal_ids.tolist() == ["1", "2", "3", "4", "5", "6"]
    assert records.archive[5] == -1
    assert records.birth.dtype == np.int32


def test_the_most_frequent_calving_plus_days_in_milk_is_the_report_date(read_farm) -> None:
    file = read_farm({2: {"days_in_milk": "239"}, 1: {"days_in_milk": "86"}})

    assert file.records.report_date == date(2026, 2, 25)


def test_of_equally_frequent_report_dates_the_latest_counts(read_farm) -> None:
    file = read_farm({1: {"days_in_milk": "86"}})

    assert file.records.report_date == date(2026, 2, 26)


def test_days_in_milk_of_dry_cows_and_of_animals_that_left_do_not_date_the_report(read_farm) -> None:
    gone = {"status": "Стельная", "days_in_milk": "10"}
    file = read_farm({2: {"days_in_milk": ""}, 3: {"days_in_milk": "10"}, 6: gone})

    assert file.records.report_date == date(2026, 2, 26)


def test_without_days_in_milk_the_latest_fact_is_the_report_date_and_never_a_plan(read_farm) -> None:
    file = read_farm({1: {"days_in_milk": ""}, 2: {"days_in_milk": ""}})

    assert file.records.report_date == date(2026, 2, 25)
    assert "report_date_from_latest_date" in codes(file)


def test_a_cull_flagged_cow_stays_on_the_farm_in_her_state(read_farm) -> None:
    herd = read_farm({2: {"status": "Брак"}}).herd

    assert herd.is_flagged.tolist() == [False, True, False, False, False]
    assert states(herd)["2"] == "pregnant"


@pytest.mark.parametrize(
    ("status", "reason"), [("Продана", "sold"), ("Мертвое животное", "dead"), ("Перемещена", "moved")]
)
def test_an_animal_that_its_status_sends_away_is_left_out_without_archive_date(
    read_farm, status: str, reason: str
) -> None:
    herd = read_farm({4: {"status": status}, 6: {"status": "Брак"}}).herd

    assert "4" not in herd.animal_ids
    assert herd.excluded == {reason: 1, "left": 1}


def test_a_conception_before_the_calving_leaves_the_cow_open(read_farm) -> None:
    herd = read_farm({2: {"successful_insemination_date": "01.06.2025"}}).herd

    assert states(herd)["2"] == "open"
    assert herd.conception[1] == NO_DAY


def test_a_dry_off_before_the_calving_does_not_make_a_cow_dry(read_farm) -> None:
    assert states(read_farm({3: {"dryoff_date": "01.02.2025"}}).herd)["3"] == "pregnant"


def test_a_heifer_with_a_dry_off_stays_a_pregnant_heifer(read_farm) -> None:
    assert states(read_farm({5: {"dryoff_date": "01.02.2026"}}).herd)["5"] == "pregnant_heifer"


def test_a_cow_without_calving_date_is_treated_as_calved_on_the_report_date(read_farm) -> None:
    file = read_farm({2: {"lactation_start_date": "", "successful_insemination_date": ""}})

    assert states(file.herd)["2"] == "open"
    assert file.herd.calving[1] == 0
    assert file.records.calving[1] == NO_DAY


def test_a_dry_cow_without_calving_date_stays_dry(read_farm) -> None:
    assert states(read_farm({3: {"lactation_start_date": ""}}).herd)["3"] == "dry"


def test_a_number_with_another_birth_date_is_another_animal(read_farm, farm) -> None:
    file = read_farm(more=[farm()[3] | {"birth_date": "01.01.2025"}])

    assert sorted(zip(file.herd.animal_ids, file.herd.birth, strict=True))[3:5] == [
        ("4", -301),
        ("4 (2025-01-01)", -421),
    ]
    assert file.herd.excluded == {"sold": 1}


def test_a_row_that_cannot_be_used_is_left_out_and_told(read_farm) -> None:
    file = read_farm({1: {"lactation": "1.5"}, 4: {"birth_date": "31.02.2025"}, 5: {"archive_date": "soon"}})

    assert file.herd.animal_ids.tolist() == ["2", "3"]
    assert file.herd.excluded == {
        "no_birth_date": 1,
        "unreadable_archive_date": 1,
        "no_lactation": 1,
        "sold": 1,
    }


def test_an_animal_archived_after_the_report_date_is_still_present(read_farm) -> None:
    assert "4" in read_farm({4: {"archive_date": "27.02.2026"}}).herd.animal_ids


def test_an_id_is_text_whatever_it_looks_like(read_farm) -> None:
    ids = ["=cmd|' /C calc'!A0", "007", "9" * 400, "Зорька"]
    file = read_farm({number: {"animal_id": text} for number, text in enumerate(ids, 1)})

    assert file.herd.animal_ids.tolist() == [*ids, "5"]


@given(order=st.permutations(range(6)))
def test_the_order_of_rows_does_not_matter(order: list[int], farm, as_csv) -> None:
    rows = farm({6: {"status": "Брак", "archive_date": ""}})
    expected = read_herd_bytes(as_csv(rows), "farm.csv").herd
    herd = read_herd_bytes(as_csv([rows[position] for position in order]), "farm.csv").herd

    by_id = np.argsort(herd.animal_ids)
    for field in dataclasses.fields(herd):
        value = getattr(herd, field.name)
        if isinstance(value, np.ndarray):
            assert value[by_id].tolist() == getattr(expected, field.name).tolist(), field.name
    assert herd.excluded == expected.excluded
