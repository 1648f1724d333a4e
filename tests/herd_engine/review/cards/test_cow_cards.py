"""Cow cards: what they say of an animal, their pages, and their sum."""

from functools import cache

import pytest

from herd_engine.errors import NotFoundError, ParameterError
from herd_engine.model.animals import AnimalState
from herd_engine.review.cards.cow_cards import HerdCards
from herd_engine.review.work_lists import WorkListName
from herd_engine.workbench.workbench import Workbench
from tests.statistical.sample_farm import sample_farm


@cache
def cards() -> HerdCards:
    return Workbench().cards(sample_farm()[0])


def test_the_cards_and_the_calves_to_come_are_the_herd() -> None:
    added = cards().sum

    assert added.max_difference <= 1e-6
    assert added.cards + added.calves_to_come == pytest.approx(added.expected, abs=1e-6)
    assert added.expected[0] == sample_farm()[0].herd.is_milking.sum()


def test_pages_hold_every_animal_once_in_a_stable_order() -> None:
    whole = [card.animal for card in cards().page()]

    assert whole == sorted(sample_farm()[0].herd.animal_ids.tolist())
    assert [card.animal for card in cards().page(offset=3, limit=5)] == whole[3:8]


def test_a_work_list_is_told_in_its_own_order_and_on_the_cards() -> None:
    sheet = Workbench().daily_sheet(sample_farm()[0])

    chosen = cards().page(WorkListName.CHECK)

    assert [card.animal for card in chosen] == [row.animal for row in sheet.of(WorkListName.CHECK)]
    assert all(WorkListName.CHECK in card.lists for card in chosen)


def test_what_is_not_known_is_null_with_the_reason() -> None:
    rows = cards().document()["rows"]

    dry = next(row for row in rows if row["state"] == "dry")
    assert (dry["dry_off"], dry["unknown"]["dry_off"]) == (None, "not_applicable")
    heifer = next(row for row in rows if row["state"] == "heifer")
    assert (heifer["dim"], heifer["unknown"]["dim"]) == (None, "not_applicable")
    for row in rows:
        for name in ("rpo", "pregnancy_value", "insemination_value"):
            assert (row[name], row["unknown"][name]) == (None, "needs_prices")


def test_who_is_in_calf_calves_within_a_pregnancy() -> None:
    herd = sample_farm()[0].herd

    for card in cards().page():
        if card.state in {AnimalState.PREGNANT, AnimalState.PREGNANT_HEIFER, AnimalState.DRY}:
            if card.is_flagged:
                continue
            assert card.p_pregnant == 1.0
            assert card.calving is not None
            assert 0 < (card.calving.p10 - herd.report_date).days <= 285
            assert card.in_herd["3"] >= card.in_herd["6"] >= card.in_herd["12"] > 0


def test_an_animal_that_is_not_there_is_told_so() -> None:
    with pytest.raises(NotFoundError, match="none of that name"):
        cards().card("none of that name")
    with pytest.raises(ParameterError, match="limit"):
        cards().page(limit=2001)
    with pytest.raises(ParameterError, match="offset"):
        cards().page(offset=-1)
