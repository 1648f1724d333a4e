"""`herd deliveries`, in a home of its own, to folders of this machine."""

import json
from pathlib import Path

import pytest

from tests.herd_engine.cli.commands import Herd

CHANNELS = """
version: 1
channels:
  - {id: archive, kind: folder, folder: told}
  - {id: broken, kind: folder, folder: channels.yaml}
"""


@pytest.fixture(autouse=True)
def home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = folder / "home"
    home.mkdir()
    monkeypatch.setenv("HERD_HOME", str(home))
    (home / "channels.yaml").write_text(CHANNELS)
    return home


def test_a_channel_is_tested(herd: Herd, home: Path) -> None:
    works = herd("deliveries", "test", "archive", "--json", "-")
    fails = herd("deliveries", "test", "broken")
    unknown = herd("deliveries", "test", "nobody")

    [attempt] = json.loads(works.out)["attempts"]
    [file] = (home / "told").glob("*.jsonl")
    told = json.loads(file.read_text())
    assert (works.code, attempt["outcome"]) == (0, "SENT")
    assert (told["type"], told["data"]["test"]) == ("test.ping", True)
    assert (fails.code, unknown.code) == (3, 2)
    assert "RETRY" in fails.out
    assert "did not arrive" in fails.err


def test_messages_are_listed_counted_and_repeated(herd: Herd) -> None:
    herd("deliveries", "test", "archive")
    [message] = json.loads(herd("deliveries", "list", "--json", "-").out)["messages"]

    assert herd("deliveries", "replay", message["id"]).code == 0
    assert herd("deliveries", "replay", message["id"]).code == 2
    assert herd("deliveries", "dispatch").out == "1 messages sent, 0 attempts failed\n"
    assert herd("deliveries", "replay-dead").out == "0 messages are sent once more\n"
    stats = json.loads(herd("deliveries", "stats", "--json", "-").out)
    assert (stats["total"], stats["sent"], stats["replays"], stats["success_rate"]) == (2, 2, 1, 1.0)
    assert "SENT" in herd("deliveries", "list", "--state", "sent").out
    assert "test.ping" not in herd("deliveries", "list", "--state", "dead").out
    assert "SENT" in herd("deliveries", "attempts", message["id"]).out


def test_channels_are_listed_with_what_is_wrong(herd: Herd, home: Path) -> None:
    good = herd("deliveries", "channels")
    (home / "channels.yaml").write_text(CHANNELS.replace("kind: folder, folder: told", "kind: pigeon"))
    bad = herd("deliveries", "channels")

    assert (good.code, bad.code) == (0, 3)
    assert "archive" in good.out
    assert "channels.0" in bad.err
    assert herd("deliveries", "enable", "broken").code == 2
    (home / "channels.yaml").write_text(CHANNELS)
    assert herd("deliveries", "enable", "broken").out == "broken was not disabled\n"
