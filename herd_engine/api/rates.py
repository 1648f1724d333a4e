"""How much each person may ask for in which time: counted in Redis where there is one, else in memory."""

import logging
import time
from collections.abc import Callable, Mapping

import limits
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError

from herd_engine.api.problems import Refusal
from herd_engine.api.settings import OF_FARM

log = logging.getLogger(__name__)
REDIS_SECONDS = 0.5
"""How long Redis may take: who asks waits for it."""
AWAY_SECONDS, WARN_SECONDS = 5.0, 60.0
REFUSED, REFUSED_ON_FARM = "Too many requests.", "Too many requests on this farm."


class RateCounts:
    """Counts that several services share through Redis, as long as it answers; those of this process else.

    Parameters
    ----------
    url : str or None
        Of Redis.
    clock : callable
        Seconds.
    """

    def __init__(self, url: str | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._redis = None if url is None else _redis(url)
        self._shared = None if self._redis is None else SlidingWindowCounterRateLimiter(self._redis)
        self._clock, self._away_until, self._warned_at = clock, 0.0, -WARN_SECONDS

    async def take(
        self, rate: limits.RateLimitItem, *names: str, cost: int = 1, is_told: bool = True
    ) -> tuple[bool, int, float]:
        """Count one more, or as many as it costs, where that is allowed: what is refused does not count.

        Parameters
        ----------
        rate : RateLimitItem
        *names : str
        cost : int
        is_told : bool
            Whether who asks is told what is left although it is allowed; else that is not looked up.

        Returns
        -------
        tuple of (bool, int, float)
            Whether it is allowed, how many more are, and when it begins anew, in seconds since 1970.
        """
        if self._shared is not None and self._clock() >= self._away_until:
            try:
                return await _taken(self._shared, rate, names, cost, is_told)
            except StorageError as error:
                self._note(error)
        return await _taken(self._own, rate, names, cost, is_told)

    async def close(self) -> None:
        """Leave Redis."""
        bridge = None if self._redis is None else self._redis.bridge
        if isinstance(bridge, RedispyBridge):
            await bridge.storage.aclose()

    def _note(self, error: StorageError) -> None:
        now = self._clock()
        self._away_until = now + AWAY_SECONDS
        if now - self._warned_at >= WARN_SECONDS:
            self._warned_at = now
            log.warning("ratelimit_degraded", extra={"reason": str(error.storage_error)})


class Rates:
    """Refuses who asks too much, and says in headers what is left.

    Parameters
    ----------
    rates : mapping of str to str
        By class, such as ``60/minute``.
    counted : RateCounts
    is_told_twice : bool
        Whether headers of an older form (``X-RateLimit-…``) are sent too.
    """

    def __init__(self, rates: Mapping[str, str], counted: RateCounts, *, is_told_twice: bool = False) -> None:
        self._rates = {name: limits.parse(text) for name, text in rates.items() if not text.isdigit()}
        self._counted, self._is_told_twice = counted, is_told_twice

    async def check(self, name: str, person: str, headers: dict[str, str], other: str | None = None) -> None:
        """Count a request of a class, and add to ``headers`` what is left; ``other`` takes a rate's place.

        Raises
        ------
        Refusal
            429: too many.
        """
        rate = self._rates.get(name) if other is None else limits.parse(other)
        if rate is None:
            return
        allowed, left, again_at = await self._counted.take(rate, name, person)
        wait = max(1, round(again_at - time.time()))
        headers["ratelimit-policy"] = f'"{name}";q={rate.amount};w={rate.get_expiry()}'
        headers["ratelimit"] = f'"{name}";r={left};t={wait}'
        if self._is_told_twice:
            told = {"limit": rate.amount, "remaining": left, "reset": round(again_at)}
            headers |= {f"x-ratelimit-{key}": str(value) for key, value in told.items()}
        if not allowed:
            raise Refusal(429, "RATE_LIMITED", REFUSED, {"Retry-After": str(wait)})

    async def check_farm(
        self, name: str, farm: str, other: str | None = None, person: str = "", cost: int = 1
    ) -> None:
        """Count a request of a class on a farm, of one person or of all together; Refusal 429: too many."""
        rate = limits.parse(other) if other else self._rates.get(f"{OF_FARM}{name}") if not person else None
        if rate is None:
            return
        counted = f"{OF_FARM}{name}", farm, person
        allowed, _, again_at = await self._counted.take(rate, *counted, cost=cost, is_told=False)
        if not allowed:
            wait = str(max(1, round(again_at - time.time())))
            raise Refusal(429, "RATE_LIMITED", REFUSED_ON_FARM, {"Retry-After": wait})


def _redis(url: str) -> RedisStorage:
    return RedisStorage(
        url if url.startswith("redis") else f"redis+{url}",  # a socket's is `unix://`
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix="herd-rates",
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
    )


async def _taken(
    limiter: SlidingWindowCounterRateLimiter,
    rate: limits.RateLimitItem,
    names: tuple[str, ...],
    cost: int,
    is_told: bool,
) -> tuple[bool, int, float]:
    allowed = await limiter.hit(rate, *names, cost=cost)
    if allowed and not is_told:
        return True, 0, 0.0
    left = await limiter.get_window_stats(rate, *names)
    return allowed, left.remaining, left.reset_time
