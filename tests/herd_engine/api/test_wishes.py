"""What a wish for a run may say, and how a body that is something else is refused."""

import json

import pytest
from starlette.testclient import TestClient

from tests.herd_engine.api.conftest import PAYLOAD

V1 = "/api/v1"


def test_a_note_stays_with_the_wish(client: TestClient, dataset: str, farm_file: bytes) -> None:
    scenario = client.post(f"{V1}/scenarios", json={"name": "Plan", "payload": PAYLOAD}).json()["id"]
    wish = {"dataset_id": dataset, "note": "for Monday"}
    form = {"payload": '{"seed": 9}', "note": "by form"}
    answers = [
        client.post(f"{V1}/runs", json={**wish, "payload": PAYLOAD}),
        client.post(f"{V1}/runs", json={**wish, "payload": PAYLOAD, "note": None}),
        client.post(f"{V1}/scenarios/{scenario}/runs", json=wish),
        client.post(f"{V1}/runs", data=form, files={"file": ("farm.csv", farm_file, "text/csv")}),
    ]
    bulk = client.post(f"{V1}/scenarios/{scenario}/runs:bulk", json={"items": [wish]}).json()["items"]
    sweep = client.post(f"{V1}/sweeps", json={**wish, "values": {"model.female_fraction": [0.4]}}).json()[
        "items"
    ]

    told = [each.json()["submission"] for each in answers] + [bulk[0]["submission"], sweep[0]["submission"]]
    assert [each["note"] for each in told] == [
        "for Monday",
        None,
        "for Monday",
        "by form",
        *["for Monday"] * 2,
    ]
    for each in told:
        mine = client.get(f"{V1}/me/submissions/{each['id']}").json()["submission"]
        assert mine["note"] == each["note"]


def test_a_note_is_part_of_what_a_key_stands_for(client: TestClient, dataset: str) -> None:
    wish, key = {"dataset_id": dataset, "payload": PAYLOAD}, {"Idempotency-Key": "once"}
    first = client.post(f"{V1}/runs", json={**wish, "note": "a"}, headers=key)
    again = client.post(f"{V1}/runs", json={**wish, "note": "a"}, headers=key)
    other = client.post(f"{V1}/runs", json={**wish, "note": "b"}, headers=key)

    assert first.content == again.content
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.parametrize("name", ["code_version", "environment", "max_memory_mb"])
def test_nobody_chooses_the_code_that_runs_here(client: TestClient, dataset: str, name: str) -> None:
    scenario = client.post(f"{V1}/scenarios", json={"name": "Plan", "payload": PAYLOAD}).json()["id"]
    for path in (f"{V1}/runs", f"{V1}/scenarios/{scenario}/runs"):
        answer = client.post(path, json={"dataset_id": dataset, name: "x"})
        assert (answer.status_code, answer.json()["code"]) == (422, "REQUEST_INVALID")
        (told,) = answer.json()["errors"]
        assert told["message"].startswith(f"`{name}` cannot be chosen")


def test_a_note_that_is_too_long_is_refused(client: TestClient, dataset: str) -> None:
    answer = client.post(f"{V1}/runs", json={"dataset_id": dataset, "note": "x" * 201})
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == ["/note"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
@pytest.mark.parametrize(
    "path", ["/scenarios", "/scenarios:validate", "/presets", "/runs", "/runs:bulkDelete"]
)
def test_a_body_of_another_kind_is_refused_by_its_kind(client: TestClient, path: str, kind: str) -> None:
    headers = {"Content-Type": kind}
    answer = client.post(f"{V1}{path}", content=b'{"name": "Plan", "payload": {}}', headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "application/json" in answer.json()["detail"]


def test_json_by_any_of_its_names_is_taken(client: TestClient) -> None:
    kept = client.post(f"{V1}/scenarios", json={"name": "Plan", "payload": PAYLOAD}).json()
    for kind in ("application/merge-patch+json", "application/json; charset=utf-8"):
        headers = {"Content-Type": kind, "If-Match": f'"{kept["version"]}"'}
        body = json.dumps({"description": kind}).encode()
        kept = client.patch(f"{V1}/scenarios/{kept['id']}", content=body, headers=headers).json()
        assert kept["description"] == kind
    without = client.post(f"{V1}/scenarios", headers={"Content-Type": "text/plain"})
    assert (without.status_code, without.json()["errors"][0]["code"]) == (422, "MISSING")
