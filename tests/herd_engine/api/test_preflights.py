"""Preflights over the service: what came of each file, over time, and the rules that are broken."""

import json

from starlette.testclient import TestClient

from herd_engine.sample import make_sample
from herd_engine.workbench import Workbench

BASE = "/api/v1/diagnostics/preflight"


def test_what_was_examined_is_seen(client: TestClient, bench: Workbench) -> None:
    assert client.get(f"{BASE}/latest").status_code == 404
    good = make_sample(animals=60, seed=2).csv
    (first,) = bench.preflights.examine({"farm.csv": good})
    (second,) = bench.preflights.examine({"none.csv": b"no herd at all"})

    runs = client.get(f"{BASE}/runs").json()["items"]
    assert [run["id"] for run in runs] == [second.row.id, first.row.id]
    assert client.get(f"{BASE}/latest/herd_export").json()["preflight"]["id"] == second.row.id
    shown = client.get(f"{BASE}/runs/{first.row.id}").json()
    assert shown["preflight"]["file_name"] == "farm.csv"
    assert {rule["rule_id"] for rule in shown["rules"]} == {
        rule.rule_id for rule in bench.preflights.rules(first.row.id)
    }
    stats = client.get(f"{BASE}/stats").json()
    assert (stats["total_runs"], stats["fail_count"]) == (2, 1)
    assert sum(point["n"] for point in client.get(f"{BASE}/trends").json()) == 2
    rule = shown["rules"][0]["rule_id"]
    history = client.get(f"{BASE}/rules/{rule}/history").json()
    assert [moment["preflight_id"] for moment in history] == [first.row.id]
    broken = [rule["rule_id"] for rule in client.get(f"{BASE}/rules/top").json()]
    assert broken == [each.rule_id for each in bench.preflights.top_rules()][:10]


def test_files_of_a_preflight_are_those_that_there_are(client: TestClient, bench: Workbench) -> None:
    (good,) = bench.preflights.examine({"farm.csv": make_sample(animals=60, seed=2).csv})
    (bad,) = bench.preflights.examine({"none.csv": b"no herd at all"})
    places = [f"{BASE}/runs/{one.row.id}/sources/herd_export" for one in (good, bad)]

    listed = [client.get(f"{place}/artifacts").json()["items"] for place in places]

    assert "unified.csv" in [file["name"] for file in listed[0]]
    assert [file["name"] for file in listed[1]] == ["validation.json", "manifest.json"]
    for file in listed[0]:
        assert client.get(file["download_url"]).content == bench.preflights.artifact(
            good.row.id, file["name"]
        )
    told = client.get(f"{places[1]}/validation").json()
    assert told == json.loads(bench.preflights.artifact(bad.row.id, "validation.json"))
    assert client.get(f"{places[1]}/semantic").status_code == 404
    assert client.get(f"{places[0]}/download/secret.txt").status_code in (404, 422)


def test_two_files_are_compared(client: TestClient, bench: Workbench) -> None:
    file = make_sample(animals=60, seed=2).csv
    kept = bench.kept.add_dataset(file, "farm.csv").id

    found = client.get(f"{BASE}/snapshots/compare", params={"old": kept, "new": kept})

    assert found.status_code == 200
    assert found.json() == bench.changes_document(kept, kept)
