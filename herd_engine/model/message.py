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
        return {"code": self.code, "params": dict(self.params), "severity": self.severity.value}

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> "Message":
        """Return the message that plain values were made of."""
        return cls(values["code"], dict(values["params"]), Severity(values["severity"]))
