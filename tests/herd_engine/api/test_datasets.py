"""Herd files over HTTP: what is asked is answered, what is kept can be looked into and changed."""

import json

from starlette.testclient import TestClient

from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import PAYLOAD, upload
from tests.herd_engine.datasets.reader.test_reading import COWS, HEIFERS, HERD, gone, written

UNKNOWN = written([*COWS, *HEIFERS, *gone("Ушла по акту 7")])
"""A file with a status word that nobody knows."""
LOSSES = written([[*COWS[0][:1], "soon", *COWS[0][2:]], *COWS[1:], *HEIFERS])
"""A file of which more than two of a hundred rows cannot be used."""


def test_a_question_is_answered_with_422_and_then_believed(client: TestClient) -> None:
    asked = upload(client, UNKNOWN)
    question = asked.json()["questions"][0]
    told = {"status_map": json.dumps({question["subject"]: "sold"})}
    kept = client.post("/api/v1/datasets", files={"file": ("farm.csv", UNKNOWN)}, data=told)

    assert (asked.status_code, asked.json()["code"]) == (422, "HERD_DATA_INVALID")
    assert (question["code"], question["field"], question["row_count"]) == ("ask_status", "statuses", 6)
    assert "sold" in question["choices"]
    assert (kept.status_code, kept.json()["counts"]) == (201, HERD)


def test_rows_that_are_lost_are_accepted_only_when_that_is_said(client: TestClient) -> None:
    asked = upload(client, LOSSES)
    raw = {"Content-Type": "text/csv"}
    kept = client.post("/api/v1/datasets?name=farm&accept_losses=true", content=LOSSES, headers=raw)

    assert [each["code"] for each in asked.json()["questions"]] == ["ask_losses"]
    assert (kept.status_code, kept.json()["name"]) == (201, "farm.csv")
    assert kept.json()["counts"]["milking"] == HERD["milking"] - 1


def test_a_file_with_other_animals_is_asked_about(client: TestClient, dataset: str) -> None:
    other = make_sample(animals=60, seed=77).csv.replace(b'\n"', b'\n"9')
    asked = upload(client, other)
    kept = client.post("/api/v1/datasets", files={"file": ("other.csv", other)}, data={"same_farm": "true"})

    assert asked.status_code == 422
    assert [each["code"] for each in asked.json()["questions"]] == ["farm_other_animals"]
    assert "farm.csv" in asked.json()["detail"]
    assert kept.status_code == 201
    assert kept.json()["id"] != dataset


def test_what_is_said_wrongly_is_named(client: TestClient, farm_file: bytes) -> None:
    files = {"file": ("farm.csv", farm_file)}
    wrong = client.post("/api/v1/datasets", files=files, data={"dates": "sometimes", "nonsense": "1"})
    no_file = client.post("/api/v1/datasets", files={"other": ("farm.csv", farm_file)})
    page = client.post("/api/v1/datasets", content=b"<p>", headers={"Content-Type": "text/html"})
    odd_map = client.post("/api/v1/datasets", files=files, data={"column_map": "[1]"})

    assert {each["pointer"] for each in wrong.json()["errors"]} == {"/dates", "/nonsense"}
    assert no_file.json()["errors"][0]["pointer"] == "/file"
    assert (page.status_code, page.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert (odd_map.status_code, odd_map.json()["errors"][0]["pointer"]) == (422, "/column_map")


def test_quality_inspection_and_original_never_change(
    client: TestClient, bench: Workbench, dataset: str, farm_file: bytes
) -> None:
    for view in ("quality", "inspection", "file"):
        path = f"/api/v1/datasets/{dataset}/{view}"
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
        assert "immutable" in first.headers["cache-control"]

    quality = client.get(f"/api/v1/datasets/{dataset}/quality").json()
    inspection = client.get(f"/api/v1/datasets/{dataset}/inspection").json()
    assert quality["status"] in {"PASS", "WARN", "FAIL"}
    assert all(
        {"code", "severity", "message", "params", "blocking"} <= set(each) for each in quality["issues"]
    )
    assert inspection["schema"] == "herd-inspection/1"
    assert inspection["counts"] == bench.datasets.get(dataset).counts
    assert client.get(f"/api/v1/datasets/{dataset}/file").content == farm_file


def test_a_change_of_what_somebody_else_has_changed_is_refused(client: TestClient, dataset: str) -> None:
    path = f"/api/v1/datasets/{dataset}"
    read = client.get(path).headers["etag"]
    mine = client.patch(path, json={"name": "Стадо.csv"}, headers={"If-Match": read})
    late = client.patch(path, json={"name": "late"}, headers={"If-Match": read})
    deleted = client.delete(path, headers={"If-Match": read})

    assert (mine.status_code, mine.json()["name"]) == (200, "Стадо.csv")
    assert [late.status_code, deleted.status_code] == [412, 412]
    assert client.get(path, headers={"If-None-Match": mine.headers["etag"]}).status_code == 304
    name = client.get(f"{path}/file").headers["content-disposition"]
    assert "filename*=UTF-8''%D0%A1" in name


def test_a_file_that_runs_use_stays(client: TestClient, dataset: str) -> None:
    client.post("/api/v1/runs", json={"dataset_id": dataset, "payload": PAYLOAD})
    refused = client.delete(f"/api/v1/datasets/{dataset}")

    assert (refused.status_code, refused.json()["code"]) == (409, "IN_USE")
    assert refused.json()["details"]["n_runs"] == 1
