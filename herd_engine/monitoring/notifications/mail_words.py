"""An event as a mail: who reads it has a language, and no use for JSON."""

import json
from email.message import EmailMessage
from typing import Any

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
    mail["Subject"] = _one_line(_subject(words, message, data))
    mail["Message-ID"] = f"<{message.event_id}@herd-workbench>"
    if data.get("test"):
        mail["X-Herd-Test"] = "true"
    mail.set_content("\n\n".join(_lines(words, message, data)) + "\n")
    return mail


def _subject(words: Wording, message: MessageRow, data: dict[str, Any]) -> str:
    farm = data.get("farm")
    return words.text(
        f"notice.{message.event_type}",
        severity=words.text(f"notice.{message.severity}"),
        title=_title(words, data),
        farm="" if farm is None else words.text("notice.farm", farm=farm["name"]),
    )


def _title(words: Wording, data: dict[str, Any]) -> str:
    """Return what the event is about, in the language where it has a name in it."""
    about = _about(data)
    title = about.get("title") or about.get("policy") or about.get("id") or ""
    if isinstance(title, dict):
        title = title.get(words.language) or next(iter(title.values()), "")
    return str(title)


def _lines(words: Wording, message: MessageRow, data: dict[str, Any]) -> list[str]:
    about = _about(data)
    lines = [_subject(words, message, data)]
    if "message" in about:
        lines.append(words.say(Message.from_plain(about["message"])))
    if about.get("headline"):
        lines.append(str(about["headline"]))
    if about.get("since"):
        lines.append(words.text("notice.since", since=str(about["since"])[:16].replace("T", " ")))
    if about.get("reason"):
        reason = words.get(f"notice.{about['reason']}", str(about["reason"]))
        lines.append(words.text("notice.reason", reason=reason))
    lines += [words.text("notice.links", link=link) for link in data.get("links", {}).values()]
    lines.append(words.text("notice.id", id=message.event_id))
    return lines


def _about(data: dict[str, Any]) -> dict[str, Any]:
    return next((dict(data[name]) for name in ("alert", "run", "report", "channel") if name in data), {})


def _one_line(text: str) -> str:
    return " ".join(text.split())
