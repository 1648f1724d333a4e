"""What a result says, as a code and the facts of it; words are made when somebody looks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias


class Severity(StrEnum):
    """How much something said matters: only an ``error`` can stop a forecast."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


Fact: TypeAlias = "str | int | float | list[str] | list[int] | Message | tuple[Message, ...] | None"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing that a result says.

    Attributes
    ----------
    code : str
        Stable; the name of the text that says it in each language.
    params : mapping of str to str, int, float, list, Message or tuple of Message
        Facts that the text is filled with: numbers as they are, dates as ISO text.
    severity : Severity
    """

    code: str
    params: Mapping[str, Fact] = field(default_factory=dict)
    severity: Severity = Severity.INFO

    @property
    def kind(self) -> str:
        """The name of its text: kinds of issues that share a code say theirs among the facts."""
        return str(self.params.get("kind", self.code))

    def as_plain(self) -> dict[str, Any]:
        """Return it as plain values: ``code``, ``params``, ``severity``."""
        params = {name: _plain(fact) for name, fact in self.params.items()}
        return {"code": self.code, "params": params, "severity": self.severity.value}

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> "Message":
        """Return the message that plain values were made of."""
        params = {name: _fact(value) for name, value in values["params"].items()}
        return cls(values["code"], params, Severity(values["severity"]))


def _plain(fact: Fact) -> Any:
    if isinstance(fact, tuple):
        return [_plain(item) for item in fact]
    return fact.as_plain() if isinstance(fact, Message) else fact


def _fact(value: Any) -> Fact:
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return tuple(map(Message.from_plain, value))
    return Message.from_plain(value) if isinstance(value, dict) else value
