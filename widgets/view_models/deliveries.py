"""Messages to others: what was sent, what waits, what failed and why; whom the service knows."""

from datetime import UTC, datetime, timedelta

from psygnal import Signal

from herd_engine.model.visitor import DIRECT, LOOK
from herd_engine.workbench.deliveries import (
    Channel,
    DeliveryAttempt,
    DeliveryBucket,
    DeliveryMessage,
    DeliveryStats,
)
from widgets.view_models.page_model import PageModel

PAGE_SIZE = 20
LOOKED_BACK = timedelta(days=30)


class FarmDeliveries:
    """What the page of deliveries knows.

    Attributes
    ----------
    messages : tuple of DeliveryMessage
        One page of them, newest first.
    stats : DeliveryStats or None
        Of the last 30 days.
    days : tuple of DeliveryBucket
        Attempts of the last 30 days, of each of them where the farm is.
    channels : tuple of Channel
    has_fault : bool
        Whether the file of channels cannot be used as it is.
    state : str
        Only messages in this state; empty for all.
    attempts : tuple of DeliveryAttempt
        At the message that is looked at.
    n_replayed : int or None
        How many messages were sent again just now.
    """

    changed = Signal()

    def __init__(self, page: PageModel) -> None:
        self.page = page
        self.messages: tuple[DeliveryMessage, ...] = ()
        self.stats: DeliveryStats | None = None
        self.days: tuple[DeliveryBucket, ...] = ()
        self.channels: tuple[Channel, ...] = ()
        self.has_fault = False
        self.state = ""
        self.attempts: tuple[DeliveryAttempt, ...] = ()
        self.n_replayed: int | None = None
        self.shown_id = page.visit.message
        self._cursors: list[str | None] = [None]
        self._next: str | None = None
        page.seen.connect(self.refresh)

    @property
    def may_look(self) -> bool:
        """Whether messages are the visitor's to see."""
        return LOOK in self.page.workbench.scopes

    @property
    def may_direct(self) -> bool:
        """Whether the visitor may send something again."""
        return DIRECT in self.page.workbench.scopes

    @property
    def has_older(self) -> bool:
        """Whether there is a page of older messages."""
        return self._next is not None

    @property
    def has_newer(self) -> bool:
        """Whether there is a page of newer messages."""
        return len(self._cursors) > 1

    @property
    def time_zone(self) -> str:
        """Where days begin when they do on the farm."""
        return self.page.workbench.deliveries.time_zone

    def refresh(self) -> None:
        """Read everything again; what is as before is not drawn again."""
        if not self.may_look:
            return
        deliveries = self.page.workbench.deliveries
        before = (self.messages, self.stats, self.channels, self.attempts, self.has_fault)
        states = (self.state,) if self.state else ()
        listed = deliveries.list(state=states, cursor=self._cursors[-1], limit=PAGE_SIZE)
        self.messages, self._next = listed.items, listed.next_cursor
        now = datetime.now(UTC)
        self.stats = deliveries.stats(since=now - LOOKED_BACK)
        self.days = deliveries.trends(now - LOOKED_BACK, now)
        self.channels, self.has_fault = deliveries.channels(), deliveries.fault() is not None
        self.attempts = self._attempts()
        if (self.messages, self.stats, self.channels, self.attempts, self.has_fault) != before:
            self.changed.emit()

    def wish(self, state: str) -> None:
        """List messages in a state alone."""
        self.state, self._cursors = state, [None]
        self._draw()

    def older(self) -> None:
        """Turn to older messages."""
        if self._next is not None:
            self._cursors.append(self._next)
            self._draw()

    def newer(self) -> None:
        """Turn back to newer messages."""
        if self.has_newer:
            self._cursors.pop()
            self._draw()

    def show(self, message_id: str) -> None:
        """Look at a message: what became of each attempt."""
        self.shown_id = message_id
        self._draw()

    def replay(self, message_id: str) -> None:
        """Send a message again; ConflictError while it still waits, or is repeated already."""
        self.page.workbench.deliveries.replay(message_id)
        self.n_replayed = 1
        self._draw()

    def replay_dead(self) -> None:
        """Send everything again that was given up."""
        self.n_replayed = self.page.workbench.deliveries.replay_dead()
        self._draw()

    def test(self, channel: str) -> None:
        """Send a message that says that the channel works; ConflictError while it is switched off."""
        self.page.workbench.deliveries.test(channel)
        self._draw()

    def enable(self, channel: str) -> None:
        """Send to a channel again."""
        self.page.workbench.deliveries.enable(channel)
        self._draw()

    def _attempts(self) -> tuple[DeliveryAttempt, ...]:
        """Return the attempts at the message that is looked at; one that is not there is left."""
        wanted, self.shown_id = self.shown_id, None
        if wanted is None:
            return ()
        attempts = self.page.workbench.deliveries.attempts_of(wanted)
        self.shown_id = wanted
        return attempts

    def _draw(self) -> None:
        self.refresh()
        self.changed.emit()
