"""DeLaval DelPro: tables of the database, and the report of animals; joined by the animal's key or number."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.cells import read_numbers
from herd_engine.datasets.columns import Column
from herd_engine.datasets.importers.animals import (
    FEMALE,
    MALE,
    NO,
    YES,
    keys_used_twice,
    rows_by_key,
    says,
    unknown_words,
)  # fmt: skip
from herd_engine.datasets.importers.folding import NOT_KNOWN
from herd_engine.datasets.importers.gathering import EventColumn, Gathered, days_of, gathered_herd, orphans
from herd_engine.datasets.importers.interface import (
    Imported,
    Reading,
    column_or_blank,
    has_headers,
    rows_of_column,
)
from herd_engine.datasets.importers.listing import emptied
from herd_engine.datasets.issue_kinds import make_issue, refusal
from herd_engine.datasets.reader.presence import ask_status
from herd_engine.datasets.reader.sexes import ask_sex
from herd_engine.datasets.spellings import normal_form
from herd_engine.datasets.text_table import TextColumn, TextTable
from herd_engine.model.events import EventKind
from herd_engine.model.quality import QualityIssue

PARTS = {
    "BasicAnimal": ("OID", "Number", "BirthDate"),
    "HistoryAnimalLactationInfo": ("Animal", "LactationNumber", "StartDate"),
    "EventInsemination": ("Animal", "EventDate"),
    "Report": ("animalNumber", "lactationNumber", "lactationDays"),
}
"""Tables, and the headers that tell each."""


_LATELY_DAYS, _FEWEST_ABSENT, _ABSENT_SHARE = 45, 5, 0.15
"""Of animals served, calved or dried off in so many days hardly any leaves at once."""


@dataclass(frozen=True, slots=True)
class DelPro:
    """Tables and report of DelPro; see ``Importer``.

    Notes
    -----
    The report has no dates: days in milk and days pregnant are counted back from its day, which the calvings
    of the lactation table tell. An animal of the tables that the report does not have has left, nobody knows
    when.
    """

    key: str = "delpro"
    title: str = "DeLaval DelPro"
    is_tried: bool = False

    def part(self, headers: Sequence[str]) -> str | None:
        """Return the name of the table."""
        return next((name for name, wanted in PARTS.items() if has_headers(headers, wanted)), None)

    def lacks(self, parts: frozenset[str]) -> tuple[str, ...]:
        """Return the tables without which there is no herd: nothing else says who is pregnant."""
        return tuple(
            name for name in ("BasicAnimal", "HistoryAnimalLactationInfo", "Report") if name not in parts
        )

    def convert(self, parts: Mapping[str, TextTable], reading: Reading) -> Imported:
        """Join the tables and the report, and fold what they say."""
        animals, report = parts["BasicAnimal"], parts["Report"]
        ids = column_or_blank(animals, "OID")
        on_report, shared = _on_report(animals, report)
        sources, lost = _dated_events(parts, ids)
        issues = [
            *lost,
            keys_used_twice("BasicAnimal", animals, "OID", "BirthDate"),
            keys_used_twice("Report", report, "animalNumber", "officialRegNo"),
            shared,
        ]
        shown = _Shown(report, on_report)
        culled, told = column_or_blank(report, "toBeCulled"), reading.statuses
        sexes = [column_or_blank(animals, "Sex"), rows_of_column(column_or_blank(report, "sex"), on_report)]
        questions = unknown_words(
            culled, report.lines, {*YES, *NO, *told}, partial(ask_status, guess="cull_flagged")
        )
        for column in sexes:
            known, is_cow = {*MALE, *FEMALE, *reading.sexes}, shown.number("lactationNumber") > 0
            questions += unknown_words(column, animals.lines, known, ask_sex, is_cow)
        gathered = Gathered(
            animals=animals,
            columns={Column.ANIMAL_ID: ("Number", "OffRegNumber"), Column.BIRTH_DATE: ("BirthDate",)},
            sources=sources,
            lactation=shown.whole("lactationNumber"),
            is_gone=on_report < 0,
            males=np.any([says(column, MALE, reading.sexes, ("male",)) for column in sexes], axis=0),
            is_flagged=says(rows_of_column(culled, on_report), YES, told, ("cull_flagged",)).astype(np.int8),
            days_in_milk=shown.days_in_milk(),
            issues=[issue for issue in issues if issue is not None],
            questions=questions,
            words=[culled],
        )
        dated = days_of(gathered, reading)
        day = reading.report_day or _report_day(shown, sources[0].animal, dated.days[0])
        absent = _absent(gathered, dated.days, day)
        more = _pregnancies(animals, shown.number("daysPregnant"), day)
        return gathered_herd(
            replace(gathered, sources=[*sources, *(source for source, _ in more)]),
            replace(reading, report_day=day),
            replace(dated, days=[*dated.days, *(days for _, days in more)]),
            {"absent_from_report": absent},
        )


def _dated_events(
    parts: Mapping[str, TextTable], ids: TextColumn
) -> tuple[list[EventColumn], list[QualityIssue | None]]:
    """Return the calvings, first, and other events that have a day, and rows that are of no animal."""
    table = parts["HistoryAnimalLactationInfo"]
    owner = rows_by_key(ids, column_or_blank(table, "Animal"))
    lost = [orphans("HistoryAnimalLactationInfo", table, owner)]
    calved = np.where(read_numbers(column_or_blank(table, "LactationNumber")) > 0, owner, -1)
    sources = [
        EventColumn(table, "StartDate", calved, EventKind.CALVING),
        EventColumn(table, "DryOffDate", calved, EventKind.DRY_OFF, may_lack_day=True),
    ]
    if "EventInsemination" in parts:
        table = parts["EventInsemination"]
        served = rows_by_key(ids, column_or_blank(table, "Animal"))
        lost.append(orphans("EventInsemination", table, served))
        sources.append(EventColumn(table, "EventDate", served, EventKind.INSEMINATION))
    return sources, lost


def _pregnancies(
    animals: TextTable, pregnant: NDArray[np.float64], day: int
) -> list[tuple[EventColumn, NDArray[np.float64]]]:
    """Return the services and checks that days pregnant on the report's day stand for, and their days."""
    rows = np.arange(len(animals.lines))
    checked = np.where(np.isfinite(pregnant), float(day), np.nan)
    return [
        (EventColumn(animals, "", rows, EventKind.INSEMINATION, may_lack_day=True), checked - pregnant),
        (EventColumn(animals, "", rows, EventKind.PREGNANT, may_lack_day=True), checked),
    ]


def _on_report(animals: TextTable, report: TextTable) -> tuple[NDArray[np.int64], QualityIssue | None]:
    """Return the row of the report of each animal; -1 for those that it does not have.

    Of several animals of one number, the one of the report's registration is meant.
    """
    numbers = column_or_blank(animals, "Number")
    row = rows_by_key(column_or_blank(report, "animalNumber"), numbers)
    shared = (row >= 0) & (np.bincount(row[row >= 0], minlength=len(report.lines))[row] > 1)
    if not shared.any():
        return row, None
    registered = rows_by_key(
        column_or_blank(report, "officialRegNo"), column_or_blank(animals, "OffRegNumber")
    )
    meant = shared & (registered == row)
    per_row = np.bincount(row[meant], minlength=len(report.lines))
    unclear = shared & (per_row[row] != 1)
    issue = None
    if unclear.any():
        lines = animals.lines[unclear]
        issue = make_issue("keys_used_twice", lines, table="BasicAnimal", column="Number")
    return np.where(shared & ~meant, -1, row), issue


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the report shows of each animal of the tables; shape (n_animals,)."""

    report: TextTable
    row: NDArray[np.int64]

    def number(self, header: str) -> NDArray[np.float64]:
        return read_numbers(rows_of_column(column_or_blank(self.report, header), self.row))

    def whole(self, header: str) -> NDArray[np.int64]:
        number = self.number(header)
        return np.where(np.isfinite(number), number, NOT_KNOWN).astype(np.int64)

    def days_in_milk(self) -> TextColumn:
        """Return days in milk of cows that are milked; the report counts on when they are dry."""
        column = rows_of_column(column_or_blank(self.report, "lactationDays"), self.row)
        return emptied(column, self.flag("inLactation", NO))

    def flag(self, header: str, words: Collection[str]) -> NDArray[np.bool_]:
        column = rows_of_column(column_or_blank(self.report, header), self.row)
        return column.each(lambda text: normal_form(text) in words, np.bool_)


def _absent(gathered: Gathered, days: Sequence[NDArray[np.float64]], day: int) -> int:
    """Return how many animals the report lacks that were seen lately; 0 where no more than leave a farm."""
    last = np.full(len(gathered.is_gone), -np.inf)
    for source, read in zip(gathered.sources, days, strict=True):
        known = (source.animal >= 0) & np.isfinite(read)
        np.maximum.at(last, source.animal[known], read[known])
    is_late = (last > day - _LATELY_DAYS) & (last <= day)
    lost = is_late & gathered.is_gone
    return int(lost.sum()) if lost.sum() >= max(_FEWEST_ABSENT, _ABSENT_SHARE * is_late.sum()) else 0


def _report_day(shown: _Shown, calved: NDArray[np.int64], start: NDArray[np.float64]) -> int:
    """Return the most frequent calving + days in milk."""
    known = np.isfinite(start) & (calved >= 0)
    last = np.full(len(shown.row), -np.inf)
    np.maximum.at(last, calved[known], start[known])
    days = last + shown.number("lactationDays")
    found, counts = np.unique(days[np.isfinite(days)].astype(np.int64), return_counts=True)
    if not len(found):
        raise refusal("", [make_issue("no_events")])
    return int(found[counts == counts.max()].max())


DELPRO = DelPro()
