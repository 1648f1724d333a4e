"""How much each person may ask for, and how many streams are open."""

import asyncio
import logging
import time
from collections import Counter
from contextlib import suppress

import limits
import pytest

from herd_engine.api.gate import rate_class
from herd_engine.api.problems import Refusal
from herd_engine.api.rates import RateCounts, Rates
from herd_engine.api.settings import RATES, ApiSettings, rates_of
from herd_engine.errors import ParameterError
from tests.herd_engine.api.conftest import PAYLOAD, Start
from tests.redis_server import running_redis


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


def test_sixty_reads_are_answered_then_none_until_the_time_that_is_told() -> None:
    """A14, by the clock: what is refused does not count."""
    rates = Rates({"read": "60/2 second"}, RateCounts(None))

    async def ask() -> tuple[bool, dict[str, str]]:
        headers: dict[str, str] = {}
        with suppress(Refusal):
            await rates.check("read", "anna", headers)
            return True, headers
        return False, headers

    async def story() -> None:
        await asyncio.sleep(2 - time.time() % 2 + 0.05)  # a window of the clock has just begun
        told = [await ask() for _ in range(80)]
        assert [good for good, _ in told] == [True] * 60 + [False] * 20
        assert [headers["ratelimit"].partition(";t=")[0] for _, headers in told[:3]] == [
            f'"read";r={left}' for left in (59, 58, 57)
        ]
        assert told[0][1]["ratelimit-policy"] == '"read";q=60;w=2'
        await asyncio.sleep(int(told[-1][1]["ratelimit"].rpartition("=")[2]) + 0.05)
        assert (await ask())[0]

    asyncio.run(story())


def test_two_services_count_together_and_each_alone_while_redis_is_away(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rate = limits.parse("3/hour")
    with running_redis() as (url, server):

        async def story() -> None:
            first, second = RateCounts(url), RateCounts(url)
            together = [(await each.take(rate, "read", "anna"))[0] for each in (first, second, first, second)]
            assert together == [True, True, True, False]
            server.kill()
            server.wait()
            alone = [(await first.take(rate, "read", "anna"))[0] for _ in range(4)]
            assert alone == [True, True, True, False]
            await first.close()
            await second.close()

        with caplog.at_level(logging.WARNING):
            asyncio.run(story())

    assert [each.message for each in caplog.records].count("ratelimit_degraded") == 1


def test_the_older_form_of_headers_is_sent_where_it_is_wished_for(start: Start) -> None:
    limits_of = {"limits": {"read": "60/hour"}}
    asked, plain = start(**limits_of, xratelimit=True).get("/api/v1/me"), start(**limits_of).get("/api/v1/me")

    assert (asked.headers["x-ratelimit-limit"], asked.headers["x-ratelimit-remaining"]) == ("60", "59")
    assert int(asked.headers["x-ratelimit-reset"]) > time.time()
    assert [name for name in plain.headers if name.startswith("x-ratelimit")] == []


def test_rows_as_csv_count_as_heavy_and_a_page_of_them_as_a_read(start: Start) -> None:
    client = start(limits={"heavy": "1/hour", "read": "1000/hour"})
    pages = [client.get("/api/v1/outputs") for _ in range(3)]
    by_query = client.get("/api/v1/outputs?format=csv")
    by_header = client.get("/api/v1/outputs/latest", headers={"Accept": "text/csv"})

    assert rate_class("GET", "/api/v1/outputs") == "read"
    assert [each.status_code for each in pages] == [200] * 3
    assert (by_query.status_code, by_header.status_code) == (200, 429)
    assert by_header.headers["ratelimit-policy"].startswith('"heavy"')
