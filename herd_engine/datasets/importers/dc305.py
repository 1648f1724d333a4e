"""DairyComp 305 (DC305, VAS): the item list (a row an animal) and the event list (a row an event)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.cells import read_numbers
from herd_engine.datasets.columns import Column
from herd_engine.datasets.importers.animals import (
    ImportedAnimals,
    agreed,
    animals_of,
    highest,
    unknown_words,
)
from herd_engine.datasets.importers.canonical import herd_table, typed_days
from herd_engine.datasets.importers.event_days import until_report_day
from herd_engine.datasets.importers.event_proofs import (
    BIRTHS,
    CONCEPTIONS,
    DRY_OFFS,
    DayColumn,
    proved_days,
)
from herd_engine.datasets.importers.folding import NOT_KNOWN, Stated, fold
from herd_engine.datasets.importers.interface import (
    Imported,
    Reading,
    column_named,
    column_or_blank,
    has_headers,
    rows_of_column,
)
from herd_engine.datasets.importers.listing import ListImporter, emptied, with_column
from herd_engine.datasets.issue_kinds import make_issue, refusal, shown
from herd_engine.datasets.reader.presence import ask_status
from herd_engine.datasets.spellings import normal_form
from herd_engine.datasets.text_table import TextColumn, TextTable
from herd_engine.model.answers import Question
from herd_engine.model.events import AnimalEvents, EventKind
from herd_engine.model.quality import QualityIssue

BIRTH, CALVING, LACTATION = ("BDAT", "BIRTH"), ("FDAT", "FRSH"), ("LACT",)
STATUS = ("RPRO", "RC")
"""Items are named by the herd: what VAS delivers, then what herds were seen to use."""

STATUSES = {
    "0": "", "1": "cull_flagged", "2": "fresh", "3": "ready_for_breeding", "4": "inseminated",
    "5": "pregnant", "6": "dry", "7": "sold", "8": "bull",
    "no bred": "cull_flagged", "dnb": "cull_flagged", "fresh": "fresh", "ok/open": "ready_for_breeding",
    "open": "ready_for_breeding", "ok": "ready_for_breeding", "bred": "inseminated", "preg": "pregnant",
    "dry": "dry", "sld/die": "sold", "sold/died": "sold", "bullcaf": "bull",
}  # fmt: skip
"""Codes (RC) and words (RPRO); 0 is an animal that was never bred nor fresh."""

EVENTS = {
    "fresh": EventKind.CALVING,
    "open": EventKind.EMPTY,
    "abort": EventKind.ABORTION,
    "bred": EventKind.INSEMINATION,
    "preg": EventKind.PREGNANT,
    "prev": EventKind.PREGNANT,
    "dry": EventKind.DRY_OFF,
    "earlyd": EventKind.DRY_OFF,
    "dryerly": EventKind.DRY_OFF,
    "dnb": EventKind.DO_NOT_BREED,
    "sold": EventKind.SOLD,
    "died": EventKind.DEAD,
}
"""Event names, which a herd may add to; all others say nothing of where an animal stands."""
_UNUSED = -1
_SHOWN_EVENTS = 20
_EXITS = {"sold": EventKind.SOLD, "dead": EventKind.DEAD, "moved": EventKind.MOVED}
_IDLE_DAYS, _FEWEST_EXITS, _EXIT_SHARE = 60, 3, 0.9
"""An event may be an exit if so many animals, and most of them, have had no other in so many days."""


def _amended(table: TextTable, _: Reading) -> TextTable:
    """Name heifers by their lactation, and forget their age where cows have days in milk."""
    lactation, status = column_named(table, Column.LACTATION), column_named(table, Column.STATUS)
    days = column_named(table, Column.DAYS_IN_MILK)
    if lactation is None:
        return table
    is_heifer = read_numbers(lactation) == 0
    if days is not None:
        table = with_column(table, Column.DAYS_IN_MILK, emptied(days, is_heifer))
    if status is not None:
        words = [*status.distinct, "heifer"]
        codes = np.where(is_heifer & status.is_blank, len(status.distinct), status.codes)
        table = with_column(table, Column.STATUS, TextColumn(distinct=words, codes=codes))
    return table


ITEMS = ListImporter(
    key="dc305",
    title="DairyComp 305, item list",
    is_tried=False,
    signature=(("ID",), BIRTH, LACTATION, CALVING, STATUS),
    headers={
        Column.ANIMAL_ID: ("ID",),
        Column.BIRTH_DATE: BIRTH,
        Column.ARCHIVE_DATE: ("ARDAT",),
        Column.LACTATION: LACTATION,
        Column.LACTATION_START_DATE: CALVING,
        Column.DAYS_IN_MILK: ("DIM",),
        Column.STATUS: STATUS,
        Column.INSEMINATION_DATE: ("HDAT",),
        Column.SUCCESSFUL_INSEMINATION_DATE: ("CDAT",),
        Column.DAYS_PREGNANT: ("DCC",),
        Column.DRYOFF_DATE: ("DDAT",),
        Column.EXPECTED_CALVING_DATE: ("DUE",),
    },
    statuses=STATUSES,
    amend=_amended,
)


@dataclass(frozen=True, slots=True)
class EventList:
    """The event list: any number of events an animal, over many lactations; see ``Importer``."""

    key: str = "dc305-events"
    title: str = "DairyComp 305, event list"
    is_tried: bool = False

    def part(self, headers: Sequence[str]) -> str | None:
        """Return ``events`` for a list of events."""
        return "events" if has_headers(headers, ["ID", "Event", "Date", "Remark"]) else None

    def lacks(self, parts: frozenset[str]) -> tuple[str, ...]:
        """Return nothing: an event list is whole."""
        return ()

    def convert(self, parts: Mapping[str, TextTable], reading: Reading) -> Imported:
        """Fold the events into a row an animal."""
        table = parts["events"]
        ids, births = column_or_blank(table, "ID"), column_or_blank(table, *BIRTH)
        animals = animals_of(column_or_blank(table, "HERDID"), ids, births)
        # One order of day and month holds for all columns.
        named = {"date": ("Date",), "birth": BIRTH, "calving": CALVING, "conception": ("CDAT",),
                 "dry_off": ("DDAT",), "archive": ("ARDAT",)}  # fmt: skip
        cells = [column_or_blank(table, *names) for names in named.values()]
        kinds: dict[str, int | NDArray[np.int8]]
        kinds = {"date": _kinds(table, reading.statuses), "birth": BIRTHS, "calving": EventKind.CALVING,
                 "conception": CONCEPTIONS, "dry_off": DRY_OFFS, "archive": EventKind.SOLD}  # fmt: skip
        columns = [
            DayColumn(header=named[name][0], cells=column, days=read, animal=animals.of_row, kind=kinds[name])
            for name, column, read in zip(named, cells, reading.dates(cells), strict=True)
        ]
        lactation = highest(read_numbers(column_or_blank(table, *LACTATION)), animals, NOT_KNOWN)
        proved, doubts = proved_days(columns, lactation, reading)
        days = dict(zip(named, proved, strict=True))
        events, rows, issues = _events(table, animals, days["date"], reading.statuses)
        reported = until_report_day(events, reading, table.lines[rows])
        if reported is None:
            raise refusal("", [make_issue("no_events")])
        status = _statuses(table, animals, reading.statuses)
        folded = fold(reported.events, _stated(table, animals, days, status))
        if folded.returned.any():
            issues.append(make_issue("returned_after_exit", table.lines[animals.first_row[folded.returned]]))
        told = {
            Column.ANIMAL_ID: rows_of_column(ids, animals.first_row),
            Column.BIRTH_DATE: _births(typed_days(births, days["birth"]), animals),
        }
        return Imported(
            table=herd_table(folded, reported.day, told, table.lines[animals.first_row], status == _BULL),
            events=reported.events.ordered(),
            issues=(*doubts, *issues, *reported.issues),
            lost={"pregnant_without_service": int((folded.is_unserved & ~folded.is_gone).sum())},
            questions=(
                *_unknown_statuses(table, reading.statuses),
                *_unknown_exits(table, animals, days["date"], reported.day, folded.is_gone, reading.statuses),
            ),
            words=tuple(
                word
                for names in (STATUS, ("Event",))
                for word in column_or_blank(table, *names).distinct
                if word
            ),
        )


EVENT_LIST = EventList()


def _events(
    table: TextTable, animals: ImportedAnimals, days: NDArray[np.float64], told: Mapping[str, str]
) -> tuple[AnimalEvents, NDArray[np.bool_], list[QualityIssue]]:
    """Return the events that matter, the rows that they are in, and what was left out."""
    words, kinds = column_or_blank(table, "Event"), _kinds(table, told)
    issues = []
    undated = (kinds != _UNUSED) & ~np.isfinite(days)
    if undated.any():
        issues.append(make_issue("events_without_date", table.lines[undated]))
    others = [shown(word) for word in words.distinct if _is_strange(word, EVENTS, told)]
    if others:
        unused = (kinds == _UNUSED) & ~words.is_blank
        names = sorted(others)[:_SHOWN_EVENTS]
        issues.append(make_issue("events_not_used", table.lines[unused], events=names))
    rows = (kinds != _UNUSED) & np.isfinite(days) & (animals.of_row >= 0)
    events = AnimalEvents(animal=animals.of_row[rows], kind=kinds[rows], day=days[rows].astype(np.int64))
    return events, rows, issues


def _is_strange(word: str, known: Collection[str], told: Mapping[str, str]) -> bool:
    return bool(word) and normal_form(word) not in {*known, *told}


def _kinds(table: TextTable, told: Mapping[str, str]) -> NDArray[np.int8]:
    """Return the kind of event of each row; of words that people explain, those are events that are exits."""
    kinds = EVENTS | {word: _EXITS.get(meaning, _UNUSED) for word, meaning in told.items()}
    return column_or_blank(table, "Event").each(lambda word: kinds.get(normal_form(word), _UNUSED), np.int8)


def _statuses(table: TextTable, animals: ImportedAnimals, told: Mapping[str, str]) -> NDArray[np.int8]:
    """Return what the status on all rows of an animal says; -1 where they differ, or say nothing."""
    words = {**STATUSES, **told}
    code = column_or_blank(table, *STATUS).each(
        lambda text: _status_code(words.get(normal_form(text), "")), np.int8
    )
    return agreed(code, animals)


def _unknown_statuses(table: TextTable, told: Mapping[str, str]) -> list[Question]:
    """Ask about statuses of herds that have named their own."""
    column = column_or_blank(table, *STATUS)
    return unknown_words(column, table.lines, {*STATUSES, *told}, partial(ask_status, guess=""))


def _unknown_exits(
    table: TextTable,
    animals: ImportedAnimals,
    days: NDArray[np.float64],
    today: int,
    is_gone: NDArray[np.bool_],
    told: Mapping[str, str],
) -> Iterator[Question]:
    """Ask about events of a herd's own after which nothing happens to animals that are not gone."""
    last = np.full(len(animals), -np.inf)
    known = (animals.of_row >= 0) & np.isfinite(days)
    np.maximum.at(last, animals.of_row[known], days[known])
    events = column_or_blank(table, "Event")
    for code, word in enumerate(events.distinct):
        if not _is_strange(word, EVENTS, told):
            continue
        rows = np.flatnonzero((events.codes == code) & known)
        idle = days[rows] < today - _IDLE_DAYS
        ends = (days[rows] == last[animals.of_row[rows]]) & ~is_gone[animals.of_row[rows]]
        if idle.sum() >= _FEWEST_EXITS and (ends & idle).sum() >= _EXIT_SHARE * idle.sum():
            yield ask_status(word, table.lines[rows], guess="sold")


def _stated(
    table: TextTable,
    animals: ImportedAnimals,
    days: Mapping[str, NDArray[np.float64]],
    status: NDArray[np.int8],
) -> Stated:
    """Return what the items beside the events say: of pulls at different times, what is latest."""
    known = status >= 0
    return Stated(
        lactation=highest(read_numbers(column_or_blank(table, *LACTATION)), animals, NOT_KNOWN),
        insemination=np.full(len(animals), NOT_KNOWN),  # HDAT may be a heat
        is_gone=np.where(known, status == _GONE, -1).astype(np.int8),
        is_dead=np.full(len(animals), -1, np.int8),  # SLD/DIE does not say which
        is_flagged=np.where(known, status == _FLAGGED, -1).astype(np.int8),
        **{
            name: highest(days[name], animals, NOT_KNOWN)
            for name in ("calving", "conception", "dry_off", "archive")
        },
    )


_OTHER, _FLAGGED, _GONE, _BULL = range(4)


def _status_code(word: str) -> int:
    return {"": -1, "cull_flagged": _FLAGGED, "sold": _GONE, "bull": _BULL}.get(word, _OTHER)


def _births(births: TextColumn, animals: ImportedAnimals) -> TextColumn:
    """Return the birth date of each animal: of its rows, from one that has it."""
    has_birth = animals.of_row[~births.is_blank & (animals.of_row >= 0)]
    rows = np.full(len(animals), -1)
    rows[has_birth] = np.flatnonzero(~births.is_blank & (animals.of_row >= 0))
    return rows_of_column(births, rows)
