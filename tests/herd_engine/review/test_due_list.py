"""What is due, by hand."""

from datetime import date

from herd_engine.model.animals import NO_DAY
from herd_engine.review.due_list import Due, due_list
from tests.herds import always, dry_cow, heifer, herd, open_cow, pregnant_cow, tables

REPORT_DATE = date(2026, 3, 2)


TABLES = tables(gestation=always(278))


def due_of(*animals) -> list[tuple[str, date, bool]]:
    found = due_list(herd(*animals, report_date=REPORT_DATE), TABLES)
    return [(str(animal.due), animal.day, animal.is_planned) for animal in found.animals]


def test_a_pregnant_cow_is_dried_off_and_calves_after_the_mean_days_from_conception():
    # 210 days pregnant: dry-off in 10 days, calving in 68.
    assert due_of(pregnant_cow(300, 210)) == [
        ("dry_off", date(2026, 3, 12), False),
        ("cow_calving", date(2026, 5, 9), False),
    ]


def test_a_plan_in_the_file_goes_before_our_estimate():
    found = due_of(pregnant_cow(300, 210, expected_calving=60, expected_dry_off=5))

    assert found == [("dry_off", date(2026, 3, 7), True), ("cow_calving", date(2026, 5, 1), True)]


def test_a_dry_cow_only_calves_and_one_that_should_have_is_overdue():
    assert due_of(dry_cow(400, 280, 50)) == [("cow_calving", date(2026, 2, 28), False)]


def test_a_heifer_in_calf_is_a_heifer_and_open_animals_are_not_due():
    young = heifer(700, state=1, conception=-270)

    assert due_of(young, heifer(300), open_cow(80, conception=NO_DAY)) == [
        ("heifer_calving", date(2026, 3, 10), False)
    ]


def test_months_are_counted_from_their_first_day_and_the_file_lists_animals():
    found = due_list(herd(dry_cow(400, 249, 40), dry_cow(400, 248, 40), report_date=REPORT_DATE), TABLES)
    # Calving in 29 and 30 days: 31 March and 1 April.
    march, april, may = found.month_starts[0], found.month_starts[1], found.month_starts[2]

    assert (march, len(found.month_starts)) == (date(2026, 4, 1), 9)
    assert found.count(Due.COW_CALVING, REPORT_DATE, march) == 1
    assert found.count(Due.COW_CALVING, march, april) == 1
    assert found.count(Due.COW_CALVING, april, may) == 0
    lines = found.csv().decode().splitlines()
    assert lines[0] == "animal_id,lactation,due,date,source"
    assert lines[1].endswith("1,cow_calving,2026-03-31,estimate")
    assert found.csv(excel=True).startswith(b"\xef\xbb\xbfanimal_id;")
