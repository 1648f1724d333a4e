"""Answers are found out once, and remembered until something of the farm changes."""

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from herd_engine.errors import StorageError
from herd_engine.runs import outputs_cache
from herd_engine.runs.kept import KeptRuns
from herd_engine.runs.outputs import KeptOutputs
from herd_engine.runs.outputs_cache import AnswerCache
from herd_engine.storage.datasets import DatasetRow
from tests.herd_engine.runs.outputs.publishing import ROWS_OF_A_RUN, every, publish

READERS = 8


@pytest.fixture(params=["memory", "redis"])
def cache(request: pytest.FixtureRequest) -> AnswerCache:
    if request.param == "memory":
        return AnswerCache()
    url = request.getfixturevalue("redis_url")
    with redis.Redis.from_url(url) as client:
        client.flushall()
    return AnswerCache(url)


def test_an_answer_is_found_out_once_and_then_remembered(cache: AnswerCache) -> None:
    found_out = []

    for _ in range(3):
        assert cache.answer("key", lambda: found_out.append(1) or [["a", None, 1.5]]) == [["a", None, 1.5]]

    assert found_out == [1]
    assert (cache.counters.hits, cache.counters.misses) == (2, 1)
    cache.close()


def test_of_many_who_ask_at_once_one_finds_out(
    kept: KeptRuns, dataset: DatasetRow, cache: AnswerCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(kept, dataset)
    outputs = KeptOutputs(kept.store, kept.scope, cache)
    reads, together, asked = [], threading.Barrier(READERS), threading.Event()
    read = outputs._read

    def slow_read(*arguments: object) -> object:
        reads.append(1)
        asked.wait(10)  # until all have asked
        return read(*arguments)

    monkeypatch.setattr(outputs, "_read", slow_read)

    def ask() -> int:
        if together.wait() == 0:
            threading.Timer(0.2, asked.set).start()
        return len(outputs.query(limit=500).items)

    with ThreadPoolExecutor(READERS) as pool:
        answers = [pool.submit(ask) for _ in range(READERS)]
        assert {answer.result() for answer in answers} == {ROWS_OF_A_RUN}

    assert reads == [1]
    assert (outputs.counters.hits, outputs.counters.misses) == (READERS - 1, 1)
    outputs.close()


def test_an_error_is_not_remembered(cache: AnswerCache) -> None:
    def fail() -> None:
        raise StorageError("it", "is not there")

    with pytest.raises(StorageError):
        cache.answer("key", fail)
    assert cache.answer("key", lambda: [1]) == [1]
    cache.close()


def test_processes_share_what_redis_remembers_until_a_run_is_published(
    kept: KeptRuns, dataset: DatasetRow, redis_url: str
) -> None:
    publish(kept, dataset)
    first, second = (KeptOutputs(kept.store, kept.scope, AnswerCache(redis_url)) for _ in range(2))

    assert every(first.query) == every(second.query)
    assert (first.counters.misses, second.counters.hits, second.counters.misses) == (1, 1, 0)
    publish(kept, dataset)
    assert len(every(second.query)) == 2 * ROWS_OF_A_RUN
    for outputs in (first, second):
        outputs.close()


def test_redis_holds_json_and_forgets_it_some_day(redis_url: str) -> None:
    cache = AnswerCache(redis_url)
    cache.answer("a key", lambda: [["x", 1]])

    with redis.Redis.from_url(redis_url) as client:
        about, _, answer = client.get("a key").partition(b"|")
        assert json.loads(answer) == [["x", 1]]
        assert isinstance(json.loads(about), dict)
        assert 0 < client.ttl("a key") <= outputs_cache.REDIS_SECONDS
    cache.close()


def test_without_redis_answers_are_found_out_each_time(
    caplog: pytest.LogCaptureFixture, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = AnswerCache(f"unix://{tmp_path_factory.mktemp('no') / 'socket'}")

    with caplog.at_level(logging.WARNING):
        assert [cache.answer("key", lambda: [1]) for _ in range(2)] == [[1], [1]]

    assert (cache.counters.hits, cache.counters.misses) == (0, 2)
    assert caplog.text.count("The cache cannot be used") == 2
    cache.close()


def test_a_url_of_something_else_is_told() -> None:
    with pytest.raises(StorageError, match="HERD_CACHE_URL cannot be used: it must begin with redis://"):
        AnswerCache("http://example.org")


def test_memory_keeps_what_was_asked_for_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs_cache, "MOST_ANSWERS", 2)
    cache = AnswerCache()
    found_out = []

    for key in ("a", "b", "a", "c", "a", "b"):
        cache.answer(key, lambda key=key: found_out.append(key) or key)

    assert found_out == ["a", "b", "c", "b"]  # c drives b out, which was asked for longer ago than a
    assert cache.counters == outputs_cache.Counters(hits=2, misses=4, invalidations=2)
