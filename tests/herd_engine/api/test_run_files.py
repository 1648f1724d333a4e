"""Files of a run, whole and in parts; a run asked for with its file; what refusals mean."""

import ast
import base64
import hashlib
import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from herd_engine.api import problems
from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import KEY, PAYLOAD, Start
from tests.herd_engine.runs.conftest import work

V1 = "/api/v1"
API = Path(problems.__file__).parent


@pytest.fixture
def run(client: TestClient, bench: Workbench, dataset: str) -> str:
    asked = client.post(f"{V1}/runs", json={"dataset_id": dataset, "payload": PAYLOAD})
    work(bench.kept)
    return str(asked.json()["run"]["id"])


def test_a_file_comes_whole_or_in_part_with_its_digest(client: TestClient, run: str) -> None:
    path = f"{V1}/runs/{run}/artifacts/result.json"
    whole = client.get(path)
    size, tag = len(whole.content), whole.headers["etag"]

    def part(span: str, **headers: str) -> tuple[int, bytes, str | None]:
        answer = client.get(path, headers={"Range": span, **headers})
        return answer.status_code, answer.content, answer.headers.get("content-range")

    digest = base64.b64encode(hashlib.sha256(whole.content).digest()).decode()
    assert whole.headers["repr-digest"] == f"sha-256=:{digest}:"
    assert whole.headers["accept-ranges"] == "bytes"
    assert part("bytes=0-9") == (206, whole.content[:10], f"bytes 0-9/{size}")
    assert part("bytes=10-") == (206, whole.content[10:], f"bytes 10-{size - 1}/{size}")
    assert part("bytes=-7") == (206, whole.content[-7:], f"bytes {size - 7}-{size - 1}/{size}")
    assert part(f"bytes=5-{size * 2}") == (206, whole.content[5:], f"bytes 5-{size - 1}/{size}")
    assert part("bytes=0-9", **{"If-Range": tag})[0] == 206
    for span, headers in (
        ("bytes=0-9", {"If-Range": '"other"'}),
        ("bytes=0-1,4-5", {}),
        ("lines=0-1", {}),
        ("bytes=9-2", {}),
        ("bytes=-", {}),
    ):
        assert part(span, **headers) == (200, whole.content, None)
    beyond = client.get(path, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert client.get(path, headers={"Range": "bytes=0-9", "If-None-Match": tag}).status_code == 304


def test_a_forecast_is_a_page_in_either_language(client: TestClient, run: str) -> None:
    english = client.get(f"{V1}/runs/{run}/export/html")
    russian = client.get(f"{V1}/runs/{run}/export/html", params={"language": "ru"})

    assert english.headers["content-type"] == "text/html; charset=utf-8"
    assert f'filename="forecast-{run[:8]}.html"' in english.headers["content-disposition"]
    assert ('<html lang="en"' in english.text, '<html lang="ru"' in russian.text) == (True, True)
    assert english.headers["etag"] != russian.headers["etag"]
    assert client.get(f"{V1}/runs/{run}/export/html", params={"language": "xx"}).status_code == 404


def test_a_run_is_found_by_its_hash_once_it_has_succeeded(
    client: TestClient, bench: Workbench, dataset: str
) -> None:
    queued = client.post(f"{V1}/runs", json={"dataset_id": dataset, "payload": PAYLOAD}).json()["run"]

    assert client.get(f"{V1}/runs/{queued['run_hash']}").status_code == 404
    work(bench.kept)
    assert client.get(f"{V1}/runs/{queued['run_hash']}").json()["id"] == queued["id"]
    assert client.get(f"{V1}/runs/{queued['run_hash']}/summary").json()["run_id"] == queued["id"]


def test_a_file_and_a_wish_come_in_one_request(client: TestClient, farm_file: bytes) -> None:
    def sent(**fields: str) -> tuple[int, dict[str, object]]:
        answer = client.post(f"{V1}/runs", files={"file": ("farm.csv", farm_file)}, data=fields)
        return answer.status_code, answer.json()

    status, first = sent(payload=json.dumps(PAYLOAD))
    _, again = sent(payload=json.dumps(PAYLOAD))

    assert status == 202
    assert isinstance(first["issues"], list)
    assert (again["reused"], again["run"]) == (True, first["run"])
    assert first["run"]["dataset_id"] == client.get(f"{V1}/datasets").json()["items"][0]["id"]  # type: ignore[index]
    assert sent(payload="{")[1]["code"] == "MALFORMED_JSON"
    for wrong in ({"payload": "[]"}, {"priority": "eleven"}, {"colour": "red"}):
        status, refused = sent(**wrong)
        assert (status, refused["code"]) == (422, "REQUEST_INVALID")
    assert client.post(f"{V1}/runs", content="x", headers={"Content-Type": "text/plain"}).status_code == 415
    assert client.post(f"{V1}/runs", content="{").json()["code"] == "MALFORMED_JSON"
    assert client.post(f"{V1}/runs", json={}).json()["errors"][0]["pointer"] == "/dataset_id"


def test_a_wish_that_is_repeated_by_its_key_says_so(client: TestClient, dataset: str) -> None:
    wish = {"dataset_id": dataset, "payload": PAYLOAD}
    first, again = (
        client.post(f"{V1}/runs", json=wish, headers={"Idempotency-Key": "once"}) for _ in range(2)
    )
    reused = client.post(f"{V1}/runs", json=wish)

    told = [each.headers.get("idempotent-replayed") for each in (first, again, reused)]
    assert told == [None, "true", None]
    assert again.json()["submission"] == first.json()["submission"]


def test_parts_of_what_is_not_there_yet_have_their_keys(client: TestClient, run: str) -> None:
    for part, keys in (("series", {"items", "next_cursor"}), ("heatmap", {"rows", "columns", "values"})):
        answer = client.get(f"{V1}/runs/{run}/counterfactual/{part}")
        assert answer.status_code == 200
        assert answer.json()["available"] is False
        assert set(answer.json()) == {"run_id", "available"} | keys
    assert client.get(f"{V1}/runs/{run}/counterfactual/other").status_code == 404


def test_versions_of_a_contract_are_listed_shown_and_compared(client: TestClient, bench: Workbench) -> None:
    bench.contracts.save(b"statuses: {sold: [gone away]}\n", "ours.yaml", "our words")
    path = f"{V1}/contracts/herd_export"
    listed = client.get(f"{path}/versions").json()["items"]
    newest = client.get(f"{path}/versions/1")
    found = client.get(f"{path}/diff", params={"from": 0, "to": 1}).json()["items"]

    assert (listed[0]["version"], listed[0]["reason"]) == (1, "our words")
    assert listed[-1]["version"] == 0
    assert "immutable" in newest.headers["cache-control"]
    assert "gone away" in newest.text
    assert "gone away" not in client.get(f"{path}/versions/0").text
    assert [each for each in found if "gone away" in str(each)], found
    assert client.get(f"{V1}/contracts/events/versions").json()["items"][0]["version"] == 0
    for missing in (f"{path}/versions/7", f"{path}/versions/x", f"{V1}/contracts/events/versions/1"):
        assert client.get(missing).status_code == 404
    assert client.get(f"{V1}/contracts/other/diff", params={"from": 0, "to": 0}).status_code == 404


def codes() -> set[str]:
    """All codes that the routes of the service name in their source, and those of the tables."""
    found = {kind.code for kind in problems.STATUS} | {code for code, _ in problems.FRAMEWORK.values()}
    found |= {code for _, code in problems.CASES.values()}
    for path in [*API.glob("*.py"), *(API / "routes").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = {"Refusal": 1, "unauthorized": 0}.get(node.func.id)
                if place is not None and isinstance(node.args[place], ast.Constant):
                    found.add(str(node.args[place].value))
    return found


def test_every_refusal_has_a_page_that_says_what_to_do(start: Start) -> None:
    anybody = start(None)
    missing = [code for code in codes() if anybody.get(f"/problems/{code}").status_code != 200]
    refused = anybody.get(f"{V1}/me").json()
    english = anybody.get(refused["type"])
    russian = anybody.get(refused["type"], headers={"Accept-Language": "ru-RU,ru;q=0.9"})

    assert missing == []
    assert "Say who you are" in english.text
    assert "Скажите, кто вы" in russian.text
    assert anybody.get("/problems/NO_SUCH_CODE").status_code == 404
    assert KEY not in english.text
