"""Tokens of a provider: which are taken, whose they are; keys that change, are withdrawn, cannot be fetched.

The provider is played by keys of our own here; the attacks are those that RFC 8725 warns of.
"""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from herd_engine.api import provider_keys
from herd_engine.api.bearer import Bearer
from herd_engine.api.oidc_settings import OidcSettings
from herd_engine.api.problems import Refusal
from herd_engine.api.provider_keys import BETWEEN_SECONDS, KEPT_SECONDS, ProviderAway, ProviderKeys
from herd_engine.errors import ParameterError
from herd_engine.model.visitor import EVERY_SCOPE, Role, Visitor
from herd_engine.settings import Settings

ISSUER, AUDIENCE = "https://login.example", "herd"
SETTINGS = OidcSettings(issuer=ISSUER, audience=(AUDIENCE,), alias="idp")
RSA = rsa.generate_private_key(65537, 2048)
OTHER_RSA = rsa.generate_private_key(65537, 2048)
WEAK_RSA = rsa.generate_private_key(65537, 1024)  # noqa: S505 - to be refused
CURVE, EDWARDS = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
DAY = 86_400.0


def published(key: Any, kid: str, algorithm: str) -> dict[str, Any]:
    kinds: dict[str, Any] = {"RS256": jwt.algorithms.RSAAlgorithm, "ES256": jwt.algorithms.ECAlgorithm}
    kind = kinds.get(algorithm, jwt.algorithms.OKPAlgorithm)
    return {**kind.to_jwk(key.public_key(), as_dict=True), "kid": kid, "alg": algorithm, "use": "sig"}


@dataclass
class Provider:
    """What a provider answers, when, and how often it was asked."""

    keys: list[dict[str, Any]] = field(default_factory=lambda: [published(RSA, "one", "RS256")])
    is_away: bool = False
    asked: list[str] = field(default_factory=list)
    now: float = 1_000.0

    def fetch(self, address: str) -> dict[str, Any]:
        self.asked.append(address)
        if self.is_away:
            raise ConnectionRefusedError(address)
        if address.endswith("/.well-known/openid-configuration"):
            return {"issuer": ISSUER, "jwks_uri": f"{ISSUER}/keys"}
        return {"keys": self.keys}

    @property
    def fetches(self) -> int:
        """How often its keys were wanted."""
        return sum(address.endswith("configuration") for address in self.asked)


@pytest.fixture
def provider() -> Provider:
    return Provider()


def claims(**other: Any) -> dict[str, Any]:
    now = int(time.time())
    known = {"iss": ISSUER, "aud": AUDIENCE, "sub": "anna", "iat": now, "exp": now + 600}
    return {name: value for name, value in {**known, **other}.items() if value is not None}


def token(
    key: Any = RSA, algorithm: str = "RS256", kid: str | None = "one", header: Any = None, **other: Any
) -> str:
    headers = {"typ": "at+jwt", **({} if kid is None else {"kid": kid}), **(header or {})}
    return jwt.encode(claims(**other), key, algorithm, headers)


def part(document: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def bearer(provider: Provider, settings: OidcSettings = SETTINGS) -> Bearer:
    return Bearer(settings, ProviderKeys(ISSUER, provider.fetch, lambda: provider.now))


def who(text: str, provider: Provider, settings: OidcSettings = SETTINGS) -> Visitor | None:
    return asyncio.run(bearer(provider, settings).who(text))


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (CURVE, "ES256"), (EDWARDS, "EdDSA")])
def test_a_right_token_says_who_asks(provider: Provider, key: Any, algorithm: str) -> None:
    provider.keys = [published(key, "one", algorithm)]
    found = who(token(key, algorithm, groups=["vets"], scope="openid herd:read"), provider)

    assert found is not None
    assert (found.name, found.groups, found.scopes) == ("idp:anna", ("idp:vets",), {"herd:read"})
    assert (found.is_owner, found.is_at_home) == (False, False)
    assert who(token(key, algorithm, aud=["other", AUDIENCE], header={"typ": "JWT"}), provider) is not None


def signed_with_the_public_key() -> str:
    """Return a token whose signature is a hash with the public key, which everybody knows."""
    public = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    start = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'one'})}.{part(claims())}"
    signature = hmac.digest(public, start.encode(), "sha256")
    return f"{start}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def changed() -> str:
    """Return a token of Anna that says Boris."""
    start, _, end = token().split(".")
    return f"{start}.{part(claims(sub='boris'))}.{end}"


def unsigned(algorithm: str) -> str:
    return f"{part({'alg': algorithm, 'typ': 'JWT', 'kid': 'one'})}.{part(claims())}."


NOW = int(time.time())  # of the collection: the tests may come an hour later
REQUIRED = ("exp", "iat", "sub", "iss", "aud")
ATTACKS: dict[str, Callable[[], str]] = {
    "wrong audience": lambda: token(aud="another"),
    "wrong issuer": lambda: token(iss="https://evil.example"),
    "issuer with a slash more": lambda: token(iss=f"{ISSUER}/"),
    "ended": lambda: token(exp=NOW - 60),
    "not yet valid": lambda: token(nbf=NOW + 86_400),
    "issued in the future": lambda: token(iat=NOW + 86_400),
    "unsigned": lambda: unsigned("none"),
    "unsigned, in capitals": lambda: unsigned("NONE"),
    "unsigned, said to be signed": lambda: unsigned("RS256"),
    "hashed with the public key": signed_with_the_public_key,
    "changed": changed,
    "another key under a known name": lambda: token(OTHER_RSA),
    "another algorithm of the same key": lambda: token(algorithm="RS512"),
    "a signature of another curve": lambda: token(CURVE, "ES256"),
    "no name of a key": lambda: token(kid=None),
    "its own key in the header": lambda: token(
        OTHER_RSA, header={"jwk": published(OTHER_RSA, "one", "RS256")}
    ),
    "address of keys in the header": lambda: token(header={"jku": "https://evil.example/keys"}),
    "address of a certificate": lambda: token(header={"x5u": "https://evil.example/cert"}),
    "a certificate in the header": lambda: token(header={"x5c": ["MIIB"]}),
    "something critical": lambda: token(header={"crit": ["exp"], "exp": 1}),
    "a wrong type": lambda: token(header={"typ": "logout+jwt"}),
    "no type": lambda: token(header={"typ": None}),
    **{f"without {name}": lambda name=name: token(**{name: None}) for name in REQUIRED},
    "an end that is no number": lambda: token(exp="soon"),
    "nothing": lambda: "",
    "two parts": lambda: token().rpartition(".")[0],
    "no JSON": lambda: "e30.e30.e30",
    "bytes": lambda: "\x00\xff.\x00.\x00",
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_wrong_token_is_refused_and_leads_nowhere(provider: Provider, attack: str) -> None:
    assert who(ATTACKS[attack](), provider) is None
    assert {address.partition("/.")[0].removesuffix("/keys") for address in provider.asked} == {ISSUER}


def test_keys_that_sign_badly_are_no_keys(provider: Provider) -> None:
    secret = {"kty": "oct", "kid": "secret", "k": "c2VjcmV0", "alg": "HS256"}
    encrypting = {**published(RSA, "encrypts", "RS256"), "use": "enc"}
    provider.keys = [secret, encrypting, published(WEAK_RSA, "weak", "RS256"), {"kty": "RSA"}, "no key"]  # type: ignore[list-item]
    keys = ProviderKeys(ISSUER, provider.fetch, lambda: provider.now)

    async def named() -> list[Any]:
        return [await keys.find(name) for name in ("secret", "encrypts", "weak")]

    assert asyncio.run(named()) == [None] * 3


@pytest.mark.parametrize(
    ("settings", "said", "expected"),
    [
        ({}, {"user_id": "7", "sub": "anna"}, "idp:7"),
        ({}, {"user_id": 7}, "idp:7"),
        ({}, {"user_id": True, "UserID": "", "sub": "anna"}, "idp:anna"),
        ({"user_claims": ("email",)}, {"email": "a@b.example"}, "idp:a@b.example"),
        ({"user_claims": ("email", "sub")}, {}, "idp:anna"),
        ({}, {"sub": "local"}, "idp:local"),
        ({"alias": "other"}, {}, "other:anna"),
    ],
)
def test_people_are_stamped_by_the_first_claim_that_says_something(
    provider: Provider, settings: dict[str, Any], said: dict[str, Any], expected: str
) -> None:
    found = who(token(**said), provider, replace(SETTINGS, **settings))

    assert found is not None
    assert found.name == expected


@pytest.mark.parametrize("name", ["a\nb", "x" * 300, "  "])
def test_a_token_that_does_not_say_who_is_refused(provider: Provider, name: str) -> None:
    strict = replace(SETTINGS, user_claims=("name",))
    for said in ({"name": name}, {}):
        with pytest.raises(Refusal) as caught:
            who(token(**said), provider, strict)
        assert (caught.value.status_code, caught.value.code) == (401, "TOKEN_CLAIMS_INVALID")


def test_a_token_gives_roles_on_farms_where_that_is_configured(provider: Provider) -> None:
    said = {"roles": ["manager", "king"], "farms": ["North"]}
    plain, configured = SETTINGS, replace(SETTINGS, role_claim="roles", farms_claim="farms")
    found = [who(token(**said), provider, settings) for settings in (plain, configured)]

    assert [each and each.claimed for each in found] == [(), (("North", Role.MANAGER),)]
    assert found[0] is not None
    assert found[0].scopes == EVERY_SCOPE


def test_settings_are_read_and_wrong_ones_refused() -> None:
    asked = {
        "HERD_API_OIDC_ISSUER": "https://Login.example/realm", "HERD_API_OIDC_AUDIENCE": "herd, portal",
        "SSO_USER_ID_CLAIM": "uid", "HERD_API_USER_CLAIM_STRICT": "1",
    }  # fmt: skip

    def read(said: dict[str, str]) -> OidcSettings | None:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in said.items():
                patch.setenv(name, value)
            return OidcSettings.of(Settings.read())

    found = read(asked)

    assert found is not None
    assert (found.alias, found.audience, found.user_claims) == ("login.example", ("herd", "portal"), ("uid",))
    assert read({}) is None
    for wrong in (
        {"HERD_API_OIDC_ISSUER": "http://login.example"},
        {"HERD_API_OIDC_AUDIENCE": ""},
        {"HERD_API_OIDC_ALGORITHMS": "RS256,HS256"},
        {"HERD_API_OIDC_ALGORITHMS": "none"},
        {"HERD_API_OIDC_ALIAS": "key"},
        {"HERD_API_OIDC_ALIAS": "a:b"},
    ):
        with pytest.raises(ParameterError):
            read({**asked, **wrong})


def test_a_thousand_made_up_names_of_keys_make_the_provider_work_once(provider: Provider) -> None:
    checking = bearer(provider)

    async def flood() -> list[int]:
        refused = []
        for number in range(1000):
            with pytest.raises(Refusal) as caught:
                await checking.who(token(kid=f"made up {number}"))
            refused.append(caught.value.status_code)
            assert caught.value.headers == {
                "WWW-Authenticate": 'Bearer error="invalid_token"',
                "Retry-After": "30",
            }
        return refused

    assert set(asyncio.run(flood())) == {401}
    assert provider.fetches <= 2


def test_a_new_key_is_known_half_a_minute_later_and_a_withdrawn_one_not_for_long(provider: Provider) -> None:
    checking = bearer(provider)

    async def story() -> None:
        old, new = token(), token(OTHER_RSA, kid="two")
        assert await checking.who(old) is not None
        provider.keys = [published(OTHER_RSA, "two", "RS256")]
        with pytest.raises(Refusal):
            await checking.who(new)
        provider.now += BETWEEN_SECONDS
        assert await checking.who(new) is not None
        with pytest.raises(Refusal):  # although it was remembered
            await checking.who(old)

    asyncio.run(story())


def test_a_withdrawn_key_ends_without_anybody_asking_for_a_new_one(provider: Provider) -> None:
    checking = bearer(provider)

    async def story() -> None:
        assert await checking.who(token()) is not None
        provider.keys = []
        provider.now += 330
        with pytest.raises(Refusal):
            await checking.who(token())

    asyncio.run(story())


def test_a_provider_that_is_away_keeps_nobody_out_for_a_day(provider: Provider) -> None:
    checking = bearer(provider)

    async def story() -> None:
        assert await checking.who(token()) is not None
        provider.is_away = True
        for _ in range(24):
            provider.now += DAY / 24 - 1
            assert await checking.who(token()) is not None
        provider.now = 1_000 + KEPT_SECONDS + 1
        with pytest.raises(Refusal) as caught:
            await checking.who(token())
        assert (caught.value.status_code, caught.value.code) == (503, "AUTH_UNAVAILABLE")
        provider.is_away = False
        provider.now += BETWEEN_SECONDS
        assert await checking.who(token()) is not None

    asyncio.run(story())


def test_without_any_keys_nobody_is_called_a_liar(provider: Provider) -> None:
    provider.is_away = True
    keys = ProviderKeys(ISSUER, provider.fetch, lambda: provider.now)

    async def ask() -> None:
        for _ in range(50):
            with pytest.raises(ProviderAway):
                await keys.find("one")

    asyncio.run(ask())
    assert provider.fetches == 1


@pytest.mark.parametrize(
    "answer", [{"issuer": "https://evil.example", "jwks_uri": f"{ISSUER}/keys"}, {"issuer": ISSUER}, {}]
)
def test_a_provider_that_calls_itself_otherwise_is_not_believed(
    provider: Provider, answer: dict[str, Any]
) -> None:
    keys = ProviderKeys(ISSUER, lambda _: answer, lambda: provider.now)

    with pytest.raises(ProviderAway):
        asyncio.run(keys.find("one"))


@pytest.mark.parametrize("address", ["http://login.example/keys", "file:///etc/passwd", "None", ""])
def test_keys_are_fetched_safely_or_not_at_all(address: str) -> None:
    with pytest.raises(ValueError, match="neither https"):
        provider_keys.fetch_json(address)
