"""Rows of a herd file of which no animal was made: why, and whether that moves the forecast."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

LOSSES = (
    "malformed_row",
    "no_animal_id",
    "duplicate_animal_id",
    "no_birth_date",
    "unreadable_archive_date",
    "no_lactation",
    "born_after_report_date",
)
"""Reasons by which rows are left out because they are wrong."""
NO_ANIMALS = ("not_an_animal", "repeated_row", "earlier_lactation", "male")
"""Reasons by which rows are left out that no herd has."""


@dataclass(frozen=True, slots=True)
class LeftOutRow:
    """A row that became no animal.

    Attributes
    ----------
    line : int
        Of the file.
    animal_id, status : str
        As in the file; empty where it has none, or the row could not be cut into cells.
    reason : str
        One of ``LOSSES`` or ``NO_ANIMALS``.
    may_be_here : bool
        An animal of the herd may be missing in the forecast because of it: the row is wrong, and nothing
        readable in it says that the animal left.
    """

    line: int
    animal_id: str
    status: str
    reason: str
    may_be_here: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeftOut:
    """All rows of a file that became no animal, a column an attribute of ``LeftOutRow``."""

    line: NDArray[np.int64]
    animal_id: NDArray[np.object_]
    status: NDArray[np.object_]
    reason: NDArray[np.object_]
    may_be_here: NDArray[np.bool_]

    def and_also(self, others: "LeftOut") -> "LeftOut":
        """Return these rows and others."""
        columns = (field.name for field in fields(self))
        return LeftOut(
            **{name: np.concatenate([getattr(self, name), getattr(others, name)]) for name in columns}
        )

    def rows(self) -> tuple[LeftOutRow, ...]:
        """Return the rows by the effect of their reason on the forecast, most animals first, then by line."""
        effect = Counter(self.reason[self.may_be_here].tolist())
        columns = (getattr(self, field.name).tolist() for field in fields(self))
        rows = (LeftOutRow(*values) for values in zip(*columns, strict=True))
        return tuple(sorted(rows, key=lambda row: (-effect[row.reason], row.reason, row.line)))


def wrong_rows(reason: str, line: NDArray[np.int64], animal_id: NDArray[np.object_] | None = None) -> LeftOut:
    """Return rows that are wrong for one reason, of which no more is known."""
    nothing = np.full(len(line), "", object)
    return LeftOut(
        line=line,
        animal_id=nothing if animal_id is None else animal_id,
        status=nothing,
        reason=np.full(len(line), reason, object),
        may_be_here=np.ones(len(line), bool),
    )


def no_rows() -> LeftOut:
    """Return that nothing was left out."""
    return wrong_rows("", np.zeros(0, np.int64))


def losses(excluded: Mapping[str, int]) -> dict[str, int]:
    """Return rows that are left out because they are wrong, by reason, most first."""
    found = {reason: excluded[reason] for reason in LOSSES if excluded.get(reason)}
    return dict(sorted(found.items(), key=lambda item: -item[1]))
