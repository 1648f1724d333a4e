"""A herd program's export in any combination of date forms and damages is the same herd, or is refused."""

from functools import cache

import numpy as np
import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.errors import HerdDataError
from tests.property import program_forms
from tests.property.file_forms import one_of
from tests.property.program_forms import Export, date_columns, write_export
from tests.property.test_file_forms import herd_of

FARMS = (3, 8)
QUICK, THOROUGH = range(24), range(24, 1024)


def any_export(number: int) -> Export:
    """Return the export of this number; every other one is sound."""
    lucky = np.random.default_rng(number)
    program = one_of(lucky, program_forms.PROGRAMS)
    place = one_of(lucky, ("zip", "zip", "workbook", "workbook of 1904"))
    dates = one_of(lucky, [*program_forms.SOUND])
    if place == "workbook of 1904" and dates == "serial number":
        dates = "typed"
    columns = date_columns(program, farm_of(number))
    n_damaged = one_of(lucky, (1, 1, 2, len(columns))) * (number % 2)
    return Export(
        program=program,
        dates=dates,
        place=place,
        damage=one_of(lucky, [*program_forms.DAMAGED]),
        damaged=frozenset(map(str, lucky.choice(columns, min(n_damaged, len(columns)), replace=False))),
    )


def farm_of(number: int) -> int:
    return FARMS[number // 2 % len(FARMS)]


@cache
def as_it_is(program: str, farm: int) -> tuple[object, ...]:
    """Return the herd of an export as its program writes it."""
    return herd_of(read_herd_bytes(write_export(farm, Export(program=program)), "farm"))


def is_same(file: HerdFile, own: tuple[object, ...]) -> bool:
    """Tell whether it is the herd; where all dates count days, the file cannot tell its day, and says so."""
    herd, is_unproved = herd_of(file), "serials_unproved" in {issue.code for issue in file.issues}
    return herd[1:] == own[1:] if is_unproved else herd == own


def outcomes(numbers: range) -> tuple[list[str], list[str], int]:
    """Return exports that gave another herd, sound ones that were refused, and how many were read."""
    wrong, refused, n_read = [], [], 0
    for number in numbers:
        export, farm = any_export(number), farm_of(number)
        try:
            found = read_herd_bytes(write_export(farm, export), "farm")
        except HerdDataError as error:
            if not export.damaged:
                refused.append(f"{number}: {export}: {error}")
            continue
        n_read += 1
        if not is_same(found, as_it_is(export.program, farm)):
            wrong.append(f"{number}: {export}")
    return wrong, refused, n_read


def test_an_export_in_any_form_is_the_same_herd_or_refused() -> None:
    wrong, refused, n_read = outcomes(QUICK)

    assert wrong == []
    assert refused == []
    assert n_read >= len(QUICK) // 2


@pytest.mark.long
def test_an_export_in_a_thousand_forms_is_the_same_herd_or_refused() -> None:
    wrong, refused, n_read = outcomes(THOROUGH)

    assert wrong == []
    assert refused == []
    assert n_read >= len(THOROUGH) // 2


@pytest.mark.parametrize("program", program_forms.PROGRAMS)
def test_days_of_one_column_counted_from_1904_are_put_right(program: str) -> None:
    export = Export(
        program=program, damage="serial number from 1904", damaged=frozenset(date_columns(program, 3)[1:2])
    )

    assert herd_of(read_herd_bytes(write_export(3, export), "farm")) == as_it_is(program, 3)


@pytest.mark.parametrize(
    ("program", "column"),
    [("dc305-events", "events/11"), ("lely", "RemLactation/4"), ("delpro", "HistoryAnimalLactationInfo/4")],
)
def test_where_all_days_are_numbers_those_counted_otherwise_are_found(program: str, column: str) -> None:
    export = Export(
        program=program,
        dates="serial number",
        damage="serial number from 1904",
        damaged=frozenset([column]),
    )

    with pytest.raises(HerdDataError) as caught:
        read_herd_bytes(write_export(3, export), "farm")
    assert "serials_unclear" in {issue.code for issue in caught.value.issues}


@pytest.mark.parametrize("program", program_forms.PROGRAMS)
def test_days_taken_for_months_where_they_can_be_are_refused(program: str) -> None:
    export = Export(program=program, damage="swapped, all ISO", damaged=frozenset(date_columns(program, 3)))

    with pytest.raises(HerdDataError) as caught:
        read_herd_bytes(write_export(3, export), "farm")
    assert "column_swapped" in {issue.code for issue in caught.value.issues}
