"""One measured number."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured number, its unit, and what exactly was measured."""

    name: str
    value: float
    unit: str
    definition: str


def best_seconds(task: Callable[[], object], repeats: int) -> float:
    """Return the shortest of several durations: the one least disturbed by other work."""
    durations = []
    for _ in range(repeats):
        start = time.perf_counter()
        task()
        durations.append(time.perf_counter() - start)
    return min(durations)
