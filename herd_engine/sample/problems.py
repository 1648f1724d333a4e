"""Faults that herd files have, put into some rows on purpose."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from herd_engine.model.animals import NO_DAY
from herd_engine.sample import export
from herd_engine.sample.farm import SampleFarm
from herd_engine.sample.herd import SampleHerd
from herd_engine.sample.snapshot import (
    DEAD,
    FRESH,
    HEIFER,
    INSEMINATED,
    PREGNANT,
    READY,
    SOLD,
    Rows,
)

_MOST_OF_EACH = 5
_ROWS_PER_PROBLEM = 300
_FIRST_LINE = 2
"""The header is line 1."""

Cells = dict[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultySheet:
    """The file that gets the faults."""

    farm: SampleFarm
    herd: SampleHerd
    report_date: date

    @property
    def rows(self) -> Rows:
        """Rows as they would be without faults."""
        return self.herd.rows

    def text(self, day: int, form: str = "%d.%m.%Y") -> str:
        """Return the date of a day counted from the report date."""
        return (self.report_date + timedelta(days=day)).strftime(form)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultKind:
    """One kind of fault: which rows can have it, and what their cells then say."""

    kind: str
    about: str
    candidates: Callable[[Rows], NDArray[np.bool_]]
    edit: Callable[[FaultySheet, int], Cells]


def inject(sheet: FaultySheet, rng: np.random.Generator) -> tuple[dict[int, Cells], list[dict[str, Any]]]:
    """Choose rows for every kind of fault, each row for one fault only.

    Animals whose pregnancy is hidden stay as they are: the truth names them.

    Returns
    -------
    edits : dict of int to dict of int to str
        Row → column → text.
    listing : list of dict
        Each kind with line numbers, columns and ids; no lines where no row could have it.
    """
    rows = sheet.rows
    count = int(np.clip(len(rows.birth) // _ROWS_PER_PROBLEM, 1, _MOST_OF_EACH))
    is_free = rows.hidden_conception == NO_DAY
    edits: dict[int, Cells] = {}
    listing = []
    for problem in PROBLEMS:
        able = np.flatnonzero(problem.candidates(rows) & is_free)
        chosen = np.sort(rng.choice(able, min(count, len(able)), replace=False)).tolist()
        for row in chosen:
            edits[row] = problem.edit(sheet, row)
        is_free[chosen] = False
        listing.append(_listed(sheet, problem, {row: edits[row] for row in chosen}))
    return edits, listing


def _listed(sheet: FaultySheet, problem: FaultKind, edits: dict[int, Cells]) -> dict[str, Any]:
    columns = {column for cells in edits.values() for column in cells}
    return {
        "kind": problem.kind,
        "about": problem.about,
        "lines": [row + _FIRST_LINE for row in edits],
        "ids": [str(sheet.herd.ids[row]) for row in edits],
        "columns": [export.HEADERS[column] for column in sorted(columns)],
    }


def _is(*statuses: int) -> Callable[[Rows], NDArray[np.bool_]]:
    return lambda rows: np.isin(rows.status, statuses)


def _present_cows(rows: Rows) -> NDArray[np.bool_]:
    return np.isin(rows.status, (FRESH, READY, INSEMINATED, PREGNANT)) & (rows.lactation > 0)


def _second_of_two(rows: Rows) -> NDArray[np.bool_]:
    """Every other row, so that no row is both the copy and the original."""
    odd: NDArray[np.bool_] = np.arange(len(rows.birth)) % 2 == 1
    return odd


def _overdue(sheet: FaultySheet, row: int) -> Cells:
    """Conceived so long ago that the calving is weeks late; born early enough for that.

    She is 20-59 days late; a gestation rarely passes the plan by more than two weeks.
    """
    calving_plan = sheet.farm.calving_plan_days
    conception = -calving_plan - 20 - row % 40
    return {
        export.BIRTH: sheet.text(conception - sheet.farm.heifer_first_service_age_days),
        export.INSEMINATION: sheet.text(conception),
        export.CONCEPTION: sheet.text(conception),
        export.DAYS_PREGNANT: str(-conception),
        export.EXPECTED_DRY_OFF: sheet.text(conception + sheet.farm.dry_off_plan_days),
        export.EXPECTED_CALVING: sheet.text(conception + calving_plan),
    }


def _born_after_calving(sheet: FaultySheet, row: int) -> Cells:
    return {export.BIRTH: sheet.text(int(sheet.rows.calving[row]) + 10)}


def _cell(column: int, text: str) -> Callable[[FaultySheet, int], Cells]:
    return lambda _sheet, _row: {column: text}


PROBLEMS = (
    FaultKind(
        kind="dead_without_archive_date",
        about="dead, but the archive date is missing",
        candidates=_is(DEAD),
        edit=_cell(export.ARCHIVE, ""),
    ),
    FaultKind(
        kind="overdue_pregnancy",
        about="a heifer still pregnant weeks after the expected calving",
        candidates=lambda rows: (rows.status == PREGNANT) & (rows.lactation == 0),
        edit=_overdue,
    ),
    FaultKind(
        kind="future_date",
        about="an insemination after the report date",
        candidates=_is(INSEMINATED),
        edit=lambda sheet, row: {export.INSEMINATION: sheet.text(20 + row % 20)},
    ),
    FaultKind(
        kind="cow_without_calving",
        about="lactation above 0 without a calving date",
        candidates=lambda rows: (rows.status == FRESH) | ((rows.status == READY) & (rows.lactation > 0)),
        edit=_cell(export.CALVING, ""),
    ),
    FaultKind(
        kind="calving_before_birth",
        about="born after the calving",
        candidates=lambda rows: _present_cows(rows) & (rows.calving < -10),
        edit=_born_after_calving,
    ),
    FaultKind(
        kind="moved",
        about="moved to another farm: no archive date, figures frozen",
        candidates=_is(HEIFER),
        edit=_cell(export.STATUS, "Перемещена"),
    ),
    FaultKind(
        kind="heifer_with_calving",
        about="lactation 0 with a calving date",
        candidates=lambda rows: (rows.status == HEIFER) & (rows.birth < -30),
        edit=lambda sheet, row: {export.CALVING: sheet.text(int(sheet.rows.birth[row]) // 2)},
    ),
    FaultKind(
        kind="iso_date",
        about="a birth date written YYYY-MM-DD",
        candidates=lambda rows: rows.is_on_farm,
        edit=lambda sheet, row: {export.BIRTH: sheet.text(int(sheet.rows.birth[row]), "%Y-%m-%d")},
    ),
    FaultKind(
        kind="impossible_date",
        about="an insemination on 31 February",
        candidates=lambda rows: (rows.status == SOLD) & (rows.insemination != NO_DAY),
        edit=lambda sheet, row: {
            export.INSEMINATION: sheet.text(int(sheet.rows.insemination[row]), "31.02.%Y")
        },
    ),
    FaultKind(
        kind="days_in_milk_mismatch",
        about="days in milk 17 more than calving and report date say",
        candidates=_present_cows,
        edit=lambda sheet, row: {export.DAYS_IN_MILK: str(int(sheet.rows.days_in_milk[row]) + 17)},
    ),
    FaultKind(
        kind="fractional_lactation",
        about="a lactation number with a fraction",
        candidates=_present_cows,
        edit=lambda sheet, row: {export.LACTATION: f"{int(sheet.rows.lactation[row])}.5"},
    ),
    FaultKind(
        kind="negative_lactation",
        about="lactation -1",
        candidates=_is(HEIFER),
        edit=_cell(export.LACTATION, "-1"),
    ),
    FaultKind(
        kind="unknown_status",
        about="a status that nobody has heard of, at cows whose days in milk go on",
        candidates=_present_cows,
        edit=_cell(export.STATUS, "На лечении"),
    ),
    FaultKind(
        kind="missing_status",
        about="no status",
        candidates=lambda rows: rows.is_on_farm,
        edit=_cell(export.STATUS, ""),
    ),
    FaultKind(
        kind="missing_birth_date",
        about="no birth date",
        candidates=lambda rows: rows.is_on_farm,
        edit=_cell(export.BIRTH, ""),
    ),
    FaultKind(
        kind="duplicate_id",
        about="the id of the line above",
        candidates=_second_of_two,
        edit=lambda sheet, row: {export.ID: str(sheet.herd.ids[row - 1])},
    ),
    FaultKind(
        kind="formula_like_id",
        about="an id that a spreadsheet would take for a formula",
        candidates=lambda rows: rows.is_on_farm & ~_second_of_two(rows),
        edit=lambda sheet, row: {export.ID: f"=1+{sheet.herd.ids[row]}"},
    ),
)
