"""The table of the life of an alert, to the letter and to the second."""

from datetime import UTC, datetime, timedelta

import pytest

from herd_engine.monitoring.alerts.life_cycle import AlertStanding, AlertState, AlertVerdict, Rhythm, step

START = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
HELD, QUIET, UNKNOWN = AlertVerdict.BREACH, AlertVerdict.CLEAR, AlertVerdict.NO_DATA


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def lived(rhythm: Rhythm, *looks: tuple[float, AlertVerdict]) -> list[AlertState]:
    """Return the state after each look, at so many minutes."""
    standing, states = AlertStanding.new(START), []
    for minutes, verdict in looks:
        standing = step(standing, verdict, rhythm, after(minutes))
        states.append(standing.state)
    return states


def test_without_a_wait_it_fires_at_once_and_ends_at_once() -> None:
    assert lived(Rhythm(), (0, HELD), (1, QUIET)) == [AlertState.FIRING, AlertState.RESOLVED]


@pytest.mark.parametrize(("seconds", "state"), [(599, AlertState.PENDING), (600, AlertState.FIRING)])
def test_it_is_pending_until_it_has_held_for_so_long(seconds: float, state: AlertState) -> None:
    rhythm = Rhythm(pending=timedelta(minutes=10))

    assert lived(rhythm, (0, HELD), (seconds / 60, HELD)) == [AlertState.PENDING, state]


def test_pending_that_holds_no_more_is_well_and_begins_anew() -> None:
    rhythm = Rhythm(pending=timedelta(minutes=10))

    states = lived(rhythm, (0, HELD), (9, QUIET), (10, HELD), (19, HELD), (20, HELD))
    assert states == [
        AlertState.PENDING,
        AlertState.OK,
        AlertState.PENDING,
        AlertState.PENDING,
        AlertState.FIRING,
    ]


def test_what_comes_back_within_its_time_has_never_ended() -> None:
    rhythm = Rhythm(keep_firing=timedelta(hours=1))

    looks = [(0, HELD), (1, QUIET), (60, QUIET), (60.5, HELD), (61, QUIET), (120, QUIET), (121, QUIET)]
    assert lived(rhythm, *looks) == [*[AlertState.FIRING] * 6, AlertState.RESOLVED]


def test_what_has_ended_is_shown_for_a_day() -> None:
    looks = [(0, HELD), (1, QUIET), (24 * 60, QUIET), (24 * 60 + 1, QUIET)]

    assert lived(Rhythm(), *looks)[1:] == [AlertState.RESOLVED, AlertState.RESOLVED, AlertState.OK]


@pytest.mark.parametrize(
    ("no_data", "before", "after_it"),
    [
        ("ok", QUIET, AlertState.OK),
        ("ok", HELD, AlertState.RESOLVED),
        ("keep", QUIET, AlertState.NO_DATA),
        ("keep", HELD, AlertState.FIRING),
        ("alert", QUIET, AlertState.FIRING),
        ("alert", HELD, AlertState.FIRING),
    ],
)
def test_where_nothing_can_be_said(no_data: str, before: AlertVerdict, after_it: AlertState) -> None:
    rhythm = Rhythm(no_data=no_data, keep_firing=timedelta(hours=1))  # type: ignore[arg-type]

    assert lived(rhythm, (0, before), (1, UNKNOWN))[-1] is after_it


def test_an_alert_for_want_of_data_waits_as_every_other() -> None:
    rhythm = Rhythm(no_data="alert", pending=timedelta(minutes=10))

    assert lived(rhythm, (0, UNKNOWN), (10, UNKNOWN)) == [AlertState.PENDING, AlertState.FIRING]


def test_want_of_data_is_flagged_and_its_end_unflagged() -> None:
    firing = step(AlertStanding.new(START), HELD, Rhythm(), START)

    flagged = step(firing, UNKNOWN, Rhythm(), after(1))
    again = step(flagged, HELD, Rhythm(), after(2))

    assert (flagged.state, flagged.has_no_data, flagged.since) == (AlertState.FIRING, True, START)
    assert (again.state, again.has_no_data) == (AlertState.FIRING, False)


@pytest.mark.parametrize("verdict", list(AlertVerdict))
@pytest.mark.parametrize("no_data", ["ok", "keep", "alert"])
def test_looking_twice_at_one_moment_changes_nothing(verdict: AlertVerdict, no_data: str) -> None:
    rhythm = Rhythm(
        pending=timedelta(minutes=1),
        keep_firing=timedelta(minutes=1),
        no_data=no_data,  # type: ignore[arg-type]
    )
    standing = AlertStanding.new(START)
    for minute, earlier in enumerate([HELD, HELD, HELD, QUIET, UNKNOWN, verdict]):
        standing = step(standing, earlier, rhythm, after(minute))

    assert step(standing, verdict, rhythm, after(5)) == standing
