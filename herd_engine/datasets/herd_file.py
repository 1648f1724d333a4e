"""A herd file, read whole: its records, the herd on the report date, and all that is remarkable."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.animal_rows import AnimalRows
from herd_engine.datasets.columns import Column, ColumnMatch, lacking_columns, match_columns
from herd_engine.datasets.completeness import completeness_issues
from herd_engine.datasets.contract.comparison import farm_contract_id
from herd_engine.datasets.contract.model import Contract, Limits
from herd_engine.datasets.contract.vocabulary import vocabulary
from herd_engine.datasets.decoding import read_tables
from herd_engine.datasets.derived_days import derive_days, statuses_without_day, undated_cows
from herd_engine.datasets.identity import dataset_sha256, file_sha256
from herd_engine.datasets.importers.bringing import bring, bytes_of, with_past
from herd_engine.datasets.importers.interface import Imported, Reading
from herd_engine.datasets.issue_kinds import by_severity, make_issue, refusal, shown
from herd_engine.datasets.leavers import date_leavers
from herd_engine.datasets.own_columns import Own, lacking_own, own_headers
from herd_engine.datasets.quality import correct_rows, herd_issues, row_issues
from herd_engine.datasets.reader.column_question import column_questions
from herd_engine.datasets.reader.date_forms import DateForms
from herd_engine.datasets.reader.date_order import read_file_dates
from herd_engine.datasets.reader.likely import unlikely_animals
from herd_engine.datasets.reader.losses import cut_question, losses_question, lost_by_joining
from herd_engine.datasets.reader.presence import decide_presence
from herd_engine.datasets.reader.sexes import header_of_sexes
from herd_engine.datasets.reader.swapped_dates import swapped_issues
from herd_engine.datasets.remembered import (
    remembered_issues,
    spoken_of,
    with_remembered,
    words_to_try,
)
from herd_engine.datasets.row_reading import ReadRows, read_rows
from herd_engine.datasets.snapshot import animal_records, find_report_date, herd_on_report_date
from herd_engine.datasets.spellings import normal_form
from herd_engine.datasets.statuses import STATUSES
from herd_engine.datasets.text_table import TextColumn, TextTable
from herd_engine.errors import HerdDataError
from herd_engine.model.animals import AnimalRecords, Herd
from herd_engine.model.answers import NO_ANSWERS, NOTHING, Answers, Pairs, Question
from herd_engine.model.file_names import shown_name
from herd_engine.model.left_out import LeftOut, no_rows, wrong_rows
from herd_engine.model.quality import QualityIssue

NO_MAP: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HerdFile:
    """A herd file of which a forecast can be made; equal to itself alone.

    Attributes
    ----------
    name : str
        File name without folder.
    sha256 : str
        Identity: of the file's bytes and how they were read (``dataset_sha256``).
    records : AnimalRecords
        One an animal: number and birth date, in its highest lactation, without unreadable archive date,
        in the file's order. Days that cannot be are unknown.
    herd : Herd
        Those present on the report date; ``excluded`` counts all other rows of the file by reason.
    issues : tuple of QualityIssue
        Errors first, then by code.
    status_counts : dict of str to int
        Status text as in the file → rows; rows that could not be cut into cells are missing here.
    n_rows : int
        Rows of the file that are not blank.
    file_sha256 : str
        Of the file's bytes.
    answers : Answers
        By which it was read: those given, and those remembered that it speaks of.
    left_out : LeftOut
        Rows that became no animal. A kept file has none: read its bytes again to know them.
    own : mapping of str to ndarray
        Columns of the farm's own contract that the forecast does not look at, a value an animal of
        ``records``: numbers, ordinals of days (NaN: unknown), texts.
    """

    name: str
    sha256: str
    records: AnimalRecords
    herd: Herd
    issues: tuple[QualityIssue, ...]
    status_counts: dict[str, int]
    n_rows: int
    file_sha256: str
    answers: Answers = NO_ANSWERS
    left_out: LeftOut = field(default_factory=no_rows)
    own: Own = field(default_factory=dict)


def read_herd_file(
    path: Path,
    *,
    column_map: Mapping[str, str] = NO_MAP,
    answers: Answers = NO_ANSWERS,
    remembered: Answers = NO_ANSWERS,
) -> HerdFile:
    """Read a herd file: CSV, workbooks, Parquet and others (``decoding``), or a folder or zip of several.

    Parameters
    ----------
    path : Path
    column_map : mapping of str to str
        Header in the file → our name, for headers that are not known; the same as ``answers.columns``.
    answers : Answers
        What people say of the file.
    remembered : Answers
        What they said of earlier files of the farm: used where this one needs it and ``answers`` say nothing.

    Raises
    ------
    HerdDataError
        No forecast can be made of the file; the error lists all that was found wrong, and the questions
        that must be answered.
    """
    try:
        data = bytes_of(path)
    except (OSError, ValueError) as error:  # ValueError: a path that no file can have
        reason = getattr(error, "strerror", None) or str(error)
        raise refusal(shown_name(str(path)), [make_issue("file_unreadable", reason=reason)]) from error
    return read_herd_bytes(data, path.name, column_map=column_map, answers=answers, remembered=remembered)


def read_herd_bytes(
    data: bytes,
    name: str,
    *,
    column_map: Mapping[str, str] = NO_MAP,
    answers: Answers = NO_ANSWERS,
    remembered: Answers = NO_ANSWERS,
    contract: Contract | None = None,
) -> HerdFile:
    """Read the bytes of a herd file; as ``read_herd_file``.

    ``contract`` is the farm's own, where it has one: its limits and the columns that it requires count, and
    the dataset is told apart by it. Its words come as ``remembered``.
    """
    name = shown_name(name)  # it is written into results, pages and the database
    given = Answers.of(columns=column_map).over(answers) if column_map else answers
    usual = words_to_try(given, remembered)
    asked = given
    while True:
        try:
            found = _read(data, name, asked, usual, contract)
            break
        except HerdDataError as error:
            more = with_remembered(asked, remembered, error.questions)
            if more == asked:
                raise
            asked = more
    told = remembered_issues(given, found.answers)
    return replace(found, issues=by_severity([*found.issues, *told])) if told else found


def _read(
    data: bytes, name: str, given: Answers, usual: Answers, contract: Contract | None = None
) -> HerdFile:
    """Read a file by answers, and by those of ``usual`` that it speaks of."""
    rules = vocabulary().contract if contract is None else contract
    answers = given.over(usual)
    dates = _OtherDates(name, answers)
    brought = bring(
        data,
        name,
        lambda content, member: read_tables(content, member, _of_member(answers, member)),
        dates.reading,
        dict(answers.columns),
    )
    table = brought.table
    answers = replace(answers, columns=_columns_told(given, usual, brought))
    names = dict.fromkeys(own_headers(table.headers, rules).values(), NOTHING)
    match, recognised = _matched(table, names | brought.under_new_names(answers.columns))
    issues = [*table.issues, *brought.issues, *match.issues, *recognised, *_wrong_answers(answers)]
    if not len(table.lines) and not table.n_malformed:
        issues.append(make_issue("no_rows"))
    issues += [*lacking_columns(match, rules), *lacking_own(table.headers, rules)]
    _refuse_if_blocked(name, issues, [*brought.questions, *column_questions(table, match)])
    read = read_rows(table, match.positions, answers, rules)
    table = replace(table, columns=())  # of a large file they take as much as its rows
    brought = replace(brought, table=table)
    issues += [*read.issues, *dates.not_among(read.issues)]
    report_date = find_report_date(read.rows, answers.report_date)
    issues += report_date.issues
    if report_date.day is None and not read.questions:
        issues.append(make_issue("no_report_date"))
    if report_date.day is None or read.questions:
        raise refusal(name, issues, read.questions)
    if contract is not None and not answers.contract:
        answers = replace(answers, contract=farm_contract_id(contract))
    used = replace(
        answers,
        statuses=given.over(
            Answers(statuses=spoken_of(usual.statuses, (*read.status_counts, *brought.words)))
        ).statuses,
    )
    found = _herd(name, brought, read, report_date.day, issues, _Told(answers, usual, rules.limits))
    file_hash = file_sha256(data)
    return HerdFile(
        name=name,
        sha256=dataset_sha256(file_hash, used),
        records=found.records,
        herd=found.herd,
        issues=by_severity(found.issues),
        status_counts=read.status_counts,
        n_rows=len(table.lines) + table.n_malformed,
        file_sha256=file_hash,
        answers=used,
        left_out=found.left_out,
        own=found.own,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Found:
    """What a file's animals are, and all that is remarkable of them."""

    records: AnimalRecords
    herd: Herd
    issues: list[QualityIssue]
    left_out: LeftOut
    own: Own


@dataclass(frozen=True, slots=True)
class _Told:
    """By which answers a file is read, and which of them are remembered."""

    answers: Answers
    usual: Answers
    limits: Limits

    def words(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the status words whose meaning was told of this file, and of an earlier one."""
        told, usual = (
            frozenset(normal_form(word) for word, _ in answers.statuses)
            for answers in (self.answers, self.usual)
        )
        return told - usual, usual


def _herd(
    name: str,
    brought: Imported,
    read: ReadRows,
    report_day: date,
    issues: list[QualityIssue],
    told: _Told,
) -> _Found:
    """Return the herd of rows that were read, or refuse to."""
    corrected = correct_rows(read.rows.counted_from(report_day.toordinal()), report_day)
    answered, recalled = told.words()
    derived = derive_days(corrected.rows, read.rows)
    decided = decide_presence(derived.rows, read.status, answered, recalled)
    is_born = np.isfinite(corrected.rows.birth)
    rows = decided.rows.only(is_born)
    leavers = date_leavers(rows)
    table = brought.table
    excluded = {
        "malformed_row": table.n_malformed,
        **read.excluded,
        "born_after_report_date": int((~is_born).sum()),
    }
    records = with_past(animal_records(leavers.rows, report_day), rows.lines, brought)
    herd = herd_on_report_date(records, {reason: n for reason, n in excluded.items() if n})
    issues = [
        *issues,
        *corrected.issues,
        *derived.issues,
        *leavers.issues,
        *row_issues(rows),
        *herd_issues(rows),
        *completeness_issues(leavers.rows),
        *swapped_issues(rows, read.rows, report_day),
    ]
    if not herd.n_animals:
        reasons = [f"{reason}: {n}" for reason, n in herd.excluded.items()]
        issues.append(make_issue("no_animals_present", excluded=reasons))
    questions = [*decided.questions]
    if not told.answers.accept_losses:
        n_rows, limits = len(table.lines) + table.n_malformed, told.limits
        lost = losses_question(
            n_rows,
            excluded,
            _damages(rows, read)
            | unlikely_animals(rows, limits)
            | dict(brought.lost)
            | lost_by_joining(brought.issues, n_rows),
            _lost_statuses(rows, read, limits),
            limits,
        )
        questions += [lost] if lost else []
        questions += [cut_question(n_rows)] if table.is_cut else []
    _refuse_if_blocked(name, issues, questions)
    left_out = read.left_out.and_also(wrong_rows("malformed_row", np.array(table.malformed_lines, np.int64)))
    unborn = decided.rows.only(~is_born)
    left_out = left_out.and_also(wrong_rows("born_after_report_date", unborn.lines, unborn.animal_ids))
    own = {name: values[is_born] for name, values in read.own.items()}
    return _Found(records=records, herd=herd, issues=issues, left_out=left_out, own=own)


def _damages(rows: AnimalRows, read: ReadRows) -> dict[str, int]:
    """Return how many rows stay without a day that they must have, by reason."""
    return {"unreadable_dates": read.n_damaged, "cow_without_calving": undated_cows(rows)}


def _lost_statuses(rows: AnimalRows, read: ReadRows, limits: Limits) -> tuple[str, ...]:
    """Return statuses whose animals are lost, or would be counted as something else."""
    return tuple(dict.fromkeys([*read.lost_statuses, *statuses_without_day(rows, limits.lost_class)]))


def _matched(table: TextTable, names: Mapping[str, str]) -> tuple[ColumnMatch, list[QualityIssue]]:
    """Return which column is which; one that tells sexes is known by what stands in it too."""
    match = match_columns(table.headers, names)
    header = None
    if Column.SEX not in match.positions:
        header = header_of_sexes(table, match.free, vocabulary())
    if header is None:
        return match, []
    told = match_columns(table.headers, {**names, header: Column.SEX.value})
    return told, [make_issue("sex_column_recognised", header=shown(header))]


def _columns_told(given: Answers, usual: Answers, brought: Imported) -> Pairs:
    """Return what is said of columns: all that was said now, and what is remembered of those there are."""
    headers = (*brought.headers, *brought.table.headers, *brought.joined)
    return given.over(Answers(columns=spoken_of(usual.columns, headers))).columns


def _of_member(answers: Answers, member: str) -> Answers:
    """Return answers for one file of several: where that file was chosen, none of its sheets is."""
    return replace(answers, sheet="") if answers.sheet == member else answers


class _OtherDates:
    """Reads the dates of tables that are not the herd's own, those read together in one order."""

    def __init__(self, name: str, answers: Answers) -> None:
        self._name, self._answers = name, answers
        self._issues: dict[str, QualityIssue] = {}

    def reading(self, is_1904: bool) -> Reading:
        """Return how such tables are read."""
        told = self._answers.report_date
        return Reading(
            dates=partial(self._days, DateForms(vocabulary(), is_1904=is_1904)),
            report_day=None if told is None else told.toordinal(),
            is_1904=is_1904,
            time_zone=self._answers.time_zone,
            sheet=self._answers.sheet,
            statuses={normal_form(word): meaning for word, meaning in self._answers.statuses},
            sexes={normal_form(word): meaning for word, meaning in self._answers.sexes},
        )

    def not_among(self, issues: Sequence[QualityIssue]) -> list[QualityIssue]:
        """Return what is remarkable of these dates and is not said of the herd's table."""
        said = {issue.code for issue in issues}
        return [issue for code, issue in self._issues.items() if code not in said]

    def _days(self, forms: DateForms, columns: Sequence[TextColumn]) -> list[NDArray[np.float64]]:
        by_place = {str(place): column for place, column in enumerate(columns)}
        found = read_file_dates(by_place, forms, answers=self._answers)
        _refuse_if_blocked(self._name, found.issues, found.questions)
        self._issues |= {issue.code: issue for issue in found.issues}
        return [found.days[place] for place in by_place]


def _wrong_answers(answers: Answers) -> Iterator[QualityIssue]:
    """Report answers that mean nothing."""
    meanings = {
        "statuses": [status.name for status in STATUSES if not status.is_undecided],
        "sexes": ["female", "male"],
    }
    for asked, known in meanings.items():
        for word, meaning in getattr(answers, asked):
            if meaning not in known:
                yield make_issue("answer_unknown", name=shown(meaning), subject=shown(word), choices=known)


def _refuse_if_blocked(name: str, issues: list[QualityIssue], questions: Sequence[Question] = ()) -> None:
    if questions or any(issue.blocking for issue in issues):
        raise refusal(name, issues, questions)
