"""Editions sent by mail: the headline in the text, the report attached."""

from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from herd_engine.errors import DeliveryError
from herd_engine.i18n.wording import wording
from herd_engine.sending.mail import MailServer
from pipelines.reports.manifest import PAGE, PAPER, Manifest, ReportStatus

LARGEST_BYTES = 10 * 2**20
"""Of an attachment: many servers refuse more."""
_TYPES = {PAPER: ("application", "pdf"), PAGE: ("text", "html")}


class Mail(MailServer):
    """A mail server and whom to write to; secrets come from the environment, as ``${NAME}`` in the plan."""

    kind: Literal["mail"]

    def deliver(self, manifest: Manifest, edition: Path) -> None:
        """Send an edition.

        Raises
        ------
        DeliveryError
        """
        try:
            message = self._message(manifest, edition)
        except OSError as error:  # of the edition here
            raise DeliveryError(self.label, error.strerror or str(error)) from error
        self.send(message)

    def _message(self, manifest: Manifest, edition: Path) -> EmailMessage:
        words = wording(manifest.language)
        is_made = manifest.status is ReportStatus.SUCCEEDED
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
