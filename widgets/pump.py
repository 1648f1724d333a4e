"""One thread of a page draws what has changed and asks how the run stands.

Models change on any thread and as often as they like; what they changed is drawn here, each view at most
once a turn, so that views need no locks and no message is sent that another would replace. When what was
waited for has ended, its last state is sent once more: a browser that was busy may have missed it.
"""

import time
from collections.abc import Callable
from threading import Event, Lock, Thread

TURN_SECONDS = 0.04
POLL_SECONDS = 0.5
SEND_AGAIN_SECONDS = 3.0


class Pump:
    """Draws and polls.

    Parameters
    ----------
    poll : callable
        Asks how things stand; tells whether there is something to wait for.
    send_again : callable
        Sends the last state once more.
    """

    def __init__(self, poll: Callable[[], bool], send_again: Callable[[], None]) -> None:
        self._poll, self._send_again = poll, send_again
        self._wake, self._lock = Event(), Lock()
        self._dirty: dict[Callable[[], None], None] = {}
        self._is_waiting = False
        self._again_at: float | None = None
        self._polled_at = 0.0

    def start(self) -> None:
        """Begin; the thread ends with the process."""
        Thread(target=self._run, name="pump", daemon=True).start()

    def draw(self, view: Callable[[], None]) -> None:
        """Let a view be drawn soon; asking twice before that draws it once."""
        with self._lock:
            self._dirty[view] = None
        self._wake.set()

    def turn(self) -> None:
        """Poll where it is time, then draw what has changed."""
        now = time.monotonic()
        if now - self._polled_at >= POLL_SECONDS:
            self._polled_at = now
            was_waiting, self._is_waiting = self._is_waiting, self._poll()
            if was_waiting and not self._is_waiting:
                self._again_at = now + SEND_AGAIN_SECONDS
        with self._lock:
            views, self._dirty = list(self._dirty), {}
        for view in views:
            view()
        if self._again_at is not None and now >= self._again_at:
            self._again_at = None
            self._send_again()

    def _run(self) -> None:
        while True:
            self._wake.wait(POLL_SECONDS)
            self._wake.clear()
            self.turn()
            time.sleep(TURN_SECONDS)
