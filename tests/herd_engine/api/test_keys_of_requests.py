"""A request that carries a key is carried out once, and answered alike however often it is sent."""

from threading import Barrier, Thread
from typing import Any

import pytest
from starlette.testclient import TestClient

from herd_engine.errors import ConflictError
from herd_engine.storage import idempotency
from herd_engine.workbench import Workbench

KEY = {"Idempotency-Key": "once"}
PLAN = {"name": "Plan", "payload": {"horizon_months": 9}}


def test_what_was_answered_is_answered_again(client: TestClient) -> None:
    first = client.post("/api/v1/scenarios", json=PLAN, headers=KEY)
    again = client.post("/api/v1/scenarios", json=dict(reversed(PLAN.items())), headers=KEY)
    other = client.post("/api/v1/scenarios", json={**PLAN, "name": "Other"}, headers=KEY)
    elsewhere = client.post("/api/v1/presets", json={"name": "Mine", "payload": {"seed": 1}}, headers=KEY)

    assert (first.status_code, "idempotent-replayed" in first.headers) == (201, False)
    assert (again.status_code, again.json(), again.headers["idempotent-replayed"]) == (
        201,
        first.json(),
        "true",
    )
    assert again.headers["location"] == first.headers["location"]
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert elsewhere.status_code == 201
    assert len(client.get("/api/v1/scenarios").json()["items"]) == 1


def test_a_file_in_a_form_is_known_by_its_bytes(client: TestClient, farm_file: bytes) -> None:
    def sent(data: bytes) -> Any:
        return client.post("/api/v1/datasets", files={"file": ("farm.csv", data)}, headers=KEY)

    first, again = sent(farm_file), sent(farm_file)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotent-replayed"] == "true"
    assert "herd-reused" not in again.headers
    assert sent(farm_file + b"\n").json()["code"] == "IDEMPOTENCY_KEY_REUSED"


def test_what_was_refused_is_not_kept(client: TestClient) -> None:
    refused = client.post("/api/v1/scenarios", json={"name": "Plan", "payload": {"mc_runs": 0}}, headers=KEY)
    mended = client.post("/api/v1/scenarios", json=PLAN, headers=KEY)

    assert (refused.status_code, mended.status_code) == (422, 201)


def test_a_key_that_is_under_way_waits_for_its_lease(bench: Workbench, monkeypatch: Any) -> None:
    one = bench.keyed("POST", "/x", "once", "f")
    assert one.begin() is None
    with pytest.raises(ConflictError, match="under way"):
        bench.keyed("POST", "/x", "once", "f").begin()
    one.give_up()
    monkeypatch.setattr(idempotency, "LEASE_SECONDS", -1)
    assert bench.keyed("POST", "/x", "once", "f").begin() is None
    assert bench.keyed("POST", "/x", "once", "f").begin() is None  # the lease of the first is over
    assert bench.of("anna").keyed("POST", "/x", "once", "g").begin() is None


def test_of_many_at_once_one_is_carried_out(bench: Workbench) -> None:
    start, told = Barrier(8), []
    assert bench.keyed("POST", "/x", "before", "f").begin() is None  # the store is open

    def send() -> None:
        start.wait()
        try:
            told.append(bench.keyed("POST", "/x", "once", "f").begin())
        except ConflictError as conflict:
            told.append(conflict.case)

    threads = [Thread(target=send) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(told, key=str) == [None] + ["key_in_progress"] * 7
