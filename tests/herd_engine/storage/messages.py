"""Messages to keep; what a test does not name has a value of its own."""

import uuid
from typing import Any

from herd_engine.storage.outbox import NewMessage


def new_message(**changes: Any) -> NewMessage:
    values: dict[str, Any] = {
        "event_id": str(uuid.uuid4()),
        "channel_id": "hub",
        "event_type": "alert.firing",
        "alert_id": None,
        "farm_id": None,
        "severity": "HIGH",
        "payload": "{}",
    }
    return NewMessage(**(values | changes))
