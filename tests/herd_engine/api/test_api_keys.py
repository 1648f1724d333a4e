"""Keys for programs: made, used, limited, ended; and tickets for what sends no header."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from herd_engine.api.settings import Auth
from herd_engine.api.tickets import LIVES_SECONDS, Tickets
from herd_engine.errors import ForbiddenError, ParameterError
from herd_engine.model.visitor import Visitor
from herd_engine.runs.kept_api_keys import HOME_PEPPER, PEPPER, PEPPER_FILE, pepper
from herd_engine.storage import api_keys
from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import KEY, Start, home_of, upload

READ, RUN, WRITE, ADMIN = "herd:read", "herd:run", "herd:write", "herd:admin"


def make(client: TestClient, *scopes: str, **more: Any) -> dict[str, Any]:
    wanted = {"name": "portal", "scopes": scopes or [READ], **more}
    answer = client.post("/api/v1/me/api-keys", json=wanted)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_key_opens_what_it_was_made_for_and_nothing_else(
    start: Start, client: TestClient, farm_file: bytes
) -> None:
    key = make(client)["key"]
    program = start(key)
    other_header = start(None).get("/api/v1/me", headers={"X-API-Key": key})

    assert re.fullmatch(r"hk_[a-z0-9]{8}_[A-Za-z0-9_-]{43}_[0-9a-f]{6}", key)
    assert program.get("/api/v1/me").json()["principal"] == f"key:{key[3:11]}"
    assert other_header.json()["scopes"] == [READ]
    assert program.get("/api/v1/runs").status_code == 200
    refused = upload(program, farm_file)
    assert (refused.status_code, refused.json()["details"]) == (403, {"required_scope": WRITE})
    assert [start(key[:-1] + letter).get("/api/v1/me").status_code for letter in "xg"] == [401, 401]


def test_what_is_kept_of_a_key_is_no_key(client: TestClient, bench: Workbench) -> None:
    made = make(client)
    row = bench.kept.store.database
    with row.reading() as connection:
        kept = str(connection.exec_driver_sql("SELECT * FROM api_key").all())

    assert made["key"].split("_", 2)[2] not in kept
    assert made["key"] not in client.get("/api/v1/me/api-keys").text
    assert "hash" not in made["api_key"]


def test_a_key_that_was_revoked_or_has_ended_opens_nothing(
    start: Start, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make(client), make(client, days=1)
    assert start(second["key"]).get("/api/v1/me").status_code == 200

    ended = client.delete(f"/api/v1/me/api-keys/{first['api_key']['beginning']}")
    moment = api_keys.now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr(api_keys, "now", lambda: moment)

    assert ended.json()["revoked_at"] is not None
    for made in (first, second):
        answer = start(made["key"]).get("/api/v1/me")
        assert (answer.status_code, answer.json()["code"]) == (401, "TOKEN_INVALID")


def test_a_key_does_on_its_farms_what_its_maker_may(start: Start, bench: Workbench) -> None:
    for farm in ("North", "South"):
        bench.farms.add(farm)
        bench.farms.grant(farm, "anna", "manager")
    bench.farms.grant("North", "boris", "admin")
    anna = bench.of(Visitor(name="anna"))
    key = start(anna.api_keys.create("portal", [READ, WRITE], ["North"]).key)

    assert key.get("/api/v1/runs", params={"farm": "North"}).status_code == 200
    assert key.get("/api/v1/runs", params={"farm": "South"}).status_code == 404
    bench.farms.grant("North", "anna", "viewer")
    refused = key.post("/api/v1/scenarios", params={"farm": "North"}, json={"name": "x", "payload": {}})
    assert refused.status_code == 403
    bench.farms.revoke("North", "anna")
    assert key.get("/api/v1/runs", params={"farm": "North"}).status_code == 404


def test_nobody_makes_a_key_that_may_more_than_they(
    start: Start, client: TestClient, bench: Workbench
) -> None:
    bench.farms.add("North")
    bench.farms.grant("North", "vera", "viewer")
    vera = bench.of(Visitor(name="vera")).api_keys
    for scopes in ([RUN], [READ, ADMIN]):
        with pytest.raises(ForbiddenError):
            vera.create("mine", scopes)
    for wrong in ({"scopes": ["herd:all"]}, {"scopes": []}, {"days": 366}):
        assert (
            client.post("/api/v1/me/api-keys", json={"name": "x", "scopes": [READ], **wrong}).status_code
            == 422
        )
    program = start(make(client, READ, ADMIN)["key"])
    assert program.post("/api/v1/me/api-keys", json={"name": "x", "scopes": [READ]}).status_code == 403
    assert start(None, auth=Auth.OPTIONAL).get("/api/v1/me/api-keys").status_code == 401


def test_one_sees_ones_own_keys_and_the_owner_all(client: TestClient, bench: Workbench) -> None:
    bench.farms.grant(None, "anna", "viewer")
    anna = bench.of(Visitor(name="anna")).api_keys
    hers, mine = anna.create("hers", [READ]).api_key, make(client)["api_key"]

    assert [key.id for key in anna.list()] == [hers.id]
    listed = client.get("/api/v1/admin/api-keys").json()["items"]
    assert {each["id"] for each in listed} == {hers.id, mine["id"]}
    with pytest.raises(Exception, match=mine["beginning"]):
        anna.revoke(mine["beginning"])
    assert client.delete(f"/api/v1/admin/api-keys/{hers.id}").status_code == 200
    assert client.delete(f"/api/v1/admin/api-keys/{hers.id}").status_code == 200  # noted once

    about = f"api_key/{hers.id}"
    noted = [(row.action, row.actor, row.new) for row in bench.alerts.audit() if row.object == about]
    said = {"name": "hers", "scopes": [READ], "farms": None, "until": hers.expires_at.isoformat()}
    assert sorted(noted, key=lambda row: row[0]) == [
        ("KEY_CREATED", "anna", said),
        ("KEY_REVOKED", "local", {"name": "hers"}),
    ]


def test_that_a_key_is_used_is_written_down_once_a_minute(
    start: Start, client: TestClient, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make(client)
    visitor = bench.api_keys.who(made["key"])
    assert visitor is not None
    moments = []
    for seconds in (0, 30, 61):
        later = api_keys.now() + timedelta(seconds=seconds)
        monkeypatch.setattr(api_keys, "now", lambda later=later: later)
        bench.api_keys.note_use(visitor)
        moments.append(bench.api_keys.list()[0].last_used_at)

    assert moments[0] == moments[1] is not None
    assert moments[2] > moments[1]


def test_another_pepper_makes_every_key_a_stranger(
    start: Start, client: TestClient, bench: Workbench, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key = start(make(client)["key"])
    assert (home_of(bench) / HOME_PEPPER).stat().st_mode & 0o077 == 0

    monkeypatch.setenv(PEPPER, "p" * 32)
    assert key.get("/api/v1/me").status_code == 401
    monkeypatch.setenv(PEPPER, "too short")
    with pytest.raises(ParameterError, match="32 bytes"):
        pepper(home_of(bench))
    (tmp_path / "pepper").write_text("q" * 40 + "\n")
    monkeypatch.setenv(PEPPER_FILE, str(tmp_path / "pepper"))
    assert pepper(home_of(bench)) == b"q" * 40


def nobody_of(client: TestClient) -> TestClient:
    """Return a client of the same service that shows nothing."""
    return TestClient(client.app, base_url="http://127.0.0.1:8867")


def test_a_ticket_opens_one_address_once(client: TestClient) -> None:
    nobody = nobody_of(client)

    def opened(path: str, ticket: str) -> int:
        return nobody.get(path, params={"ticket": ticket}).status_code

    def given(path: str) -> str:
        answer = client.post("/api/v1/tickets", json={"path": path})
        assert answer.headers["cache-control"] == "no-store"
        return str(answer.json()["ticket"])

    first, second = given("/api/v1/runs"), given("/api/v1/runs")
    assert [opened("/api/v1/runs", first), opened("/api/v1/runs", first)] == [200, 401]
    assert [opened("/api/v1/datasets", second), opened("/api/v1/runs", second)] == [401, 401]
    assert client.post("/api/v1/tickets", json={"path": "http://evil.example/"}).status_code == 422


def test_a_ticket_ends_by_itself_and_is_repeated_nowhere(client: TestClient) -> None:
    moment = 0.0
    tickets = Tickets(lambda: moment)
    ticket = tickets.give(Visitor(name="anna"), "/api/v1/runs")
    moment = LIVES_SECONDS + 1

    assert tickets.take(ticket, "/api/v1/runs") is None
    for number in range(2):
        client.post("/api/v1/scenarios", json={"name": f"plan {number}", "payload": {}})
    given = client.post("/api/v1/tickets", json={"path": "/api/v1/scenarios"}).json()["ticket"]
    paged = nobody_of(client).get("/api/v1/scenarios", params={"limit": 1, "ticket": given})
    assert given not in json.dumps(dict(paged.headers)) + paged.text
    assert "limit=1" in paged.headers["link"]


def test_members_are_given_and_lose_their_roles(client: TestClient) -> None:
    address = "/api/v1/admin/memberships"
    first = client.put(address, json={"principal": "idp:anna", "role": "manager"})
    client.put(address, json={"principal": "group:vets", "role": "viewer"})
    listed = client.get(address).json()["items"]

    assert (first.status_code, first.json()["role"]) == (200, "manager")
    assert [(each["principal"], each["role"]) for each in listed] == [
        ("group:vets", "viewer"), ("idp:anna", "manager"),
    ]  # fmt: skip
    assert client.delete(f"{address}/group:vets").status_code == 204
    assert client.delete(f"{address}/idp:anna").json()["details"]["case"] == "farm_last_member"
    assert client.delete(f"{address}/idp:anna", params={"open_to_all": True}).status_code == 204
    assert client.put(address, json={"principal": "x", "role": "king"}).status_code == 422


def test_the_key_of_the_home_is_still_its_owner(start: Start) -> None:
    assert start(KEY).get("/api/v1/me").json()["principal"] == "local"
