"""A farm's file in any combination of forms is the same herd, or is refused: never another herd."""

from functools import cache

import numpy as np
import pytest

from herd_engine.datasets.herd_file import HerdFile, read_herd_bytes
from herd_engine.errors import HerdDataError
from tests.property import file_forms
from tests.property.file_forms import Form, farm_rows, one_of, write

FARMS = (3, 8)
FACTS = ("state", "is_flagged", "lactation", "birth", "calving", "conception", "dry_off")
QUICK, THOROUGH = range(100), range(100, 2100)


def herd_of(file: HerdFile) -> tuple[object, ...]:
    """Return what a forecast is made of, without the animals' names and their order."""
    herd = file.herd
    columns = [getattr(herd, name).astype(np.int64).tolist() for name in FACTS]
    return herd.report_date, sorted(zip(*columns, strict=True))


def any_form(number: int) -> Form:
    """Return the form of this number."""
    lucky = np.random.default_rng(number)
    n_noises = one_of(lucky, (0, 1, 2, 4, 6))
    return Form(
        dates=one_of(lucky, [*file_forms.DATE_FORMS]),
        encoding=one_of(lucky, file_forms.ENCODINGS),
        delimiter=one_of(lucky, file_forms.DELIMITERS),
        headers=one_of(lucky, [*file_forms.HEADERS]),
        words=one_of(lucky, [*file_forms.WORDS]),
        missing=one_of(lucky, file_forms.MISSING),
        place=one_of(lucky, file_forms.PLACES),
        titles=one_of(lucky, (0, 0, 1, 2, 3)),
        noise=frozenset(map(str, lucky.choice(file_forms.NOISE, n_noises, replace=False))),
        bomb=one_of(lucky, ("none", "none", *file_forms.BOMBS)),
        seed=number,
    )


@cache
def herd_as_it_is(farm: int) -> tuple[object, ...]:
    """Return the herd of a farm in the form in which its program writes it."""
    return herd_of(read_herd_bytes(write(farm_rows(farm), Form()), "farm"))


def outcomes(numbers: range) -> tuple[list[str], list[str], int]:
    """Return forms that gave another herd, sound ones that were refused, and how many were read."""
    wrong, refused, n_read = [], [], 0
    for number in numbers:
        form = any_form(number)
        farm = FARMS[number % len(FARMS)]
        rows = farm_rows(farm)
        try:
            data = write(rows, form)
        except UnicodeEncodeError:
            continue
        try:
            found = herd_of(read_herd_bytes(data, "farm"))
        except HerdDataError as error:
            if form.bomb == "none":
                refused.append(f"{form}: {error}")
            continue
        n_read += 1
        if found != herd_as_it_is(farm):
            wrong.append(f"{form}: {found[0]}, {len(found[1])} animals")
    return wrong, refused, n_read


def test_a_farm_in_any_form_is_the_same_herd_or_refused() -> None:
    wrong, refused, n_read = outcomes(QUICK)

    assert wrong == []
    assert refused == []  # without a bomb, nothing needs to be asked
    assert n_read > 50


@pytest.mark.long
def test_a_farm_in_two_thousand_forms_is_the_same_herd_or_refused() -> None:
    wrong, refused, n_read = outcomes(THOROUGH)

    assert wrong == []
    assert refused == []
    assert n_read > 1000
