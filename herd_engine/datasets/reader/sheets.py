"""Rows of cells → the table of a herd: the visible sheet, and the rows in it, that name the most columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from herd_engine.datasets.contract.vocabulary import Vocabulary
from herd_engine.datasets.issue_kinds import make_issue, refusal, shown
from herd_engine.datasets.reader.header_search import Header, find_header
from herd_engine.datasets.reader.leavers_table import is_of_leavers
from herd_engine.datasets.text_table import TextTable, cell_text, column_of_cells
from herd_engine.model.answers import Answers, Question
from herd_engine.model.quality import QualityIssue

_NOTHING = (None, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSheet:
    """One sheet: its rows from the first on, blank ones too."""

    name: str
    rows: Sequence[Sequence[object]]
    is_hidden: bool = False


def tables_of_sheets(
    sheets: Sequence[ReadSheet], name: str, words: Vocabulary, answers: Answers, *, is_1904: bool = False
) -> dict[str, TextTable]:
    """Return the tables of the sheets that are not hidden by name, that which holds the herd first.

    Raises
    ------
    HerdDataError
        All sheets are empty, or several hold a herd and nobody said which is meant.
    """
    column_map = dict(answers.columns)
    found = [
        (sheet, header)
        for sheet in sheets
        if (not sheet.is_hidden or sheet.name == answers.sheet)
        and (header := _header(sheet, words, column_map)) is not None
    ]
    if answers.sheet:
        found = [pair for pair in found if pair[0].name == answers.sheet]
    if not found:
        raise refusal(name, [make_issue("empty_file"), *_hidden(sheets)])
    whole = [pair for pair in found if pair[1].is_whole and _has_rows(*pair)]
    if len(whole) > 1:
        present = [pair for pair in whole if not is_of_leavers(_table(*pair, ()), column_map)]
        whole = present if len(present) == 1 else whole
    if len(whole) > 1:
        raise refusal(name, [], [which_sheet([sheet.name for sheet, _ in whole])])
    chosen = whole[0] if whole else max(found, key=lambda pair: pair[1].score)
    others = [pair for pair in found if pair is not chosen]
    issues = (*_hidden(sheets), *_not_chosen(sheets, answers))
    names = {sheet.name for sheet, _ in found}
    empty = [] if answers.sheet else [one for one in sheets if not one.is_hidden and one.name not in names]
    return (
        {chosen[0].name: _table(*chosen, issues, is_1904=is_1904)}
        | {sheet.name: _table(sheet, header, (), is_1904=is_1904) for sheet, header in others}
        | {sheet.name: TextTable(headers=(), columns=(), lines=np.zeros(0, np.int64)) for sheet in empty}
    )


def _not_chosen(sheets: Sequence[ReadSheet], answers: Answers) -> list[QualityIssue]:
    """Report the sheets beside the one that somebody chose."""
    others = [shown(one.name) for one in sheets if one.name != answers.sheet and not one.is_hidden]
    return [make_issue("other_sheets_ignored", sheets=others)] if answers.sheet and others else []


def _header(sheet: ReadSheet, words: Vocabulary, column_map: Mapping[str, str]) -> Header | None:
    top = []
    n_filled = 0
    for row in sheet.rows:
        top.append([cell_text(cell) for cell in row])
        n_filled += any(cell not in _NOTHING for cell in row)
        if n_filled > words.contract.dialect.header_rows:
            break
    return find_header(top, words, column_map)


def _has_rows(sheet: ReadSheet, header: Header) -> bool:
    below = sheet.rows[header.row + 1 :]
    return any(cell not in _NOTHING for row in below for cell in row)


def _hidden(sheets: Sequence[ReadSheet]) -> list[QualityIssue]:
    hidden = [shown(sheet.name) for sheet in sheets if sheet.is_hidden]
    return [make_issue("hidden_sheets", sheets=hidden)] if hidden else []


def which_sheet(names: Sequence[str]) -> Question:
    """Return the question which sheet, file or herd is meant."""
    return Question(
        code="ask_sheet",
        field="sheet",
        subject="",
        choices=tuple(names),
        option=f'--sheet "{shown(names[0])}"',
    )


def _table(
    sheet: ReadSheet, header: Header, issues: tuple[QualityIssue, ...], *, is_1904: bool = False
) -> TextTable:
    width = len(header.names)
    lines, rows = [], []
    for number, row in enumerate(sheet.rows[header.row + 1 :], header.row + 2):
        cells = row[:width]
        if any(cell not in _NOTHING for cell in cells):
            lines.append(number)
            rows.append(cells if len(cells) == width else [*cells, *[None] * (width - len(cells))])
    columns = zip(*rows, strict=True) if rows else [()] * width
    return TextTable(
        headers=header.names,
        columns=tuple(map(column_of_cells, columns)),
        lines=np.array(lines, np.int64),
        is_1904=is_1904,
        issues=issues,
    )
