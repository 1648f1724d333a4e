"""Editions sent by mail: the headline in the text, the report attached."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from herd_engine.errors import DeliveryError
from herd_engine.review.report_words import report_wording
from pipelines.reports.manifest import PAGE, PAPER, Manifest, Status

WAIT_SECONDS = 30
LARGEST_BYTES = 10 * 2**20
"""Of an attachment: many servers refuse more."""
_PERMANENT = 500
_TYPES = {PAPER: ("application", "pdf"), PAGE: ("text", "html")}


class Mail(BaseModel):
    """A mail server and whom to write to; secrets come from the environment, as ``${NAME}`` in the plan."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["mail"]
    server: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    sender: str
    to: list[str] = Field(min_length=1)

    @property
    def label(self) -> str:
        """What to call it."""
        return f"mail to {', '.join(self.to)}"

    def deliver(self, manifest: Manifest, edition: Path) -> None:
        """Send an edition.

        Raises
        ------
        DeliveryError
        """
        try:
            message = self._message(manifest, edition)
            with self._connection() as server:
                refused = server.send_message(message)
        except smtplib.SMTPResponseException as error:
            reason = f"{error.smtp_code} {_text(error.smtp_error)}"
            raise DeliveryError(self.label, reason, error.smtp_code < _PERMANENT) from error
        except smtplib.SMTPRecipientsRefused as error:
            raise DeliveryError(self.label, f"refused: {', '.join(error.recipients)}", again=False) from error
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryError(self.label, str(error).rstrip(".") or type(error).__name__) from error
        if refused:
            raise DeliveryError(self.label, f"refused: {', '.join(refused)}", again=False)

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.server, self.port, timeout=WAIT_SECONDS, context=context
            )
        else:
            server = smtplib.SMTP(self.server, self.port, timeout=WAIT_SECONDS)
        with server:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user is not None and self.password is not None:
                server.login(self.user, self.password.get_secret_value())
            yield server

    def _message(self, manifest: Manifest, edition: Path) -> EmailMessage:
        words = report_wording(manifest.language)
        is_made = manifest.status is Status.SUCCEEDED
        day = words.day(manifest.date)
        message = EmailMessage()
        message["From"], message["To"] = self.sender, ", ".join(self.to)
        farm = " ".join(manifest.farm.split())
        subject = "mail_subject" if is_made else "mail_subject_failed"
        message["Subject"] = words.text(subject, title=manifest.title, farm=farm, day=day)
        message["Message-ID"] = f"<{manifest.id}.{manifest.date}@herd-workbench>"
        lines = [manifest.headline] if manifest.headline else []
        if manifest.error is not None:
            lines.append(words.text("mail_failed", reason=manifest.error.message))
        attachment = edition / (PAPER if PAPER in manifest.files else PAGE)
        fits = attachment.stat().st_size <= LARGEST_BYTES
        lines.append(words.text("mail_attached" if fits else "mail_not_attached", id=manifest.name))
        lines.append(words.text("report_failed_id", id=manifest.id))
        message.set_content("\n\n".join(lines) + "\n")
        if fits:
            kind, sub = _TYPES[attachment.name]
            message.add_attachment(attachment.read_bytes(), kind, sub, filename=attachment.name)
        return message


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
