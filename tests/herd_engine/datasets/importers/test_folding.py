"""Events fold into the animal as it stands; expected values are worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from herd_engine.datasets.importers.folding import NOT_KNOWN, Folded, fold, nothing_stated
from herd_engine.model.events import AnimalEvents, EventKind

CALVING, EMPTY, ABORTION, SERVICE, PREGNANT, DRY, FLAG, MOVED, SOLD, DEAD = EventKind


def log(*events: tuple[EventKind, int]) -> AnimalEvents:
    """Return the events of animal 0."""
    return AnimalEvents(
        animal=np.zeros(len(events), np.int64),
        kind=np.array([kind for kind, _ in events], np.int8),
        day=np.array([day for _, day in events], np.int64),
    )


def folded(*events: tuple[EventKind, int], **stated: int) -> dict[str, int | bool]:
    """Return animal 0 after its events."""
    facts = nothing_stated(1)
    arrays = {name: np.array([value], getattr(facts, name).dtype) for name, value in stated.items()}
    animal = fold(log(*events), replace(facts, **arrays))
    return {name: getattr(animal, name)[0].item() for name in Folded.__slots__}


def test_a_lactation_is_what_came_after_the_last_calving() -> None:
    animal = folded(
        (SERVICE, 10), (PREGNANT, 45), (CALVING, 290), (SERVICE, 360), (PREGNANT, 400), (DRY, 580),
        (CALVING, 640), (SERVICE, 720),
    )  # fmt: skip

    assert (animal["lactation"], animal["calving"]) == (2, 640)
    assert animal["insemination"] == 720
    assert (animal["conception"], animal["dry_off"]) == (NOT_KNOWN, NOT_KNOWN)


def test_the_conception_is_the_last_service_before_the_check_that_found_it() -> None:
    animal = folded((CALVING, 0), (SERVICE, 70), (SERVICE, 92), (PREGNANT, 130), (SERVICE, 131))

    assert animal["conception"] == 92


@pytest.mark.parametrize("loss", [EMPTY, ABORTION])
def test_a_loss_after_the_check_ends_the_pregnancy(loss: EventKind) -> None:
    lost = folded((CALVING, 0), (SERVICE, 70), (PREGNANT, 110), (loss, 160))
    again = folded((CALVING, 0), (SERVICE, 70), (PREGNANT, 110), (loss, 160), (SERVICE, 170), (PREGNANT, 210))

    assert (lost["conception"], lost["is_open_again"]) == (NOT_KNOWN, True)
    assert (again["conception"], again["is_open_again"]) == (170, False)


def test_a_stated_conception_stands_for_a_check_that_is_not_on_file() -> None:
    assert folded((CALVING, 0), (SERVICE, 70), conception=70)["conception"] == 70
    assert (
        folded((CALVING, 0), (SERVICE, 70), (SERVICE, 91), (PREGNANT, 130), conception=70)["conception"] == 70
    )


def test_a_stated_day_before_the_calving_is_of_an_earlier_lactation() -> None:
    animal = folded((CALVING, 500), conception=230, dry_off=440, insemination=230)

    assert {animal[name] for name in ("conception", "dry_off", "insemination")} == {NOT_KNOWN}


def test_a_conception_that_was_lost_since_is_none_though_it_is_stated() -> None:
    assert folded((CALVING, 0), (SERVICE, 70), (ABORTION, 200), conception=70)["conception"] == NOT_KNOWN


def test_the_highest_stated_lactation_counts_where_earlier_calvings_are_not_on_file() -> None:
    assert folded((CALVING, 0), lactation=5)["lactation"] == 5
    assert folded((CALVING, -700), (CALVING, -300), (CALVING, 0), lactation=2)["lactation"] == 3


def test_a_heifer_whose_birth_stands_where_cows_have_a_calving_has_not_calved() -> None:
    animal = folded((SERVICE, 400), lactation=0, calving=0)

    assert (animal["lactation"], animal["calving"]) == (0, NOT_KNOWN)


@pytest.mark.parametrize(("kind", "dead", "moved"), [(SOLD, 0, 0), (DEAD, 1, 0), (MOVED, 0, 1)])
def test_an_exit_says_when_and_how(kind: EventKind, dead: bool, moved: bool) -> None:
    animal = folded((CALVING, 0), (kind, 90))

    assert (animal["archive"], animal["is_gone"]) == (90, True)
    assert (animal["is_dead"], animal["is_moved"]) == (dead, moved)


def test_an_animal_with_a_calving_long_after_its_exit_came_back() -> None:
    animal = folded((CALVING, 0), (SOLD, 90), (CALVING, 400))

    assert (animal["is_gone"], animal["archive"], animal["returned"]) == (False, NOT_KNOWN, True)


def test_a_service_typed_in_some_days_after_the_sale_does_not_bring_a_cow_back() -> None:
    animal = folded((CALVING, 0), (SOLD, 90), (SERVICE, 93))

    assert (animal["is_gone"], animal["archive"], animal["returned"]) == (True, 90, False)


def test_gone_without_a_day_is_gone() -> None:
    animal = folded((CALVING, 0), is_gone=1)

    assert (animal["is_gone"], animal["archive"]) == (True, NOT_KNOWN)


def test_who_is_served_after_she_was_given_up_is_given_up_no_more() -> None:
    assert folded((CALVING, 0), (FLAG, 300))["is_flagged"]
    assert not folded((CALVING, 0), (FLAG, 300), (SERVICE, 310))["is_flagged"]
    assert not folded((CALVING, 0), (FLAG, 300), (CALVING, 400))["is_flagged"]
    assert folded((CALVING, 0), is_flagged=1)["is_flagged"]
    assert not folded((CALVING, 0), (FLAG, 300), is_flagged=0)["is_flagged"]


EVENTS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(EventKind), st.integers(0, 900)), min_size=1, max_size=40
)


def as_events(events: list[tuple[int, EventKind, int]]) -> AnimalEvents:
    animal, kind, day = (np.array(column) for column in zip(*events, strict=True))
    return AnimalEvents(animal=animal, kind=kind.astype(np.int8), day=day)


def columns(animals: Folded) -> list[list[int]]:
    return [getattr(animals, name).tolist() for name in Folded.__slots__]


@settings(deadline=None)
@given(EVENTS, st.data())
def test_shuffled_and_doubled_events_make_the_same_herd(
    events: list[tuple[int, EventKind, int]], data: st.DataObject
) -> None:
    copies = data.draw(st.permutations([*events, *data.draw(st.lists(st.sampled_from(events)))]))

    expected = fold(as_events(events), nothing_stated(4))
    assert columns(fold(as_events(copies), nothing_stated(4))) == columns(expected)


def one_by_one(events: list[tuple[int, EventKind, int]], animal: int) -> dict[str, int]:
    """Walk through the events of one animal in order: the rules as a story, not as arrays."""
    story = {"lactation": 0, "calving": NOT_KNOWN, "insemination": NOT_KNOWN, "conception": NOT_KNOWN,
             "dry_off": NOT_KNOWN}  # fmt: skip
    current = {"insemination": NOT_KNOWN, "conception": NOT_KNOWN, "dry_off": NOT_KNOWN}
    calvings = {day for who, kind, day in events if who == animal and kind == CALVING}
    for day, kind in sorted({(day, kind) for who, kind, day in events if who == animal}):
        if kind == CALVING:
            story |= {"lactation": story["lactation"] + 1, "calving": day, **current}
        if day in calvings:  # the day of a calving is of no lactation
            continue
        if kind == SERVICE:
            story["insemination"] = day
        elif kind == PREGNANT:
            story["conception"] = story["insemination"]
        elif kind in (EMPTY, ABORTION):
            story["conception"] = NOT_KNOWN
        elif kind == DRY:
            story["dry_off"] = day
    return story


@settings(deadline=None)
@given(EVENTS)
def test_arrays_tell_the_same_as_walking_through_the_events(events: list[tuple[int, EventKind, int]]) -> None:
    herd = fold(as_events(events), nothing_stated(4))

    for animal in range(4):
        story = one_by_one(events, animal)
        assert {name: getattr(herd, name)[animal] for name in story} == story
