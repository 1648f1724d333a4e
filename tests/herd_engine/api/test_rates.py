"""How much each person may ask for, and how many streams are open."""

from collections import Counter

import pytest

from herd_engine.api.settings import RATES, ApiSettings, rates_of
from herd_engine.errors import ParameterError
from tests.herd_engine.api.conftest import PAYLOAD, Start


def test_rates_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HERD_API_RATES", "read=100/second, stream=50")

    settings = ApiSettings.from_environment(None, "127.0.0.1")

    assert settings.limits == RATES | {"read": "100/second", "stream": "50"}


@pytest.mark.parametrize("text", ["reads=1/second", "read=often", "stream=1/second", "read"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="HERD_API_RATES"):
        rates_of(text)


def test_who_watches_too_much_is_told_to_ask_again_and_again(start: Start, farm_file: bytes) -> None:
    client = start(limits={"stream": "2"}, streams_at_once=3)
    dataset = client.post("/api/v1/datasets", files={"file": ("f.csv", farm_file)}).json()["id"]
    run = client.post("/api/v1/runs", json={"dataset_id": dataset, "payload": PAYLOAD}).json()["run"]["id"]
    client.post(f"/api/v1/runs/{run}/cancel")
    path = f"/api/v1/runs/{run}/events/stream"
    watching: Counter[str] = client.app._app.state.watching

    assert client.get(path).status_code == 200  # it has ended, and counts no more
    assert watching.total() == 0
    for others in ({"local": 2}, {"somebody": 3}):
        watching.clear()
        watching.update(others)
        refused = client.get(path)
        assert (refused.status_code, refused.json()["code"]) == (429, "STREAM_LIMIT")
        assert refused.headers["retry-after"] == "5"
    watching.clear()
    watching.update({"somebody": 2})
    assert client.get(path).status_code == 200
