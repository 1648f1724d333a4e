"""Sets of prices: what they may say, and what they cannot."""

from datetime import date

import pytest

from herd_engine.errors import ParameterError, UnknownParameterError
from herd_engine.model.prices import FIGURES, PriceSet

SPRING = {
    "name": "spring",
    "currency": "EUR",
    "valid_from": "2026-03-01",
    "milk_per_kg": 0.45,
    "feed": {"dry_day": 3.0, "heifer_day": {"0": 1.5, "365": 2}},
    "cull_cow": {"per_kg": 1.5, "weight_kg": 600},
    "heifer_sale": {"open": {"0": 200, "365": 700}},
}


def spring(**more: object) -> PriceSet:
    return PriceSet.of(SPRING | more)


def test_a_set_is_what_its_document_says_and_says_it_again() -> None:
    said = spring()

    assert said.prices["feed.heifer_day.365"] == 2
    assert said.valid_from == date(2026, 3, 1)
    assert said.reference == "spring@2026-03-01"
    assert PriceSet.of(said.document()) == said
    assert said.document() == SPRING | {"feed": SPRING["feed"]}


def test_a_cow_is_sold_per_head_or_by_weight() -> None:
    assert spring().cull_cow == 900
    assert spring(cull_cow={"per_head": 850}).cull_cow == 850
    assert spring(cull_cow={"per_kg": 1.5}).cull_cow is None
    with pytest.raises(ParameterError, match="not both"):
        spring(cull_cow={"per_head": 850, "per_kg": 1.5})


def test_bands_of_age_are_told_youngest_first() -> None:
    assert spring().by_age("feed.heifer_day") == ((0, 1.5), (365, 2))
    assert spring().by_age("heifer_sale.pregnant") == ()


def test_what_nobody_has_stated_is_missing_never_0() -> None:
    assert spring().missing("plan_cost") == ("springer_price", "discount_rate_year")
    assert "cull_cow" not in spring().missing("worth")
    assert "cull_cow" in spring(cull_cow={"per_kg": 1.5}).missing("worth")
    empty = PriceSet.of({"name": "x", "currency": "EUR", "valid_from": "2026-03-01"})
    assert all(empty.missing(figure) == FIGURES[figure] for figure in FIGURES)


def test_a_set_is_changed_by_path() -> None:
    changed = spring().changed({"feed.dry_day": None, "springer_price": 1900, "note": "auction"})

    assert "feed.dry_day" not in changed.prices
    assert (changed.prices["springer_price"], changed.note) == (1900, "auction")


@pytest.mark.parametrize(
    "more",
    [
        {"milk_per_kg": -0.1},
        {"milk_per_kg": float("nan")},
        {"milk_per_kg": True},
        {"milk_per_kg": "much"},
        {"discount_rate_year": 0.31},
        {"currency": "eur"},
        {"valid_from": "spring"},
        {"name": " "},
        {"note": 7},
        {"currency": None},
    ],
)
def test_what_is_no_price_is_refused(more: dict[str, object]) -> None:
    with pytest.raises(ParameterError):
        spring(**more)


@pytest.mark.parametrize(
    "more", [{"milk_per_litre": 1}, {"feed": {"heifer_day": {"young": 1}}}, {"feed": {"hay": 1}}]
)
def test_a_price_that_is_none_is_named(more: dict[str, object]) -> None:
    with pytest.raises(UnknownParameterError):
        spring(**more)


def test_a_set_is_names_with_values() -> None:
    with pytest.raises(ParameterError, match="names with values"):
        PriceSet.of([1, 2])
