"""Males: told by a column of sex or by the status; they are no part of a dairy herd's forecast."""

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.animal_rows import AnimalRows
from herd_engine.datasets.contract.vocabulary import Vocabulary
from herd_engine.datasets.issue_kinds import shown
from herd_engine.datasets.spellings import normal_form
from herd_engine.datasets.statuses import STATUSES
from herd_engine.datasets.text_table import TextColumn, TextTable
from herd_engine.model.answers import Answers, Question

_MALE_STATUSES = [code for code, status in enumerate(STATUSES) if status.is_male]
_SHOWN_ROWS = 5
_LEAST_KNOWN = 0.5
"""Share of filled cells that are words of sex in a column that nobody calls one."""
_SHORTEST_WORD = 3
"""Letters of a word of sex; shorter ones, such as M, stand for breeds and seasons too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sexes:
    """Which rows are males, and words that are not known."""

    is_male: NDArray[np.bool_]
    questions: tuple[Question, ...]


def read_sexes(
    column: TextColumn, rows: AnimalRows, is_animal: NDArray[np.bool_], words: Vocabulary, answers: Answers
) -> Sexes:
    """Tell which rows are males; a cow that has calved is none, whatever a column says."""
    told = {normal_form(word): sex for word, sex in answers.sexes}
    meanings = [told.get(normal_form(text)) or words.sexes.meaning(text) for text in column.distinct]
    is_male = np.array([sex == "male" for sex in meanings], bool)[column.codes]
    is_male |= np.isin(rows.status, _MALE_STATUSES)
    may_be_male = is_animal & ~((rows.lactation > 0) & np.isfinite(rows.calving))
    unknown = [
        (code, text)
        for code, (text, sex) in enumerate(zip(column.distinct, meanings, strict=True))
        if text and sex is None
    ]
    questions = []
    for code, text in unknown:
        of_word = (column.codes == code) & may_be_male
        if of_word.any():
            questions.append(ask_sex(text, rows.lines[of_word]))
    return Sexes(is_male=is_male & may_be_male, questions=tuple(questions))


def header_of_sexes(table: TextTable, free: Collection[int], words: Vocabulary) -> str | None:
    """Return the header of a column that tells males from females, though its name is not known.

    Parameters
    ----------
    table : TextTable
    free : collection of int
        Positions of columns whose header is not known.
    words : Vocabulary
    """
    return next(
        (
            table.headers[place]
            for place in free
            if _tells_sexes(table.headers[place], table.columns[place], words)
        ),
        None,
    )


def _tells_sexes(header: str, column: TextColumn, words: Vocabulary) -> bool:
    cells = np.bincount(column.codes, minlength=len(column.distinct))
    meaning = {
        text: words.sexes.meaning(text) for text, n in zip(column.distinct, cells, strict=True) if text and n
    }
    if {"female", "male"} - {*meaning.values()}:
        return False
    told = sum(int(n) for text, n in zip(column.distinct, cells, strict=True) if meaning.get(text))
    if told < _LEAST_KNOWN * (~column.is_blank).sum():
        return False
    is_word = any(len(text) >= _SHORTEST_WORD for text, sex in meaning.items() if sex == "male")
    return is_word or any(words.columns.meaning(part) == "sex" for part in re.findall(r"\w+", header))


def ask_sex(word: str, lines: NDArray[np.int64]) -> Question:
    """Return the question which sex a word means that stands on some lines."""
    return Question(
        code="ask_sex",
        field="sexes",
        subject=shown(word),
        choices=("female", "male"),
        row_count=len(lines),
        sample_rows=tuple(int(line) for line in lines[:_SHOWN_ROWS]),
        option=f'--map-sex "{shown(word)}=female"',
    )
