"""Cells → rows: every cell is understood or reported, and rows that cannot be used are left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.animal_rows import FACTS, PLANS, AnimalRows
from herd_engine.datasets.cells import read_numbers
from herd_engine.datasets.columns import Column
from herd_engine.datasets.contract.model import Contract, Limits
from herd_engine.datasets.contract.vocabulary import vocabulary
from herd_engine.datasets.issue_kinds import make_issue, shown
from herd_engine.datasets.own_columns import Own, own_cells, read_own
from herd_engine.datasets.reader.date_forms import DateForms
from herd_engine.datasets.reader.date_order import FileDates, Witnesses, read_file_dates, with_animals
from herd_engine.datasets.reader.losses import wholly_lost
from herd_engine.datasets.reader.missing import Blanked, without_markers
from herd_engine.datasets.reader.same_animals import SameAnimals, one_row_an_animal
from herd_engine.datasets.reader.serial_base import put_serials_right
from herd_engine.datasets.reader.sexes import Sexes, read_sexes
from herd_engine.datasets.reader.young_stock import is_heifer_without_lactation, is_no_animal
from herd_engine.datasets.spellings import normal_form, plain_number
from herd_engine.datasets.statuses import CODE_OF_NAME, STATUSES, UNKNOWN, status_code
from herd_engine.datasets.text_table import TextColumn, TextTable
from herd_engine.model.animals import Presence
from herd_engine.model.answers import NO_ANSWERS, Answers, Question
from herd_engine.model.left_out import LOSSES, LeftOut
from herd_engine.model.quality import QualityIssue

_SHOWN_STATUSES = 20
_FAULTS = (
    "not_an_animal",
    "male",
    "no_animal_id",
    "no_birth_date",
    "unreadable_archive_date",
    "no_lactation",
)
"""Why a row cannot be used by itself, in the order in which it is asked."""
_REASONS = ("", *_FAULTS, "duplicate_animal_id", "repeated_row", "earlier_lactation")
"""Why a row became no animal; the first is that of rows that did."""
_DATE_COLUMNS = FACTS | PLANS
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRows:
    """What came of the cells of a file.

    Attributes
    ----------
    rows : AnimalRows
        One a usable animal: each has an id of its own, a birth date and a lactation.
    status : TextColumn
        Statuses of ``rows`` as in the file.
    excluded : dict of str to int
        Rows left out by reason.
    n_damaged : int
        Of ``rows``, those with a date that cannot be read.
    lost_statuses : tuple of str
        Statuses none of whose animals can be used.
    issues : tuple of QualityIssue
    questions : tuple of Question
    status_counts : dict of str to int
        Status text as in the file → rows.
    left_out : LeftOut
        What ``excluded`` counts, row by row.
    own : mapping of str to ndarray
        The farm's own columns, a value a row of ``rows``.
    """

    rows: AnimalRows
    status: TextColumn
    excluded: dict[str, int]
    n_damaged: int
    lost_statuses: tuple[str, ...]
    issues: tuple[QualityIssue, ...]
    questions: tuple[Question, ...]
    status_counts: dict[str, int]
    left_out: LeftOut
    own: Own = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """The columns of a file, read: one entry a row of the file."""

    rows: AnimalRows
    texts: Mapping[Column, TextColumn]
    dates: FileDates
    sexes: Sexes
    no_lactation: Mask
    is_heifer: Mask
    is_no_animal: Mask
    markers: Blanked


def read_rows(
    table: TextTable,
    positions: Mapping[Column, int],
    answers: Answers = NO_ANSWERS,
    contract: Contract | None = None,
) -> ReadRows:
    """Understand every cell, report what cannot be, and leave out rows that cannot be used."""
    words = vocabulary()
    rules = words.contract if contract is None else contract
    limits, farms = rules.limits, own_cells(table, rules)
    own_dates = {column.name: cells for column, cells in farms.items() if column.type == "date"}
    cells = _read_cells(table, positions, answers, limits, own_dates)
    own, own_issues = read_own(farms, cells.dates.days, table.lines, words)
    reasons = _sift(cells, limits)
    usable = reasons == 0
    ids = cells.texts[Column.ANIMAL_ID]
    animals = one_row_an_animal(cells.rows.only(usable), ids.codes[usable], _numbers_alike(ids)[usable])
    places = np.flatnonzero(usable)[animals.kept]
    for reason, lines in {
        "duplicate_animal_id": animals.contradicting,
        "repeated_row": animals.repeated,
        "earlier_lactation": animals.earlier,
    }.items():
        if len(lines):
            reasons[np.isin(cells.rows.lines, lines)] = _REASONS.index(reason)
    counts = np.bincount(reasons, minlength=len(_REASONS))
    status = cells.texts[Column.STATUS]
    lost = ~usable & ~cells.is_no_animal & ~cells.sexes.is_male
    lost |= np.isin(cells.rows.lines, animals.contradicting)
    per_status = np.bincount(status.codes, minlength=len(status.distinct))
    return ReadRows(
        rows=animals.rows,
        status=TextColumn(distinct=status.distinct, codes=status.codes[places]),
        excluded={reason: int(n) for reason, n in zip(_REASONS, counts, strict=True) if reason and n},
        n_damaged=int(_is_damaged(cells)[places].sum()),
        lost_statuses=wholly_lost(cells.rows.status, lost, limits),
        issues=(
            *cells.dates.issues,
            *_row_issues(cells, limits),
            *_animal_issues(cells, animals),
            *_date_issues(cells, own_dates),
            *own_issues,
            *_count_issues(cells.rows, cells.texts),
            *_status_issues(cells.rows, status, places),
        ),
        questions=(*_about_dates(cells), *cells.sexes.questions),
        status_counts={text: int(n) for text, n in zip(status.distinct, per_status, strict=True) if n},
        left_out=_left_out(cells, reasons),
        own={name: values[places] for name, values in own.items()},
    )


def _read_cells(
    table: TextTable,
    positions: Mapping[Column, int],
    answers: Answers,
    limits: Limits,
    own_dates: Mapping[str, TextColumn],
) -> _Cells:
    """Read every column by what it holds."""
    words = vocabulary()
    absent = TextColumn(distinct=[""], codes=np.zeros(len(table.lines), np.int64))
    raw = {column: table.columns[positions[column]] if column in positions else absent for column in Column}
    markers = without_markers(raw, words, [*_DATE_COLUMNS.values()])
    texts = markers.columns
    days_in_milk = _whole(read_numbers(texts[Column.DAYS_IN_MILK]))
    dates = read_file_dates(
        {name: texts[column] for name, column in _DATE_COLUMNS.items()} | {**own_dates},
        DateForms(words, is_1904=table.is_1904),
        Witnesses(calving=texts[Column.LACTATION_START_DATE], days_in_milk=days_in_milk),
        answers,
    )
    lactation = read_numbers(texts[Column.LACTATION])
    put_serials_right(dates, lactation, answers.report_date, is_1904=table.is_1904)
    rows = AnimalRows(
        lines=table.lines,
        animal_ids=texts[Column.ANIMAL_ID].each(str, np.object_),
        status=_read_statuses(texts[Column.STATUS], answers),
        lactation=lactation,
        days_in_milk=days_in_milk,
        days_pregnant=_whole(read_numbers(texts[Column.DAYS_PREGNANT])),
        **{name: dates.days[name] for name in _DATE_COLUMNS},
    )
    is_no = is_no_animal(rows, texts[Column.ANIMAL_ID], texts[Column.BIRTH_DATE])
    no_lactation = texts[Column.LACTATION].is_blank
    is_heifer = no_lactation & is_heifer_without_lactation(rows, limits)
    rows = rows.with_lactation(np.where(is_heifer, 0, lactation))
    return _Cells(
        rows=rows,
        texts=texts,
        dates=dates,
        sexes=read_sexes(texts[Column.SEX], rows, ~is_no, words, answers),
        no_lactation=no_lactation & ~is_heifer,
        is_heifer=is_heifer,
        is_no_animal=is_no,
        markers=markers,
    )


def _read_statuses(column: TextColumn, answers: Answers) -> NDArray[np.int8]:
    told = {normal_form(word): CODE_OF_NAME.get(name, UNKNOWN) for word, name in answers.statuses}
    return column.each(lambda text: told.get(normal_form(text), status_code(text)), np.int8)


def _whole(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(numbers % 1 == 0, numbers, np.nan)


def _sift(cells: _Cells, limits: Limits) -> NDArray[np.int8]:
    """Return why each row is left out, the first of ``_REASONS`` that applies; 0 where it can be used."""
    lactation = cells.rows.lactation
    faults = (
        cells.is_no_animal,
        cells.sexes.is_male,
        cells.texts[Column.ANIMAL_ID].is_blank,
        np.isnan(cells.rows.birth),
        # The animal left on a day that is not known.
        cells.dates.is_invalid["archive"],
        ~((lactation >= 0) & (lactation <= limits.highest_lactation) & (lactation % 1 == 0)),
    )
    reasons = np.zeros(len(lactation), np.int8)
    for reason, is_faulty in zip(_FAULTS, faults, strict=True):
        reasons[(reasons == 0) & is_faulty] = _REASONS.index(reason)
    return reasons


def _left_out(cells: _Cells, reasons: NDArray[np.int8]) -> LeftOut:
    """Return the rows that have a reason; a wrong one may be of an animal that nothing says has left."""
    places = np.flatnonzero(reasons)
    ids, words, rows = cells.texts[Column.ANIMAL_ID], cells.texts[Column.STATUS], cells.rows
    here = np.array([status.presence in (Presence.ON_FARM, Presence.CULL_FLAGGED) for status in STATUSES])
    return LeftOut(
        line=rows.lines[places],
        animal_id=ids.each(str, np.object_)[places],
        status=words.each(str, np.object_)[places],
        reason=np.array(_REASONS, object)[reasons[places]],
        may_be_here=np.isin(np.array(_REASONS), LOSSES)[reasons[places]]
        & np.isnan(rows.archive[places])
        & here[rows.status[places]],
    )


def _is_damaged(cells: _Cells) -> Mask:
    damaged: Mask = np.any([cells.dates.is_invalid[name] for name in FACTS], axis=0)
    return damaged


def _row_issues(cells: _Cells, limits: Limits) -> Iterator[QualityIssue]:
    """Report rows that are left out, and cells that stand for nothing."""
    rows, texts, invalid = cells.rows, cells.texts, cells.dates.is_invalid
    is_animal = ~cells.is_no_animal & ~cells.sexes.is_male
    no_birth = np.isnan(rows.birth)
    for kind, found in {
        "missing_animal_id": is_animal & texts[Column.ANIMAL_ID].is_blank,
        "missing_birth_date": is_animal & no_birth & ~invalid["birth"],
        "unreadable_birth_date": is_animal & invalid["birth"],
        "unreadable_archive_date": is_animal & invalid["archive"],
        "missing_lactation": is_animal & cells.no_lactation,
        "invalid_lactation": is_animal & np.isnan(rows.lactation) & ~cells.no_lactation,
        "fractional_lactation": is_animal & (rows.lactation % 1 > 0),
        "negative_lactation": is_animal & (rows.lactation < 0),
        "rows_no_animals": cells.is_no_animal,
        "males_left_out": cells.sexes.is_male,
        "heifers_without_lactation": is_animal & cells.is_heifer,
    }.items():
        if found.any():
            yield make_issue(kind, rows.lines[found])
    too_high = is_animal & (rows.lactation > limits.highest_lactation)
    if too_high.any():
        yield make_issue("implausible_lactation", rows.lines[too_high], limit=limits.highest_lactation)
    counts = cells.markers.counts + cells.dates.marker_counts
    if counts:
        told = [f"{shown(marker)}: {n}" for marker, n in counts.most_common(_SHOWN_STATUSES)]
        yield make_issue("missing_markers", markers=told, cells=counts.total())


def _animal_issues(cells: _Cells, animals: SameAnimals) -> Iterator[QualityIssue]:
    """Report rows that are of one animal, and numbers that several animals have."""
    for kind, lines in {
        "repeated_rows": animals.repeated,
        "earlier_lactations": animals.earlier,
        "reused_numbers": animals.reused,
    }.items():
        if len(lines):
            yield make_issue(kind, np.sort(lines))
    if len(animals.contradicting):
        yield make_issue("duplicate_animal_id", animals.contradicting, left_out=len(animals.contradicting))
    ids = cells.texts[Column.ANIMAL_ID]
    # One look at all of them: hardly any file has such a number, and every animal has a number of its own.
    may_be = "E+" in "\n".join(ids.distinct).upper()
    rounded = ids.each(is_rounded_number, np.bool_) if may_be else np.zeros(1, np.bool_)
    if not rounded.any():
        return
    is_shared = rounded & (np.bincount(ids.codes, minlength=len(ids.distinct))[ids.codes] > 1)
    if is_shared.any():
        yield make_issue("shared_rounded_ids", cells.rows.lines[is_shared], example=ids.first(is_shared))
    yield make_issue("rounded_animal_ids", cells.rows.lines[rounded], example=ids.first(rounded))


def _about_dates(cells: _Cells) -> Iterator[Question]:
    columns = {column.value: cells.texts[column] for column in _DATE_COLUMNS.values()}
    for question in cells.dates.questions:
        if question.field == "dates":
            yield with_animals(question, columns, cells.texts[Column.ANIMAL_ID])
        else:
            yield question


def _numbers_alike(ids: TextColumn) -> NDArray[np.int32]:
    """Return codes of animals' numbers: equal too where programs add ``.0`` or drop zeros in front."""
    texts = "\n".join(["", *ids.distinct, ""])
    if "\n0" not in texts and ".0\n" not in texts:
        return ids.codes
    code_of: dict[str, int] = {}
    plain = map(plain_number, ids.distinct)
    return np.array([code_of.setdefault(text, len(code_of)) for text in plain], np.int32)[ids.codes]


def is_rounded_number(text: str) -> bool:
    """Tell whether a number of an animal was rounded by a program (6,43E+14)."""
    mantissa, mark, exponent = text.upper().partition("E+")
    return bool(mark) and exponent.isdigit() and mantissa.replace(",", "").replace(".", "").isdigit()


def _date_issues(cells: _Cells, own_dates: Mapping[str, TextColumn]) -> Iterator[QualityIssue]:
    """Report, column by column, cells that are no dates."""
    told = {name: (column.value, cells.texts[column]) for name, column in _DATE_COLUMNS.items()}
    told |= {name: (name, texts) for name, texts in own_dates.items()}
    for name, (column, texts) in told.items():
        wrong = cells.dates.is_invalid[name] & ~cells.is_no_animal
        if wrong.any():
            example = texts.first(wrong)
            yield make_issue(
                "invalid_date_values",
                cells.rows.lines[wrong],
                column=column,
                format=cells.dates.form[name],
                example=example,
            )


def _count_issues(rows: AnimalRows, texts: Mapping[Column, TextColumn]) -> Iterator[QualityIssue]:
    """Report cells of the columns that repeat what the dates say."""
    for column in (Column.DAYS_IN_MILK, Column.DAYS_PREGNANT):
        wrong = np.isnan(getattr(rows, column.value)) & ~texts[column].is_blank
        if wrong.any():
            example = texts[column].first(wrong)
            yield make_issue("invalid_number_values", rows.lines[wrong], column=column.value, example=example)


def _status_issues(rows: AnimalRows, status: TextColumn, places: NDArray[np.int64]) -> Iterator[QualityIssue]:
    """Report animals whose status says nothing."""
    is_animal = np.zeros(len(rows.lines), bool)
    is_animal[places] = True
    is_blank = status.is_blank & is_animal
    if is_blank.any():
        yield make_issue("missing_status", rows.lines[is_blank])
    unknown = (rows.status == UNKNOWN) & ~status.is_blank & is_animal
    if unknown.any():
        texts = [shown(status.distinct[code]) for code in np.unique(status.codes[unknown])]
        yield make_issue("unknown_status", rows.lines[unknown], statuses=texts[:_SHOWN_STATUSES])
