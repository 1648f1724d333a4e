"""Editions announced to a web address, signed as Standard Webhooks asks."""

import ipaddress
import json
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

import httpx
import standardwebhooks
from pydantic import BaseModel, ConfigDict, IPvAnyNetwork, SecretStr, field_validator

from herd_engine.errors import DeliveryError
from pipelines.reports.manifest import Manifest, Status

WAIT_SECONDS = 15
_PORTS = {"http": 80, "https": 443}
_WORTH_ANOTHER_TRY = (408, 425, 429)
_SERVER_ERROR = 500

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


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
    url: str
    secret: SecretStr
    allow: list[IPvAnyNetwork] = []

    @field_validator("url")
    @classmethod
    def _is_web_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.username or parts.password:
            raise ValueError("must be http:// or https:// with a host, without a name and password")
        return url

    @field_validator("secret")
    @classmethod
    def _is_secret(cls, secret: SecretStr) -> SecretStr:
        try:
            standardwebhooks.Webhook(secret.get_secret_value())
        except Exception as error:  # what the library raises is not one family
            raise ValueError("must be a secret as Standard Webhooks has it: whsec_ and base64") from error
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
        is_made = manifest.status is Status.SUCCEEDED
        moment = datetime.now(UTC)
        event = {
            "type": "report.succeeded" if is_made else "report.failed",
            "timestamp": moment.isoformat(),
            "data": manifest.model_dump(mode="json", exclude={"deliveries"}),
        }
        body = json.dumps(event, ensure_ascii=False)
        message_id = f"{manifest.id}.{manifest.date}"
        signature = standardwebhooks.Webhook(self.secret.get_secret_value()).sign(message_id, moment, body)
        headers = {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": signature,
        }
        try:
            answer = self._post(body.encode(), headers)
        except httpx.HTTPError as error:
            raise DeliveryError(self.label, str(error).rstrip(".") or type(error).__name__) from error
        if not answer.is_success:
            again = answer.status_code >= _SERVER_ERROR or answer.status_code in _WORTH_ANOTHER_TRY
            raise DeliveryError(self.label, f"it answered {answer.status_code}", again)

    def _post(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        """Write to the very address that was looked up and checked; redirects are not followed."""
        parts = urlsplit(self.url)
        host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
        address = self._address(host, port)
        place = f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
        url = urlunsplit(parts._replace(netloc=place, fragment=""))
        # Proxies of the environment would look the name up again.
        with httpx.Client(trust_env=False, follow_redirects=False, timeout=WAIT_SECONDS) as client:
            return client.post(
                url,
                content=body,
                headers={**headers, "host": parts.netloc},
                extensions={"sni_hostname": host},
            )

    def _address(self, host: str, port: int) -> Address:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise DeliveryError(self.label, error.strerror or "there is no such host") from error
        for *_, where in found:
            address = _plain(ipaddress.ip_address(str(where[0]).partition("%")[0]))
            if _is_public(address) or any(address in network for network in self.allow):
                return address
        raise DeliveryError(self.label, "its address is private and not in allow", again=False)


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, where it does."""
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def _is_public(address: Address) -> bool:
    return address.is_global and not address.is_multicast
