"""Alerts over the service: set, looked at, acknowledged, silenced, under both names."""

from datetime import UTC, datetime, timedelta

from starlette.testclient import TestClient

from herd_engine.monitoring.watch import watch_of
from herd_engine.workbench import Workbench

BASE = "/api/v1/diagnostics/alerts"
LONG = "/api/v1/diagnostics/preflight/alerts"
ALWAYS = {"id": "disk", "metric": "disk_free_ratio", "operator": "<", "threshold": 2, "severity": "HIGH"}


def test_an_alert_is_set_seen_acknowledged_and_silenced(client: TestClient, bench: Workbench) -> None:
    assert client.get(f"{BASE}/active").json() == {
        "available": True,
        "evaluated": False,
        "total_active": 0,
        "items": [],
    }
    assert client.post(f"{BASE}/policies", json=ALWAYS).json()["version"] == 1
    assert client.get(f"{BASE}/active", params={"auto_evaluate": True}).json()["items"] == []
    watch_of(bench.kept.store, print).turn()

    [alert] = client.get(f"{LONG}/active").json()["items"]
    assert (alert["state"], alert["message"]["code"]) == ("FIRING", "alert.disk_free_ratio")
    assert alert["message"]["text"].startswith("Of the disk, a share of")
    said = client.post(f"{BASE}/{alert['id']}/ack", json={"note": "Anna looks"}).json()
    assert said["ack_note"] == "Anna looks"
    assert client.post(f"{LONG}/{alert['id']}/unack").json()["ack_by"] is None

    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    wish = {"matchers": {"policy": "disk"}, "ends_at": until, "reason": "moving"}
    silence = client.post(f"{BASE}/silences", json=wish)
    assert silence.status_code == 201
    assert client.get(f"{LONG}/silences").json()["items"] == [silence.json()]
    ended = client.post(f"{BASE}/silences/{silence.json()['id']}/expire").json()
    assert ended["expired_at"] is not None
    assert [each["new"] for each in client.get(f"{BASE}/history").json()["items"]] == ["FIRING"]
    actions = {each["action"] for each in client.get(f"{BASE}/audit").json()["items"]}
    assert actions == {"POLICIES_CHANGED", "FIRING", "ACKED", "UNACKED", "SILENCED", "UNSILENCED"}
    assert client.delete(f"{BASE}/policies/disk").status_code == 204
    assert client.get(f"{BASE}/policies").json()["items"] == []


def test_what_would_silence_everything_is_refused(client: TestClient) -> None:
    wish = {"matchers": {}, "ends_at": "2030-01-01T00:00:00Z", "reason": "quiet"}

    assert client.post(f"{BASE}/silences", json=wish).status_code == 422
    assert client.post(f"{BASE}/policies", json={"id": "x"}).status_code == 422
    assert client.post(f"{BASE}/nothing/ack").status_code == 404
    assert client.post(f"{BASE}/silences/nothing/expire").status_code == 404


def test_policies_are_looked_at_and_read_again_on_a_wish(client: TestClient, bench: Workbench) -> None:
    folder = bench.kept.store.settings.home / "alerts"
    folder.mkdir()
    always = "{id: disk, metric: disk_free_ratio, operator: '<', threshold: 2}"
    (folder / "disk.yaml").write_text(f"version: 1\npolicies: [{always}]\n", encoding="utf-8")
    (folder / "bad.yaml").write_text("version: 1\npolicies: [{id: x}]\n", encoding="utf-8")

    read = client.post(f"{LONG}/policies:reload").json()
    first, second = (client.post(f"{LONG}/evaluate").json() for _ in range(2))

    assert [item["policy"]["id"] for item in read["items"]] == ["disk"]
    assert "bad.yaml" in read["faults"][0]
    assert first == {"total_policies": 1, "changes": 1, "failed": {}, "active_count": 1}
    assert second == first | {"changes": 0}
