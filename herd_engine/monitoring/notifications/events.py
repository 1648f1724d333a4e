"""Events: what is told to others, as one JSON text that every kind of channel is given."""

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from herd_engine.monitoring.notifications.channels import AnyChannel
from herd_engine.storage.outbox_rows import NewMessage

LARGEST_BYTES = 20 * 1024
PING = "test.ping"
CHANNEL_DISABLED = "channel.disabled"
_KEPT_OF_LARGE = ("id", "policy", "state", "severity", "since", "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingEvent:
    """Something that happened, for those who want to know.

    Attributes
    ----------
    type : str
        Such as ``alert.firing``.
    at : datetime
    source : str
        ``/herd/`` and who tells it.
    subject : str
        Such as ``farm/<id>/alert/<id>``.
    severity : str
    data : mapping
        ``alert``, ``run``, ``report``, ``channel``: facts and links, no animals, no contents.
    id : str
        Receivers know a repeated event by it.
    farm : tuple of str, optional
        Its id and its name.
    alert_id : str, optional
    is_test : bool
    """

    type: str
    at: datetime
    source: str
    subject: str
    severity: str
    data: Mapping[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    farm: tuple[str, str] | None = None
    alert_id: str | None = None
    is_test: bool = False

    def body(self) -> str:
        """Return the event as JSON; of one that is too large only what it is about is left."""
        text = self._text(self.data)
        if len(text.encode()) <= LARGEST_BYTES:
            return text
        short = {
            name: {key: value[key] for key in _KEPT_OF_LARGE if key in value}
            for name, value in self.data.items()
            if isinstance(value, Mapping)
        }
        return self._text({**short, "shortened": True})

    def _text(self, about: Mapping[str, Any]) -> str:
        farm = None if self.farm is None else {"id": self.farm[0], "name": self.farm[1]}
        data = {"id": self.id, "source": self.source, "subject": self.subject, "farm": farm, **about}
        data = {"links": {}, **data, "test": self.is_test}
        event = {"type": self.type, "timestamp": self.at.isoformat().replace("+00:00", "Z"), "data": data}
        return json.dumps(event, ensure_ascii=False)


def messages_of(
    event: OutgoingEvent,
    channels: Mapping[str, AnyChannel],
    named: Sequence[str] | None = None,
    muted_by: str | None = None,
) -> tuple[NewMessage, ...]:
    """Return the messages of an event: one for each channel that wants it.

    Parameters
    ----------
    event : OutgoingEvent
    channels : mapping of str to channel
    named : sequence of str, optional
        Only these, such as those of a policy.
    muted_by : str, optional
        The silence that keeps it from being sent.
    """
    farm_id, farm_name = event.farm or (None, None)
    body = event.body()
    return tuple(
        message_to(event, name, body, muted_by)
        for name, channel in channels.items()
        if (named is None or name in named) and channel.wants(event.type, farm_id, farm_name, event.severity)
    )


def message_to(
    event: OutgoingEvent, channel_id: str, body: str | None = None, muted_by: str | None = None
) -> NewMessage:
    """Return the message of an event to one channel, whether it wants it or not."""
    return NewMessage(
        event_id=event.id,
        channel_id=channel_id,
        event_type=event.type,
        alert_id=event.alert_id,
        farm_id=None if event.farm is None else event.farm[0],
        severity=event.severity,
        payload=event.body() if body is None else body,
        muted_by=muted_by,
    )
