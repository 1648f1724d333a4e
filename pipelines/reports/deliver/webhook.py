"""Editions announced to a web address, signed as Standard Webhooks asks."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, IPvAnyNetwork, SecretStr, field_validator

from herd_engine.errors import DeliveryError
from herd_engine.sending.signing import require_secret, signed_headers
from herd_engine.sending.web import post, require_web_address
from pipelines.reports.manifest import Manifest, ReportStatus


class Webhook(BaseModel):
    """A web address that gets the manifest of every edition.

    Attributes
    ----------
    url : str
    secret : SecretStr
        ``whsec_…``, shared with the receiver.
    allow : list of network
        Private addresses that may be written to; all others of this machine and its networks are refused, so
        that a plan cannot be used to reach what is not meant to be reached.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["webhook"]
    url: Annotated[str, AfterValidator(require_web_address)]
    secret: SecretStr
    allow: list[IPvAnyNetwork] = []

    @field_validator("secret")
    @classmethod
    def _is_secret(cls, secret: SecretStr) -> SecretStr:
        require_secret(secret.get_secret_value())
        return secret

    @property
    def label(self) -> str:
        """What to call it; a path or query may hold secrets."""
        return f"webhook {urlsplit(self.url).hostname}"

    def deliver(self, manifest: Manifest, edition: Path) -> None:
        """Send the manifest of an edition.

        Raises
        ------
        DeliveryError
        """
        is_made = manifest.status is ReportStatus.SUCCEEDED
        moment = datetime.now(UTC)
        event = {
            "type": "report.succeeded" if is_made else "report.failed",
            "timestamp": moment.isoformat(),
            "data": manifest.model_dump(mode="json", exclude={"deliveries"}),
        }
        body = json.dumps(event, ensure_ascii=False)
        message_id = f"{manifest.id}.{manifest.date}"
        headers = signed_headers(message_id, moment, body, [self.secret.get_secret_value()])
        answer = post(self.url, body.encode(), headers, allow=self.allow)
        if answer.error_code is not None:
            raise DeliveryError(self.label, answer.error_text, answer.is_worth_another_try)
