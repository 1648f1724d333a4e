"""Bodies that others read otherwise than we do, or that are to break us, are refused before any work."""

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from herd_engine.api.strict_json import DEEPEST, GREATEST, parsed
from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import Start

PLAN = '{"name": "Plan", "payload": {"horizon_months": 9}}'
BROKEN = {
    '{"name": "Plan", "name": "Other", "payload": {}}': "name_twice",
    '{"name": "Plan", "payload": {"mc_runs": 5, "mc_runs": 6}}': "name_twice",
    '{"name": "Plan", "payload": {"mc_runs": NaN}}': "not_finite",
    '{"name": "Plan", "payload": {"mc_runs": Infinity}}': "not_finite",
    '{"name": "Plan", "payload": {"mc_runs": -Infinity}}': "not_finite",
    '{"name": "Plan", "payload": {"mc_runs": 1e999}}': "not_finite",
    '{"name": "Plan", "payload": {"seed": 9223372036854775808}}': "too_great",
    '{"name": "Plan", "payload": {"seed": ' + "9" * 100_000 + "}}": "too_great",
    "[" * 100_000: "too_deep",
    "[" * 100_000 + "]" * 100_000: "too_deep",
    '{"a":' * 65 + "1" + "}" * 65: "too_deep",
    PLAN[:-1]: "no_json",
    PLAN + "}": "no_json",
    "\ufeff" + PLAN: "no_json",
}


def sent(client: TestClient, body: str | bytes, path: str = "/api/v1/scenarios") -> Any:
    headers = {"Content-Type": "application/json"}
    return client.post(path, content=body if isinstance(body, bytes) else body.encode(), headers=headers)


def test_what_others_read_otherwise_is_refused_and_nothing_is_kept(client: TestClient) -> None:
    answers = {body: sent(client, body) for body in BROKEN}

    told = {body: (each.status_code, each.json()["code"]) for body, each in answers.items()}
    assert set(told.values()) == {(400, "MALFORMED_JSON")}
    assert {body: each.json()["details"]["reason"] for body, each in answers.items()} == BROKEN
    assert sent(client, PLAN.encode("utf-16")).json()["details"]["reason"] == "not_utf8"
    assert client.get("/api/v1/scenarios").json()["items"] == []
    assert sent(client, PLAN).status_code == 201


def test_it_is_so_on_every_route_also_with_a_key_in_pieces_and_of_the_first_contract(
    client: TestClient, bench: Workbench, dataset: str
) -> None:
    twice = f'{{"dataset_id": "{dataset}", "dataset_id": "{dataset}"}}'.encode()
    json_type = {"Content-Type": "application/merge-patch+json; charset=utf-8"}
    keyed = {"Content-Type": "application/json", "Idempotency-Key": "once"}
    answers = [
        sent(client, twice, "/api/v1/runs"),
        client.post("/api/v1/runs", content=iter([twice[:9], twice[9:]]), headers=keyed),
        client.patch(f"/api/v1/datasets/{dataset}", content=b'{"name":"a","name":"b"}', headers=json_type),
        client.put("/api/v1/admin/flags/*/csv", content=b'{"enabled": false,"enabled": true}', headers=keyed),
    ]

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(400, "MALFORMED_JSON")] * 4
    first = sent(client, twice, "/api/forecast/jobs")
    assert first.json()["detail"]["error_code"] == "REQUEST_VALIDATION_ERROR"
    assert bench.runs.n_waiting() == 0


def test_fields_of_a_form_that_hold_json_are_read_as_strictly(client: TestClient, farm_file: bytes) -> None:
    fields = {"column_map": '{"a": "birth", "a": "sex"}'}
    file = client.post("/api/v1/datasets", files={"file": ("f.csv", farm_file)}, data=fields)
    wish = {"payload": '{"seed": NaN}'}
    run = client.post("/api/v1/runs", files={"file": ("f.csv", farm_file)}, data=wish)

    assert (file.status_code, file.json()["details"]["reason"]) == (400, "name_twice")
    assert (run.status_code, run.json()["details"]["reason"]) == (400, "not_finite")
    assert client.get("/api/v1/datasets").json()["items"] == []


def test_who_may_not_come_in_is_told_that_and_not_how_their_body_is(start: Start) -> None:
    assert sent(start("x" * 43), "[" * 100).status_code == 401
    assert sent(start(largest_body=50), "[" * 100).status_code == 413


@pytest.mark.parametrize("value", [GREATEST, -GREATEST, 0.1, [], {}, "é", None, [[{"a": [1.5]}]]])
def test_what_is_json_is_read_as_it_is(value: Any) -> None:
    assert parsed(json.dumps(value)) == value


def test_as_deep_as_allowed_is_not_too_deep() -> None:
    assert parsed("[" * DEEPEST + "]" * DEEPEST)
