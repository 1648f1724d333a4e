"""Which rows are of one animal: number and birth date together, because numbers are used again."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.importers.interface import column_or_blank
from herd_engine.datasets.issue_kinds import make_issue
from herd_engine.datasets.spellings import normal_form, plain_number
from herd_engine.datasets.statuses import STATUSES
from herd_engine.datasets.text_table import TextColumn, TextTable
from herd_engine.model.animals import Presence
from herd_engine.model.answers import Question
from herd_engine.model.quality import QualityIssue

Rows = NDArray[np.int64]
_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedAnimals:
    """The animals of a table whose rows are events, in order of number and birth.

    Attributes
    ----------
    of_row : ndarray of int64, shape (n_rows,)
        Position of each row's animal; -1 for a row that names none.
    first_row : ndarray of int64, shape (n_animals,)
    """

    of_row: Rows
    first_row: Rows

    def __len__(self) -> int:
        return len(self.first_row)


def animals_of(herds: TextColumn, ids: TextColumn, births: TextColumn) -> ImportedAnimals:
    """Tell rows apart by herd, number and birth; a row without birth is of the animal of its number.

    The order is that of the texts, so that it is the same however rows are shuffled.
    """
    number = _ranks(herds) * (len(ids.distinct) + 1) + _ranks(ids)
    birth = _with_births(number, _ranks(births))
    key = number * (len(births.distinct) + 1) + birth
    named = ~ids.is_blank
    _, first, place = np.unique(key[named], return_index=True, return_inverse=True)
    of_row = np.full(len(key), -1)
    of_row[named] = place
    return ImportedAnimals(of_row=of_row, first_row=np.flatnonzero(named)[first])


def _ranks(column: TextColumn) -> Rows:
    """Return the place of each row's text among the distinct texts: empty first, numbers by size."""
    texts = column.distinct
    order = sorted(range(len(texts)), key=lambda code: (len(texts[code]), texts[code]))
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    ranks += 1
    ranks[[not text for text in texts]] = 0
    return ranks[column.codes]


def _with_births(number: Rows, birth: Rows) -> Rows:
    """Fill births that a row lacks (0) where all other rows of the number agree."""
    size = int(number.max(initial=0)) + 1
    least, most = np.full(size, np.iinfo(np.int64).max), np.zeros(size, np.int64)
    known = birth > 0
    np.minimum.at(least, number[known], birth[known])
    np.maximum.at(most, number[known], birth[known])
    agreed = np.where(least == most, most, 0)
    return np.where(known, birth, agreed[number])


def highest(values: NDArray[np.float64], animals: ImportedAnimals, nothing: int) -> Rows:
    """Return the highest value of each animal's rows, shape (n_animals,); ``nothing`` where all are NaN."""
    rows = np.isfinite(values) & (animals.of_row >= 0)
    result = np.full(len(animals), nothing)
    np.maximum.at(result, animals.of_row[rows], values[rows].astype(np.int64))
    return result


def agreed(values: NDArray[np.int8], animals: ImportedAnimals) -> NDArray[np.int8]:
    """Return the value on which each animal's rows agree; -1 where they do not, or where all are -1."""
    rows = (values >= 0) & (animals.of_row >= 0)
    least, most = np.full(len(animals), 127, np.int8), np.full(len(animals), -1, np.int8)
    np.minimum.at(least, animals.of_row[rows], values[rows])
    np.maximum.at(most, animals.of_row[rows], values[rows])
    return np.where(least == most, most, -1).astype(np.int8)


def rows_by_key(keys: TextColumn, wanted: TextColumn) -> Rows:
    """Return, for each text wanted, the last row that has it as key; -1 where none has.

    Programs add ``.0`` or zeros to numbers in one table and not in another: such are equal where no two keys
    become so.
    """
    filled = {text for text in keys.distinct if text}
    plain = plain_number if len(set(map(plain_number, filled))) == len(filled) else str
    row_of_code = np.full(len(keys.distinct), -1)
    row_of_code[keys.codes] = np.arange(len(keys.codes))
    row_of = {plain(text): int(row) for text, row in zip(keys.distinct, row_of_code, strict=True) if text}
    return np.array([row_of.get(plain(text), -1) for text in wanted.distinct], np.int64)[wanted.codes]


def keys_used_twice(name: str, table: TextTable, header: str, tells: str) -> QualityIssue | None:
    """Report rows of one key that are of several things: these differ in the column ``tells``."""
    keys, others = column_or_blank(table, header), column_or_blank(table, tells)
    rows = np.flatnonzero(~keys.is_blank & ~others.is_blank)
    pairs = np.unique(np.stack([keys.codes[rows], others.codes[rows]]), axis=1)
    found, counts = np.unique(pairs[0], return_counts=True)
    twice = rows[np.isin(keys.codes[rows], found[counts > 1])]
    return (
        make_issue("keys_used_twice", table.lines[twice], table=name, column=header) if len(twice) else None
    )


YES = frozenset(("1", "-1", "true", "yes", "y", "да", "ja", "j", "x", "+", "sí", "si"))
NO = frozenset(("0", "false", "no", "n", "нет", "nein", "-"))
MALE = frozenset(("male", "bull", "m", "бык", "maleneuter", "malecryptorchid", "steer", "самец"))
FEMALE = frozenset(("female", "cow", "heifer", "f", "корова", "телка", "femaleneuter", "самка", "freemartin"))


GONE = frozenset(status.name for status in STATUSES if not status.is_male and status.presence in
                 (Presence.SOLD, Presence.DEAD, Presence.MOVED))  # fmt: skip
"""Statuses of the contract whose animals are not on the farm."""


def says(
    column: TextColumn, words: Collection[str], told: Mapping[str, str], meanings: Collection[str]
) -> NDArray[np.bool_]:
    """Tell cells whose word has one of some meanings: as people say, else by the program's ``words``.

    Parameters
    ----------
    column : TextColumn
    words : collection of str
        In normal form.
    told : mapping of str to str
        Word (normal form) → meaning.
    meanings : collection of str
    """

    def is_meant(text: str) -> bool:
        word = normal_form(text)
        return told[word] in meanings if word in told else word in words

    return column.each(is_meant, np.bool_)


def unknown_words(
    column: TextColumn,
    lines: NDArray[np.int64],
    known: Collection[str],
    ask: Callable[[str, NDArray[np.int64]], Question],
    is_plain: NDArray[np.bool_] | None = None,
) -> list[Question]:
    """Ask about words that decide what an animal is and are not known.

    Parameters
    ----------
    column : TextColumn
    lines : ndarray of int64, shape (n_rows,)
    known : collection of str
        In normal form; what people said of is known too.
    ask : callable
        Word and its lines → the question.
    is_plain : ndarray of bool, shape (n_rows,), optional
        Rows whose word needs no explanation, nor that of any row of the same word.
    """
    plain = np.unique(column.codes[is_plain]) if is_plain is not None else np.zeros(0, np.int64)
    strange = [
        code
        for code in np.unique(column.codes)
        if column.distinct[code] and normal_form(column.distinct[code]) not in known and code not in plain
    ]
    return [ask(column.distinct[code], lines[column.codes == code]) for code in strange[:_SHOWN]]
