"""Who has read something asks whether it is still so: little is looked up for that, and nothing made."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.herd_engine.api.conftest import PAYLOAD, Start
from tests.herd_engine.api.test_reads_write_nothing import statements_of_all_engines

V1 = "/api/v1"


@pytest.fixture
def run(client: TestClient, dataset: str) -> str:
    return str(
        client.post(f"{V1}/runs", json={"dataset_id": dataset, "payload": PAYLOAD}).json()["run"]["id"]
    )


def again(client: TestClient, path: str, tag: str) -> Any:
    return client.get(path, headers={"If-None-Match": tag})


@pytest.mark.parametrize("of_run", ["", "/summary", "/events"])
def test_one_question_to_the_store_tells_that_a_run_is_unchanged(
    client: TestClient, run: str, of_run: str
) -> None:
    path = f"{V1}/runs/{run}{of_run}"
    tag = client.get(path).headers["etag"]
    again(client, path, tag)  # the farm and its rights are remembered for a moment

    with statements_of_all_engines() as said:
        same = again(client, path, f'"other", W/{tag}')

    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert same.headers["cache-control"] == "private, no-cache"
    assert "Authorization" in same.headers["vary"]
    assert len([each for each in said if each.startswith("SELECT")]) == 1, said


def test_whatever_is_changed_has_another_tag(client: TestClient, run: str, dataset: str) -> None:
    scenario = client.post(f"{V1}/scenarios", json={"name": "Plan", "payload": PAYLOAD}).json()["id"]
    for path, change in (
        (f"{V1}/runs/{run}", {"name": "Spring"}),
        (f"{V1}/runs/{run}", {"name": "Autumn"}),
        (f"{V1}/runs/{run}", {"pinned": True}),
        (f"{V1}/runs/{run}", {"starred": True}),
        (f"{V1}/datasets/{dataset}", {"name": "barn.csv"}),
        (f"{V1}/scenarios/{scenario}", {"description": "as agreed"}),
    ):
        tag = client.get(path).headers["etag"]
        assert again(client, path, tag).status_code == 304
        assert client.patch(path, json=change, headers={"If-Match": tag}).status_code == 200
        changed = again(client, path, tag)
        assert changed.status_code == 200
        assert change.items() <= changed.json().items()


def test_what_is_not_there_is_not_unchanged(client: TestClient, start: Start, run: str) -> None:
    for path in (
        f"{V1}/runs/{'0' * 36}",
        f"{V1}/runs/{'0' * 8}-0000-0000-0000-{'0' * 12}",
        f"{V1}/datasets/no",
    ):
        assert again(client, path, "*").status_code == 404
    assert again(start(None), f"{V1}/runs/{run}", "*").status_code == 401


def test_asking_whether_it_is_unchanged_counts_once(start: Start, run: str) -> None:
    client = start(limits={"farm_read": "4/minute"})
    path = f"{V1}/runs/{run}"

    assert [again(client, path, '"other"').status_code for _ in range(5)] == [200] * 4 + [429]
