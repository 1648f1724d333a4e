"""Channels: whom to tell, of what, and how; a file of the home, taken whole or not at all."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    SecretStr,
    ValidationError,
    model_validator,
)

from herd_engine.errors import ChannelsError, ParameterError, YamlError
from herd_engine.guarded_yaml.reader import YamlDocument, read_yaml_file
from herd_engine.guarded_yaml.variables import filled_in, is_variable
from herd_engine.i18n.catalogue import ENGLISH, languages
from herd_engine.sending.mail import MailServer
from herd_engine.sending.signing import require_secret
from herd_engine.sending.web import LONGEST_SECONDS, require_web_address

FILE = "channels.yaml"
RANKS = {"LOW": 0, "MEDIUM": 1, "HIGH": 2}
_SECRETS = ("secrets", "password")
_PATHS = ("secrets_file", "password_file", "folder")


def _known_language(language: str) -> str:
    if language not in languages():
        raise ValueError(f"must be one of {', '.join(languages())}")
    return language


class _Channel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    events: list[str] = ["alert.*", "report.failed", "channel.*", "test.*"]
    farms: list[str] = ["*"]
    min_severity: Literal["LOW", "MEDIUM", "HIGH"] = "LOW"
    language: Annotated[str, AfterValidator(_known_language)] = ENGLISH

    def wants(self, event_type: str, farm_id: str | None, farm_name: str | None, severity: str) -> bool:
        """Tell whether an event is for this channel; ``*`` in its lists stands for any part of a name."""
        of_farm = farm_id is None or any(
            fnmatchcase(name, wanted) for wanted in self.farms for name in (farm_id, farm_name or "")
        )
        of_type = any(fnmatchcase(event_type, wanted) for wanted in self.events)
        return of_farm and of_type and RANKS.get(severity, 0) >= RANKS[self.min_severity]


class WebhookChannel(_Channel):
    """A web address that gets signed events, as Standard Webhooks has them.

    Attributes
    ----------
    url : str
    secrets : list of SecretStr
        One to three, ``whsec_…``: with each of them a signature.
    secrets_file : Path, optional
        Where they stand instead, one a line.
    timeout : float
        Seconds for each attempt.
    allow : list of network
        Private addresses that may be written to.
    compat : str, optional
        ``preflight``: with the headers of the first contract as well.
    """

    kind: Literal["webhook"]
    url: Annotated[str, AfterValidator(require_web_address)]
    secrets: list[SecretStr] = Field(default=[], max_length=3)
    secrets_file: Path | None = None
    timeout: float = Field(default=LONGEST_SECONDS, gt=0, le=LONGEST_SECONDS)
    allow: list[IPvAnyNetwork] = []
    compat: Literal["preflight"] | None = None

    @model_validator(mode="after")
    def _has_secrets(self) -> Self:
        if bool(self.secrets) == (self.secrets_file is not None):
            raise ValueError("give either secrets or secrets_file")
        found = self.keys
        if not 1 <= len(found) <= 3:
            raise ValueError("must have one to three secrets")
        for secret in found:
            require_secret(secret)
        return self

    @property
    def keys(self) -> tuple[str, ...]:
        """The secrets as they are now."""
        if self.secrets_file is not None:
            return tuple(_file_text(self.secrets_file).split())
        return tuple(secret.get_secret_value() for secret in self.secrets)


class MailChannel(_Channel, MailServer):
    """A mail server and whom to write to, in the channel's language."""

    kind: Literal["mail"]
    password_file: Path | None = None

    @property
    def mail_server(self) -> MailServer:
        """The server, with its password as it is now."""
        own = {name: getattr(self, name) for name in MailServer.model_fields}
        if self.password_file is not None:
            own["password"] = SecretStr(_file_text(self.password_file).strip())
        return MailServer(**own)


class FolderChannel(_Channel):
    """A folder that gets a file a day, an event a line."""

    kind: Literal["folder"]
    folder: Path


AnyChannel = WebhookChannel | MailChannel | FolderChannel


class Channels(BaseModel):
    """What a file of channels says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1]
    channels: list[Annotated[AnyChannel, Field(discriminator="kind")]] = []

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [channel.id for channel in self.channels]
        double = sorted({name for name in ids if ids.count(name) > 1})
        if double:
            raise ValueError(f"{', '.join(double)}: each channel must have an id of its own")
        return self


def read_channels(path: Path) -> Channels:
    """Read and check a file of channels; ``${NAME}`` stands for a variable of the environment.

    Raises
    ------
    ChannelsError
        All that is wrong with it, with lines.
    """
    try:
        document = read_yaml_file(path)
    except YamlError as error:
        raise ChannelsError(path.name, (("", _at(error.reason, error.line)),)) from error
    written = list(_written_secrets(document))
    if written:
        raise ChannelsError(path.name, tuple(written))
    try:
        return Channels.model_validate(_from_home(filled_in(document.values), path.parent))
    except ValidationError as error:
        raise ChannelsError(path.name, tuple(_problems(error, document))) from error
    except ParameterError as error:
        raise ChannelsError(path.name, ((error.name, str(error)),)) from error


class ChannelBook:
    """The channels of a home, read again at every look; a file with mistakes leaves what held before."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._good: Mapping[str, AnyChannel] = {}
        self.fault: ChannelsError | None = None

    def channels(self) -> Mapping[str, AnyChannel]:
        """Return the channels that hold now, by id; ``fault`` then says what is wrong with the file."""
        self.fault = None
        if not self._path.exists():
            self._good = {}
            return self._good
        try:
            self._good = {channel.id: channel for channel in read_channels(self._path).channels}
        except ChannelsError as error:
            self.fault = error
        return self._good


def _written_secrets(document: YamlDocument) -> Iterator[tuple[str, str]]:
    """Yield secrets that stand in the file itself, which others may read."""
    listed = document.values.get("channels") if isinstance(document.values, dict) else None
    for number, channel in enumerate(listed if isinstance(listed, list) else []):
        for key in _SECRETS:
            value = channel.get(key) if isinstance(channel, dict) else None
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and not is_variable(text):
                    rule = f"must be ${{NAME}}, a variable of the environment, or stand in {key}_file"
                    yield f"channels.{number}.{key}", _at(rule, document.line(("channels", number, key)))


def _from_home(values: Any, home: Path) -> Any:
    """Return what a file says with its relative paths as those of the home."""
    match values:
        case dict():
            return {
                key: str(home / value)
                if isinstance(value, str) and key in _PATHS
                else _from_home(value, home)
                for key, value in values.items()
            }
        case list():
            return [_from_home(value, home) for value in values]
        case _:
            return values


def _problems(error: ValidationError, document: YamlDocument) -> Iterator[tuple[str, str]]:
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        message = item["msg"].removeprefix("Value error, ")
        place = tuple(part for part in item["loc"] if part not in ("webhook", "mail", "folder"))
        yield ".".join(str(part) for part in place), _at(message, document.line(place))


def _at(message: str, line: int) -> str:
    return f"{message} (line {line})" if line else message


def _file_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise ValueError(f"{path} cannot be read") from error


def as_plain(channel: AnyChannel) -> dict[str, Any]:
    """Return a channel as plain values, its secrets left out."""
    hidden = {"secrets", "secrets_file", "password", "password_file", "user"}
    return dict(channel.model_dump(mode="json", exclude=hidden))
