"""Places for heavy requests: few are carried out at once, and nobody fills the line in front of them."""

import asyncio
from collections import Counter
from collections.abc import Mapping, MutableMapping
from contextlib import ExitStack
from typing import Any

from herd_engine.api.problems import Refusal

HELD = "heavy_places"
"""Where the state of a request says for whom it has a place."""


class HeavyPlaces:
    """Lets so many heavy requests be carried out at once; of each person and farm only some may wait.

    Parameters
    ----------
    at_once : int
        How many are carried out.
    """

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self.here: Counter[str] = Counter()

    async def enter(self, state: MutableMapping[str, Any], most: Mapping[str, int | None]) -> None:
        """Wait for a place, once for each request.

        Parameters
        ----------
        state : dict
            Of the request; ``leave`` finds there what to give back.
        most : mapping of str to int or None
            By person or farm: how many of theirs may be here, with those that wait.

        Raises
        ------
        Refusal
            429: as many are here.
        """
        if HELD in state:
            return
        if any(allowed is not None and self.here[name] >= allowed for name, allowed in most.items()):
            text = "Too many exports, files or comparisons at once; ask again when one has come."
            raise Refusal(429, "RATE_LIMITED", text, {"Retry-After": "1"})
        self.here.update(most.keys())
        with ExitStack() as who_goes_away:
            who_goes_away.callback(self.here.subtract, most.keys())
            await self._free.acquire()
            who_goes_away.pop_all()
        state[HELD] = tuple(most)

    def leave(self, state: MutableMapping[str, Any]) -> None:
        """Give back what a request has held, if anything."""
        names = state.pop(HELD, None)
        if names is not None:
            self.here.subtract(names)
            self.here += Counter()  # who has none left is forgotten
            self._free.release()
