"""What is done with a herd file that breaks the rules of its contract."""

from dataclasses import dataclass
from enum import StrEnum


class GateMode(StrEnum):
    """What is done with a file that fails."""

    OFF = "off"
    REPORT_ONLY = "report_only"
    ENFORCE = "enforce"


@dataclass(frozen=True, slots=True, kw_only=True)
class WishedMode:
    """A mode, and where it was said."""

    mode: GateMode
    source: str
