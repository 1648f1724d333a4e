"""What is remarkable about a herd file."""

from dataclasses import dataclass, field

from herd_engine.model.message import Message, Severity

__all__ = ["QualityIssue", "Severity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityIssue:
    """One kind of problem in a herd file.

    Attributes
    ----------
    code : str
        Stable, snake_case; with ``params`` enough to word the message in any language.
    severity : Severity
    message : str
        English: what is wrong and what to do.
    params : dict of str to str, int, float or list of str
        Facts of the message (column name, dates as ISO text, counts).
    row_count : int
        Number of offending rows; 0 where the issue concerns the file as a whole.
    sample_rows : tuple of int
        Line numbers in the file (the header is line 1) of the first five offending rows.
    blocking : bool
        True where no forecast can be made of the file because of this issue.
    """

    code: str
    severity: Severity
    message: str
    params: dict[str, str | int | float | list[str]] = field(default_factory=dict)
    row_count: int = 0
    sample_rows: tuple[int, ...] = ()
    blocking: bool = False

    @property
    def said(self) -> Message:
        """What the issue says, with the number of its rows."""
        return Message(self.code, {**self.params, "row_count": self.row_count}, self.severity)
