"""Several tables of a program, joined by key → one herd: events from all of them, folded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from herd_engine.datasets.columns import Column
from herd_engine.datasets.contract.vocabulary import vocabulary
from herd_engine.datasets.importers.canonical import herd_table, typed_days
from herd_engine.datasets.importers.event_days import until_report_day
from herd_engine.datasets.importers.event_proofs import BIRTHS, DayColumn, proved_days
from herd_engine.datasets.importers.folding import Days, fold, nothing_stated
from herd_engine.datasets.importers.interface import Imported, Reading, column_or_blank, strange_rows
from herd_engine.datasets.issue_kinds import make_issue, refusal
from herd_engine.datasets.text_table import TextColumn, TextTable
from herd_engine.model.answers import Question
from herd_engine.model.events import AnimalEvents, join_events
from herd_engine.model.quality import QualityIssue

_MOST_ORPHANS = 0.9


class EventColumn(NamedTuple):
    """Events that one column of days gives.

    Attributes
    ----------
    table : TextTable
    header : str
        Of the column of days.
    animal : ndarray of int64, shape (n_rows,)
        Row of each row's animal; -1 where it has none.
    kind : EventKind or ndarray
        Of each row; -1 where it is no event.
    may_lack_day : bool
        A row without a day is no event; else it is one of which nobody knows when.
    """

    table: TextTable
    header: str
    animal: NDArray[np.int64]
    kind: int | NDArray[np.int64]
    may_lack_day: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """A program's tables, joined.

    Attributes
    ----------
    animals : TextTable
        A row an animal.
    columns : mapping of Column to tuple of str
        Headers of ``animals`` that hold what no event tells, the best first: id and birth date at least.
    sources : sequence of EventColumn
    lactation : ndarray of int64, shape (n_animals,)
        As stated; ``NOT_KNOWN`` where it is not.
    is_gone, males : ndarray of bool, shape (n_animals,)
    is_dead : ndarray of bool, shape (n_animals,), or None
    is_flagged : ndarray of int8, shape (n_animals,), or None
        1 yes, 0 no, -1 not stated.
    days_in_milk : TextColumn or None
        As stated: the reader's proof of the day of the export and of the calvings.
    issues : sequence of QualityIssue
    questions : sequence of Question
    words : sequence of TextColumn
        Columns of words of which people may say what they mean.
    """

    animals: TextTable
    columns: Mapping[Column, tuple[str, ...]]
    sources: Sequence[EventColumn]
    lactation: Days
    is_gone: NDArray[np.bool_]
    males: NDArray[np.bool_]
    is_dead: NDArray[np.bool_] | None = None
    is_flagged: NDArray[np.int8] | None = None
    days_in_milk: TextColumn | None = None
    issues: Sequence[QualityIssue] = field(default_factory=tuple)
    questions: Sequence[Question] = field(default_factory=tuple)
    words: Sequence[TextColumn] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SourceDays:
    """Births and the days of each source (ordinals, NaN: none), and what is doubtful about them."""

    births: NDArray[np.float64]
    days: Sequence[NDArray[np.float64]]
    issues: Sequence[QualityIssue]


def gathered_herd(
    gathered: Gathered,
    reading: Reading,
    dated: SourceDays | None = None,
    lost: Mapping[str, int] | None = None,
) -> Imported:
    """Fold the events of all tables into a row an animal.

    Parameters
    ----------
    gathered : Gathered
    reading : Reading
    dated : SourceDays, optional
        Of its sources, where the importer had to read them before.
    lost : mapping of str to int, optional
        Animals of which what the tables say does not fit together, by reason.

    Raises
    ------
    HerdDataError
        There is no event at all, and nobody said of which day the export is.
    """
    columns = {
        column: column_or_blank(gathered.animals, *names) for column, names in gathered.columns.items()
    }
    if dated is None:
        dated = days_of(gathered, reading)
    columns[Column.BIRTH_DATE] = typed_days(columns[Column.BIRTH_DATE], dated.births)
    if gathered.days_in_milk is not None:
        columns[Column.DAYS_IN_MILK] = gathered.days_in_milk
    events, lines = _events(gathered.sources, dated.days)
    reported = until_report_day(events, reading, lines)
    if reported is None:
        raise refusal("", [make_issue("no_events")])
    n = len(gathered.animals.lines)
    stated = replace(
        nothing_stated(n),
        lactation=gathered.lactation,
        is_gone=np.where(gathered.is_gone, 1, -1).astype(np.int8),
    )
    if gathered.is_dead is not None:
        stated = replace(stated, is_dead=gathered.is_dead.astype(np.int8))
    if gathered.is_flagged is not None:
        stated = replace(stated, is_flagged=gathered.is_flagged)
    folded = fold(reported.events, stated)
    issues = [*gathered.issues, *dated.issues, *_undated(gathered.sources, dated.days), *reported.issues]
    if folded.returned.any():
        issues.append(make_issue("returned_after_exit", gathered.animals.lines[folded.returned]))
    return Imported(
        table=herd_table(folded, reported.day, columns, gathered.animals.lines, gathered.males),
        events=reported.events.ordered(),
        issues=tuple(issues),
        lost={
            "pregnant_without_service": int((folded.is_unserved & ~folded.is_gone).sum()),
            **(lost or {}),
        },
        questions=tuple(gathered.questions),
        words=tuple(word for column in gathered.words for word in column.distinct if word),
    )


def days_of(gathered: Gathered, reading: Reading) -> SourceDays:
    """Read births and the days of all sources together: one order of day and month holds for all."""
    births = column_or_blank(gathered.animals, *gathered.columns[Column.BIRTH_DATE])
    cells = [births, *(column_or_blank(one.table, one.header) for one in gathered.sources)]
    animals = np.arange(len(gathered.animals.lines))
    whose = [(Column.BIRTH_DATE.value, animals, BIRTHS), *(one[1:4] for one in gathered.sources)]
    (born, *days), issues = proved_days(
        [
            DayColumn(header=header, cells=column, days=read, animal=animal, kind=kind)
            for column, read, (header, animal, kind) in zip(cells, reading.dates(cells), whose, strict=True)
        ],
        gathered.lactation,
        reading,
    )
    return SourceDays(births=born, days=days, issues=issues)


def orphans(name: str, table: TextTable, animal: NDArray[np.int64]) -> QualityIssue | None:
    """Report rows of a table whose animal no other table has; with hardly any other, the keys are not its."""
    lost = animal < 0
    if lost.any() and lost.mean() > _MOST_ORPHANS:
        return make_issue("table_without_animals", table.lines[lost], table=name)
    return strange_rows(name, table, lost) if lost.any() else None


def _undated(sources: Sequence[EventColumn], read: Sequence[NDArray[np.float64]]) -> list[QualityIssue]:
    """Report columns of days of which more lack than may be lost."""
    issues = []
    for source, days in zip(sources, read, strict=True):
        kind = np.broadcast_to(np.asarray(source.kind), days.shape)
        is_event = (source.animal >= 0) & (kind >= 0)
        lost = is_event & ~np.isfinite(days)
        if not source.may_lack_day and lost.sum() > vocabulary().contract.limits.lost_share * is_event.sum():
            issues.append(make_issue("days_missing", source.table.lines[lost], column=source.header))
    return issues


def _events(
    sources: Sequence[EventColumn], read: Sequence[NDArray[np.float64]]
) -> tuple[AnimalEvents, NDArray[np.int64]]:
    """Return the events of all sources, and the line of each."""
    parts, lines = [], []
    for source, days in zip(sources, read, strict=True):
        kind = np.broadcast_to(np.asarray(source.kind), days.shape)
        rows = np.isfinite(days) & (source.animal >= 0) & (kind >= 0)
        parts.append(
            AnimalEvents(
                animal=source.animal[rows],
                kind=kind[rows].astype(np.int8),
                day=days[rows].astype(np.int64),
            )
        )
        lines.append(source.table.lines[rows])
    return join_events(parts), np.concatenate(lines) if lines else np.zeros(0, np.int64)
