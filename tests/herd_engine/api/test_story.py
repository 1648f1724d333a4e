"""From a herd file to a forecast, over HTTP, on both kinds of store."""

import csv
import io
import json

import httpx2 as httpx
from starlette.testclient import TestClient

from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import PAYLOAD, upload, work


def test_a_program_uploads_submits_waits_and_reads(
    client: TestClient, bench: Workbench, farm_file: bytes
) -> None:
    added = upload(client, farm_file)
    assert (added.status_code, added.headers["location"]) == (201, f"/api/v1/datasets/{added.json()['id']}")
    assert sum(added.json()["counts"].values()) >= 120

    submitted = client.post("/api/v1/runs", json={"dataset_id": added.json()["id"], "payload": PAYLOAD})
    run_id = submitted.json()["run"]["id"]
    assert (submitted.status_code, submitted.json()["run"]["status"]) == (202, "queued")
    assert client.get(f"/api/v1/runs/{run_id}/result").json()["code"] == "NOT_READY"

    work(bench.kept)
    run = client.get(f"/api/v1/runs/{run_id}").json()
    result = client.get(f"/api/v1/runs/{run_id}/result")
    table = client.get(f"/api/v1/runs/{run_id}/export/csv")

    assert run["status"] == "succeeded"
    assert len(result.json()["points"]) == PAYLOAD["horizon_months"] + 1
    assert result.content == bench.kept.artifact(run_id, "result.json")
    rows = list(csv.reader(io.StringIO(table.text)))
    assert ["[SERIES]"] in rows
    assert client.get(f"/api/v1/runs/{run_id[:8]}").json()["id"] == run_id
    assert [each["id"] for each in client.get("/api/v1/runs").json()["items"]] == [run_id]


def test_the_same_file_and_the_same_run_are_found_again(
    client: TestClient, bench: Workbench, farm_file: bytes
) -> None:
    first, second = upload(client, farm_file), upload(client, farm_file)
    assert (second.status_code, second.headers["herd-reused"]) == (200, "true")
    assert first.json()["id"] == second.json()["id"]

    wish = {"dataset_id": first.json()["id"], "payload": PAYLOAD}
    runs = [client.post("/api/v1/runs", json=wish).json()["run"]["id"] for _ in range(2)]
    work(bench.kept)
    again = client.post("/api/v1/runs", json=wish)

    assert runs[0] == runs[1] == again.json()["run"]["id"]
    assert (again.status_code, again.json()["reused"]) == (200, True)


def test_what_has_not_changed_is_not_sent_again(client: TestClient, bench: Workbench, dataset: str) -> None:
    run_id = client.post("/api/v1/runs", json={"dataset_id": dataset, "payload": PAYLOAD}).json()["run"]["id"]
    queued = client.get(f"/api/v1/runs/{run_id}")
    same = client.get(f"/api/v1/runs/{run_id}", headers={"If-None-Match": queued.headers["etag"]})
    work(bench.kept)
    ended = client.get(f"/api/v1/runs/{run_id}", headers={"If-None-Match": queued.headers["etag"]})
    result = client.get(f"/api/v1/runs/{run_id}/result")
    weak = {"If-None-Match": f'"other", W/{result.headers["etag"]}'}
    known = client.get(f"/api/v1/runs/{run_id}/result", headers=weak)

    assert (same.status_code, same.content) == (304, b"")
    assert ended.status_code == 200
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", result.headers["etag"])
    assert "immutable" in known.headers["cache-control"]


def test_a_stream_has_every_event_once_and_resumes_after_any_number(
    client: TestClient, bench: Workbench, dataset: str
) -> None:
    run_id = client.post("/api/v1/runs", json={"dataset_id": dataset, "payload": PAYLOAD}).json()["run"]["id"]
    work(bench.kept)
    numbers = [event.seq for event in bench.runs.events(run_id)]

    whole = events_of(client.get(f"/api/v1/runs/{run_id}/events/stream"))
    rest = client.get(f"/api/v1/runs/{run_id}/events/stream", headers={"Last-Event-ID": "2"})
    after_end = client.get(
        f"/api/v1/runs/{run_id}/events/stream", headers={"Last-Event-ID": str(numbers[-1])}
    )

    assert [number for number, _ in whole] == numbers
    assert whole[-1][1]["type"] == "succeeded"
    assert [number for number, _ in events_of(rest)] == numbers[2:]
    assert rest.text.rstrip().endswith("event: end\ndata: {}")
    assert after_end.status_code == 204


def test_every_file_of_a_run_can_be_had_and_nothing_else(
    client: TestClient, bench: Workbench, dataset: str
) -> None:
    run_id = client.post("/api/v1/runs", json={"dataset_id": dataset, "payload": PAYLOAD}).json()["run"]["id"]
    work(bench.kept)

    for each in client.get(f"/api/v1/runs/{run_id}/artifacts").json()["items"]:
        assert len(client.get(f"/api/v1/runs/{run_id}/artifacts/{each['name']}").content) == each["size"]
    for name in ("..%2Fherd.sqlite", "%2Fetc%2Fpasswd", "nothing.json"):
        assert client.get(f"/api/v1/runs/{run_id}/artifacts/{name}").status_code == 404


def events_of(answer: httpx.Response) -> list[tuple[int, dict]]:
    found = []
    for block in answer.text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "id" in fields:
            found.append((int(fields["id"]), json.loads(fields["data"])))
    return found
