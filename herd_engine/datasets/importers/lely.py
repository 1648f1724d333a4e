"""Lely T4C and Horizon: tables of the database, one file each, joined by their keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.cells import read_numbers
from herd_engine.datasets.columns import Column
from herd_engine.datasets.importers.animals import (
    GONE,
    NO,
    YES,
    keys_used_twice,
    rows_by_key,
    says,
    unknown_words,
)
from herd_engine.datasets.importers.gathering import EventColumn, Gathered, gathered_herd, orphans
from herd_engine.datasets.importers.interface import Imported, Reading, column_or_blank, has_headers
from herd_engine.datasets.reader.presence import ask_status
from herd_engine.datasets.spellings import normal_form
from herd_engine.datasets.text_table import TextTable
from herd_engine.model.answers import Question
from herd_engine.model.events import EventKind

PARTS = {
    "HemAnimal": ("AniId", "AniBirthday"),
    "RemLactation": ("LacAniId", "LacNumber", "LacCalvingDate"),
    "RemInsemination": ("InsLacId", "InsDate"),
    "RemPregnancy": ("PreLacId", "PreDate"),
    "Exits": ("AniId", "exit_date"),
}
"""Tables, and the headers that tell each."""
_DEAD = ("dead", "died", "death", "euthanized", "euthanised")


@dataclass(frozen=True, slots=True)
class Lely:
    """Tables of a Lely database; see ``Importer``.

    Notes
    -----
    Lactation 0 is life before the first calving. An insemination and a pregnancy check hang on a lactation.
    An animal that is not active and has no exit is gone, nobody knows when.
    """

    key: str = "lely"
    title: str = "Lely T4C / Horizon"
    is_tried: bool = False

    def part(self, headers: Sequence[str]) -> str | None:
        """Return the name of the table."""
        return next((name for name, wanted in PARTS.items() if has_headers(headers, wanted)), None)

    def lacks(self, parts: frozenset[str]) -> tuple[str, ...]:
        """Return the tables without which there is no herd."""
        return tuple(name for name in ("HemAnimal", "RemLactation") if name not in parts)

    def convert(self, parts: Mapping[str, TextTable], reading: Reading) -> Imported:
        """Join the tables and fold what they say."""
        animals, lactations = parts["HemAnimal"], parts["RemLactation"]
        ids = column_or_blank(animals, "AniId")
        of_lactation = rows_by_key(ids, column_or_blank(lactations, "LacAniId"))
        number = read_numbers(column_or_blank(lactations, "LacNumber"))
        calved = np.where(number > 0, of_lactation, -1)
        sources = [
            EventColumn(lactations, "LacCalvingDate", calved, EventKind.CALVING),
            EventColumn(lactations, "LacDryOffDate", calved, EventKind.DRY_OFF, may_lack_day=True),
        ]
        lost = [
            orphans("RemLactation", lactations, of_lactation),
            keys_used_twice("HemAnimal", animals, "AniId", "AniBirthday"),
            keys_used_twice("RemLactation", lactations, "LacId", "LacAniId"),
        ]
        active = column_or_blank(animals, "AniActive")
        for name, key, day, kind in (
            ("RemInsemination", "InsLacId", "InsDate", EventKind.INSEMINATION),
            ("RemPregnancy", "PreLacId", "PreDate", EventKind.PREGNANT),
        ):
            if name in parts:
                table = parts[name]
                lactation = rows_by_key(column_or_blank(lactations, "LacId"), column_or_blank(table, key))
                owner = np.append(of_lactation, -1)[lactation]
                sources.append(EventColumn(table, day, owner, kind))
                lost.append(orphans(name, table, owner))
        if "Exits" in parts:
            table = parts["Exits"]
            owner = rows_by_key(ids, column_or_blank(table, "AniId"))
            died = column_or_blank(table, "exit_code").each(lambda code: normal_form(code) in _DEAD, np.bool_)
            sources.append(
                EventColumn(table, "exit_date", owner, np.where(died, EventKind.DEAD, EventKind.SOLD))
            )
            lost.append(orphans("Exits", table, owner))
        highest = _highest(number, of_lactation, len(animals.lines))
        return gathered_herd(
            Gathered(
                animals=animals,
                columns={Column.ANIMAL_ID: ("AniUserNumber", "AniLifeNumber", "AniId"),
                         Column.BIRTH_DATE: ("AniBirthday",)},
                sources=sources,
                lactation=highest,
                is_gone=says(active, NO, reading.statuses, GONE),
                males=_males(animals, highest, reading.sexes),
                issues=[issue for issue in lost if issue is not None],
                questions=unknown_words(active, animals.lines, YES | NO | {*reading.statuses}, _ask_active),
                words=[active],
            ),
            reading,
        )  # fmt: skip


def _ask_active(word: str, lines: NDArray[np.int64]) -> Question:
    return ask_status(word, lines, guess="")


def _males(animals: TextTable, lactation: NDArray[np.int64], told: Mapping[str, str]) -> NDArray[np.bool_]:
    """Tell males: the codes of sex differ between versions, but whoever calved is a cow."""
    sex = column_or_blank(animals, "AniGenId")
    males = says(sex, (), told, ("male",))
    if not (lactation > 0).any():
        return males
    of_cows = np.unique(sex.codes[lactation > 0])
    is_told = sex.each(lambda text: normal_form(text) in told, np.bool_)
    return males | (~np.isin(sex.codes, of_cows) & ~sex.is_blank & ~is_told)


def _highest(number: NDArray[np.float64], row: NDArray[np.int64], n_animals: int) -> NDArray[np.int64]:
    """Return the highest lactation number of each animal; 0 where none is on file."""
    known = (row >= 0) & np.isfinite(number)
    highest = np.zeros(n_animals, np.int64)
    np.maximum.at(highest, row[known], number[known].astype(np.int64))
    return highest


LELY = Lely()
