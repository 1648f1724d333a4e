"""Service and pages with a real provider: its tokens, its change of keys, its death; one person is one."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from herd_engine.api import provider_keys
from herd_engine.api.oidc_settings import OidcSettings
from herd_engine.api.settings import ApiSettings, Auth
from herd_engine.model.visitor import Visitor
from herd_engine.settings import Settings
from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import PAYLOAD, Start, upload
from tests.herd_engine.api.provider import Provider
from tests.widgets.conftest import AtOnce
from widgets.view_models.history import PastRuns
from widgets.view_models.page_model import PageModel
from widgets.visit import Visit

AUDIENCE = "herd"


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    provider.start("one")
    yield provider
    provider.kill()


@pytest.fixture
def environment(provider: Provider) -> dict[str, str]:
    return {
        "HERD_API_OIDC_ISSUER": provider.issuer,
        "HERD_API_OIDC_AUDIENCE": AUDIENCE,
        "HERD_API_OIDC_ALIAS": "idp",
    }


def oidc_of(environment: dict[str, str]) -> OidcSettings | None:
    return OidcSettings.of(
        Settings(
            api_oidc_issuer=environment["HERD_API_OIDC_ISSUER"],
            api_oidc_audience=environment["HERD_API_OIDC_AUDIENCE"],
            api_oidc_alias=environment["HERD_API_OIDC_ALIAS"],
        )
    )


@pytest.fixture
def service(start: Start, bench: Workbench, environment: dict[str, str]) -> TestClient:
    """A service that takes tokens of the provider; Anna manages its farm."""
    bench.farms.grant(None, "idp:anna", "manager")
    return start(None, oidc=oidc_of(environment), auth=Auth.REQUIRED)


def asked(service: TestClient, token: str, path: str = "/api/v1/me") -> Any:
    return service.get(path, headers={"Authorization": f"Bearer {token}"})


def of(provider: Provider, sub: str, kid: str = "one", **claims: Any) -> str:
    return provider.token(kid, sub=sub, aud=AUDIENCE, **claims)


def test_a_token_opens_what_its_person_may_see(service: TestClient, provider: Provider) -> None:
    anna, boris, wrong = (
        of(provider, "anna"),
        of(provider, "boris"),
        provider.token("one", sub="anna", aud="x"),
    )
    small = of(provider, "anna", scope="herd:read")

    me = asked(service, anna).json()
    assert (me["principal"], [farm["role"] for farm in me["farms"]]) == ("idp:anna", ["manager"])
    assert asked(service, boris).json()["farms"] == []
    assert asked(service, boris, "/api/v1/runs").status_code == 404
    refused = asked(service, wrong)
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')
    assert "audience" not in refused.text.lower()
    post = service.post(
        "/api/v1/scenarios", headers={"Authorization": f"Bearer {small}"}, json={"name": "x", "payload": {}}
    )
    assert (post.status_code, post.json()["details"]) == (403, {"required_scope": "herd:write"})


def test_keys_change_and_the_provider_dies_and_returns(
    service: TestClient,
    provider: Provider,
    start: Start,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = of(provider, "anna")
    assert asked(service, old).status_code == 200

    provider.add_key("two")
    new = of(provider, "anna", "two")
    early = asked(service, new)
    assert (early.status_code, early.headers["retry-after"]) == (401, "30")
    monkeypatch.setattr(provider_keys, "BETWEEN_SECONDS", 0.0)  # half a minute has passed
    assert asked(service, new).status_code == 200

    provider.kill()
    monkeypatch.setattr(provider_keys, "FRESH_SECONDS", 0.0)  # and five minutes
    assert [asked(service, each).status_code for each in (old, new)] == [200, 200]
    cold = start(None, oidc=oidc_of(environment))
    away = asked(cold, old)
    assert (away.status_code, away.json()["code"], away.json()["retryable"]) == (
        503,
        "AUTH_UNAVAILABLE",
        True,
    )

    provider.start("three")
    monkeypatch.setattr(provider_keys, "COLD_SECONDS", 0.0)
    assert asked(cold, of(provider, "anna", "three")).status_code == 200
    assert [asked(cold, each).status_code for each in (old, new)] == [401, 401]


def test_one_person_is_one_owner_in_service_pages_and_history(
    service: TestClient, provider: Provider, bench: Workbench, environment: dict[str, str], farm_file: bytes
) -> None:
    service.headers["Authorization"] = f"Bearer {of(provider, 'anna')}"
    dataset = upload(service, farm_file).json()["id"]
    run = service.post("/api/v1/runs", json={"dataset_id": dataset, "payload": PAYLOAD}).json()["run"]

    def page(user: str) -> PageModel:
        visit = Visit.from_environment({**environment, "HTTP_X_FORWARDED_USER": user})
        return PageModel(bench.of(visit.visitor), visit, AtOnce())

    bench.farms.grant(None, "idp:boris", "manager")
    seen = {}
    for user in ("anna", "boris"):
        history = PastRuns(page(user))
        history.open()
        seen[user] = [row.id for row in history.rows]
    assert (run["owner"], seen) == ("idp:anna", {"anna": [run["id"]], "boris": []})
    from_page = page("anna").workbench.kept.submit(dataset, {**PAYLOAD, "seed": 6}).run.id
    mine = service.get("/api/v1/runs", params={"mine": True}).json()["items"]
    assert {each["id"] for each in mine} == {run["id"], from_page}
    assert page("anna").workbench.kept.cancel(run["id"]).status == "canceled"


def test_groups_of_a_token_and_of_a_proxy_are_the_same(
    service: TestClient, provider: Provider, bench: Workbench, environment: dict[str, str]
) -> None:
    bench.farms.grant(None, "group:idp:vets", "viewer")
    token = of(provider, "vera", groups=["vets"])
    visit = Visit.from_environment(
        {**environment, "HTTP_X_FORWARDED_USER": "vera", "HTTP_X_FORWARDED_GROUPS": "vets"}
    )

    assert [farm["role"] for farm in asked(service, token).json()["farms"]] == ["viewer"]
    assert visit.visitor == Visitor(name="idp:vera", groups=("idp:vets",), is_at_home=True)
    assert bench.of(visit.visitor).farms.role() == "viewer"


def test_settings_of_a_service_name_its_provider(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = ApiSettings.from_environment(None, "127.0.0.1")

    assert settings.oidc == oidc_of(environment)
