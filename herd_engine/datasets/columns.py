"""The columns of a herd file: our names, the farm software's headers, and which header means which."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from herd_engine.datasets.contract.loading import shipped_contract
from herd_engine.datasets.contract.model import Contract
from herd_engine.datasets.contract.vocabulary import vocabulary
from herd_engine.datasets.issue_kinds import SHOWN_CHARACTERS, make_issue, shown
from herd_engine.datasets.spellings import normal_form
from herd_engine.model.answers import NOTHING
from herd_engine.model.quality import QualityIssue


class Column(StrEnum):
    """Canonical names, in the order of the farm software's export."""

    ANIMAL_ID = "animal_id"
    BIRTH_DATE = "birth_date"
    ARCHIVE_DATE = "archive_date"
    LACTATION = "lactation"
    LACTATION_START_DATE = "lactation_start_date"
    DAYS_IN_MILK = "days_in_milk"
    STATUS = "status"
    INSEMINATION_DATE = "insemination_date"
    SUCCESSFUL_INSEMINATION_DATE = "successful_insemination_date"
    DAYS_PREGNANT = "days_pregnant"
    DRYOFF_DATE = "dryoff_date"
    EXPECTED_DRYOFF_DATE = "expected_dryoff_date"
    EXPECTED_CALVING_DATE = "expected_calving_date"
    SEX = "sex"


_DECLARED = {Column(column.name): column for column in shipped_contract("herd_export").columns}
REQUIRED_COLUMNS = tuple(name for name, column in _DECLARED.items() if column.required)
HEADERS: dict[Column, tuple[str, ...]] = {
    name: (column.heading, *column.aliases) for name, column in _DECLARED.items()
}
"""Headers that mean a column besides its canonical name: first the farm software's own."""
_SHOWN_HEADERS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMatch:
    """Which column of the file holds what.

    Attributes
    ----------
    positions : dict of Column to int
    issues : tuple of QualityIssue
    rivals : dict of Column to tuple of int
        Positions of further columns whose headers mean the same.
    free : tuple of int
        Positions of columns whose header is not known, and of which nobody said that they are nothing.
    """

    positions: dict[Column, int]
    issues: tuple[QualityIssue, ...]
    rivals: dict[Column, tuple[int, ...]]
    free: tuple[int, ...]


def column_of(header: str) -> Column | None:
    """Return the column that a header means; None for one that is not known."""
    name = vocabulary().columns.meaning(header)
    return None if name is None else Column(name)


def match_columns(headers: Sequence[str], column_map: Mapping[str, str]) -> ColumnMatch:
    """Find the canonical columns among the headers of a file.

    Parameters
    ----------
    headers : sequence of str
        As in the file.
    column_map : mapping of str to str
        Header in the file → our name, or ``NOTHING``; wins over what the headers would mean by themselves.
    """
    nothing = {normal_form(header) for header, name in column_map.items() if name == NOTHING}
    positions, issues = _mapped_columns(
        headers, {header: name for header, name in column_map.items() if name != NOTHING}
    )
    mapped = set(positions)
    rivals: dict[Column, tuple[int, ...]] = {}
    free = []
    for position, header in enumerate(headers):
        column = column_of(header)
        if position in positions.values() or not header.strip() or normal_form(header) in nothing:
            continue
        if column is None or column in mapped:
            free.append(position)
        elif column in positions:
            rivals[column] = (*rivals.get(column, ()), position)
        else:
            positions[column] = position
    if rivals:
        repeated = sorted(place for places in rivals.values() for place in places)
        issues.append(make_issue("duplicate_columns", columns=[shown(headers[place]) for place in repeated]))
    texts = [shown(header) for header in headers]
    issues += _absences(positions, texts, [texts[place] for place in free])
    return ColumnMatch(positions=positions, issues=tuple(issues), rivals=rivals, free=tuple(free))


def lacking_columns(match: ColumnMatch, contract: Contract) -> list[QualityIssue]:
    """Report columns that a farm's own contract requires beyond those that any file must have."""
    known = {column.value for column in Column}
    wanted = [Column(one.name) for one in contract.columns if one.required and one.name in known]
    absent = [column for column in wanted if column not in match.positions and column not in REQUIRED_COLUMNS]
    if not absent:
        return []
    names = [f"{column.value} ({HEADERS[column][0]})" for column in absent]
    return [make_issue("required_by_farm", columns=names)]


def _mapped_columns(
    headers: Sequence[str], column_map: Mapping[str, str]
) -> tuple[dict[Column, int], list[QualityIssue]]:
    """Follow the user's own map."""
    position_of = {normal_form(header): position for position, header in reversed([*enumerate(headers)])}
    positions: dict[Column, int] = {}
    issues = []
    for header, name in column_map.items():
        position = position_of.get(normal_form(header))
        column = column_of(name)
        if position is None:
            hint = _nearest(header, list(position_of))
            issues.append(make_issue("column_map_unknown_header", header=shown(header), nearest=hint))
        elif column is None:
            hint = _nearest(name, [known.value for known in Column])
            issues.append(make_issue("column_map_unknown_column", name=shown(name), nearest=hint))
        elif column in positions or position in positions.values():
            issues.append(make_issue("column_map_ambiguous", header=shown(header), name=column.value))
        else:
            positions[column] = position
    return positions, issues


def _absences(positions: dict[Column, int], shown: list[str], unknown: list[str]) -> list[QualityIssue]:
    """Tell which columns were not found, and what the headers left over may have meant."""
    issues = []
    absent = [column for column in Column if column not in positions and _DECLARED[column].expected]
    guesses = _guesses(unknown[:_SHOWN_HEADERS], absent)
    for kind, columns in (
        ("missing_columns", [column for column in absent if column in REQUIRED_COLUMNS]),
        ("missing_optional_columns", [column for column in absent if column not in REQUIRED_COLUMNS]),
    ):
        if columns:
            names = [f"{column.value} ({HEADERS[column][0]})" for column in columns]
            maps = [f"{header}={column.value}" for header, column in guesses.items() if column in columns]
            found = shown[:_SHOWN_HEADERS]
            issues.append(make_issue(kind, columns=names, found=found, suggestions=maps))
    if unknown:
        issues.append(make_issue("unknown_columns", columns=unknown[:_SHOWN_HEADERS]))
    return issues


def _guesses(unknown: list[str], absent: list[Column]) -> dict[str, Column]:
    """Return the absent column that each unknown header resembles most, where one does."""
    column_of = {normal_form(name): column for column in absent for name in (column.value, *HEADERS[column])}
    near = {header: _nearest(normal_form(header), list(column_of)) for header in unknown}
    return {header: column_of[name] for header, name in near.items() if name}


def nearest_column(header: str, columns: Sequence[Column]) -> Column | None:
    """Return which of some columns a header that is not known resembles most; None where none is near."""
    return _guesses([header], list(columns)).get(header)


def _nearest(name: str, known: list[str]) -> str:
    """Return the known name closest to ``name``; empty where none is close."""
    return next(iter(difflib.get_close_matches(name[:SHOWN_CHARACTERS], known, n=1)), "")
