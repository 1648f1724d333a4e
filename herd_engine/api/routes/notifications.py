"""Messages to others, attempts, channels; the first contract's longer paths lead to the same."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from herd_engine.api.asking import Bench, Cursor, Limit, PageOf, needs, page
from herd_engine.workbench.deliveries import (
    Channel,
    DeliveryAttempt,
    DeliveryBucket,
    DeliveryMessage,
    DeliveryStats,
    Dispatched,
)

router = APIRouter(prefix="/api/v1/diagnostics", tags=["notifications"])
LOOK, DIRECT = needs("diagnostics:read"), needs("diagnostics:admin")
ENDED = ("SENT", "DEAD", "MUTED", "DISCARDED")
Of = Annotated[str | None, Query(max_length=64, description="Of this channel alone.")]
Since = Annotated[datetime | None, Query(alias="from", description="Then or later.")]
Until = Annotated[datetime | None, Query(alias="to", description="Before then.")]
State = Literal["PENDING", "RETRYING", "SENT", "DEAD", "MUTED", "DISCARDED"]


class Repeated(BaseModel):
    """How many messages are sent once more."""

    replayed: int


class Enabled(BaseModel):
    """Whether a channel was disabled until now."""

    was_disabled: bool


def outbox(  # noqa: PLR0913, PLR0917 - one argument a filter
    bench: Bench,
    request: Request,
    response: Response,
    state: Annotated[list[State] | None, Query()] = None,
    channel: Of = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOf[DeliveryMessage]:
    """Newest first; `state` as often as needed."""
    found = bench.deliveries.list(state=state or (), channel=channel, cursor=cursor, limit=limit)
    return page(found, request, response)


def history(
    bench: Bench,
    request: Request,
    response: Response,
    channel: Of = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOf[DeliveryMessage]:
    """Those that wait for nothing more, newest first."""
    found = bench.deliveries.list(state=ENDED, channel=channel, cursor=cursor, limit=limit)
    return page(found, request, response)


def attempts(
    bench: Bench,
    request: Request,
    response: Response,
    channel: Of = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> PageOf[DeliveryAttempt]:
    """Newest first; what has ended never changes."""
    return page(bench.deliveries.attempts(channel=channel, cursor=cursor, limit=limit), request, response)


def attempt(bench: Bench, attempt_id: str) -> DeliveryAttempt:
    """One try at sending a message."""
    return bench.deliveries.attempt(attempt_id)


def stats(bench: Bench, channel: Of = None, since: Since = None, until: Until = None) -> DeliveryStats:
    """Exact; `success_rate` is null where nothing has ended."""
    return bench.deliveries.stats(channel, since, until)


def trends(
    bench: Bench,
    since: Annotated[datetime, Query(alias="from")],
    until: Annotated[datetime, Query(alias="to")],
    bucket: Literal["hour", "day"] = "day",
    time_zone: Annotated[str | None, Query(max_length=64)] = None,
) -> list[DeliveryBucket]:
    """Attempts by hour or day, of the farm unless a zone is named, zeros among them; at most 1,000."""
    return list(bench.deliveries.trends(since, until, bucket, time_zone))


def channels(bench: Bench) -> PageOf[Channel]:
    """Whom to tell, and how that goes; never a secret."""
    return PageOf(items=list(bench.deliveries.channels()), next_cursor=None)


def dispatch(bench: Bench) -> Dispatched:
    """Send up to ten messages that are due, now and here."""
    return bench.deliveries.dispatch()


def replay(bench: Bench, message_id: str) -> DeliveryMessage:
    """A new message of the same event; 409 while one is on its way already."""
    return bench.deliveries.replay(message_id)


def replay_dead(bench: Bench, channel: Of = None) -> Repeated:
    """Called twice, it repeats nothing more."""
    return Repeated(replayed=bench.deliveries.replay_dead(channel))


def try_channel(bench: Bench, channel_id: str) -> DeliveryMessage:
    """The message is sent with the next ones."""
    return bench.deliveries.test(channel_id)


def enable(bench: Bench, channel_id: str) -> Enabled:
    """Of one that was disabled."""
    return Enabled(was_disabled=bench.deliveries.enable(channel_id))


READS: dict[str, tuple[str, Callable[..., Any]]] = {
    "outbox": ("List messages", outbox),
    "history": ("List messages that have ended", history),
    "deliveries": ("List messages that have ended, by another name", history),
    "attempts": ("List attempts", attempts),
    "attempts/{attempt_id}": ("Show an attempt", attempt),
    "stats": ("Count messages and attempts", stats),
    "trends": ("Count attempts by hour or day", trends),
    "channels": ("List channels", channels),
    "endpoints": ("List channels, by another name", channels),
}
CHANGES: dict[str, tuple[str, Callable[..., Any], int]] = {
    "dispatch": ("Send what is due", dispatch, 200),
    "outbox/replay-dead": ("Send what was given up once more", replay_dead, 200),
    "outbox/{message_id}/replay": ("Send a message once more", replay, 201),
    "channels/{channel_id}/test": ("Test a channel", try_channel, 201),
    "channels/{channel_id}/enable": ("Enable a channel", enable, 200),
}


def _operation(prefix: str, path: str) -> str:
    name = path.replace("{attempt_id}", "get").replace("{message_id}/", "").replace("{channel_id}/", "")
    return f"{prefix}_{name}".replace("/", "_").replace("-", "_")


for _prefix in ("notifications", "preflight/notifications"):
    _of_first = {"deprecated": True} if _prefix != "notifications" else {}
    for _path, (_summary, _read) in READS.items():
        router.add_api_route(
            f"/{_prefix}/{_path}",
            _read,
            methods=["GET"],
            operation_id=_operation(_prefix, _path),
            summary=_summary,
            dependencies=[LOOK],
            **_of_first,  # type: ignore[arg-type]
        )
    for _path, (_summary, _change, _status) in CHANGES.items():
        router.add_api_route(
            f"/{_prefix}/{_path}",
            _change,
            methods=["POST"],
            operation_id=_operation(_prefix, _path),
            summary=_summary,
            status_code=_status,
            dependencies=[DIRECT],
            **_of_first,  # type: ignore[arg-type]
        )
