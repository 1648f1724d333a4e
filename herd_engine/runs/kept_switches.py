"""Flags and limits of the service that somebody may see and change: those of the farms that they govern."""

from datetime import datetime

from herd_engine.errors import ForbiddenError, NotFoundError, ParameterError
from herd_engine.model.service_limits import (
    EVERYBODY,
    EVERYWHERE,
    FARM_CLASSES,
    PERSON_CLASSES,
    ServiceFlag,
    is_limit,
)
from herd_engine.model.visitor import ADMIN, LONGEST_NAME
from herd_engine.runs.kept_farms import KeptFarms
from herd_engine.runs.store import Store
from herd_engine.storage.names import checked_text
from herd_engine.storage.service_switches import FlagRow, LimitRow, ServiceSwitches
from herd_engine.storage.tables import now


class KeptSwitches:
    """Flags and limits, for one visitor."""

    def __init__(self, store: Store, farms: KeptFarms) -> None:
        self._rows, self._farms = ServiceSwitches(store.database), farms

    def all_flags(self) -> tuple[FlagRow, ...]:
        """Return what was said of flags anywhere; for the service itself, which obeys it."""
        return self._rows.flags()

    def all_limits(self) -> tuple[LimitRow, ...]:
        """Return every exception; for the service itself, which obeys it."""
        return self._rows.limits()

    def flags(self, farm: str) -> tuple[FlagRow, ...]:
        """Return what was said of flags on a farm, or everywhere; ForbiddenError, NotFoundError."""
        place = self._governed(farm)
        return tuple(row for row in self._rows.flags() if row.place == place)

    def limits(self, farm: str) -> tuple[LimitRow, ...]:
        """Return the exceptions of a farm, or those that hold everywhere; ForbiddenError, NotFoundError."""
        place = self._governed(farm)
        return tuple(row for row in self._rows.limits() if row.place == place)

    def set_flag(self, farm: str, name: str, enabled: bool | None) -> None:
        """Switch something on or off on a farm, or everywhere; None takes back what was said.

        Raises
        ------
        NotFoundError
            There is no such farm or flag.
        ForbiddenError
        """
        place = self._governed(farm)
        if name not in tuple(ServiceFlag):
            raise NotFoundError("flag", name)
        self._rows.set_flag(place, name, enabled, self._actor)

    def set_limit(
        self,
        farm: str,
        kind: str,
        rate: str | None,
        principal: str = EVERYBODY,
        until: datetime | None = None,
    ) -> None:
        """Let a person, or all of a farm together, ask for more or less; None takes back what was said.

        Raises
        ------
        NotFoundError
            There is no such farm or class.
        ParameterError
            This is no rate, no name, or over already.
        ForbiddenError
        """
        place = self._governed(farm)
        classes = FARM_CLASSES if principal == EVERYBODY else PERSON_CLASSES
        if kind not in classes:
            raise NotFoundError("limit", kind)
        if rate is not None and not is_limit(kind, rate):
            raise ParameterError(
                "rate", rate, "be such as 60/minute, or a number for stream, queue and heavy_at_once"
            )
        if until is not None and until <= now():
            raise ParameterError("until", until.isoformat(), "be in the future")
        if principal != EVERYBODY:
            checked_text("principal", principal, LONGEST_NAME)
        self._rows.set_limit(place, principal, kind, rate, until, self._actor)

    @property
    def _actor(self) -> str:
        return self._farms.access.visitor.name

    def _governed(self, farm: str) -> str:
        """Return the place that a farm is, for who governs it; everywhere is the matter of the owner."""
        if farm != EVERYWHERE:
            return self._farms.as_admin(farm).id
        who = self._farms.access.visitor
        if not who.is_owner or who.farms is not None or ADMIN not in who.scopes:
            raise ForbiddenError(ADMIN)
        return EVERYWHERE
