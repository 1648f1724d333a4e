"""Who asks: by the key of the home, a key of a program, a token of a provider, a ticket, or nobody known."""

import asyncio
import logging
import re
import secrets
from typing import Any

import limits
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import Scope

from herd_engine.api.bearer import Bearer
from herd_engine.api.problems import Refusal, unauthorized
from herd_engine.api.provider_keys import ProviderKeys
from herd_engine.api.settings import ApiSettings, Auth
from herd_engine.api.tickets import BY_TICKET, Tickets, taken_ticket
from herd_engine.errors import StorageError
from herd_engine.model.visitor import ADD, ANONYMOUS, READ, RUN, Visitor
from herd_engine.workbench import Workbench

log = logging.getLogger(__name__)
ANYBODY = frozenset((READ, RUN, ADD))
"""What may be done without saying who one is, where that is allowed at all."""
LONGEST_TOKEN = 8192
API_KEY = "hk_"
HIDDEN = re.compile(rb"(^|&)(access_)?token=")


class Identity:
    """Tells who asks.

    Parameters
    ----------
    settings : ApiSettings
    key : str
        The key of the home: who presents it as bearer is its owner.
    workbench : Workbench
        Knows the keys of programs.
    tickets : Tickets
    """

    def __init__(self, settings: ApiSettings, key: str, workbench: Workbench, tickets: Tickets) -> None:
        self._settings, self._key, self._workbench, self._tickets = settings, key, workbench, tickets
        self._limiter = limits.aio.strategies.SlidingWindowCounterRateLimiter(
            limits.aio.storage.MemoryStorage()
        )
        self._failures = limits.parse("10/minute")
        self._bearer = Bearer(settings.oidc) if settings.oidc is not None else None
        self._noting: set[asyncio.Task[Any]] = set()

    @property
    def provider_keys(self) -> ProviderKeys | None:
        """The keys of the provider, where there is one."""
        return None if self._bearer is None else self._bearer.keys

    async def of(self, scope: Scope, headers: Headers, address: str) -> Visitor:
        """Return who asks.

        Raises
        ------
        Refusal
            Nobody said who they are where that is asked for, or what they show is not valid.
        """
        if HIDDEN.search(scope["query_string"]):
            raise Refusal(400, "TOKEN_IN_QUERY", "A token in an address ends in logs; send it as a header.")
        ticket = taken_ticket(scope)
        shown = self._shown(headers)
        if shown is None and ticket is None:
            return self._unknown()
        if not await self._limiter.test(self._failures, "auth", address):
            raise Refusal(
                429, "RATE_LIMITED", "Too many wrong tokens from this address.", {"Retry-After": "60"}
            )
        if shown is None:
            scope["state"][BY_TICKET] = True
            found = self._tickets.take(ticket or "", scope["path"])
        else:
            found = await self._checked(shown, address)
        if found is None:
            await self._failed(address)
            raise unauthorized("TOKEN_INVALID", "The token is not valid.")
        return found

    async def _checked(self, shown: str, address: str) -> Visitor | None:
        """Return who shows a token; a refusal that says more than that it is wrong counts as one, too."""
        try:
            return await self._known(shown)
        except Refusal as refusal:
            if refusal.status_code == 401:
                await self._failed(address)
            raise

    async def _failed(self, address: str) -> None:
        log.warning("auth_failed", extra={"address": address})
        await self._limiter.hit(self._failures, "auth", address)

    def _shown(self, headers: Headers) -> str | None:
        """Return what a request shows; a scheme other than Bearer shows nothing that is valid."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if not scheme:
            return headers.get("x-api-key")
        return token.strip() if scheme.lower() == "bearer" else ""

    def _unknown(self) -> Visitor:
        if self._settings.auth is Auth.OFF:
            return Visitor.at_the_machine()
        if self._settings.auth is Auth.OPTIONAL:
            return Visitor(name=ANONYMOUS, is_at_home=True, scopes=ANYBODY)
        raise unauthorized("TOKEN_MISSING", "Send a key or a token as `Authorization: Bearer …`.")

    async def _known(self, shown: str) -> Visitor | None:
        if len(shown) > LONGEST_TOKEN:
            return None
        if secrets.compare_digest(shown.encode(), self._key.encode()):
            return Visitor.at_the_machine()
        if shown.startswith(API_KEY):
            found = await run_in_threadpool(self._workbench.api_keys.who, shown)
            if found is not None:
                self._note(found)
            return found
        return await self._bearer.who(shown) if self._bearer is not None else None

    def _note(self, visitor: Visitor) -> None:
        """Write down beside the request that a key is used: a store that is locked delays nobody."""

        async def note() -> None:
            try:
                await run_in_threadpool(self._workbench.api_keys.note_use, visitor)
            except StorageError as error:
                log.warning("that %s was used could not be written down: %s", visitor.name, error)

        task = asyncio.create_task(note())
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)
