"""How many pages are open at once: each has a kernel, and memory has an end. Others wait in turn."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PAGE_BYTES = 300 * 2**20
"""What the kernel of a page takes when a herd is shown and followed; measured."""
MEMORY_SHARE = 0.25
"""Part of the machine's memory for pages; workers have another."""
PAGES_PER_CORE = 6
LEAST_PAGES = 4
GONE_SECONDS = 20.0
"""Whoever waits asks every few seconds; who has not asked for so long has left."""


def pages_for_this_machine() -> int:
    """Return how many pages may be open at once where nobody has said it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    by_cores = PAGES_PER_CORE * (os.cpu_count() or 1)
    return max(LEAST_PAGES, min(int(memory * MEMORY_SHARE / PAGE_BYTES), by_cores))


class Places:
    """Places for pages, and the queue before them.

    Parameters
    ----------
    most : int
        How many there are.
    n_open : callable
        Returns how many pages are open.
    clock : callable
        Seconds.
    """

    def __init__(
        self, most: int, n_open: Callable[[], int], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most = most
        self._n_open, self._clock = n_open, clock
        self._n_arriving = 0
        self._waiting: dict[str, float] = {}  # by ticket, in the order of coming; when it was last heard of

    def ask(self, ticket: str) -> int:
        """Ask for a place.

        Parameters
        ----------
        ticket : str
            Of one visit to one page, the same whenever it asks.

        Returns
        -------
        int
            Zero: come in, and ``arrive`` at once. Else the number in the queue.
        """
        now = self._clock()
        self._waiting[ticket] = now
        self._waiting = {each: seen for each, seen in self._waiting.items() if now - seen < GONE_SECONDS}
        number = list(self._waiting).index(ticket) + 1
        free = self.most - self._n_open() - self._n_arriving
        if number <= free:
            del self._waiting[ticket]
            return 0
        return number - max(free, 0)

    @contextmanager
    def arrive(self) -> Iterator[None]:
        """Hold a place for a page that is not open yet."""
        self._n_arriving += 1
        try:
            yield
        finally:
            self._n_arriving -= 1
