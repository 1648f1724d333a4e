"""Answers that are made once, however many ask, and the last few of them."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")


class Remembered(Generic[Answer]):
    """Answers by key; who asks while one is made waits for it. An error is told to all, and forgotten.

    Parameters
    ----------
    size : int
        So many are kept: those that were asked for last.
    """

    def __init__(self, size: int) -> None:
        self._size, self._lock = size, Lock()
        self._answers: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Answer]) -> Answer:
        """Return the answer of a key, made now where nobody has asked for it."""
        with self._lock:
            answer = self._answers.get(key)
            if is_first := answer is None:
                answer = self._answers[key] = Future()
            self._answers.move_to_end(key)
            while len(self._answers) > self._size:
                self._answers.popitem(last=False)
        if is_first:
            self._make(key, answer, make)
        found: Answer = answer.result()
        return found

    def _make(self, key: Hashable, answer: Future[Any], make: Callable[[], Answer]) -> None:
        try:
            answer.set_result(make())
        except BaseException as error:
            with self._lock:
                if self._answers.get(key) is answer:
                    del self._answers[key]
            answer.set_exception(error)
            raise
