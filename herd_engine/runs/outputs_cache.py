"""Answers that are remembered: in memory, or in Redis for several processes; each is found out once."""

import json
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from threading import Lock
from typing import Any

from dogpile.cache import CacheRegion, make_region, register_backend
from dogpile.cache.backends.redis import RedisBackend

from herd_engine.errors import StorageError
from herd_engine.settings import Settings, secret_text

logger = logging.getLogger(__name__)

MOST_ANSWERS = 1000
"""Answers kept in memory; a page is some 10 to 100 KB."""
REDIS_SECONDS = 24 * 3600
"""Answers about older versions of a farm are never asked for again and must go some time."""
LOCK_SECONDS = 60
"""A process that died while it found out an answer holds the others up for no longer."""


@dataclass(slots=True)
class Counters:
    """How often an answer was remembered, had to be found out, and was let go of for newer ones."""

    hits: int = 0
    misses: int = 0
    invalidations: int = 0


OF_PROCESS = Counters()
"""What all caches of this process did together, for Prometheus; Redis lets go of answers by itself."""
_COUNTING = Lock()


def _count(counted: str, *of: Counters) -> None:
    with _COUNTING:
        for counters in (*of, OF_PROCESS):
            setattr(counters, counted, getattr(counters, counted) + 1)


class AnswerCache:
    """Remembers answers by key; of many who ask for the same at once, one finds it out.

    Parameters
    ----------
    url : str, optional
        ``redis://…``; the memory of this process otherwise.

    Raises
    ------
    StorageError
        The URL is not one of Redis, or its library is not installed.
    """

    def __init__(self, url: str | None = None) -> None:
        self.counters = Counters()
        self._region, self._faults = _memory(self.counters) if url is None else _redis(url)

    @classmethod
    def from_environment(cls) -> "AnswerCache":
        """Use ``HERD_CACHE_URL``."""
        return cls(secret_text(Settings.read().cache_url))

    def close(self) -> None:
        """Let go of Redis."""
        client = getattr(self._region.actual_backend, "writer_client", None)
        if client is not None:
            client.close()

    def answer(self, key: str, find_out: Callable[[], Any]) -> Any:
        """Return what is remembered under a key, or find it out; plain data fit for JSON."""
        found_out = []

        def create() -> Any:
            found_out.append(find_out())
            return found_out[0]

        try:
            answer = self._region.get_or_create(key, create)
        except self._faults as error:
            logger.warning("The cache cannot be used: %s", error)
            answer = found_out[0] if found_out else create()
        _count("misses" if found_out else "hits", self.counters)
        return answer


class _Newest(OrderedDict[str, Any]):
    """A dictionary of bounded size: what was not looked at for longest goes first."""

    def __init__(self, most: int, counters: Counters) -> None:
        super().__init__()
        self._most, self._lock, self._counters = most, Lock(), counters

    def get(self, key: str, default: Any = None) -> Any:
        with self._lock:
            if key not in self:
                return default
            self.move_to_end(key)
            return self[key]

    def __setitem__(self, key: str, value: Any) -> None:
        with self._lock:
            super().__setitem__(key, value)
            if len(self) > self._most:
                self.popitem(last=False)
                _count("invalidations", self._counters)


class RedisThatForgets(RedisBackend):
    """Dogpile's Redis, but for a call that Redis' library no longer wants."""

    def set_serialized(self, key: str, value: bytes) -> None:
        """Remember bytes for a time."""
        self.writer_client.set(key, value, ex=REDIS_SECONDS)


BACKEND = "herd.redis"
register_backend(BACKEND, __name__, RedisThatForgets.__name__)  # type: ignore[no-untyped-call]


def _new_region() -> CacheRegion:
    # JSON rather than pickle: who can write to the cache must not be able to run anything here.
    return make_region(serializer=lambda value: json.dumps(value).encode(), deserializer=json.loads)


def _memory(counters: Counters) -> tuple[CacheRegion, tuple[type[Exception], ...]]:
    region = _new_region()
    return region.configure(
        "dogpile.cache.memory", arguments={"cache_dict": _Newest(MOST_ANSWERS, counters)}
    ), ()


def _redis(url: str) -> tuple[CacheRegion, tuple[type[Exception], ...]]:
    try:
        redis = import_module("redis")
        region = _new_region().configure(
            BACKEND,
            arguments={
                "url": url,
                "distributed_lock": True,
                "thread_local_lock": False,
                "lock_timeout": LOCK_SECONDS,
                "lock_sleep": 0.005,
                "socket_connect_timeout": 1,
                "socket_timeout": 5,
            },
        )
    except ImportError as error:
        raise StorageError("HERD_CACHE_URL", "the library of Redis is not installed") from error
    except ValueError as error:
        raise StorageError("HERD_CACHE_URL", "it must begin with redis://") from error
    return region, (redis.RedisError,)
