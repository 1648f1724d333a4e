"""What somebody may do on which farm: by memberships, a token, or because they came in by the home's door."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from herd_engine.errors import FarmNotFoundError, ForbiddenError
from herd_engine.model.visitor import READ, WRITE, Role, Visitor, implied
from herd_engine.storage.farms import FarmRow
from herd_engine.storage.memberships import Memberships, Standing
from herd_engine.storage.scope import Scope

FRESH_SECONDS = 2.0
"""A page that is open learns within this time that somebody's role was taken away."""


class Access:
    """The rights of one visitor on all farms.

    Parameters
    ----------
    memberships : Memberships
    visitor : Visitor
    clock : callable
        Seconds.
    """

    def __init__(
        self, memberships: Memberships, visitor: Visitor, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.visitor = visitor
        self._memberships, self._clock = memberships, clock
        self._standing = Standing({}, frozenset())
        self.forget()

    def role(self, farm: FarmRow) -> Role | None:
        """Return the role that somebody was given on a farm; None where that is nobody's doing."""
        who = self.visitor
        if who.is_owner:
            return Role.ADMIN
        names = {"*", farm.id, farm.name}
        given = [role for name, role in who.claimed if name in names]
        own = self._now().roles.get(farm.id)
        return max([*given, *([own] if own else [])], key=lambda role: role.rank, default=None)

    def scopes(self, farm: FarmRow) -> frozenset[str]:
        """Return what a visitor may do on a farm; nothing where they may not see it."""
        who = self.visitor
        if who.farms is not None and farm.id not in who.farms:
            return frozenset()
        role = self.role(farm)
        if role is not None:
            return implied(role.scopes) & implied(who.scopes)
        is_open = who.is_at_home and farm.id not in self._now().closed
        return implied(who.scopes) if is_open else frozenset()

    def may_see(self, farm: FarmRow) -> bool:
        """Tell whether a farm is there for the visitor."""
        return READ in self.scopes(farm)

    def forget(self) -> None:
        """Read what memberships say anew: the visitor has just changed them."""
        self._read_at = self._clock() - FRESH_SECONDS

    def _now(self) -> Standing:
        if self._clock() - self._read_at >= FRESH_SECONDS:
            self._standing = self._memberships.standing(self.visitor.principals)
            self._read_at = self._clock()
        return self._standing


@dataclass(frozen=True, slots=True)
class FarmAccess:
    """The rights of one visitor on one farm."""

    access: Access
    farm: FarmRow

    @property
    def owner(self) -> str:
        """Who asks, as it is stamped."""
        return self.access.visitor.name

    @property
    def scopes(self) -> frozenset[str]:
        """What they may do here."""
        return self.access.scopes(self.farm)

    @property
    def scope(self) -> Scope:
        """The rows of the farm, for who may read them.

        Raises
        ------
        FarmNotFoundError
            For this visitor there is no such farm, or no longer.
        """
        self.require(READ)
        return Scope(self.farm.id)

    @property
    def is_above_others(self) -> bool:
        """Whether what others made may be changed: by the owner of the home, or in a role that says so."""
        role = self.access.role(self.farm)
        return role is not None and WRITE in role.scopes

    def require(self, *scopes: str) -> None:
        """Refuse who may do none of this here.

        Raises
        ------
        FarmNotFoundError
            They may not even see the farm.
        ForbiddenError
        """
        held = self.scopes
        if READ not in held:
            raise FarmNotFoundError(self.farm.name)
        if not held.intersection(scopes):
            raise ForbiddenError(scopes[0])
