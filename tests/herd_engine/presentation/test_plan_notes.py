"""What else is said of a plan of purchases reads as a sentence, however many months bind."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from herd_engine.i18n.catalogue import languages
from herd_engine.i18n.wording import wording
from herd_engine.presentation.herd_plan import notes


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("n_binding", [1, 3, 7])
def test_months_that_bind_are_named_and_the_rest_counted(language: str, n_binding: int) -> None:
    binding = tuple(date(2027, month, 1) for month in range(1, n_binding + 1))
    plan: Any = SimpleNamespace(binding=binding, checked=SimpleNamespace(each=[0.9] * 12))

    said = notes(plan, wording(language))[0]

    assert wording(language).month(date(2027, 1, 1)) in said
    assert said.endswith(".")
    assert not {"…", "..", ",."} & {
        said[index : index + size] for index in range(len(said)) for size in (1, 2)
    }
    n_named = sum(wording(language).month(day) in said for day in binding)
    assert n_named == n_binding or f" {n_binding - n_named} " in said.replace(".", " ")
