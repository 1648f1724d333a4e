"""How an alert lives: from one look to the next. Pure; the table of its states is in ``step``."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

RESOLVED_SHOWN = timedelta(hours=24)


class AlertState(StrEnum):
    """How an alert stands."""

    OK = "OK"
    PENDING = "PENDING"
    FIRING = "FIRING"
    RESOLVED = "RESOLVED"
    NO_DATA = "NO_DATA"


class AlertVerdict(StrEnum):
    """What one look at a policy says."""

    BREACH = "breach"
    CLEAR = "clear"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How long a policy waits.

    Attributes
    ----------
    pending : timedelta
        It must hold so long before the alert fires.
    keep_firing : timedelta
        It must not hold so long before the alert ends.
    no_data : str
        ``ok``, ``keep`` or ``alert``.
    """

    pending: timedelta = timedelta(0)
    keep_firing: timedelta = timedelta(0)
    no_data: Literal["ok", "keep", "alert"] = "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertStanding:
    """How an alert stands.

    Attributes
    ----------
    state : AlertState
    since : datetime
        Of the state.
    pending_since, clear_since : datetime or None
        Since when the policy holds, or, while the alert fires, does not hold any more.
    has_no_data : bool
        Whether the last look could say nothing.
    """

    state: AlertState
    since: datetime
    pending_since: datetime | None = None
    clear_since: datetime | None = None
    has_no_data: bool = False

    @classmethod
    def new(cls, now: datetime) -> "AlertStanding":
        """Return that of an alert that was never looked at."""
        return cls(state=AlertState.OK, since=now)


def step(old: AlertStanding, verdict: AlertVerdict, rhythm: Rhythm, now: datetime) -> AlertStanding:
    """Return how an alert stands after a look.

    Looking twice at the same moment changes nothing.

    Notes
    -----
    ======== ============================================ ========
    from     when                                         to
    ======== ============================================ ========
    quiet    it holds, ``for`` is 0                        FIRING
    quiet    it holds                                     PENDING
    PENDING  it has held for ``for``                      FIRING
    PENDING  it does not hold                             OK
    FIRING   it has not held for ``keep_firing_for``      RESOLVED
    RESOLVED 24 hours later                               OK
    any      nothing can be said: as ``no_data`` says
    ======== ============================================ ========

    Quiet are OK, RESOLVED and NO_DATA. ``no_data: keep`` leaves PENDING and FIRING as they are, flagged;
    what is quiet becomes NO_DATA.
    """
    has_no_data = verdict is AlertVerdict.NO_DATA
    if has_no_data and rhythm.no_data == "keep":
        if old.state in (AlertState.PENDING, AlertState.FIRING):
            return replace(old, has_no_data=True)
        return _to(old, AlertState.NO_DATA, now, has_no_data=True)
    holds = verdict is AlertVerdict.BREACH or (has_no_data and rhythm.no_data == "alert")
    if holds:
        return _while_it_holds(old, rhythm, now, has_no_data=has_no_data)
    if old.state is AlertState.FIRING:
        ends_at_once = has_no_data  # ``no_data: ok``
        return _while_it_ends(old, timedelta(0) if ends_at_once else rhythm.keep_firing, now)
    if old.state is AlertState.RESOLVED and now - old.since < RESOLVED_SHOWN:
        return replace(old, has_no_data=has_no_data)
    return _to(old, AlertState.OK, now, has_no_data=has_no_data)


def _while_it_holds(old: AlertStanding, rhythm: Rhythm, now: datetime, *, has_no_data: bool) -> AlertStanding:
    if old.state is AlertState.FIRING:
        return replace(old, clear_since=None, has_no_data=has_no_data)
    since = old.pending_since or now
    state = AlertState.FIRING if now - since >= rhythm.pending else AlertState.PENDING
    return _to(old, state, now, has_no_data=has_no_data, pending_since=since)


def _while_it_ends(old: AlertStanding, keep_firing: timedelta, now: datetime) -> AlertStanding:
    since = old.clear_since or now
    if now - since >= keep_firing:
        return _to(old, AlertState.RESOLVED, now)
    return replace(old, clear_since=since, has_no_data=False)


def _to(
    old: AlertStanding,
    state: AlertState,
    now: datetime,
    *,
    has_no_data: bool = False,
    pending_since: datetime | None = None,
) -> AlertStanding:
    since = old.since if old.state is state else now
    return AlertStanding(state=state, since=since, pending_since=pending_since, has_no_data=has_no_data)
