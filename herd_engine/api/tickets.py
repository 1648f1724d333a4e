"""Tickets: an address that opens once, for browsers, whose EventSource sends no header of ours."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from starlette.types import Scope

from herd_engine.model.visitor import Visitor

TICKET = "ticket"
BY_TICKET = "by_ticket"
"""Marks a request that was let in by one."""
LIVES_SECONDS = 30
MOST_OPEN = 10_000


@dataclass(frozen=True, slots=True)
class _Ticket:
    visitor: Visitor
    path: str
    ends_at: float


class Tickets:
    """Tickets that were given and not yet taken; they live in this process alone.

    Parameters
    ----------
    clock : callable
        Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: dict[str, _Ticket] = {}

    def give(self, visitor: Visitor, path: str) -> str:
        """Return a ticket to one path, for who asks for it."""
        while self._open and len(self._open) >= MOST_OPEN:
            self._open.pop(next(iter(self._open)))  # the oldest
        ticket = secrets.token_urlsafe(32)
        self._open[ticket] = _Ticket(visitor, path, self._clock() + LIVES_SECONDS)
        return ticket

    def take(self, ticket: str, path: str) -> Visitor | None:
        """Return who was given a ticket, once; None where it is none, is of another path, or too old."""
        found = self._open.pop(ticket, None)
        if found is None or found.path != path or self._clock() > found.ends_at:
            return None
        return found.visitor


def taken_ticket(scope: Scope) -> str | None:
    """Take the ticket out of the address of a request, so that nothing behind repeats it."""
    said: list[tuple[str, str]] = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    tickets = [value for name, value in said if name == TICKET]
    if not tickets:
        return None
    rest = [(name, value) for name, value in said if name != TICKET]
    scope["query_string"] = urlencode(rest).encode()
    return tickets[0]
