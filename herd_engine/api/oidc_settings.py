"""Whose tokens are taken, and what of them says who somebody is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from herd_engine.errors import ParameterError
from herd_engine.model.visitor import EVERY_SCOPE, RESERVED, Role, Visitor, issuer_alias, stamped
from herd_engine.settings import Settings

ALGORITHMS = ("RS256", "ES256", "EdDSA")
"""What a provider may sign with: none of them lets who checks a signature make one."""
FALLBACKS = ("user_id", "UserID", "sub", "uid")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ISSUER, AUDIENCE = "HERD_API_OIDC_ISSUER", "HERD_API_OIDC_AUDIENCE"


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """One provider.

    Attributes
    ----------
    issuer : str
        As its tokens name it; where it is found, too.
    audience : tuple of str
        Whom its tokens must be for: one of these.
    alias : str
        Stands before the names of its people.
    algorithms : tuple of str
    user_claims : tuple of str
        The first of these that says something is who somebody is.
    groups_claim : str
    role_claim, farms_claim : str
        Which role a token gives, on which farms; empty where tokens give none.
    """

    issuer: str
    audience: tuple[str, ...]
    alias: str
    algorithms: tuple[str, ...] = ALGORITHMS
    user_claims: tuple[str, ...] = FALLBACKS
    groups_claim: str = "groups"
    role_claim: str = ""
    farms_claim: str = ""

    def __post_init__(self) -> None:
        if not is_safe(self.issuer):
            raise ParameterError(ISSUER, self.issuer, "be an https address, or one of this machine")
        if not self.audience:
            raise ParameterError(AUDIENCE, "nothing", "say whom tokens must be for")
        if wrong := set(self.algorithms) - set(ALGORITHMS):
            rule = f"be some of {', '.join(ALGORITHMS)}"
            raise ParameterError("HERD_API_OIDC_ALGORITHMS", ", ".join(sorted(wrong)), rule)
        if not self.alias or ":" in self.alias or f"{self.alias}:" in RESERVED:
            raise ParameterError("HERD_API_OIDC_ALIAS", self.alias, "be a word of its own, without a colon")

    @classmethod
    def of(cls, said: Settings) -> Self | None:
        """Return the provider that the settings name; None where they name none.

        Raises
        ------
        ParameterError
        """
        if not said.api_oidc_issuer:
            return None
        wanted = said.api_user_claim or said.sso_user_id_claim
        is_strict = bool(wanted) and said.api_user_claim_strict
        claims = tuple(dict.fromkeys(filter(None, (wanted, *(() if is_strict else FALLBACKS)))))
        return cls(
            issuer=said.api_oidc_issuer,
            audience=_words(said.api_oidc_audience),
            alias=issuer_alias(said.api_oidc_issuer, said.api_oidc_alias),
            algorithms=_words(said.api_oidc_algorithms) or ALGORITHMS,
            user_claims=claims,
            groups_claim=said.api_groups_claim,
            role_claim=said.api_role_claim,
            farms_claim=said.api_farms_claim,
        )

    def visitor(self, claims: Mapping[str, Any]) -> Visitor | None:
        """Return who a token is of; None where it does not say that in a way that can be stamped."""
        said = (claims.get(name) for name in self.user_claims)
        name = next((text for value in said if (text := _name(value))), None)
        if name is None:
            return None
        try:
            stamp = stamped(name, self.alias)
            groups = tuple(stamped(group, self.alias) for group in _texts(claims.get(self.groups_claim)))
        except ParameterError:
            return None
        return Visitor(name=stamp, groups=groups, scopes=_scopes(claims), claimed=self._claimed(claims))

    def _claimed(self, claims: Mapping[str, Any]) -> tuple[tuple[str, Role], ...]:
        if not (self.role_claim and self.farms_claim):
            return ()
        roles = [Role(word) for word in _texts(claims.get(self.role_claim)) if word in tuple(Role)]
        farms = _texts(claims.get(self.farms_claim))
        return tuple((farm, role) for farm in farms for role in roles)


def is_safe(address: str) -> bool:
    """Tell whether what is fetched from an address can be trusted: over TLS, or from this machine."""
    parts = urlsplit(address)
    is_own = parts.scheme == "http" and parts.hostname in LOOPBACK
    return is_own or (parts.scheme == "https" and bool(parts.hostname))


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """Return to what a token limits itself; a token that names none of our scopes does not."""
    ours = EVERY_SCOPE & {*_texts(claims.get("scope")), *_texts(claims.get("scp"))}
    return ours or EVERY_SCOPE


def _name(value: object) -> str:
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, int | str) else ""


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
