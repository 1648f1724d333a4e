"""Tokens of a provider: whose they are, and that they are right."""

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt

from herd_engine.api.oidc_settings import OidcSettings
from herd_engine.api.problems import Refusal, unauthorized
from herd_engine.api.provider_keys import BETWEEN_SECONDS, ProviderAway, ProviderKeys
from herd_engine.model.visitor import Visitor

log = logging.getLogger(__name__)
TYPES = ("jwt", "at+jwt", "application/at+jwt")
LEADING_AWAY = ("jku", "x5u", "jwk", "x5c", "crit")
"""Headers by which a token says itself how to check it, or what more must be understood."""
LEEWAY_SECONDS = 30
REMEMBERED_SECONDS, MOST_REMEMBERED = 60.0, 10_000


@dataclass(frozen=True, slots=True)
class _Known:
    visitor: Visitor
    ends_at: float


class Bearer:
    """Checks tokens.

    Parameters
    ----------
    settings : OidcSettings
    keys : ProviderKeys
    clock : callable
        Seconds since 1970, as tokens count them.
    """

    def __init__(
        self, settings: OidcSettings, keys: ProviderKeys | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._settings, self._clock = settings, clock
        self.keys = keys or ProviderKeys(settings.issuer)
        self._known: dict[bytes, _Known] = {}
        self._version = 0

    async def who(self, token: str) -> Visitor | None:
        """Return whose token this is; None where it is not valid: why goes to the log, not to the caller.

        Raises
        ------
        Refusal
            503: the provider does not answer, and its keys are not known. 401: its key is not known yet,
            or it does not say who somebody is.
        """
        try:
            await self.keys.refresh()
            if self._version != self.keys.version:
                self._known, self._version = {}, self.keys.version
            name = hashlib.sha256(token.encode()).digest()
            known = self._known.get(name)
            if known is not None and self._clock() < known.ends_at:
                return known.visitor
            claims = await self._claims(token)
        except ProviderAway:
            text = "Who you are cannot be checked just now: the provider does not answer."
            raise Refusal(503, "AUTH_UNAVAILABLE", text, {"Retry-After": "5"}) from None
        except jwt.PyJWTError as error:
            log.info("a token was refused: %s", error)
            return None
        found = self._settings.visitor(claims)
        if found is None:
            raise unauthorized("TOKEN_CLAIMS_INVALID", "The token does not say who you are.")
        self._remember(name, found, float(claims["exp"]))
        return found

    async def _claims(self, token: str) -> dict[str, Any]:
        header = jwt.get_unverified_header(token)
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in self._settings.algorithms:
            raise jwt.InvalidAlgorithmError(f"signed with {algorithm!r}")
        if str(header.get("typ", "")).lower() not in TYPES:
            raise jwt.InvalidTokenError(f"of the type {header.get('typ')!r}")
        if strange := [each for each in LEADING_AWAY if each in header]:
            raise jwt.InvalidTokenError(f"its header has {', '.join(strange)}")
        if not isinstance(kid, str):
            raise jwt.InvalidTokenError("it names no key")
        key = await self.keys.find(kid)
        if key is None:
            log.info("a token names the key %r, which is not known", kid[:100])
            wait = {"Retry-After": f"{BETWEEN_SECONDS:.0f}"}
            raise unauthorized("TOKEN_INVALID", "The token is not valid.", **wait)
        if key.algorithm_name != algorithm:
            raise jwt.InvalidAlgorithmError(f"its key does not sign with {algorithm}")
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[str(algorithm)],
            audience=self._settings.audience,
            issuer=self._settings.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iat", "sub", "iss", "aud"]},
        )
        return claims

    def _remember(self, name: bytes, visitor: Visitor, expires_at: float) -> None:
        if len(self._known) >= MOST_REMEMBERED:
            self._known.pop(next(iter(self._known)))  # the oldest
        ends_at = min(self._clock() + REMEMBERED_SECONDS, expires_at)
        self._known[name] = _Known(visitor, ends_at)
