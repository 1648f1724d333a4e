"""Work that follows a visitor who changes his mind: the latest wish wins."""

from collections.abc import Callable
from threading import Event, Lock
from typing import Generic, TypeVar

Wish = TypeVar("Wish")


class Latest(Generic[Wish]):
    """Does one wish at a time in the background; of those that come meanwhile only the latest.

    Parameters
    ----------
    later : callable
        Takes work to the background.
    do : callable
        Fulfils a wish; the event is set once nobody wants it any more.
    """

    def __init__(
        self, later: Callable[[Callable[[], None]], None], do: Callable[[Wish, Event], None]
    ) -> None:
        self._later, self._do = later, do
        self._lock, self._stop = Lock(), Event()
        self._wanted: Wish | None = None
        self._is_busy = False

    def ask(self, wish: Wish) -> None:
        """Want something instead of all before."""
        with self._lock:
            self._wanted = wish
            self._stop.set()
            if self._is_busy:
                return
            self._is_busy = True
        self._later(self._work)

    def drop(self) -> None:
        """Want nothing any more."""
        with self._lock:
            self._wanted = None
            self._stop.set()

    def _work(self) -> None:
        try:
            while (next_one := self._next()) is not None:
                self._do(*next_one)
        except BaseException:
            self._is_busy = False
            raise

    def _next(self) -> tuple[Wish, Event] | None:
        with self._lock:
            wish, self._wanted, self._stop = self._wanted, None, Event()
            if wish is None:
                self._is_busy = False
                return None
            return wish, self._stop
