"""Messages, attempts and channels over the service, under both names."""

from starlette.testclient import TestClient

from herd_engine.workbench import Workbench

BASE = "/api/v1/diagnostics/notifications"
LONG = "/api/v1/diagnostics/preflight/notifications"
CHANNELS = "version: 1\nchannels:\n  - {id: archive, kind: folder, folder: told}\n"


def test_a_channel_is_tested_and_its_message_repeated(client: TestClient, bench: Workbench) -> None:
    home = bench.kept.store.settings.home
    (home / "channels.yaml").write_text(CHANNELS)

    made = client.post(f"{BASE}/channels/archive/test")
    sent = client.post(f"{BASE}/dispatch").json()
    message = made.json()["id"]
    replays = [client.post(f"{base}/outbox/{message}/replay") for base in (BASE, LONG)]

    assert (made.status_code, sent["n_sent"]) == (201, 1)
    assert [each.status_code for each in replays] == [201, 409]
    assert replays[1].json()["code"] == "REPLAY_ACTIVE"
    assert replays[0].json()["replay_of"] == message
    assert len(list((home / "told").glob("*.jsonl"))) == 1
    [attempt] = client.get(f"{BASE}/attempts").json()["items"]
    assert client.get(f"{LONG}/attempts/{attempt['id']}").json() == attempt
    assert [each["state"] for each in client.get(f"{BASE}/outbox").json()["items"]] == ["PENDING", "SENT"]
    assert [each["id"] for each in client.get(f"{LONG}/history").json()["items"]] == [message]
    assert client.post(f"{BASE}/outbox/replay-dead").json() == {"replayed": 0}
    stats = client.get(f"{BASE}/stats").json()
    assert [(each["channel_id"], each["sent"]) for each in stats["channels"]] == [("archive", 1)]
    assert (stats["total"], stats["sent"], stats["pending"], stats["success_rate"]) == (2, 1, 1, 1.0)


def test_what_is_not_there_is_not_found(client: TestClient) -> None:
    answers = [
        client.post(f"{BASE}/channels/nobody/test"),
        client.post(f"{BASE}/channels/nobody/enable"),
        client.post(f"{BASE}/outbox/nothing/replay"),
        client.get(f"{BASE}/attempts/nothing"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4


def test_trends_have_every_day(client: TestClient) -> None:
    window = {"from": "2026-02-01T00:00:00Z", "to": "2026-02-08T00:00:00Z"}

    found = client.get(f"{BASE}/trends", params=window).json()

    assert [each["sent"] for each in found] == [0] * 7


def test_days_are_the_farms_unless_a_zone_is_named(client: TestClient, bench: Workbench) -> None:
    window = {"from": "2026-02-01T12:00:00Z", "to": "2026-02-02T12:00:00Z"}

    def days(**asked: str) -> list[str]:
        return [each["start"] for each in client.get(f"{BASE}/trends", params=window | asked).json()]

    assert days() == ["2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z"]
    bench.farms.change_sheet(None, {"time_zone": "Europe/Moscow"})
    assert days() == ["2026-01-31T21:00:00Z", "2026-02-01T21:00:00Z"]
    assert days(time_zone="UTC") == ["2026-02-01T00:00:00Z", "2026-02-02T00:00:00Z"]
    assert client.get(f"{BASE}/trends", params=window | {"time_zone": "Mars"}).status_code == 422
