"""The first contract: a client that was written for it, and every error that it knows.

What is expected is from the description of that contract, not from this program: paths, shapes, codes.
"""

import csv
import io
import json
import time
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from starlette.testclient import TestClient
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from herd_engine.api.settings import Auth
from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import Start, work
from tests.herd_engine.api.test_process import end_runners, service

JOB = {
    *("job_id", "dataset_id", "scenario_id", "status", "progress_pct", "completed_runs", "total_runs"),
    *("error_message", "queued_at", "started_at", "finished_at", "expires_at"),
}
POINT = {
    *("date", "milking_count", "dry_count", "heifer_count", "pregnant_heifer_count", "avg_days_in_milk"),
}
EVENT = {"month", "calvings", "dryoffs", "culls", "purchases_in", "heifer_intros"}
PARAMS = {"horizon_months": 6, "mc_runs": 20, "seed": 7, "mode": "calibrated", "purchase_policy": "manual"}


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]["error_code"]


def sent(client: Any, data: bytes, name: str = "farm.csv", kind: str = "text/csv") -> Any:
    return client.post("/api/datasets/upload", files={"file": (name, data, kind)})


@pytest.fixture
def old_dataset(client: TestClient, farm_file: bytes) -> str:
    return str(sent(client, farm_file).json()["dataset_id"])


@pytest.mark.slow
def test_a_client_of_the_first_contract_gets_all_that_it_was_promised(tmp_path: Path) -> None:
    home = tmp_path / "home"
    try:
        with service(home) as (client, _):
            dataset = upload_and_look(client)
            scenario = keep_a_scenario(client, dataset)
            job = client.post("/api/forecast/jobs", json={"dataset_id": dataset, **PARAMS})
            assert job.status_code == 202
            told = frames(client, job.json()["job"]["job_id"])
            read_result(client, job.json()["job"]["job_id"], told)
            again = client.post(f"/api/scenarios/{scenario}/run").json()["job"]
            waited(client, again["job_id"])
            look_back(client, [again["job_id"], job.json()["job"]["job_id"]])
            canceled(client, dataset)
    finally:
        end_runners(home)


def upload_and_look(client: httpx.Client) -> str:
    uploaded = sent(client, make_sample(animals=150, seed=2).csv)
    info = uploaded.json()

    assert uploaded.status_code == 200
    assert set(info) == {
        *("dataset_id", "n_rows", "report_date_suggested", "status_counts", "quality_issues"),
        *("original_filename", "created_at"),
    }
    assert sum(info["status_counts"].values()) <= info["n_rows"]
    assert client.get("/api/datasets").json() == [info]
    assert client.get(f"/api/datasets/{info['dataset_id']}").json() == info
    quality = client.get(f"/api/datasets/{info['dataset_id']}/quality").json()
    assert quality["quality_issues"] == info["quality_issues"]
    assert uploaded.headers["deprecation"].startswith("@")
    assert 'rel="successor-version"' in uploaded.headers["link"]
    return str(info["dataset_id"])


def keep_a_scenario(client: httpx.Client, dataset: str) -> str:
    kept = client.post("/api/scenarios", json={"name": "Plan", "params": {"dataset_id": dataset, **PARAMS}})
    second = client.post("/api/scenarios", json={"name": "Plan", "params": {"dataset_id": dataset, **PARAMS}})
    listed = client.get("/api/scenarios").json()

    assert [each["scenario_id"] for each in listed] == [
        second.json()["scenario_id"],
        kept.json()["scenario_id"],
    ]
    assert set(listed[0]) == {
        *("scenario_id", "name", "created_at", "dataset_id", "report_date", "horizon_months"),
        *("schema_version", "is_legacy", "legacy_reason"),
    }
    assert (listed[1]["name"], listed[1]["dataset_id"], listed[1]["horizon_months"]) == ("Plan", dataset, 6)
    shown = client.get(f"/api/scenarios/{kept.json()['scenario_id']}").json()
    assert shown["params"]["mc_runs"] == 20
    return str(kept.json()["scenario_id"])


def socket(client: httpx.Client, job: str, **more: Any) -> ClientConnection:
    address = str(client.base_url).replace("http", "ws", 1).rstrip("/")
    headers = more.pop("additional_headers", {"Authorization": client.headers["authorization"]})
    return connect(f"{address}/api/ws/forecast/jobs/{job}", additional_headers=headers, **more)


def frames(client: httpx.Client, job: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    with socket(client, job) as watched:
        assert closing_code(watched, told) == 1000
    percentages = [each["progress_pct"] for each in told if each["type"] != "heartbeat"]
    assert percentages == sorted(percentages)
    assert percentages[-1] == 100
    assert {each["type"] for each in told[:-1]} <= {"job_progress", "heartbeat"}
    assert told[-1]["type"] == "job_succeeded"
    keys = {"type", "job_id", "status", "progress_pct", "completed_runs", "total_runs", "ts"}
    assert all(keys <= set(each) for each in told if each["type"] != "heartbeat")
    return told


def read_result(client: httpx.Client, job: str, told: list[dict[str, Any]]) -> None:
    info = client.get(f"/api/forecast/jobs/{job}").json()
    result = client.get(f"/api/forecast/jobs/{job}/result").json()

    assert set(info) >= JOB
    assert (info["status"], info["progress_pct"], info["completed_runs"]) == ("succeeded", 100, 20)
    assert {"series_p50", "series_p10", "series_p90", "events", "future_point", "meta"} == set(result)
    assert [len(result[name]["points"]) for name in ("series_p50", "series_p10", "series_p90")] == [7, 7, 7]
    assert all(set(point) == POINT for point in result["series_p50"]["points"])
    assert all(isinstance(point["milking_count"], int) for point in result["series_p10"]["points"])
    assert len(result["events"]) == 6
    assert all(set(each) == EVENT for each in result["events"])
    levels = result["meta"]["levels"]
    assert levels["series_p50"] == 0.5
    assert [levels[name] for name in ("series_p10", "series_p90")] == pytest.approx([0.05, 0.95])
    if len(told) > 1:  # a job that had ended before anybody watched has only its snapshot
        assert told[-1]["partial_result"] == result
    blocks = client.get(f"/api/forecast/jobs/{job}/export/csv", params={"blocks": "seed"})
    first = list(csv.reader(io.StringIO(blocks.text)))[:2]
    assert (first[0], first[1][0]) == (["[SERIES]"], "date")
    assert client.get(f"/api/forecast/jobs/{job}/export/csv").text.startswith("[META]\n")
    book = client.get(f"/api/forecast/jobs/{job}/export/xlsx")
    sheets = openpyxl.load_workbook(io.BytesIO(book.content))
    assert sheets.sheetnames == ["Series", "Events", "Future"]
    assert (sheets["Series"].max_row, sheets["Events"].max_row) == (8, 7)


def waited(client: httpx.Client, job: str) -> dict[str, Any]:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        info: dict[str, Any] = client.get(f"/api/forecast/jobs/{job}").json()
        if info["status"] not in {"queued", "running"}:
            return info
        time.sleep(0.1)
    pytest.fail("the job did not end")


def look_back(client: httpx.Client, jobs: list[str]) -> None:
    """``jobs``: the newest first."""
    path = "/api/me/history/jobs"
    first = client.get(path, params={"page": 1, "limit": 1}).json()
    second = client.get(path, params={"page": 2, "limit": 1, "status": "succeeded"}).json()
    found = client.get(path, params={"q": jobs[0][:13].upper()}).json()

    assert (first["total"], first["page"], first["limit"]) == (2, 1, 1)
    assert [first["items"][0]["job_id"], second["items"][0]["job_id"]] == jobs
    assert [each["job_id"] for each in found["items"]] == jobs[:1]
    assert first["items"][0]["has_result"] is True
    assert client.get(f"{path}/{jobs[0]}").json()["params"]["mc_runs"] == 20
    assert "series_p50" in client.get(f"{path}/{jobs[0]}/result").json()
    deleted = client.post(f"{path}/bulk-delete", json={"ids": [jobs[1], jobs[1], "nothing"]})
    assert deleted.json() == {
        "deleted_ids": [jobs[1]],
        "skipped": [{"id": jobs[1], "reason": "NOT_FOUND"}, {"id": "nothing", "reason": "NOT_FOUND"}],
    }
    assert code(client.get(f"/api/forecast/jobs/{jobs[1]}")) == (404, "JOB_NOT_FOUND")
    assert client.request("DELETE", f"{path}/{jobs[0]}").json()["deleted_ids"] == [jobs[0]]
    assert client.get(path).json()["total"] == 0


def canceled(client: httpx.Client, dataset: str) -> None:
    long = {"dataset_id": dataset, **PARAMS, "horizon_months": 120, "mc_runs": 20_000}
    job = client.post("/api/forecast/jobs", json=long).json()["job"]["job_id"]
    assert code(client.request("DELETE", f"/api/me/history/jobs/{job}")) == (409, "HISTORY_JOB_ACTIVE")
    assert code(client.get(f"/api/forecast/jobs/{job}/result")) == (409, "JOB_NOT_READY")
    own = {"Authorization": client.headers["authorization"]}
    for headers, expected in (({}, 4401), ({**own, "Origin": "http://evil.example"}, 4403)):
        with socket(client, job, additional_headers=headers) as refused:
            assert closing_code(refused) == expected
    with socket(client, job) as odd:
        odd.recv(timeout=60)
        odd.send("x" * (1 << 20))
        assert closing_code(odd) == 4400
    with socket(client, "0" * 36) as unknown:
        assert json.loads(unknown.recv(timeout=60))["error_message"] == "JOB_NOT_FOUND"
        assert closing_code(unknown) == 4404
    with socket(client, job) as watched:
        watched.send('{"type": "cancel"}')
        last = {}
        while last.get("type") != "job_canceled":
            last = json.loads(watched.recv(timeout=120))
        assert last["status"] == "canceled"
        assert closing_code(watched) == 1000


def closing_code(watched: ClientConnection, told: list[dict[str, Any]] | None = None) -> int | None:
    """Return the code by which a socket was closed; ``told`` gets what it said before."""
    heard = [] if told is None else told
    try:
        while True:
            heard.append(json.loads(watched.recv(timeout=120)))
    except ConnectionClosed:
        return watched.close_code


def test_what_cannot_be_taken_is_named_by_the_codes_of_the_first_contract(
    client: TestClient, farm_file: bytes, old_dataset: str
) -> None:
    job = {"dataset_id": old_dataset}
    answers = {
        "wrong name": sent(client, farm_file, "farm.xlsx"),
        "wrong type": sent(client, farm_file, kind="image/png"),
        "no columns": sent(client, b"a;b\n1;2\n"),
        "nothing": sent(client, b""),
        "no dataset": client.post("/api/forecast/jobs", json={"dataset_id": "0" * 36}),
        "unknown field": client.post("/api/forecast/jobs", json={**job, "culling": {}}),
        "cross field": client.post("/api/forecast/jobs", json={**job, "model": {"gestation_lo": 300}}),
        "no body": client.post("/api/forecast/jobs", json={}),
        "no JSON": client.post(
            "/api/forecast/jobs", content=b"{", headers={"Content-Type": "application/json"}
        ),
        "no scenario": client.get(f"/api/scenarios/{'0' * 36}"),
        "no job": client.get("/api/forecast/jobs/x"),
        "no history": client.get("/api/me/history/jobs/x"),
        "no preset": client.put("/api/me/presets/x", json={"name": "n"}),
        "no change": client.put("/api/me/presets/x", json={}),
        "days": client.get("/api/me/history/jobs?date_from=2026-02-02&date_to=2026-02-01"),
        "state": client.get("/api/me/history/jobs?status=lost"),
        "page": client.get("/api/me/history/jobs?limit=101"),
        "nowhere": client.get("/api/nowhere"),
        "method": client.patch("/api/scenarios"),
    }

    assert {name: code(each) for name, each in answers.items()} == {
        "wrong name": (400, "INVALID_FILE_TYPE"),
        "wrong type": (400, "INVALID_CONTENT_TYPE"),
        "no columns": (422, "MISSING_REQUIRED_COLUMNS"),
        "nothing": (422, "DATASET_PARSE_FAILED"),
        "no dataset": (404, "DATASET_NOT_FOUND"),
        "unknown field": (422, "SCENARIO_PARAMS_INVALID"),
        "cross field": (422, "SCENARIO_PARAMS_INVALID"),
        "no body": (422, "REQUEST_VALIDATION_ERROR"),
        "no JSON": (400, "REQUEST_VALIDATION_ERROR"),
        "no scenario": (404, "SCENARIO_NOT_FOUND"),
        "no job": (404, "JOB_NOT_FOUND"),
        "no history": (404, "HISTORY_ITEM_NOT_FOUND"),
        "no preset": (404, "PRESET_NOT_FOUND"),
        "no change": (422, "REQUEST_VALIDATION_ERROR"),
        "days": (422, "HISTORY_PARAMS_INVALID"),
        "state": (422, "HISTORY_PARAMS_INVALID"),
        "page": (422, "REQUEST_VALIDATION_ERROR"),
        "nowhere": (404, "HTTP_ERROR"),
        "method": (405, "HTTP_ERROR"),
    }
    assert {each.headers["content-type"] for each in answers.values()} == {"application/json"}
    assert answers["no columns"].json()["detail"]["details"]["missing_columns"]


def test_what_is_gone_says_so_to_everybody_before_a_body_is_read(start: Start) -> None:
    stranger = start(None)
    for path in ("run", "export/csv", "export/xlsx"):
        gone = stranger.post(f"/api/forecast/{path}", content=b"x" * 100)
        assert code(gone) == (410, "SYNC_ENDPOINT_REMOVED")
        assert gone.json()["detail"]["details"] == {"use": "/api/v1/runs"}
        assert stranger.get(f"/api/forecast/{path}").status_code == 405


def test_limits_and_tokens_are_told_in_the_old_form(start: Start, farm_file: bytes) -> None:
    assert code(start(None).get("/api/datasets")) == (401, "TOKEN_MISSING")
    assert code(start("x" * 43).get("/api/datasets")) == (401, "TOKEN_INVALID")
    large = sent(start(largest_upload=100), farm_file)
    assert code(large) == (413, "UPLOAD_TOO_LARGE")
    assert large.json()["detail"]["details"] == {"max_upload_bytes": 100}
    limited = start(limits={"read": "1/minute"})
    assert limited.get("/api/datasets").status_code == 200
    assert code(limited.get("/api/datasets")) == (429, "HTTP_ERROR")
    anybody = start(None, auth=Auth.OPTIONAL)
    assert anybody.get("/api/datasets").status_code == 200
    assert code(anybody.get("/api/me/presets")) == (401, "TOKEN_MISSING")


def test_presets_are_kept_changed_and_deleted(client: TestClient) -> None:
    path = "/api/me/presets"
    kept = client.post(path, json={"name": "Mine", "params": PARAMS})
    preset = kept.json()["preset_id"]
    changed = client.put(f"{path}/{preset}", json={"name": "Ours", "params": {"horizon_months": 9}})
    named = client.put(f"{path}/{preset}", json={"name": "Theirs"})

    assert kept.status_code == 201
    assert (changed.json()["name"], changed.json()["params"]) == ("Ours", {"horizon_months": 9})
    assert named.json()["params"] == {"horizon_months": 9}
    assert [each["name"] for each in client.get(path).json()] == ["Theirs"]
    assert code(client.post(path, json={"name": "n", "params": {"dataset_id": "x"}}))[0] == 422
    assert client.request("DELETE", f"{path}/{preset}").json() == {"deleted_ids": [preset], "skipped": []}
    again = client.post(f"{path}/bulk-delete", json={"ids": [preset]}).json()
    assert again == {"deleted_ids": [], "skipped": [{"id": preset, "reason": "NOT_FOUND"}]}


def test_two_wishes_for_one_run_are_two_jobs(client: TestClient, bench: Workbench, old_dataset: str) -> None:
    wish = {"dataset_id": old_dataset, **PARAMS}
    one, two = (client.post("/api/forecast/jobs", json=wish).json()["job"] for _ in range(2))
    work(bench.kept)
    client.request("DELETE", f"/api/me/history/jobs/{one['job_id']}")

    assert one["run_id"] == two["run_id"]
    assert one["job_id"] != two["job_id"]
    assert client.get(f"/api/forecast/jobs/{two['job_id']}").json()["status"] == "succeeded"
    client.request("DELETE", f"/api/me/history/jobs/{two['job_id']}")
    assert client.get(f"/api/v1/runs/{one['run_id']}").status_code == 404


def test_the_first_contract_can_be_left_out(start: Start) -> None:
    client = start(legacy=False)

    assert client.get("/api/datasets").status_code == 404
    assert client.get("/api/v1/datasets").status_code == 200
