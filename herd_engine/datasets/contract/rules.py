"""Rules of a contract as they stand in its file: each type with the keys it takes, malformed ones refused."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,60}$")]
REPORT_DATE = "report_date"
"""What stands in the place of a column for the day of the file."""
_Bound = float | None


class ContractPart(BaseModel):
    """A part of a contract: what it does not know it refuses, and nobody changes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=False)


class _Rule(ContractPart):
    """What every rule says.

    ``on_null``: whether an unknown value breaks it. ``message`` is the code of its own text, where the one of
    its type does not tell enough.
    """

    id: Name
    severity: Literal["WARN", "FAIL"] = "FAIL"
    on_null: Literal["ignore", "violate"] = "ignore"
    message: Name | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the rule is about."""
        return ()


class _Within(_Rule):
    """A rule with bounds; one of them may be left out."""

    min: _Bound = None
    max: _Bound = None

    @model_validator(mode="after")
    def _has_bounds(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("it needs min or max")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}")
        return self


class Between(_Within):
    """A number, or the days of a column since another one (``since``), lies within bounds."""

    type: Literal["between"]
    column: Name
    since: Name | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the rule is about."""
        return (self.column,) if self.since is None else (self.column, self.since)


class AcceptedValues(_Rule):
    """A text or number is one of some."""

    type: Literal["accepted_values"]
    column: Name
    values: tuple[str | float, ...] = Field(min_length=1, max_length=1000)

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the rule is about."""
        return (self.column,)


class MaxNullRatio(_Rule):
    """No more than this share of a column is unknown."""

    type: Literal["max_null_ratio"]
    column: Name
    max: float = Field(ge=0, le=1)

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the rule is about."""
        return (self.column,)


class CompositeUnique(_Rule):
    """No two rows have equal values in all of some columns."""

    type: Literal["composite_unique"]
    columns: tuple[Name, ...] = Field(min_length=1, max_length=20)

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the rule is about."""
        return self.columns


class RowCountBetween(_Within):
    """There are so many rows."""

    type: Literal["row_count_between"]


class DatesInOrder(_Rule):
    """Days do not go back from one column to the next."""

    type: Literal["date_order"]
    columns: tuple[Name, ...] = Field(min_length=2, max_length=20)

    @model_validator(mode="after")
    def _is_no_circle(self) -> Self:
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("it names a column twice: no day comes before itself")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the rule is about."""
        return self.columns


class Condition(_Within):
    """What a column is: known or not, one of some values, or within bounds."""

    id: Name = "condition"
    column: Name
    known: bool | None = None
    values: tuple[str | float, ...] = ()

    @model_validator(mode="after")
    def _has_bounds(self) -> Self:
        if self.known is None and not self.values and self.min is None and self.max is None:
            raise ValueError("it needs one of known, values, min, max")
        return self


class Implies(_Rule):
    """Where one condition holds, another holds too."""

    type: Literal["implies"]
    when: Condition
    then: Condition

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the rule is about."""
        return (self.when.column, self.then.column)


class DerivedEquals(_Rule):
    """A number is the days from one column to another, within a tolerance."""

    type: Literal["derived_equals"]
    column: Name
    start: Name
    end: Name = REPORT_DATE
    tolerance: float = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _is_no_circle(self) -> Self:
        if len({self.column, self.start, self.end}) < 3:
            raise ValueError("it derives a column from itself")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the rule is about."""
        return (self.column, self.start, self.end)


class MinEventCount(_Rule):
    """So many rows know a day, of the last days before the file's where these are given."""

    type: Literal["min_event_count"]
    column: Name
    min: int = Field(ge=1)
    days: int | None = Field(default=None, ge=1)

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the rule is about."""
        return (self.column,)


class FreshnessDays(_Rule):
    """The file is no older than some days."""

    type: Literal["freshness_days"]
    max: int = Field(ge=0)


class RatioBetween(_Within):
    """A count of the herd over that of the farm's file before lies within bounds."""

    type: Literal["ratio_between"]
    count: Literal["milking", "dry", "heifer", "pregnant_heifer", "animals"]


class Reference(_Rule):
    """Every value of a column is known elsewhere, such as among the animals of the herd."""

    type: Literal["reference"]
    column: Name
    among: Literal["animals", "farms"]

    @property
    def names(self) -> tuple[str, ...]:
        """Columns that the rule is about."""
        return (self.column,)


Rule = Annotated[
    Between
    | AcceptedValues
    | MaxNullRatio
    | CompositeUnique
    | RowCountBetween
    | DatesInOrder
    | Implies
    | DerivedEquals
    | MinEventCount
    | FreshnessDays
    | RatioBetween
    | Reference,
    Field(discriminator="type"),
]
