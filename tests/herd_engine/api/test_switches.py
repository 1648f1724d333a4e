"""What is switched off answers so everywhere; who may ask for more or less does, in every process."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from herd_engine.api.settings import RATES
from herd_engine.api.switches import FRESH_SECONDS, RememberedSwitches
from herd_engine.errors import NotFoundError, ParameterError, StorageError
from herd_engine.model.service_limits import EVERYWHERE, ServiceFlag, is_limit
from herd_engine.model.visitor import Visitor
from herd_engine.workbench import Workbench
from herd_engine.workbench.switches import SwitchBoard
from tests.herd_engine.api.conftest import PAYLOAD, Start, work
from tests.herd_engine.api.test_isolation import code_of

FLAGS, LIMITS = "/api/v1/admin/flags", "/api/v1/admin/limits"


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, code_of(answer)


@pytest.fixture
def asked(client: TestClient, bench: Workbench, dataset: str) -> dict[str, str]:
    told = client.post("/api/v1/runs", json={"dataset_id": dataset, "payload": PAYLOAD}).json()
    work(bench.kept)
    return {"run": told["run"]["id"], "job": told["submission"]["id"]}


def addresses(flag: ServiceFlag, asked: dict[str, str]) -> list[str]:
    run, job = asked["run"], asked["job"]
    return {
        ServiceFlag.OUTPUTS: ["/api/v1/outputs", "/api/v1/outputs/latest", "/api/v1/outputs?format=csv"],
        ServiceFlag.CSV: [
            "/api/v1/outputs?format=csv",
            f"/api/v1/runs/{run}/export/csv",
            f"/api/forecast/jobs/{job}/export/csv",
        ],
        ServiceFlag.STREAMING: [f"/api/v1/runs/{run}/events/stream"],
    }[flag]


def test_what_is_switched_off_is_refused_and_comes_back(client: TestClient, asked: dict[str, str]) -> None:
    for flag in (ServiceFlag.OUTPUTS, ServiceFlag.CSV, ServiceFlag.STREAMING):
        paths = addresses(flag, asked)
        assert [client.get(each).status_code for each in paths] == [200] * len(paths)

        off = client.put(f"{FLAGS}/*/{flag}", json={"enabled": False})

        assert (off.status_code, off.json()["enabled"], off.json()["version"]) == (200, False, 1)
        assert [refused(client.get(each)) for each in paths] == [(403, "FEATURE_DISABLED")] * len(paths)
        assert client.get("/api/v1/me").json()["flags"][flag] is False
        assert client.get(f"/api/v1/runs/{asked['run']}/result").status_code == 200
        assert client.delete(f"{FLAGS}/*/{flag}").status_code == 204
        assert [client.get(each).status_code for each in paths] == [200] * len(paths)
        assert client.get(f"{FLAGS}/*/{flag}").status_code == 404


def test_a_flag_of_a_farm_stands_above_that_of_everywhere(client: TestClient, bench: Workbench) -> None:
    bench.farms.add("North")
    client.put(f"{FLAGS}/*/outputs", json={"enabled": False})
    own = client.put(f"{FLAGS}/North/outputs", json={"enabled": True})

    assert own.json()["place"] == bench.farms.find("North").id
    assert client.get("/api/v1/outputs").status_code == 403
    assert client.get("/api/v1/outputs?farm=North").status_code == 200
    farms = {each["name"]: each["flags"]["outputs"] for each in client.get("/api/v1/me").json()["farms"]}
    assert farms == {"My farm": False, "North": True}


def test_tickets_and_sockets_end_with_their_flags(client: TestClient, asked: dict[str, str]) -> None:
    path = f"/api/v1/runs/{asked['run']}"
    given = client.post("/api/v1/tickets", json={"path": path}).json()["ticket"]
    client.put(f"{FLAGS}/My farm/sharing", json={"enabled": False})
    client.put(f"{FLAGS}/*/streaming", json={"enabled": False})

    by_ticket = client.get(path, params={"ticket": given}, headers={"Authorization": ""})
    assert refused(by_ticket) == (403, "FEATURE_DISABLED")
    client.put(f"{FLAGS}/*/sharing", json={"enabled": False})
    assert refused(client.post("/api/v1/tickets", json={"path": path})) == (403, "FEATURE_DISABLED")
    address = f"ws://127.0.0.1:8867/api/ws/forecast/jobs/{asked['job']}"
    with client.websocket_connect(address) as socket, pytest.raises(WebSocketDisconnect) as ended:
        socket.receive_json()
    assert (ended.value.code, ended.value.reason) == (4403, "FEATURE_DISABLED")


def test_a_person_and_a_farm_are_given_other_limits(start: Start) -> None:
    client = start(limits={"read": "2/hour", "farm_read": "100/hour"})
    first = [client.get("/api/v1/runs").status_code for _ in range(3)]
    client.put(f"{LIMITS}/*/read?principal=local", json={"rate": "1000/hour"})
    more = [client.get("/api/v1/runs").status_code for _ in range(3)]
    client.put(f"{LIMITS}/My farm/read", json={"rate": "5/hour"})
    of_farm = [client.get("/api/v1/runs").status_code for _ in range(6)]
    told = client.get("/api/v1/me").json()

    assert first == [200, 200, 429]
    assert more == [200] * 3
    assert (of_farm[0], of_farm[-1]) == (200, 429)
    assert told["limits"]["read"] == "1000/hour"
    client.delete(f"{LIMITS}/*/read?principal=local")
    again = client.get("/api/v1/me")
    assert again.headers["ratelimit-policy"] == '"read";q=2;w=3600'


def test_who_waits_for_nothing_is_told_that_the_queue_is_full(
    start: Start, bench: Workbench, dataset: str
) -> None:
    client = start(limits={"queue": "2"})
    wishes = [{"dataset_id": dataset, "payload": {**PAYLOAD, "seed": seed}} for seed in range(3)]

    answers = [client.post("/api/v1/runs", json=wish) for wish in wishes]
    assert [each.status_code for each in answers] == [202, 202, 429]
    assert (answers[2].json()["code"], answers[2].json()["retryable"]) == ("QUEUE_FULL", True)
    assert int(answers[2].headers["retry-after"]) >= 1
    assert client.post("/api/v1/sweeps", json={"dataset_id": dataset, "values": {}}).status_code in (422, 429)
    client.put(f"{LIMITS}/My farm/queue", json={"rate": "3"})
    assert client.post("/api/v1/runs", json=wishes[2]).status_code == 202
    work(bench.kept)
    assert client.post("/api/v1/runs", json={**wishes[2], "force": True}).status_code == 202


def test_every_change_is_in_the_audit_with_its_request(client: TestClient) -> None:
    headers = {"X-Request-Id": "request-0001"}
    client.put(f"{FLAGS}/*/csv", json={"enabled": False}, headers=headers)
    client.put(f"{FLAGS}/*/csv", json={"enabled": True})
    client.put(f"{LIMITS}/*/stream?principal=anna", json={"rate": "3"})

    *_, first = entries = client.get("/api/v1/admin/audit").json()["items"]
    assert (first["actor"], first["action"], first["object"]) == ("local", "FLAG_CHANGED", "flag/*/csv")
    assert (first["old"], first["new"], first["request_id"]) == (None, {"enabled": False}, "request-0001")
    assert (entries[1]["old"], entries[1]["new"]) == ({"enabled": False}, {"enabled": True})
    assert entries[0]["object"] == "limit_override/*/anna/stream"


WRONG: list[tuple[str, dict[str, Any], tuple[int, str]]] = [
    (f"{FLAGS}/*/wings", {"enabled": False}, (404, "NOT_FOUND")),
    (f"{FLAGS}/Nowhere/csv", {"enabled": False}, (404, "NOT_FOUND")),
    (f"{FLAGS}/*/csv", {"enabled": "maybe"}, (422, "REQUEST_INVALID")),
    (f"{LIMITS}/*/wings", {"rate": "3"}, (404, "NOT_FOUND")),
    (f"{LIMITS}/*/stream", {"rate": "3"}, (404, "NOT_FOUND")),
    (f"{LIMITS}/*/queue", {"rate": "3/minute"}, (422, "PARAMETER_INVALID")),
    (f"{LIMITS}/*/read", {"rate": "often"}, (422, "PARAMETER_INVALID")),
    (f"{LIMITS}/*/read", {"rate": "3/hour", "until": "2020-01-01T00:00:00Z"}, (422, "PARAMETER_INVALID")),
    (f"{LIMITS}/*/read", {"rate": "3/hour", "until": "2020-01-01T00:00:00"}, (422, "REQUEST_INVALID")),
]


def test_what_cannot_be_set_is_told(client: TestClient) -> None:
    answers = [refused(client.put(path, json=body)) for path, body, _ in WRONG]

    assert answers == [expected for *_, expected in WRONG]


def test_an_exception_ends_by_itself_and_that_of_a_farm_is_its_admins_matter(bench: Workbench) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    bench.farms.add("North")
    bench.farms.grant("North", "anna", "admin")
    bench.farms.grant("North", "vera", "viewer")
    anna, vera = (bench.of(Visitor(name=name), "North") for name in ("anna", "vera"))

    anna.switches.set_limit("read", "9/minute", farm="North", until=soon)
    assert [each.until for each in anna.switches.limits("North")] == [soon]
    for who, farm in ((vera, "North"), (anna, EVERYWHERE)):
        with pytest.raises(Exception, match="herd:admin"):
            who.switches.set_flag("csv", enabled=False, farm=farm)
    with pytest.raises(NotFoundError):
        bench.of(Visitor(name="boris"))
    with pytest.raises(ParameterError):
        anna.switches.set_limit("read", "9/minute", farm="North", until=datetime.now(UTC))


def test_another_process_obeys_as_soon_as_it_looks_and_what_was_known_holds_without_a_store(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [100.0]
    known = RememberedSwitches(bench, clock=lambda: moment[0])

    def is_on() -> bool:
        return asyncio.run(known.now()).is_on(ServiceFlag.CSV)

    assert is_on()
    bench.of("local").switches.set_flag("csv", enabled=False)
    assert is_on()
    moment[0] += FRESH_SECONDS
    assert not is_on()

    def away() -> SwitchBoard:
        raise StorageError("the store", "it is away")

    monkeypatch.setattr(bench.switches, "board", away)
    moment[0] += FRESH_SECONDS
    assert not is_on()
    assert FRESH_SECONDS < 5


def test_the_usual_limits_are_limits() -> None:
    kinds = {name: name.removeprefix("farm_") for name in RATES}

    assert all(is_limit(kinds[name], rate) for name, rate in RATES.items())
    assert not any(is_limit("read", text) for text in ("", "0/minute", "5/minutes", "-1/hour", "1/0 second"))


def test_what_is_remembered_of_outputs_is_read_anew_when_an_admin_says_so(client: TestClient) -> None:
    scenario = client.post("/api/v1/scenarios", json={"name": "Plan", "payload": {}}).json()
    before = client.get("/api/v1/outputs").headers["etag"]
    answer = client.post(f"/api/v1/admin/cache/scenario/{scenario['id']}/invalidate")
    after = client.get("/api/v1/outputs").headers["etag"]

    assert (answer.status_code, before == after) == (204, False)
    assert client.get("/api/v1/admin/audit").json()["items"][0]["object"] == f"scenario/{scenario['id']}"
    made = scenario["created_at"]
    found = [
        [each["name"] for each in client.get("/api/v1/scenarios", params=asked).json()["items"]]
        for asked in ({"created_after": made}, {"created_before": made})
    ]
    wrong = {"created_after": "2026-02-01T00:00:00Z", "created_before": "2026-01-01T00:00:00Z"}
    assert found == [["Plan"], []]
    assert client.get("/api/v1/scenarios", params=wrong).status_code == 422


def test_events_come_in_portions(client: TestClient, asked: dict[str, str]) -> None:
    path = f"/api/v1/runs/{asked['run']}/events"
    whole = client.get(path).json()["items"]
    first = client.get(path, params={"limit": 1}).json()["items"]
    rest = client.get(path, params={"after": first[0]["seq"]}).json()["items"]

    assert first + rest == whole
    assert client.get(path, params={"limit": 501}).status_code == 422
