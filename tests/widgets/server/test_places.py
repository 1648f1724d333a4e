"""How many pages are open at once, and who comes next."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from widgets.server.places import GONE_SECONDS, Places, pages_for_this_machine


class House:
    """Pages that are open, and a clock."""

    def __init__(self, most: int) -> None:
        self.open, self.now = 0, 0.0
        self.places = Places(most, lambda: self.open, lambda: self.now)


@pytest.fixture
def house() -> Iterator[House]:
    return House(most=2)


def test_so_many_may_come_in_and_the_next_ones_are_numbered(house: House) -> None:
    with ExitStack() as arriving:
        numbers = []
        for ticket in "abcd":
            numbers.append(house.places.ask(ticket))
            if numbers[-1] == 0:
                arriving.enter_context(house.places.arrive())

    assert numbers == [0, 0, 1, 2]


def test_a_page_that_is_open_holds_its_place_until_it_is_closed(house: House) -> None:
    house.open = 2
    assert house.places.ask("a") == 1

    house.open = 1

    assert house.places.ask("a") == 0


def test_who_came_first_goes_in_first_whoever_asks_first(house: House) -> None:
    house.open = 2
    assert [house.places.ask(ticket) for ticket in "abc"] == [1, 2, 3]

    house.open = 1

    assert [house.places.ask(ticket) for ticket in "cba"] == [2, 1, 0]


def test_who_has_left_holds_nobody_up(house: House) -> None:
    house.open = 2
    assert [house.places.ask(ticket) for ticket in "ab"] == [1, 2]

    house.now += GONE_SECONDS
    house.open = 1

    assert house.places.ask("b") == 0


def test_a_page_that_could_not_be_opened_gives_its_place_back(house: House) -> None:
    house.open = 1
    assert house.places.ask("a") == 0
    with pytest.raises(RuntimeError), house.places.arrive():
        raise RuntimeError

    assert house.places.ask("b") == 0


def test_every_machine_has_some_places() -> None:
    assert 4 <= pages_for_this_machine() <= 10_000
