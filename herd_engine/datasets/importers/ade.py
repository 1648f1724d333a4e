"""ICAR ADE (iDDEN): JSON of animals, lactations and events, as collections or one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.cells import read_numbers
from herd_engine.datasets.columns import Column
from herd_engine.datasets.importers.ade_json import ANIMALS, EVENT_PARTS, LACTATIONS
from herd_engine.datasets.importers.animals import (
    FEMALE,
    GONE,
    MALE,
    keys_used_twice,
    rows_by_key,
    says,
    unknown_words,
)  # fmt: skip
from herd_engine.datasets.importers.folding import NOT_KNOWN
from herd_engine.datasets.importers.gathering import EventColumn, Gathered, gathered_herd, orphans
from herd_engine.datasets.importers.interface import Imported, Reading, column_or_blank
from herd_engine.datasets.reader.presence import ask_status
from herd_engine.datasets.reader.sexes import ask_sex
from herd_engine.datasets.spellings import normal_form
from herd_engine.datasets.text_table import TextTable
from herd_engine.model.events import EventKind

KINDS = {
    "parturition": EventKind.CALVING,
    "insemination": EventKind.INSEMINATION,
    "abortion": EventKind.ABORTION,
    "dry_off": EventKind.DRY_OFF,
    "do_not_breed": EventKind.DO_NOT_BREED,
    "departure": EventKind.SOLD,
    "death": EventKind.DEAD,
}
"""Parts whose every row is an event of one kind; a pregnancy check is what it found."""
_FOUND = {
    "pregnant": EventKind.PREGNANT,
    "multiple": EventKind.PREGNANT,
    "empty": EventKind.EMPTY,
    "notpregnant": EventKind.EMPTY,
}
_STATUSES = frozenset(("alive", "dead", "offfarm", "unknown"))
_HEALTH = frozenset(("healthy", "suspicious", "ill", "intreatment", "tobeculled"))
_MOVES = ("internaltransfer", "agistment", "show", "studservice")
"""Departures of animals that stay the farm's."""


@dataclass(frozen=True, slots=True)
class Ade:
    """Resources of ICAR's Animal Data Exchange; see ``Importer``.

    Notes
    -----
    A lactation begins with a calving. Its end may be the dry-off, the exit or the next calving: it is taken
    for a dry-off where the animal is dry now and no dry-off is on file.
    """

    key: str = "ade"
    title: str = "ICAR ADE (JSON)"
    is_tried: bool = False

    def part(self, headers: Sequence[str]) -> str | None:
        """Return the name by which ``ade_json`` marks a table: its first header."""
        name = headers[0] if headers else ""
        return name if name in (ANIMALS, LACTATIONS, *EVENT_PARTS) else None

    def lacks(self, parts: frozenset[str]) -> tuple[str, ...]:
        """Return the resources without which there is no herd."""
        return () if ANIMALS in parts else ("icarAnimalCoreResource",)

    def convert(self, parts: Mapping[str, TextTable], reading: Reading) -> Imported:
        """Join the resources by the animal's identifier and fold what they say."""
        animals = parts[ANIMALS]
        ids = column_or_blank(animals, ANIMALS)
        sources: list[EventColumn] = []
        issues = [keys_used_twice("animals", animals, ANIMALS, "birthDate")]
        lactation = np.full(len(animals.lines), NOT_KNOWN)
        for name, table in parts.items():
            if name == ANIMALS:
                continue
            owner = rows_by_key(ids, column_or_blank(table, "animal"))
            issues.append(orphans(name, table, owner))
            if name == LACTATIONS:
                sources += _of_lactations(table, owner, _says(animals, "lactationStatus", "dry"))
            else:
                sources.append(EventColumn(table, "eventDateTime", owner, _kinds(name, table)))
            for header in ("parity", "damParity"):
                _raise(lactation, owner, read_numbers(column_or_blank(table, header)))
        gender, status, health = (
            column_or_blank(animals, header) for header in ("gender", "status", "healthStatus")
        )
        told = reading.statuses
        questions = [
            *unknown_words(
                gender, animals.lines, {*MALE, *FEMALE, "unknown", *reading.sexes}, ask_sex, lactation > 0
            ),
            *unknown_words(status, animals.lines, {*_STATUSES, *told}, partial(ask_status, guess="sold")),
            *unknown_words(health, animals.lines, {*_HEALTH, *told}, partial(ask_status, guess="")),
        ]
        flagged = says(health, ("tobeculled",), told, ("cull_flagged",)) | _says(
            animals, "reproductionStatus", "donotbreed"
        )
        return gathered_herd(
            Gathered(
                animals=animals,
                columns={Column.ANIMAL_ID: ("managementTag", ANIMALS), Column.BIRTH_DATE: ("birthDate",)},
                sources=sources,
                lactation=lactation,
                is_gone=says(status, ("dead", "offfarm"), told, GONE),
                is_dead=says(status, ("dead",), told, ("dead",)),
                males=says(gender, MALE, reading.sexes, ("male",)),
                is_flagged=np.where(flagged, 1, -1).astype(np.int8),
                issues=[issue for issue in issues if issue is not None],
                questions=questions,
                words=[status, health],
            ),
            reading,
        )


ADE = Ade()


def _says(table: TextTable, header: str, *words: str) -> NDArray[np.bool_]:
    return column_or_blank(table, header).each(lambda text: normal_form(text) in words, np.bool_)


def _kinds(name: str, table: TextTable) -> int | NDArray[np.int64]:
    """Return the kind of event of each row; -1 for one that says nothing."""
    if name == "pregnancy_check":
        return column_or_blank(table, "result").each(lambda text: _FOUND.get(normal_form(text), -1), np.int64)
    if name == "departure":
        stays = _says(table, "departureKind", *_MOVES)
        return np.where(stays, int(EventKind.MOVED), int(EventKind.SOLD))
    return KINDS[name]


def _of_lactations(
    table: TextTable, owner: NDArray[np.int64], is_dry: NDArray[np.bool_]
) -> list[EventColumn]:
    """Return calvings, and the dry-offs of those that are dry, from lactations."""
    parity = read_numbers(column_or_blank(table, "parity"))
    calved = np.where(parity > 0, owner, -1)
    highest = np.zeros(len(is_dry))
    known = calved >= 0
    np.maximum.at(highest, calved[known], parity[known])
    current = known & (parity == np.append(highest, -1)[calved]) & np.append(is_dry, False)[calved]
    return [
        EventColumn(table, "beginDate", calved, EventKind.CALVING),
        EventColumn(table, "endDate", np.where(current, calved, -1), EventKind.DRY_OFF, may_lack_day=True),
    ]


def _raise(lactation: NDArray[np.int64], owner: NDArray[np.int64], number: NDArray[np.float64]) -> None:
    """Raise stated lactations to the highest number on file."""
    known = (owner >= 0) & np.isfinite(number)
    np.maximum.at(lactation, owner[known], number[known].astype(np.int64))
