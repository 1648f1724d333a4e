"""Who may come in: who shows the key, once, and is known by a cookie from then on."""

import asyncio
import hmac
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.auth.identity import User
from jupyter_server.auth.login import LoginFormHandler
from tornado.web import HTTPError, RequestHandler
from voila.voila_identity_provider import VoilaIdentityProvider

from widgets.server.speaking import Speaking
from widgets.server.words import login_form

WINDOW_SECONDS = 60.0
MOST_WRONG = 10
"""In that time, from one address; whoever shows more is not listened to until some are forgotten."""
SLOW_SECONDS = 1.0
"""After which a wrong key is answered."""
MOST_ADDRESSES = 10_000


class WrongKeys:
    """Counts wrong keys, and tells when an address has shown too many.

    Parameters
    ----------
    clock : callable
        Seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._moments: dict[str, deque[float]] = {}

    def count(self, address: str) -> int:
        """Return how many an address has shown lately."""
        moments = self._moments.get(address, deque())
        while moments and moments[0] <= self._clock() - WINDOW_SECONDS:
            moments.popleft()
        return len(moments)

    def add(self, address: str) -> int:
        """Note one, and return how many the address has shown lately."""
        if address not in self._moments and len(self._moments) >= MOST_ADDRESSES:
            self._moments = {each: kept for each, kept in self._moments.items() if self.count(each)}
        self._moments.setdefault(address, deque(maxlen=MOST_WRONG)).append(self._clock())
        return self.count(address)


class KeyIdentity(VoilaIdentityProvider):  # type: ignore[misc]
    """Knows visitors by the key; wrong ones are slowed and counted. Without a key, all may come in."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._wrong = WrongKeys()

    async def get_user_token(self, handler: RequestHandler) -> User | None:
        """Return who shows a right key, in the address or in a header; None where none is shown or needed."""
        given = self.get_token(handler)
        if not (given and self.token and await self.is_right(given, handler.request.remote_ip or "")):
            return None
        known: User | None = self.get_user_cookie(handler)
        return known or self.generate_anonymous_user(handler)

    async def is_right(self, given: str, address: str) -> bool:
        """Tell whether a key is the right one, which takes a while where it is not.

        Raises
        ------
        HTTPError
            429: the address has shown too many wrong ones.
        """
        if self._wrong.count(address) >= MOST_WRONG:
            raise HTTPError(429, "too many wrong keys from %s", address)
        if hmac.compare_digest(given.encode(), self.token.encode()):
            return True
        # Counted before the pause: many at once are not a way around it.
        self.log.warning("A wrong key from %s, %d within a minute.", address, self._wrong.add(address))
        await asyncio.sleep(SLOW_SECONDS)
        return False


class LoginHandler(Speaking, LoginFormHandler):
    """Asks for the key. ``next``, a path of ours, is where the visitor wanted to go."""

    def check_xsrf_cookie(self) -> None:
        """Ask for nothing more: the gate has let no other page through."""

    @allow_unauthenticated
    def get(self) -> None:
        """Ask for the key, or send on who has shown it already."""
        if self.current_user:
            self._go_on()
        else:
            self._ask("login")

    @allow_unauthenticated
    async def post(self) -> None:
        """Take the key."""
        identity, given = self.identity_provider, self.get_body_argument("password", "")
        if not (isinstance(identity, KeyIdentity) and await identity.is_right(given, self._address())):
            self._ask("login_wrong", status=401)
            return
        identity.set_login_cookie(self, identity.generate_anonymous_user(self))
        self._go_on()

    def _ask(self, name: str, *, status: int = 200) -> None:
        self.say(name, status=status, content=login_form(self.texts, self.request.uri or ""))

    def _address(self) -> str:
        return self.request.remote_ip or ""

    def _go_on(self) -> None:
        self._redirect_safe(self.get_query_argument("next", self.base_url))  # type: ignore[no-untyped-call]
