"""`herd deliveries`: messages to others, attempts at sending them, channels."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime, time, timedelta
from typing import Annotated

import typer
from rich.markup import escape

from herd_engine.cli.options import Cursor, Home, Json, Limit, Since, Until, parse_date
from herd_engine.cli.output import document_of, write_text
from herd_engine.cli.printing import err, new_table, out, shown_moment
from herd_engine.errors import ServiceError
from herd_engine.workbench import Workbench

app = typer.Typer(
    no_args_is_help=True, help="Show what was told to others and what was not; send it again; test channels."
)
ChannelOption = Annotated[str | None, typer.Option(help="Of this channel alone.")]
ChannelName = Annotated[str, typer.Argument(metavar="CHANNEL", help="As channels.yaml names it.")]
MessageId = Annotated[str, typer.Argument(metavar="MESSAGE", help="Its id.")]


@app.command("list")
def list_messages(
    *,
    state: Annotated[
        list[str] | None,
        typer.Option(help="PENDING, RETRYING, SENT, DEAD, MUTED or DISCARDED; as often as needed."),
    ] = None,
    channel: ChannelOption = None,
    limit: Limit = 20,
    cursor: Cursor = None,
    json: Json = None,
    home: Home = None,
) -> None:
    """List messages, newest first."""
    page = Workbench.open(home).deliveries.list(
        state=[each.upper() for each in state or ()], channel=channel, cursor=cursor, limit=limit
    )
    if json is not None:
        items = [document_of(message) for message in page.items]
        write_text(json, {"messages": items, "next_cursor": page.next_cursor})
        return
    table = new_table("message", "made", "channel", "event", "state", "attempts", "last", "due")
    for each in page.items:
        waits = each.state in ("PENDING", "RETRYING")
        last = each.last_error_code or (str(each.last_status) if each.last_status else "")
        due = shown_moment(each.due_at) if waits else ""
        made = shown_moment(each.created_at)
        tried = f"{each.attempts}/{each.max_attempts}"
        table.add_row(each.id, made, each.channel_id, each.event_type, each.state, tried, last, due)
    out.print(table)
    if page.next_cursor:
        err.print(f"More: --cursor {page.next_cursor}", soft_wrap=True, highlight=False)


@app.command()
def attempts(message: MessageId, *, json: Json = None, home: Home = None) -> None:
    """List the attempts at sending a message."""
    _show_attempts(Workbench.open(home), message, json)


@app.command()
def replay(message: MessageId, *, home: Home = None) -> None:
    """Send a message once more; its receiver knows it by the same id."""
    made = Workbench.open(home).deliveries.replay(message)
    out.print(f"{made.id} repeats {message}; it is sent with the next ones", soft_wrap=True)


@app.command("replay-dead")
def replay_dead(*, channel: ChannelOption = None, home: Home = None) -> None:
    """Send once more what was given up and was not repeated yet."""
    n_messages = Workbench.open(home).deliveries.replay_dead(channel)
    out.print(f"{n_messages} messages are sent once more")


@app.command()
def stats(
    *,
    channel: ChannelOption = None,
    since: Since = None,
    until: Until = None,
    json: Json = None,
    home: Home = None,
) -> None:
    """Count messages and attempts."""
    start = None if since is None else _midnight(since, "--from")
    end = None if until is None else _midnight(until, "--to") + timedelta(days=1)
    found = Workbench.open(home).deliveries.stats(channel, start, end)
    if json is not None:
        write_text(json, asdict(found) | {"channels": [document_of(each) for each in found.channels]})
        return
    table = new_table("", "")
    for name, value in asdict(replace(found, channels=())).items():
        if name == "error_codes":
            value = _codes(value)  # noqa: PLW2901
        if name != "channels":
            table.add_row(name.replace("_", " "), "–" if value is None else str(value))
    out.print(table)
    if found.channels:
        by_channel = new_table("channel", "sent", "given up", "waiting", "sent last", "failed last", "errors")
        for each in found.channels:
            last = [shown_moment(at) if at else "" for at in (each.last_sent_at, each.last_error_at)]
            counts = map(str, (each.sent, each.dead, each.pending))
            by_channel.add_row(escape(each.channel_id), *counts, *last, _codes(each.error_codes))
        out.print(by_channel)


def _codes(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{code} {count}" for code, count in counts) or "none"


@app.command()
def channels(*, json: Json = None, home: Home = None) -> None:
    """List channels and how they get on; exit 3 where their file has mistakes."""
    deliveries = Workbench.open(home).deliveries
    found, fault = deliveries.channels(), deliveries.fault()
    if json is not None:
        told = None if fault is None else str(fault)
        write_text(json, {"channels": [document_of(channel) for channel in found], "fault": told})
    else:
        table = new_table("channel", "kind", "events", "farms", "from", "language", "")
        for each in found:
            how = f"disabled: {each.reason}" if each.disabled_at else "failing" if each.failing_since else ""
            kind = each.kind or "not in channels.yaml"
            events, farms = ", ".join(each.events), escape(", ".join(each.farms))
            table.add_row(each.id, kind, events, farms, each.min_severity, each.language, how)
        out.print(table)
    if fault is not None:
        raise ServiceError("channels", str(fault).rstrip("."))


@app.command("test")
def try_channel(channel: ChannelName, *, json: Json = None, home: Home = None) -> None:
    """Send a message that says that a channel works; exit 3 where it does not arrive."""
    bench = Workbench.open(home)
    made = bench.deliveries.test(channel)
    while bench.deliveries.dispatch().n_claimed:
        pass
    _show_attempts(bench, made.id, json)
    tried = bench.deliveries.attempts_of(made.id)
    if not tried or tried[-1].outcome != "SENT":
        raise ServiceError(channel, "the test message did not arrive")


@app.command()
def enable(channel: ChannelName, *, home: Home = None) -> None:
    """Send to a channel again that was disabled."""
    was_disabled = Workbench.open(home).deliveries.enable(channel)
    out.print(f"{channel} is enabled" if was_disabled else f"{channel} was not disabled")


@app.command()
def dispatch(*, home: Home = None) -> None:
    """Send everything that is due, now and here."""
    deliveries = Workbench.open(home).deliveries
    n_sent = n_failed = 0
    while (done := deliveries.dispatch()).n_claimed:
        n_sent, n_failed = n_sent + done.n_sent, n_failed + done.n_failed
    out.print(f"{n_sent} messages sent, {n_failed} attempts failed")


def _show_attempts(bench: Workbench, message: str, json: Json) -> None:
    found = bench.deliveries.attempts_of(message)
    if json is not None:
        write_text(json, {"attempts": [document_of(each) for each in found]})
        return
    table = new_table("attempt", "begun", "outcome", "seconds", "answer", "why")
    for each in found:
        took = "" if each.duration_seconds is None else f"{each.duration_seconds:.2f}"
        said = str(each.http_status or each.error_code or "")
        why = escape(each.error_text or "")
        table.add_row(str(each.number), shown_moment(each.started_at), each.outcome, took, said, why)
    out.print(table)


def _midnight(day: str, option: str) -> datetime:
    return datetime.combine(parse_date(day, option), time.min, UTC)
