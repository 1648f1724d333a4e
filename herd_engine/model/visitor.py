"""Who asks, and what somebody may do: roles on farms, the scopes that they give, names that are stamped."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from herd_engine.errors import ParameterError

READ, RUN, ADD, WRITE, ADMIN = "herd:read", "herd:run", "herd:add", "herd:write", "herd:admin"
LOOK, OPERATE, DIRECT = "diagnostics:read", "diagnostics:operate", "diagnostics:admin"
MEASURE = "metrics:read"
IMPLIED = {ADMIN: (WRITE, RUN, READ), WRITE: (ADD,), OPERATE: (LOOK,), DIRECT: (OPERATE, LOOK)}
"""What a scope holds beside itself; ``herd:add``, files and scenarios that are new, is a part of write."""

LOCAL, ANONYMOUS = "local", "anonymous"
GROUP = "group:"
RESERVED = (GROUP, "key:", "plan:", "user:")
"""Beginnings of names that are not people's own."""
LONGEST_NAME = 255


def implied(scopes: Iterable[str]) -> frozenset[str]:
    """Return scopes and what they hold: admin implies all, operate implies read."""
    found = set(scopes)
    for scope in tuple(found):
        found.update(IMPLIED.get(scope, ()))
    return frozenset(found | {ADD} if WRITE in found else found)


class Role(StrEnum):
    """What somebody is on a farm, least first."""

    VIEWER = "viewer"
    ADVISER = "adviser"
    MANAGER = "manager"
    ADMIN = "admin"

    @property
    def scopes(self) -> frozenset[str]:
        """What who has it may do there."""
        return _SCOPES[self]

    @property
    def rank(self) -> int:
        """Its place among the roles."""
        return tuple(Role).index(self)


_VIEWER = frozenset((READ,))
_ADVISER = _VIEWER | {RUN}
_MANAGER = _ADVISER | {ADD, WRITE, LOOK, OPERATE}
EVERY_SCOPE = _MANAGER | {ADMIN, DIRECT, MEASURE}
_SCOPES = {Role.VIEWER: _VIEWER, Role.ADVISER: _ADVISER, Role.MANAGER: _MANAGER, Role.ADMIN: EVERY_SCOPE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks.

    Attributes
    ----------
    name : str
        Stamped on what they make.
    member : str
        Whose memberships count; their own unless they act for somebody, as a key for its maker.
    groups : tuple of str
        Of which the visitor is, said by somebody trusted.
    is_owner : bool
        Whoever sits at the machine, or shows the key of the home: nobody's memberships bind them.
    is_at_home : bool
        Came in by the door of the home: farms without members are open to them.
    scopes : frozenset of str
        What they let themselves do at most; the scopes of a token.
    farms : frozenset of str, optional
        Ids of the farms that they are to see at most; None for all that they may.
    claimed : tuple of (str, Role)
        Roles that a trusted token gives, by name or id of a farm; ``*`` for every farm.
    """

    name: str
    member: str = ""
    groups: tuple[str, ...] = ()
    is_owner: bool = False
    is_at_home: bool = False
    scopes: frozenset[str] = EVERY_SCOPE
    farms: frozenset[str] | None = None
    claimed: tuple[tuple[str, Role], ...] = ()

    @classmethod
    def at_the_machine(cls, name: str = LOCAL) -> "Visitor":
        """Return who needs no leave: the owner of the home, under a name."""
        return cls(name=name, is_owner=True, is_at_home=True)

    @property
    def principals(self) -> tuple[str, ...]:
        """Under which names memberships are theirs."""
        return (self.member or self.name, *(f"{GROUP}{group}" for group in self.groups))


def issuer_alias(issuer: str, alias: str = "") -> str:
    """Return what stands before the names of a provider's people, in pages and service alike.

    That is the alias, else the host of the issuer; nothing where no provider is named.
    """
    host = urlsplit(issuer).hostname or ""
    return (alias or host.replace(":", "-")) if host else ""


def stamped(name: str, issuer: str = "") -> str:
    """Return what somebody is known as whom another part names: ``issuer:name``.

    Without an issuer a name that is not people's own is marked, so that nobody is taken for the owner of
    the home, a key, a plan or a group by choosing such a name.

    Raises
    ------
    ParameterError
        It is empty, longer than 255 characters, or has characters that cannot be shown.
    """
    plain = unicodedata.normalize("NFC", name)
    full = f"{issuer}:{plain}" if issuer else plain
    if not issuer and (plain in (LOCAL, ANONYMOUS) or plain.startswith(RESERVED)):
        full = f"user:{plain}"
    if not plain.strip() or len(full) > LONGEST_NAME or not plain.isprintable():
        raise ParameterError(
            "user", name[:LONGEST_NAME], f"have 1 … {LONGEST_NAME} characters that can be shown"
        )
    return full
