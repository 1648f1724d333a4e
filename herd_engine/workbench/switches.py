"""What of the service is switched off, and who may ask for more or less of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from herd_engine.model.service_limits import EVERYBODY, EVERYWHERE, ServiceFlag
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.kept_switches import KeptSwitches
from herd_engine.workbench.answers import answer


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagState:
    """What was said of a flag: on a farm by its id, or everywhere (``*``); the newest version."""

    place: str
    name: str
    version: int
    enabled: bool
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitState:
    """How much may be asked for in place of the usual.

    Attributes
    ----------
    place : str
        Id of a farm, or ``*``.
    principal : str
        A person; empty for all of a farm together.
    kind : str
        Class of requests, ``stream`` or ``queue``.
    rate : str
        Such as ``60/minute``; of streams and of what waits in the queue, how many.
    until : datetime or None
        When it ends by itself.
    """

    place: str
    principal: str
    kind: str
    version: int
    rate: str
    until: datetime | None
    created_by: str
    created_at: datetime


class SwitchBoard:
    """All that was said, as one moment knew it.

    Parameters
    ----------
    flags : sequence of FlagState
    limits : sequence of LimitState
    """

    def __init__(self, flags: Sequence[FlagState] = (), limits: Sequence[LimitState] = ()) -> None:
        self._flags = {(each.place, each.name): each.enabled for each in flags}
        self._limits = {(each.place, each.principal, each.kind): each.rate for each in limits}

    def is_on(self, name: ServiceFlag, farm_id: str = EVERYWHERE) -> bool:
        """Tell whether something is on: as the farm says, else as is said everywhere, else it is."""
        return self._flags.get((farm_id, name), self._flags.get((EVERYWHERE, name), True))

    def person(self, kind: str, principal: str, farm_id: str = EVERYWHERE) -> str | None:
        """Return the exception of a person, on a farm or everywhere."""
        return self._limits.get((farm_id, principal, kind))

    def farm(self, kind: str, farm_id: str) -> str | None:
        """Return the exception of all of a farm together: its own, else that of every farm."""
        own = self._limits.get((farm_id, EVERYBODY, kind))
        return own or self._limits.get((EVERYWHERE, EVERYBODY, kind))


class Switches:
    """Flags and limits of the service; ``farm`` is a name, an id, or ``*`` for everywhere."""

    def __init__(self, kept: KeptRuns) -> None:
        self._rows = KeptSwitches(kept.store, kept.catalog.farms)

    def board(self) -> SwitchBoard:
        """Return all that was said, for the service itself, which obeys it."""
        flags = [answer(FlagState, row) for row in self._rows.all_flags()]
        return SwitchBoard(flags, [answer(LimitState, row) for row in self._rows.all_limits()])

    def flags(self, farm: str = EVERYWHERE) -> tuple[FlagState, ...]:
        """Return what was said of flags; ForbiddenError, NotFoundError."""
        return tuple(answer(FlagState, row) for row in self._rows.flags(farm))

    def limits(self, farm: str = EVERYWHERE) -> tuple[LimitState, ...]:
        """Return the exceptions in force; ForbiddenError, NotFoundError."""
        return tuple(answer(LimitState, row) for row in self._rows.limits(farm))

    def set_flag(self, name: str, *, enabled: bool | None, farm: str = EVERYWHERE) -> None:
        """Switch something on or off, None takes back what was said; as ``KeptSwitches.set_flag``."""
        self._rows.set_flag(farm, name, enabled)

    def set_limit(
        self,
        kind: str,
        rate: str | None,
        *,
        farm: str = EVERYWHERE,
        principal: str = EVERYBODY,
        until: datetime | None = None,
    ) -> None:
        """Allow more or less, None takes back what was said; as ``KeptSwitches.set_limit``."""
        self._rows.set_limit(farm, kind, rate, principal, until)
