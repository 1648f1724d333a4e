"""What people say about a herd file that the file does not say itself, and what the reader asks them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self

Pairs = tuple[tuple[str, str], ...]
NOTHING = "nothing"
"""What a header means of which people say that it is none of our columns."""


class DateOrder(StrEnum):
    """In which order a file writes day, month and year where the cells do not prove it."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """How to read a herd file: a dataset is its bytes and these answers.

    Make one with ``Answers.of``; equal answers given in any order are equal and hash alike.

    Attributes
    ----------
    columns : tuple of (str, str)
        Header in the file → our name.
    statuses, sexes : tuple of (str, str)
        Word in the file → the status or sex of the contract that it means.
    dates : DateOrder, optional
    sheet : str
        Sheet or member of the file to read; empty where it is found.
    time_zone : str
        IANA name of the farm's zone, for moments written in another; empty where not told.
    accept_losses : bool
        Go on although more rows cannot be used than the contract allows.
    contract : str
        ``profile@version`` to read by; empty for the newest of ``herd_export``.
    report_date : date, optional
        Day of the export, for files that do not prove it themselves.
    """

    columns: Pairs = ()
    statuses: Pairs = ()
    sexes: Pairs = ()
    dates: DateOrder | None = None
    sheet: str = ""
    time_zone: str = ""
    accept_losses: bool = False
    contract: str = ""
    report_date: date | None = None

    @classmethod
    def of(
        cls,
        *,
        columns: Mapping[str, str] | None = None,
        statuses: Mapping[str, str] | None = None,
        sexes: Mapping[str, str] | None = None,
        dates: str | None = None,
        report_date: date | str | None = None,
        **others: Any,
    ) -> Self:
        """Return answers from mappings, a date order by name, an ISO date; ``ValueError`` for another."""
        return cls(
            columns=_pairs(columns),
            statuses=_pairs(statuses),
            sexes=_pairs(sexes),
            dates=None if dates is None else DateOrder(dates),
            report_date=date.fromisoformat(report_date) if isinstance(report_date, str) else report_date,
            **others,
        )

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the answers of which ``document`` is the canonical form; unknown keys are an error."""
        return cls.of(**document)

    def document(self) -> dict[str, Any]:
        """Return the canonical form, fit for JSON: only what was answered, keys in order."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: _plain(value) for name, value in sorted(values.items()) if value}

    def over(self, others: Self) -> Self:
        """Return these answers, and where they say nothing, what ``others`` say."""
        values: dict[str, Any] = {}
        for field in fields(self):
            mine, theirs = getattr(self, field.name), getattr(others, field.name)
            both = isinstance(mine, tuple)
            values[field.name] = (
                tuple(sorted((dict(theirs) | dict(mine)).items())) if both else mine or theirs
            )
        return replace(self, **values)

    def without_pairs(self, others: Self) -> Self:
        """Return these answers without the words of which ``others`` say the same."""
        return replace(
            self,
            columns=tuple(pair for pair in self.columns if pair not in others.columns),
            statuses=tuple(pair for pair in self.statuses if pair not in others.statuses),
            sexes=tuple(pair for pair in self.sexes if pair not in others.sexes),
        )

    def of_any_file(self) -> Self:
        """Return what holds for other files of the farm too: not what may be lost, the contract, the day."""
        return replace(self, accept_losses=False, contract="", report_date=None)

    def __bool__(self) -> bool:
        """Tell whether anything was answered."""
        return bool(self.document())


NO_ANSWERS = Answers()


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return dict(value) if isinstance(value, tuple) else value


def _pairs(mapping: Mapping[str, str] | None) -> Pairs:
    return tuple(sorted((mapping or {}).items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something that the reader cannot tell and does not guess.

    Attributes
    ----------
    code : str
        Stable; also the code of the blocking issue that words the question in every language.
    field : str
        Field of ``Answers`` that holds the answer.
    subject : str
        What is asked about: the word, the kind of date; the key of the answer where its field is a mapping.
        Of ``columns`` it is our name, and the answer is the header.
    choices : tuple of str
        Answers that can be given; empty where any text can be.
    guess : str
        The likely one of ``choices``; empty where none is.
    samples : tuple of dict
        Cells of some animals, or the readings of some dates, by name.
    row_count : int
        Rows that depend on the answer.
    sample_rows : tuple of int
        Their first line numbers.
    option : str
        How the command line is told, with the guess or the first choice.
    """

    code: str
    field: str
    subject: str
    choices: tuple[str, ...]
    guess: str = ""
    samples: tuple[dict[str, str], ...] = ()
    row_count: int = 0
    sample_rows: tuple[int, ...] = ()
    option: str = ""

    def document(self) -> dict[str, Any]:
        """Return the question as JSON has it."""
        return asdict(self)
