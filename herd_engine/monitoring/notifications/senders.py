"""One try at sending a message by its channel; whatever goes wrong is in the result."""

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from filelock import FileLock, Timeout

from herd_engine.errors import DeliveryError, OutputError
from herd_engine.exports.atomic_write import write_atomically
from herd_engine.monitoring.notifications.channels import (
    AnyChannel,
    FolderChannel,
    MailChannel,
    WebhookChannel,
)
from herd_engine.monitoring.notifications.mail_words import mail_of
from herd_engine.sending.signing import signed_headers
from herd_engine.sending.web import LONGEST_SECONDS, post
from herd_engine.storage.outbox_rows import AttemptOutcome, MessageRow, SendResult

RETRY_SECONDS = (5, 60, 300, 1800, 7200, 18_000, 36_000, 36_000)
"""Before each further attempt, a fifth more or less."""
LONGEST_WAIT_SECONDS = 86_400
GONE = "GONE"
"""Why a channel was disabled: its receiver said that it is gone for good."""
_GONE_STATUS = 410


def request_sha256(message: MessageRow) -> str:
    """Return what tells what was sent from anything else."""
    return hashlib.sha256(message.payload.encode()).hexdigest()


def send_message(message: MessageRow, channel: AnyChannel, moment: datetime) -> SendResult:
    """Try to send a message once.

    Parameters
    ----------
    message : MessageRow
    channel : channel
    moment : datetime
        What is signed as the time of sending: that of this machine, which receivers compare with theirs.
    """
    began = time.monotonic()
    match channel:
        case WebhookChannel():
            result = _by_web(message, channel, moment)
        case MailChannel():
            result = _by_mail(message, channel)
        case FolderChannel():
            result = _into_folder(message, channel.folder, moment)
    values = {name: getattr(result, name) for name in SendResult.__slots__}
    return SendResult(**(values | {"duration_seconds": time.monotonic() - began}))


def retry_seconds(message: MessageRow, retry_after: str | None = None, now: datetime | None = None) -> float:
    """Return how long to wait before the next attempt.

    Parameters
    ----------
    message : MessageRow
        Before its attempt that has failed: ``attempts`` are those before.
    retry_after : str, optional
        What its receiver said, in seconds or as a date; honoured for a day at most.
    now : datetime, optional
    """
    planned = RETRY_SECONDS[min(message.attempts, len(RETRY_SECONDS) - 1)]
    digest = hashlib.sha256(f"{message.id} {message.attempts}".encode()).digest()
    share = int.from_bytes(digest[:4], "big") / (2**32 - 1)  # many that failed together do not come together
    waiting = planned * (0.8 + 0.4 * share)
    return max(waiting, min(_seconds(retry_after, now or datetime.now(UTC)), LONGEST_WAIT_SECONDS))


def _seconds(retry_after: str | None, now: datetime) -> float:
    if retry_after is None:
        return 0.0
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    return (then if then.tzinfo else then.replace(tzinfo=UTC)).timestamp() - now.timestamp()


def _by_web(message: MessageRow, channel: WebhookChannel, moment: datetime) -> SendResult:
    headers = signed_headers(message.event_id, moment, message.payload, channel.keys)
    if channel.compat == "preflight":
        headers |= _preflight_headers(message, channel.keys[0], moment)
    answer = post(
        channel.url, message.payload.encode(), headers, allow=channel.allow, seconds=channel.timeout
    )
    if answer.error_code is None:
        return SendResult(outcome=AttemptOutcome.SENT, duration_seconds=0.0, http_status=answer.status)
    again = answer.is_worth_another_try
    return SendResult(
        outcome=AttemptOutcome.RETRY if again else AttemptOutcome.DEAD,
        duration_seconds=0.0,
        http_status=answer.status,
        error_code=answer.error_code,
        error_text=answer.error_text,
        response_sample=answer.sample,
        retry_seconds=retry_seconds(message, answer.retry_after) if again else 0.0,
        closes_channel=GONE if answer.status == _GONE_STATUS else "",
    )


def _preflight_headers(message: MessageRow, secret: str, moment: datetime) -> dict[str, str]:
    """Return the headers of the first contract: an HMAC of the time, a dot and the body."""
    stamp = str(int(moment.timestamp()))
    digest = hmac.new(secret.encode(), f"{stamp}.{message.payload}".encode(), hashlib.sha256).hexdigest()
    return {
        "x-preflight-event": message.event_type,
        "x-preflight-event-id": message.event_id,
        "x-preflight-timestamp": stamp,
        "x-preflight-signature": f"sha256={digest}",
    }


def _by_mail(message: MessageRow, channel: MailChannel) -> SendResult:
    try:
        channel.mail_server.send(mail_of(message, channel), LONGEST_SECONDS)
    except DeliveryError as error:
        code = "MAIL_FAILED" if error.again else "MAIL_REFUSED"
        return failed_attempt(message, code, error.reason, again=error.again)
    return SendResult(outcome=AttemptOutcome.SENT, duration_seconds=0.0)


def _into_folder(message: MessageRow, folder: Path, moment: datetime) -> SendResult:
    """Add a line to the file of the day, which is there whole or as it was; a repeated event has one line."""
    path = folder / f"{moment.date().isoformat()}.jsonl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=LONGEST_SECONDS):
            lines = path.read_text("utf-8").splitlines() if path.exists() else []
            if message.event_id not in {json.loads(line)["data"]["id"] for line in lines}:
                write_atomically(path, "".join(f"{line}\n" for line in (*lines, message.payload)).encode())
    except (OutputError, Timeout, OSError, ValueError) as error:
        return failed_attempt(message, "FOLDER_FAILED", str(error), again=True)
    return SendResult(outcome=AttemptOutcome.SENT, duration_seconds=0.0)


def failed_attempt(message: MessageRow, code: str, text: str, *, again: bool) -> SendResult:
    """Return the result of a try that did not get far; ``again``: whether another may help."""
    return SendResult(
        outcome=AttemptOutcome.RETRY if again else AttemptOutcome.DEAD,
        duration_seconds=0.0,
        error_code=code,
        error_text=text,
        retry_seconds=retry_seconds(message) if again else 0.0,
    )
