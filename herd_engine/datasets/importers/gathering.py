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
from herd_engine.datasets.importers.folding import Days, fold, nothing_stated
from herd_engine.datasets.importers.interface import Imported, Reading, column_or_blank
from herd_engine.datasets.issue_kinds import make_issue, refusal
from herd_engine.datasets.text_table import TextTable
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
    issues : sequence of QualityIssue
    """

    animals: TextTable
    columns: Mapping[Column, tuple[str, ...]]
    sources: Sequence[EventColumn]
    lactation: Days
    is_gone: NDArray[np.bool_]
    males: NDArray[np.bool_]
    is_dead: NDArray[np.bool_] | None = None
    is_flagged: NDArray[np.int8] | None = None
    issues: Sequence[QualityIssue] = field(default_factory=tuple)


def gathered_herd(gathered: Gathered, reading: Reading) -> Imported:
    """Fold the events of all tables into a row an animal.

    Raises
    ------
    HerdDataError
        There is no event at all, and nobody said of which day the export is.
    """
    columns = {
        column: column_or_blank(gathered.animals, *names) for column, names in gathered.columns.items()
    }
    # One order of day and month holds for all dates, births among them.
    births, *read = reading.dates(
        [columns[Column.BIRTH_DATE], *(column_or_blank(one.table, one.header) for one in gathered.sources)]
    )
    columns[Column.BIRTH_DATE] = typed_days(columns[Column.BIRTH_DATE], births)
    events, lines = _events(gathered.sources, read)
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
    issues = [*gathered.issues, *_undated(gathered.sources, read), *reported.issues]
    if folded.returned.any():
        issues.append(make_issue("returned_after_exit", gathered.animals.lines[folded.returned]))
    return Imported(
        table=herd_table(folded, reported.day, columns, gathered.animals.lines, gathered.males),
        events=reported.events.ordered(),
        issues=tuple(issues),
    )


def orphans(name: str, table: TextTable, animal: NDArray[np.int64]) -> QualityIssue | None:
    """Report rows of a table whose animal no other table has; with hardly any other, the keys are not its."""
    lost = animal < 0
    if lost.any() and lost.mean() > _MOST_ORPHANS:
        return make_issue("table_without_animals", table.lines[lost], table=name)
    return make_issue("rows_without_animal", table.lines[lost], table=name) if lost.any() else None


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
