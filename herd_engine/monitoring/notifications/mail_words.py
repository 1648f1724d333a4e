"""An event as a mail: who reads it has a language, and no use for JSON."""

import json
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.message import Message
from herd_engine.monitoring.notifications.channels import MailChannel
from herd_engine.storage.outbox_rows import MessageRow


def mail_of(message: MessageRow, channel: MailChannel) -> EmailMessage:
    """Return a message as a mail in the channel's language."""
    words, event = wording(channel.language), json.loads(message.payload)
    data = event["data"]
    mail = EmailMessage()
    mail["From"], mail["To"] = channel.sender, ", ".join(channel.to)
    mail["Subject"] = subject(words, message.event_type, message.severity, data)
    mail["Message-ID"] = f"<{message.event_id}@herd-workbench>"
    if data.get("test"):
        mail["X-Herd-Test"] = "true"
    mail.set_content("\n\n".join(_lines(words, message, data)) + "\n")
    return mail


def subject(words: Wording, event_type: str, severity: str, data: Mapping[str, Any]) -> str:
    """Return in one line what an event is about.

    Parameters
    ----------
    words : Wording
    event_type : str
        Such as ``alert.firing``.
    severity : str
    data : mapping
        Of the event.
    """
    farm = data.get("farm")
    text = words.text(
        f"notice.{event_type}",
        severity=words.text(f"notice.{severity}"),
        title=_title(words, data),
        farm="" if farm is None else words.text("notice.farm", farm=farm["name"]),
    )
    return " ".join(text.split())


def _title(words: Wording, data: Mapping[str, Any]) -> str:
    """Return what the event is about, in the language where it has a name in it.

    Of an alert that nobody named it is what is watched.
    """
    about = _about(data)
    if about.get("title") == about.get("policy") and "message" in about:
        of_message = str(about["message"]["code"]).removeprefix("alert.")
        watched = about.get("labels", {}).get("metric", of_message)
        return words.get(f"watched.{watched}", str(about.get("policy", "")))
    title = about.get("title") or about.get("policy") or about.get("id") or ""
    if isinstance(title, dict):
        title = title.get(words.language) or next(iter(title.values()), "")
    return str(title)


def _lines(words: Wording, message: MessageRow, data: Mapping[str, Any]) -> list[str]:
    about = _about(data)
    lines = [subject(words, message.event_type, message.severity, data)]
    if "message" in about:
        lines.append(words.say(Message.from_plain(about["message"])))
    if about.get("headline"):
        lines.append(str(about["headline"]))
    if about.get("since"):
        zone = about.get("time_zone", "UTC")
        since = datetime.fromisoformat(about["since"]).astimezone(ZoneInfo(zone))
        lines.append(words.text("notice.since", since=f"{since:%Y-%m-%d %H:%M}", zone=zone))
    if about.get("reason"):
        reason = words.get(f"notice.{about['reason']}", str(about["reason"]))
        lines.append(words.text("notice.reason", reason=reason))
    lines += [words.text("notice.links", link=link) for link in data.get("links", {}).values()]
    lines.append(words.text("notice.id", id=message.event_id))
    return lines


def _about(data: Mapping[str, Any]) -> dict[str, Any]:
    return next((dict(data[name]) for name in ("alert", "run", "report", "channel") if name in data), {})
