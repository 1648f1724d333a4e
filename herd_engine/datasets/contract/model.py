"""A contract as it stands in its file: names, words, limits and rules; malformed ones cannot be made."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from herd_engine.datasets.contract.rules import REPORT_DATE, ContractPart, Name, Rule
from herd_engine.datasets.spellings import normal_form

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Version = Annotated[str, StringConstraints(pattern=r"^\d{1,6}\.\d{1,6}\.\d{1,6}$")]
ENCODINGS = ("utf-8", "cp1251", "cp866", "koi8-r", "mac-cyrillic", "cp1252", "cp1250", "latin-1")
Presence = Literal["on_farm", "cull_flagged", "sold", "dead", "moved", "male", "undecided"]


COMMON = ("dialect", "limits", "dates", "missing")


def _known_encodings(names: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in ENCODINGS]
    if unknown:
        raise ValueError(f"{unknown[0]} is not one of {', '.join(ENCODINGS)}")
    return names


class Dialect(ContractPart):
    """How delimited text may be written."""

    delimiters: tuple[Annotated[str, StringConstraints(min_length=1, max_length=1)], ...]
    encodings: Annotated[tuple[str, ...], AfterValidator(_known_encodings)]
    header_rows: int = Field(ge=1, le=1000)


class Limits(ContractPart):
    """What a file may hold, and what of it may be left out."""

    rows: int = Field(ge=1, le=20_000_000)
    columns: int = Field(ge=1, le=16_384)
    cell_characters: int = Field(ge=1, le=100_000_000)
    file_mb: float = Field(gt=0, le=2048)
    decoded_mb: float = Field(gt=0, le=2048)
    lost_share: float = Field(ge=0, le=1)
    lost_class: int = Field(ge=1, le=1000)
    highest_lactation: int = Field(ge=1, le=99)
    oldest_heifer_days: int = Field(ge=300, le=10_000)


class Dates(ContractPart):
    """Years that count, the first two-digit year of the last century, names of months."""

    first_year: int = Field(ge=1900, le=2100)
    last_year: int = Field(ge=1900, le=2200)
    pivot: int = Field(ge=0, le=99)
    endings: tuple[Text, ...] = ()
    months: tuple[tuple[Text, ...], ...] = Field(min_length=12, max_length=12)


class Missing(ContractPart):
    """Texts that stand for nothing: in any column, in columns of dates, and days that do."""

    everywhere: tuple[Text, ...] = ()
    dates: tuple[Text, ...] = ()
    days: tuple[date, ...] = ()


class ContractColumn(ContractPart):
    """One column: our name, its type, and the headers that mean it."""

    name: Name
    type: Literal["text", "number", "date", "status", "sex"]
    required: bool = False
    expected: bool = True
    heading: str = ""
    aliases: tuple[Text, ...] = ()


class ContractStatus(ContractPart):
    """One status: whether the animal is there, what it must be, and the words that mean it."""

    name: Name
    presence: Presence
    is_: Literal["heifer", "cow"] | None = Field(default=None, alias="is")
    words: tuple[Text, ...] = Field(min_length=1)


class SexWords(ContractPart):
    """Words for either sex."""

    female: tuple[Text, ...]
    male: tuple[Text, ...]


class Contract(ContractPart):
    """One version of a profile's contract; ``COMMON`` parts may be left to ``herd_export``."""

    contract: Name
    version: Version
    date: date
    author: Text
    reason: Text
    description: Text
    dialect: Dialect
    limits: Limits
    dates: Dates
    missing: Missing
    columns: tuple[ContractColumn, ...] = Field(min_length=1, max_length=200)
    sexes: SexWords | None = None
    statuses: tuple[ContractStatus, ...] = ()
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _words_mean_one_thing(self) -> Self:
        _require_one_meaning("column", [(c.name, (c.name, c.heading, *c.aliases)) for c in self.columns])
        _require_one_meaning("status", [(s.name, (s.name, *s.words)) for s in self.statuses])
        if self.sexes is not None:
            _require_one_meaning("sex", [("female", self.sexes.female), ("male", self.sexes.male)])
        names = {column.name for column in self.columns}
        seen: set[str] = set()
        for rule in self.rules:
            lacking = set(rule.names) - names - {REPORT_DATE}
            if lacking:
                raise ValueError(f"rule {rule.id} names {sorted(lacking)[0]}, which is no column")
            if rule.id in seen:
                raise ValueError(f"two rules are called {rule.id}")
            seen.add(rule.id)
        return self

    @property
    def id(self) -> str:
        """Return ``profile@version``."""
        return f"{self.contract}@{self.version}"


def _require_one_meaning(kind: str, words_of: list[tuple[str, tuple[str, ...]]]) -> None:
    """Refuse a word that stands for two things."""
    meaning: dict[str, str] = {}
    for name, words in words_of:
        for word in words:
            if word and meaning.setdefault(normal_form(word), name) != name:
                raise ValueError(f"“{word}” means the {kind} {name} and {meaning[normal_form(word)]}")
