"""The keys that a provider signs with: kept while it is away, fetched anew when it changes them.

A set is fetched anew in the background after four minutes, at the latest after five, so that a key that was
withdrawn opens nothing any more after that. While the provider does not answer, the last set is used for a
day. A token that names an unknown key makes us look once in half a minute: who makes up such names can make
neither us nor the provider work. A new key should be published ten minutes before it signs.
"""

import asyncio
import json
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from fastapi.concurrency import run_in_threadpool

from herd_engine.api.oidc_settings import is_safe

log = logging.getLogger(__name__)
FRESH_SECONDS, SOON_SECONDS = 300.0, 240.0
KEPT_SECONDS = 24 * 3600.0
BETWEEN_SECONDS = 30.0
COLD_SECONDS = 2.0
"""Between attempts while there is no set at all: nobody can come in before there is one."""
TIMEOUT_SECONDS = 5.0
LARGEST_ANSWER = 1 << 20
LEAST_RSA_BITS = 2048
Keys = dict[str, jwt.PyJWK]
Fetch = Callable[[str], dict[str, Any]]


class ProviderAway(Exception):  # noqa: N818 - a state, told by 503
    """The provider does not answer, and no set of keys is young enough to be used."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any) -> None:
        """Go nowhere else: an answer that leads away is a failure."""


def fetch_json(address: str) -> dict[str, Any]:
    """Return the JSON object at an address of the provider.

    Raises
    ------
    OSError, ValueError
    """
    if not is_safe(address):
        raise ValueError(f"{address} is neither https nor of this machine")
    opener = urllib.request.build_opener(_NoRedirect())
    with opener.open(address, timeout=TIMEOUT_SECONDS) as answer:  # an https or loopback address
        data = answer.read(LARGEST_ANSWER + 1)
    if len(data) > LARGEST_ANSWER:
        raise ValueError(f"{address} answers more than {LARGEST_ANSWER} bytes")
    found = json.loads(data)
    if not isinstance(found, dict):
        raise ValueError(f"{address} answers no object")  # noqa: TRY004 - of what was fetched, not of a type
    return found


class ProviderKeys:
    """The keys of one provider.

    Parameters
    ----------
    issuer : str
    fetch : callable
        Returns the JSON object at an address.
    clock : callable
        Seconds.
    """

    def __init__(
        self, issuer: str, fetch: Fetch = fetch_json, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer, self._fetch, self._clock = issuer, fetch, clock
        self._keys: Keys = {}
        self._listed = ""
        self._fetched_at: float | None = None
        self._tried_at = -float("inf")
        self._fetching = asyncio.Lock()
        self._background: asyncio.Task[None] | None = None
        self.version = 0
        """Grows whenever the set is another one: what was verified before is verified again."""
        self.told: Callable[[str], None] = lambda _: None
        """Gets after each fetch how it was: ``good`` or ``failed``."""

    async def refresh(self) -> None:
        """Have a set that may be used.

        Raises
        ------
        ProviderAway
        """
        age, has_failed = self._age(), self._fetched_at is not None and self._tried_at > self._fetched_at
        if age > KEPT_SECONDS:
            await self._renew(COLD_SECONDS)
        elif age >= FRESH_SECONDS and not has_failed:
            await self._renew(BETWEEN_SECONDS)
        elif age >= SOON_SECONDS and (self._background is None or self._background.done()):
            # Nobody waits for a provider that may be away: what is known is good enough meanwhile.
            self._background = asyncio.create_task(self._renew(BETWEEN_SECONDS))
        if self._age() > KEPT_SECONDS:
            raise ProviderAway

    async def find(self, kid: str) -> jwt.PyJWK | None:
        """Return the key of this name; an unknown one is looked for at the provider, now and then.

        Raises
        ------
        ProviderAway
        """
        await self.refresh()
        if kid not in self._keys:
            await self._renew(BETWEEN_SECONDS)
        return self._keys.get(kid)

    def age_seconds(self) -> float:
        """Return how old the set is; 0 while nobody has needed it."""
        return 0.0 if self._tried_at == -float("inf") else self._age()

    def _age(self) -> float:
        return float("inf") if self._fetched_at is None else self._clock() - self._fetched_at

    async def _renew(self, between_seconds: float) -> None:
        """Fetch the set, unless that was tried a moment ago; what goes wrong leaves the old one."""
        async with self._fetching:
            if self._clock() - self._tried_at < between_seconds:
                return
            self._tried_at = self._clock()
            try:
                listed = await run_in_threadpool(self._read)
            except (OSError, ValueError) as error:
                log.warning("the keys of %s could not be fetched: %s", self._issuer, error)
                self.told("failed")
                return
            self._fetched_at = self._clock()
            self.told("good")
            text = json.dumps(listed, sort_keys=True)
            if text != self._listed:
                found = [key for each in listed if (key := usable(each)) is not None]
                self._keys = {str(key.key_id): key for key in found}
                self._listed, self.version = text, self.version + 1

    def _read(self) -> list[Any]:
        described = self._fetch(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if described.get("issuer") != self._issuer:
            raise ValueError(f"it calls itself {str(described.get('issuer'))[:200]}")
        listed = self._fetch(str(described.get("jwks_uri"))).get("keys")
        if not isinstance(listed, list):
            raise ValueError("it lists no keys")  # noqa: TRY004 - of what was fetched, not of a type
        return listed


def usable(data: Any) -> jwt.PyJWK | None:
    """Return a public key that signs and has a name; None for another one, or one that is too weak."""
    if not isinstance(data, dict) or data.get("kty") not in ("RSA", "EC", "OKP"):
        return None
    if data.get("use", "sig") != "sig" or not isinstance(data.get("kid"), str):
        return None
    try:
        key = jwt.PyJWK({name: value for name, value in data.items() if name != "d"})
    except jwt.PyJWTError as error:
        log.warning("a key of the provider cannot be used: %s", error)
        return None
    if isinstance(key.key, RSAPublicKey) and key.key.key_size < LEAST_RSA_BITS:
        return None
    return key
