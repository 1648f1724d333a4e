"""Mail servers: how a message is handed to one, and what its refusal means."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, field_validator

from herd_engine.errors import DeliveryError
from herd_engine.sending.public_address import spelled_host

WAIT_SECONDS = 30
_PERMANENT = 500


def _one_address(text: str) -> str:
    """Return the text of a header that names one address, which no line end can turn into two headers."""
    if "@" not in parseaddr(text)[1] or not text.isprintable():
        raise ValueError("must be a mail address, such as anna@farm.example or Anna <anna@farm.example>")
    return text


MailAddress = Annotated[str, AfterValidator(_one_address)]


class MailServer(BaseModel):
    """A mail server and whom to write to; secrets come from the environment, as ``${NAME}``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    server: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None
    sender: MailAddress
    to: list[MailAddress] = Field(min_length=1)

    @field_validator("server")
    @classmethod
    def _is_host(cls, server: str) -> str:
        return spelled_host(server)

    @property
    def label(self) -> str:
        """What to call it."""
        return f"mail to {', '.join(self.to)}"

    def send(self, message: EmailMessage, seconds: float = WAIT_SECONDS) -> None:
        """Hand a message over.

        Raises
        ------
        DeliveryError
        """
        try:
            with self._connection(seconds) as server:
                refused = server.send_message(message)
        except smtplib.SMTPResponseException as error:
            reason = f"{error.smtp_code} {_text(error.smtp_error)}"
            raise DeliveryError(self.label, reason, error.smtp_code < _PERMANENT) from error
        except smtplib.SMTPRecipientsRefused as error:
            raise DeliveryError(self.label, f"refused: {', '.join(error.recipients)}", again=False) from error
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryError(self.label, str(error).rstrip(".") or type(error).__name__) from error
        except UnicodeError as error:
            reason = "its user or password holds other letters than ASCII, which SMTP does not take"
            raise DeliveryError(self.label, reason, again=False) from error
        if refused:
            raise DeliveryError(self.label, f"refused: {', '.join(refused)}", again=False)

    @contextmanager
    def _connection(self, seconds: float) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.server, self.port, timeout=seconds, context=context)
        else:
            server = smtplib.SMTP(self.server, self.port, timeout=seconds)
        with server:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user is not None and self.password is not None:
                server.login(self.user, self.password.get_secret_value())
            yield server


def _text(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words
