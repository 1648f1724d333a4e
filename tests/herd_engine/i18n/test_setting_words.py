"""Settings are called what forms call them."""

from typing import Any

import pytest

from herd_engine.i18n.setting_words import setting_label, setting_value
from herd_engine.i18n.wording import wording
from herd_engine.scenarios.differences import differences

ENGLISH, RUSSIAN = wording("en"), wording("ru")
PURCHASE = {"date_in": "2026-09-15", "count": 40, "days_pregnant": 150}


@pytest.mark.parametrize(
    ("payload", "english", "russian"),
    [
        (
            {"model": {"waiting_period_change": 20}},
            ("Breed cows later by", "0", "20"),
            ("Осеменять позже на", "0", "20"),
        ),
        (
            {"model": {"culling_intensity": 0.85}},
            ("Culling of cows", "1", "0.85"),
            ("Выбраковка коров", "1", "0,85"),
        ),
        ({"model": {"calf_loss": 0.1}}, ("Calves lost by 60 days", "–", "0.1"), None),
        (
            {"model": {"parameter_uncertainty": False}},
            ("Show what is not known", "yes", "no"),
            None,
        ),
        (
            {"purchase_policy": "auto_counter"},
            ("Purchases", "My own list", "Buy when animals are missing"),
            None,
        ),
        ({"seed": 1234567}, ("Number of the draw", "42", "1234567"), None),
        ({"future_date": "2027-02-01"}, ("Month of special interest", "–", "1 Feb 2027"), None),
        (
            {"purchases": [PURCHASE]},
            ("Planned purchases, 1", "–", "40 head on 15 Sep 2026"),
            ("План закупок, 1", "–", "40 гол. 15 сентября 2026"),
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_label_and_values_are_those_of_the_form(
    payload: dict[str, Any], english: tuple[str, ...], russian: tuple[str, ...] | None
) -> None:
    (found,) = differences({}, payload)

    def said(words: Any) -> tuple[str, ...]:
        values = (setting_value(found.path, value, words) for value in (found.a, found.b))
        return (setting_label(found.path, words), *values)

    assert said(ENGLISH) == english
    assert russian is None or said(RUSSIAN) == russian


def test_a_part_of_a_purchase_says_which() -> None:
    (found,) = differences({"purchases": [PURCHASE]}, {"purchases": [PURCHASE | {"count": 50}]})

    assert setting_label(found.path, ENGLISH) == "Planned purchases, 1 (Head)"
    assert setting_value(found.path, found.b, ENGLISH) == "50"


def test_what_no_form_has_is_named_by_its_path() -> None:
    assert setting_label("dataset_id", RUSSIAN) == "dataset_id"
