import pytest

from widgets import pump as pump_module
from widgets.pump import Pump


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pump_module.time, "monotonic", clock.monotonic)
    return clock


def test_a_view_that_changed_often_is_drawn_once_a_turn(clock: Clock) -> None:
    drawn: list[str] = []
    pump = Pump(bool, lambda: None)

    def view() -> None:
        drawn.append("view")

    for _ in range(100):
        pump.draw(view)
    pump.turn()
    pump.turn()

    assert drawn == ["view"]


def test_the_store_is_asked_at_most_twice_a_second(clock: Clock) -> None:
    asked: list[float] = []

    def poll() -> bool:
        asked.append(clock.now)
        return True

    pump = Pump(poll, lambda: None)
    for _ in range(100):
        clock.now += 0.04
        pump.turn()

    assert 6 <= len(asked) <= 8  # four seconds


def test_the_last_state_is_sent_once_more_after_it_ended(clock: Clock) -> None:
    sent: list[float] = []
    answers = iter([True, True, False])
    pump = Pump(lambda: next(answers, False), lambda: sent.append(clock.now))

    for _ in range(20):
        clock.now += 0.5
        pump.turn()

    assert sent == [104.5]  # ended at 101.5, three seconds later
