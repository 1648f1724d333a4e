"""What the animals of a herd are worth: two computations meet, and what is not known is null."""

import json
from functools import cache
from typing import Any

import numpy as np
import pytest

from herd_engine.errors import ParameterError
from herd_engine.model.animals import AnimalState
from herd_engine.model.prices import PriceSet
from herd_engine.review.values.herd_values import HerdValues
from herd_engine.review.work_lists import WorkListName
from herd_engine.workbench import Workbench
from tests.statistical.sample_farm import sample_farm

SPRING: dict[str, Any] = {
    "name": "spring", "currency": "EUR", "valid_from": "2026-03-01", "milk_per_kg": 0.45,
    "feed": {
        "maintenance_milking_day": 3.0, "per_kg_milk": 0.12, "dry_day": 3.0,
        "heifer_day": {"0": 1.5, "365": 2.0},
    },
    "springer_price": 1900, "cull_cow": {"per_head": 900}, "calf": {"heifer": 150, "bull": 150},
    "semen": {"conventional": 10}, "insemination": 5, "discount_rate_year": 0.06,
    "heifer_sale": {"open": {"0": 200, "365": 900}, "pregnant": {"0": 1500}},
}  # fmt: skip
WOOD = "wood_us_2006"


def spring(**changes: object) -> PriceSet:
    return PriceSet.of(SPRING).changed(changes)


@cache
def values() -> HerdValues:
    return Workbench().values(sample_farm()[0], spring(), curve=WOOD, conception=0.35)


def test_expected_days_that_are_priced_come_to_the_value_of_the_state() -> None:
    found, herd = values(), sample_farm()[0].herd
    rows = (herd.state == AnimalState.OPEN) & ~herd.is_flagged & (found.each.in_calf == 0)
    states = found.states
    assert states is not None
    by_state = states.of(states.open_parts)[np.minimum(herd.lactation, 5), np.maximum(-herd.calving, 0)]

    assert rows.sum() > 20
    assert found.rpo[rows] == pytest.approx(by_state[rows] - states.replaced, abs=1e-6)


def test_who_is_in_calf_is_worth_more_than_were_she_open() -> None:
    found, herd = values(), sample_farm()[0].herd
    pregnant = (herd.state == AnimalState.PREGNANT) & ~herd.is_flagged

    assert (found.pregnancy_value[pregnant] > 0).mean() > 0.9
    assert np.isnan(found.pregnancy_value[herd.lactation == 0]).all()


def test_an_insemination_is_its_chance_times_the_pregnancy_less_what_it_costs() -> None:
    found = values()
    told = ~np.isnan(found.insemination_value)

    assert told.sum() > 20
    assert found.insemination_value[told] == pytest.approx(0.35 * found.pregnancy_value[told] - 15)


def test_rearing_a_heifer_is_worth_less_by_what_she_would_bring_today() -> None:
    dearer = spring(
        **{"heifer_sale.open.0": 260, "heifer_sale.open.365": 960, "heifer_sale.pregnant.0": 1560}
    )
    found, herd = values(), sample_farm()[0].herd
    other = Workbench().values(sample_farm()[0], dearer, curve=WOOD)
    heifers = (herd.lactation == 0) & ~herd.is_flagged

    assert found.rear_value[heifers] - other.rear_value[heifers] == pytest.approx(60)
    assert np.isnan(found.rear_value[~heifers]).all()


def test_a_heifer_about_to_calve_is_a_springer_but_for_her_price() -> None:
    found, herd = values(), sample_farm()[0].herd
    states = found.states
    assert states is not None
    heifers = (herd.state == AnimalState.PREGNANT_HEIFER) & ~herd.is_flagged
    soon = heifers & (found.each.calving[:, 2] <= 21)

    # V1 - W is the price of the springer that she replaces.
    assert soon.any()
    assert found.rear_value[soon] == pytest.approx(1900 - 1500, abs=0.06 * 1900)


def test_documents_hold_every_key_and_no_number_that_is_none() -> None:
    document = values().document(limit=50)

    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert (document["price_set"], document["currency"]) == ("spring@2026-03-01", "EUR")
    assert document["animals"]["total_rows"] == sample_farm()[0].herd.n_animals
    rpo = [row[4] for row in document["animals"]["rows"]]
    assert rpo == sorted(rpo)
    assert document["heifer_break_even"] > 0
    assert {row["lactation"] for row in document["by_state"]} == {1, 2, 3, 4, 5}
    with pytest.raises(ParameterError, match="limit"):
        values().document(limit=0)
    with pytest.raises(ParameterError, match="offset"):
        values().document(offset=-1)


@pytest.mark.parametrize(
    ("prices", "curve", "reason"),
    [
        (None, WOOD, "needs_prices"),
        (spring(milk_per_kg=None), WOOD, "needs_prices"),
        (spring(**{"cull_cow.per_head": None}), WOOD, "needs_prices"),
        (spring(), None, "needs_milk"),
    ],
    ids=["no prices", "no price of milk", "no price of cows", "no milk"],
)
def test_without_prices_or_milk_all_money_is_null_with_the_reason(
    prices: PriceSet | None, curve: str | None, reason: str
) -> None:
    found = Workbench().values(sample_farm()[0], prices, curve=curve)
    document = found.document(limit=2000)

    assert document["slot"] == {"W": None, "per_day": None}
    assert (document["heifer_break_even"], document["by_state"]) == (None, [])
    assert {value for row in document["animals"]["rows"] for value in row[4:]} == {None}
    assert set(document["unknown"].values()) == {reason}
    card = Workbench().cards(sample_farm()[0], values=found).document(limit=1)["rows"][0]
    assert [card["unknown"][name] for name in ("rpo", "pregnancy_value", "insemination_value")] == [
        reason
    ] * 3


def test_one_file_cannot_tell_the_chance_of_an_insemination() -> None:
    found = Workbench().values(sample_farm()[0], spring(), curve=WOOD)

    assert np.isnan(found.insemination_value).all()
    assert found.document()["unknown"] == {"insemination_value": "needs_history"}


def test_money_that_is_not_discounted_has_no_value_for_a_place() -> None:
    with pytest.raises(ParameterError, match="discount_rate_year"):
        Workbench().values(sample_farm()[0], spring(discount_rate_year=0), curve=WOOD)
    with pytest.raises(ParameterError, match="conception"):
        Workbench().values(sample_farm()[0], spring(), curve=WOOD, conception=1.2)


def test_cows_worth_less_than_their_places_head_the_list_to_sell() -> None:
    found = values()
    cards = Workbench().cards(sample_farm()[0], values=found)

    chosen = cards.page(WorkListName.SELL)

    worse = [card for card in chosen if (card.money["rpo"] or 0.0) < 0]
    paid_off = [card.money["rpo"] or 0.0 for card in worse]
    assert paid_off == sorted(paid_off)
    assert len(worse) == len(found.to_sell()) > 0
    assert chosen[: len(worse)] == tuple(worse)
    assert cards.sum.max_difference <= 1e-6
