"""Lists by their filters and pages, and what is told of what others have a part in."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.herd_engine.api.conftest import PAYLOAD, Start
from tests.herd_engine.api.test_api_keys import READ, RUN, make

V1 = "/api/v1"


def keep(client: TestClient, name: str, *tags: str) -> Any:
    return client.post(f"{V1}/scenarios", json={"name": name, "tags": tags, "payload": PAYLOAD}).json()


def test_scenarios_are_found_by_all_of_several_tags(client: TestClient) -> None:
    for name, tags in (("One", ["dry"]), ("Two", ["dry", "hot"]), ("Three", ["hot"]), ("Four", [])):
        keep(client, name, *tags)

    def found(*tags: str) -> set[str]:
        answer = client.get(f"{V1}/scenarios", params=[("tag", each) for each in tags])
        return {each["name"] for each in answer.json()["items"]}

    assert found("dry") == {"One", "Two"}
    assert found("dry", "hot") == {"Two"}
    assert found("dry", "cold") == set()
    assert len(found()) == 4


def test_scenarios_that_were_deleted_are_asked_for_by_name_of_their_state(client: TestClient) -> None:
    client.delete(f"{V1}/scenarios/{keep(client, 'Old')['id']}")

    assert client.get(f"{V1}/scenarios").json()["items"] == []
    assert [each["name"] for each in client.get(f"{V1}/scenarios?status=deleted").json()["items"]] == ["Old"]
    wrong = client.get(f"{V1}/scenarios?status=gone")
    assert (wrong.status_code, wrong.json()["errors"][0]["parameter"]) == (422, "status")


def test_versions_of_a_scenario_come_in_pages(client: TestClient) -> None:
    kept, other = keep(client, "Plan"), keep(client, "Other")
    for seed in range(2, 5):
        change = {"payload": {**PAYLOAD, "seed": seed}}
        headers = {"If-Match": f'"{kept["version"]}"'}
        kept = client.patch(f"{V1}/scenarios/{kept['id']}", json=change, headers=headers).json()
    path = f"{V1}/scenarios/{kept['id']}/versions"
    first = client.get(path, params={"limit": 3})
    second = client.get(path, params={"limit": 3, "cursor": first.json()["next_cursor"]})

    assert [each["version"] for each in first.json()["items"]] == [4, 3, 2]
    assert 'rel="next"' in first.headers["link"]
    assert [each["version"] for each in second.json()["items"]] == [1]
    assert second.json()["next_cursor"] is None
    assert len(client.get(path).json()["items"]) == 4
    for wrong in ("nonsense", f"{other['id']}.2"):
        refused = client.get(path, params={"cursor": wrong})
        assert (refused.status_code, refused.json()["code"]) == (400, "CURSOR_INVALID")


def test_equal_settings_are_one_preset(client: TestClient) -> None:
    wish = {"name": "Mine", "payload": {"horizon_months": 9}}
    first, again = (client.post(f"{V1}/presets", json=wish) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert again.headers["herd-reused"] == "true"
    assert client.get(again.headers["location"]).json() == first.json()
    told = {each["name"]: each["legacy"] for each in client.get(f"{V1}/presets?limit=100").json()["items"]}
    assert told["Mine"] is False
    assert set(told.values()) <= {True, False}


@pytest.mark.parametrize("others_want_it", [True, False])
def test_who_cancels_what_others_want_only_leaves_it(
    start: Start, dataset: str, others_want_it: bool
) -> None:
    owner = start()
    program = {"Authorization": f"Bearer {make(owner, READ, RUN)['key']}"}
    wish = {"dataset_id": dataset, "payload": PAYLOAD}
    run = owner.post(f"{V1}/runs", json=wish, headers=program).json()["run"]["id"]
    if others_want_it:
        owner.post(f"{V1}/runs", json=wish)

    answer = owner.post(f"{V1}/runs/{run}/cancel", headers=program).json()

    assert (answer["left"], answer["status"]) == ((True, "queued") if others_want_it else (False, "canceled"))
