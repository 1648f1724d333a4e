"""All that stands beside files and runs: one's own history, groups, outputs, contracts, what changed."""

import csv
import io
import json
from datetime import date

import numpy as np
import pytest
from starlette.testclient import TestClient

from herd_engine.errors import ParameterError
from herd_engine.model.animals import NO_DAY
from herd_engine.sample import make_sample
from herd_engine.sample.export import export_csv
from herd_engine.workbench import Workbench
from tests.herd_engine.api.conftest import PAYLOAD, upload, work

V1 = "/api/v1"


@pytest.fixture
def run(client: TestClient, bench: Workbench, dataset: str) -> str:
    wish = {"dataset_id": dataset, "payload": PAYLOAD}
    found = client.post(f"{V1}/runs", json=wish).json()["run"]["id"]
    work(bench.kept)
    return str(found)


def test_one_sees_and_deletes_what_one_asked_for(client: TestClient, bench: Workbench, run: str) -> None:
    dataset = client.get(f"{V1}/runs/{run}").json()["dataset_id"]
    client.post(f"{V1}/runs", json={"dataset_id": dataset, "payload": PAYLOAD})
    items = client.get(f"{V1}/me/submissions").json()["items"]
    newest, oldest = (each["submission"]["id"] for each in items)

    assert [each["run"]["id"] for each in items] == [run, run]
    assert client.get(f"{V1}/me/submissions", params={"status": "failed"}).json()["items"] == []
    page = client.get(f"{V1}/me/submissions", params={"limit": 1}).json()
    rest = client.get(f"{V1}/me/submissions", params={"limit": 1, "cursor": page["next_cursor"]}).json()
    assert [page["items"][0]["submission"]["id"], rest["items"][0]["submission"]["id"]] == [newest, oldest]
    assert client.delete(f"{V1}/me/submissions/{newest}").json()["deleted_ids"] == [newest]
    assert client.get(f"{V1}/runs/{run}").status_code == 200
    bulk = client.post(f"{V1}/me/submissions:bulkDelete", json={"ids": [oldest, newest]}).json()
    assert (bulk["deleted_ids"], [each["reason"] for each in bulk["skipped"]]) == ([oldest], ["not_found"])
    assert client.get(f"{V1}/runs/{run}").status_code == 404
    again = client.post(f"{V1}/runs", json={"dataset_id": dataset, "payload": PAYLOAD}).json()
    assert client.delete(f"{V1}/me/submissions/{again['submission']['id']}").status_code == 409


def test_outputs_are_pages_and_csv_of_the_same_rows(client: TestClient, run: str) -> None:
    first = client.get(f"{V1}/outputs", params={"limit": 7, "metric": "milking_count"}).json()
    known = client.get(f"{V1}/outputs", params={"limit": 7, "metric": "milking_count"})
    table = client.get(f"{V1}/outputs", params={"format": "csv", "metric": "milking_count", "end": True})
    same = client.get(f"{V1}/outputs", headers={"Accept": "text/csv"}, params={"metric": "milking_count"})
    rows = list(csv.DictReader(io.StringIO(same.text)))

    assert len(first["items"]) == PAYLOAD["horizon_months"] + 1
    assert {each["run_id"] for each in first["items"]} == {run}
    assert [float(row["p50"]) for row in rows] == [each["p50"] for each in first["items"]]
    assert table.text == same.text + f"END,{len(rows)}\n"
    assert table.headers["content-type"].startswith("text/csv")
    tag = {"If-None-Match": known.headers["etag"]}
    assert (
        client.get(f"{V1}/outputs", params={"limit": 7, "metric": "milking_count"}, headers=tag).status_code
        == 304
    )
    assert client.get(f"{V1}/outputs", params={"metric": "nonsense"}).status_code == 422
    assert client.get(f"{V1}/outputs", params={"format": "csv", "metric": "nonsense"}).status_code == 422
    assert client.get(f"{V1}/outputs", params={"cursor": "x"}).json()["code"] == "CURSOR_INVALID"
    newest = client.get(f"{V1}/outputs/latest-by-metric").json()["items"]
    assert len(newest) == len({each["metric"] for each in newest}) == 10
    assert len(client.get(f"{V1}/outputs/latest", params={"limit": 500}).json()["items"]) == 40


def test_a_scenario_has_versions_runs_and_numbers_of_its_own(
    client: TestClient, bench: Workbench, dataset: str
) -> None:
    kept = client.post(f"{V1}/scenarios", json={"name": "Plan", "payload": PAYLOAD}).json()
    path = f"{V1}/scenarios/{kept['id']}"
    edited = client.patch(path, json={"payload": {**PAYLOAD, "seed": 6}}, headers={"If-Match": '"1"'}).json()
    items = [{"dataset_id": dataset, "key": "a"}, {"dataset_id": "0" * 36, "key": "b"}]
    bulk = client.post(f"{path}/runs:bulk", json={"items": items})
    twice = client.post(f"{path}/runs:bulk", json={"items": [items[0], items[0]]})
    one = client.post(f"{path}/runs", json={"dataset_id": dataset})
    work(bench.kept)

    assert edited["version"] == 2
    assert [each["version"] for each in client.get(f"{path}/versions").json()["items"]] == [2, 1]
    assert client.get(f"{path}/versions/1").json()["params"]["seed"] == PAYLOAD["seed"]
    assert client.get(f"{path}/versions/3").status_code == 404
    queued, failed = bulk.json()["items"]
    assert (bulk.status_code, queued["run"]["status"], failed["error"]["code"]) == (
        202,
        "queued",
        "NOT_FOUND",
    )
    assert twice.status_code == 422
    assert (one.json()["reused"], one.json()["run"]["id"]) == (True, queued["run"]["id"])
    assert [each["id"] for each in client.get(f"{path}/runs").json()["items"]] == [queued["run"]["id"]]
    newest = client.get(f"{path}/metrics/latest").json()["items"]
    assert {each["scenario_id"] for each in newest} == {kept["id"]}
    valid = client.post(f"{V1}/scenarios:validate", json={"mc_runs": 0, "horizon_months": 3}).json()
    assert (valid["valid"], [each["pointer"] for each in valid["problems"]]) == (False, ["/mc_runs"])
    assert client.post(f"{V1}/scenarios:validate", json={}).json()["normalised"]["seed"] == 42


def test_presets_are_shown_changed_and_deleted(client: TestClient) -> None:
    kept = client.post(f"{V1}/presets", json={"name": "Mine", "payload": {"horizon_months": 9}}).json()
    built_in = next(each for each in client.get(f"{V1}/presets").json()["items"] if each["built_in"])
    path = f"{V1}/presets/{kept['id']}"

    assert client.patch(path, json={"name": "Ours"}).json()["name"] == "Ours"
    assert client.get(path).json()["params"] == {"horizon_months": 9}
    assert client.patch(f"{V1}/presets/{built_in['id']}", json={"name": "No"}).status_code == 409
    assert client.delete(path).json()["deleted_ids"] == [kept["id"]]
    assert client.get(path).status_code == 404


def test_a_run_is_summed_up_proved_and_simulated_again(
    client: TestClient, bench: Workbench, run: str
) -> None:
    path = f"{V1}/runs/{run}"
    summary = client.get(f"{path}/summary")
    again = client.post(f"{path}/reproduce")
    before = client.get(f"{V1}/runs/{again.json()['run']['id']}/summary").json()
    work(bench.kept)
    result = client.get(f"{path}/result").json()["points"]
    old, new = (client.get(f"{V1}/runs/{each}").json() for each in (run, again.json()["run"]["id"]))
    manifest = client.get(f"{path}/manifest")

    assert (again.status_code, old["id"] == new["id"]) == (202, False)
    assert old["content_hash"] == new["content_hash"]
    milking = summary.json()["metrics"]["milking_count"]
    assert milking["at_the_end"]["p50"] == result[-1]["p50"]["milking_count"]
    assert milking["in_a_year"]["p50"] is None  # it does not go so far
    assert len(summary.content) <= 25_000
    assert set(before) == set(summary.json())
    assert before["metrics"]["culls"]["at_the_end"] == dict.fromkeys(("date", "p_low", "p50", "p_high"))
    assert [each["name"] for each in manifest.json()["artifacts"]]
    assert client.post(f"{path}/verify").json() == {"faults": []}
    for view in ("review", "counterfactual"):
        assert client.get(f"{path}/{view}").json()["available"] is False


def test_runs_stand_side_by_side(client: TestClient, bench: Workbench, dataset: str) -> None:
    values = {"model.female_fraction": [0.3, 0.6], "horizon_months": [3]}
    sweep = client.post(f"{V1}/sweeps", json={"dataset_id": dataset, "payload": PAYLOAD, "values": values})
    work(bench.kept)
    ids = [each["run"]["id"] for each in sweep.json()["items"]]
    compared = client.get(f"{V1}/runs:compare", params={"ids": ",".join(ids)}).json()
    changed = client.get(f"{V1}/runs/{ids[1]}/changes", params={"since": ids[0]}).json()

    assert sweep.status_code == 202
    assert [each["values"]["model.female_fraction"] for each in sweep.json()["items"]] == [0.3, 0.6]
    assert {each["run"]["group_id"] for each in sweep.json()["items"]} == {sweep.json()["group_id"]}
    other = compared["runs"][0]
    assert (compared["base"], other["run_id"], other["is_paired"]) == (ids[0], ids[1], True)
    assert len(other["differences"]["milking_count"]["mean"]) == 4
    assert [each["path"] for each in changed["settings"]] == ["model.female_fraction"]
    assert client.get(f"{V1}/runs:compare", params={"ids": ids[0]}).status_code == 422


def test_many_farms_are_one_replicate_by_replicate(
    client: TestClient, bench: Workbench, dataset: str, farm_file: bytes
) -> None:
    client.post(f"{V1}/farms", json={"name": "South"})
    south = client.post(
        f"{V1}/datasets", params={"farm": "South"}, files={"file": ("s.csv", farm_file)},
        data={"same_farm": "true"},
    ).json()["id"]  # fmt: skip
    home = client.get(f"{V1}/farms").json()["items"][0]["name"]
    items = [{"farm": home, "dataset_id": dataset}, {"farm": "South", "dataset_id": south}]
    queued = client.post(f"{V1}/portfolios", json={"items": items, "payload": PAYLOAD})
    work(bench.kept)
    found = client.get(queued.headers["location"]).json()
    runs = [
        bench.of("local", each["farm"]["name"]).kept.forecast(each["run"]["id"]) for each in found["items"]
    ]

    assert (queued.status_code, queued.json()["available"], queued.json()["total"]) == (202, False, None)
    assert found["available"] is True
    today = found["total"]["points"][0]["p50"]["milking_count"]
    assert today == sum(each.value("milking_count", "p50", 0) for each in runs)
    assert len({each["run"]["seed"] for each in found["items"]}) == 2
    assert client.post(f"{V1}/portfolios", json={"items": [items[0]] * 2}).status_code == 422
    assert client.get(f"{V1}/portfolios/p_AAAA").status_code == 404


def test_two_files_of_a_farm_tell_who_left(client: TestClient) -> None:
    made = make_sample(animals=60)
    rows = made.herd.rows
    cow = int(np.flatnonzero((rows.archive == NO_DAY) & (rows.lactation > 0))[0])
    rows.archive[cow], rows.status[cow] = 0, 0
    later = export_csv(made.farm, made.herd, date(2026, 3, 1), {})
    old, new = (
        upload(client, each, name).json()["id"] for each, name in ((made.csv, "a.csv"), (later, "b.csv"))
    )
    changes = client.get(f"{V1}/datasets/compare", params={"old": old, "new": new})
    past = make_sample(animals=60, report_date=date(2025, 6, 1)).csv
    older = client.post(
        f"{V1}/datasets", files={"file": ("past.csv", past)}, data={"same_farm": "true"}
    ).json()["id"]
    backwards = client.get(f"{V1}/datasets/compare", params={"old": new, "new": older})
    client.delete(f"{V1}/datasets/{older}")
    history = client.get(f"{V1}/history").json()

    assert changes.json()["balance"] == {"before": 60, "entered": 0, "left": 1, "after": 59}
    assert changes.json()["events"]["left"]["sold"] == [str(made.herd.ids[cow])]
    assert "immutable" in changes.headers["cache-control"]
    assert (backwards.status_code, backwards.json()["code"]) == (422, "PARAMETER_INVALID")
    assert sorted(each["name"] for each in history["exports"]) == ["a.csv", "b.csv"]
    assert [each["changes"] is None for each in history["exports"]] == [True, False]


def test_forecasts_are_judged_by_what_happened_since(client: TestClient, bench: Workbench) -> None:
    dataset = upload(client, make_sample(animals=300, seed=4).csv).json()["id"]
    plan = {"origins": [6], "horizon": 3, "runs": 20, "modes": ["calibrated"]}
    path = f"{V1}/datasets/{dataset}/backtests"
    asked, same = client.post(path, json=plan), client.post(path, json=dict(reversed(plan.items())))
    where = asked.headers["location"]
    before = client.get(where)
    work(bench.kept)
    judged, known = client.get(where), client.post(path, json=plan)
    odd = client.post(f"{V1}/datasets/{dataset}/backtests", json={"modes": ["magic"]})

    assert (asked.status_code, same.status_code, asked.headers["retry-after"]) == (202, 202, "1")
    assert same.json()["backtest"]["id"] == asked.json()["backtest"]["id"]
    assert (before.json()["backtest"]["status"], before.json()["result"]) == ("queued", None)
    assert judged.json()["backtest"]["status"] == "succeeded"
    assert {row["mode"] for row in judged.json()["result"]["pooled"]} >= {"calibrated"}
    assert "immutable" in judged.headers["cache-control"]
    assert client.get(where, headers={"If-None-Match": judged.headers["etag"]}).status_code == 304
    assert (known.status_code, known.headers["herd-reused"], known.json()) == (200, "true", judged.json())
    assert [each["id"] for each in client.get(path).json()["items"]] == [where.rpartition("/")[2]]
    assert odd.status_code == 422


def test_a_backtest_that_cannot_be_made_says_why_and_can_be_asked_for_again(
    client: TestClient, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ParameterError("horizon", 3, "reach no further than the report date")

    monkeypatch.setattr("herd_engine.runs.kept_backtest.run_backtest", refuse)
    dataset = upload(client, make_sample(animals=60, seed=4).csv).json()["id"]
    path, plan = f"{V1}/datasets/{dataset}/backtests", {"origins": [2], "horizon": 3, "runs": 20}
    where = client.post(path, json=plan).headers["location"]
    work(bench.kept)

    failed = client.get(where).json()
    assert (failed["backtest"]["status"], failed["result"]) == ("failed", None)
    assert failed["backtest"]["error_code"] == "PARAMETER_INVALID"
    assert "horizon" in failed["backtest"]["error_message"]
    again = client.post(path, json=plan)
    assert (again.status_code, again.headers["location"] == where) == (202, False)
    assert client.delete(f"{V1}/datasets/{dataset}").status_code == 204
    assert client.get(where).status_code == 404


def test_contracts_say_what_a_file_may_hold(client: TestClient) -> None:
    listed = client.get(f"{V1}/contracts").json()["items"]
    whole = client.get(f"{V1}/contracts/herd_export")
    known = client.get(f"{V1}/contracts/herd_export", headers={"If-None-Match": whole.headers["etag"]})

    assert [each["id"] for each in listed] == ["herd_export", "events", "farm_sheet", "milk_tests"]
    assert {"animal_id", "birth"} & {each["name"] for each in whole.json()["content"]["columns"]}
    assert known.status_code == 304
    assert client.get(f"{V1}/contracts/other").status_code == 404


def test_what_later_parts_fill_has_its_keys_already(client: TestClient) -> None:
    assert client.get(f"{V1}/experiments").json() == {"available": False, "items": [], "next_cursor": None}


def test_every_path_of_the_contract_can_be_said_as_json(client: TestClient) -> None:
    assert json.loads(client.get("/api/openapi.json").text)["openapi"].startswith("3.1")
