"""Whether a herd file holds what a forecast lives on: conceptions, inseminations, births, exits."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from herd_engine.calibration.exposure import SHORTEST_EXITS_DAYS
from herd_engine.calibration.priors import CALF_WINDOW_DAYS, MOST_HEIFER_CALVES, UNREGISTERED_DAYS
from herd_engine.datasets.animal_rows import AnimalRows
from herd_engine.datasets.issue_kinds import make_issue
from herd_engine.datasets.quality import SMALL_HERD
from herd_engine.model.animals import Presence
from herd_engine.model.quality import QualityIssue

JUDGED_FROM_DAYS, JUDGED_TO_DAYS = 200, 330
"""After calving. By then a pregnancy of the first services is long confirmed, and none has ended yet. No
other cows are asked: in a herd with a calving season there is a time when no pregnancy can be on file."""
FEWEST_TO_REFUSE, FEWEST_TO_JUDGE = 10, 20
LOWEST_SHARE, LOW_SHARE = 0.2, 0.45
"""Of such cows in calf. Where only one open cow in ten conceives in three weeks, as in a poor herd, 55 % are:
of 10 cows one or none with a chance of 1 in 200. Nine in ten are usual; half of them are 45 %."""
DATED_SHARE = 0.5
"""Of animals that must have a date, those that do: below, dates are missing, not only some animals'."""
LATE_HEIFERS_DAYS, LATE_HEIFERS_SHARE = 100, 0.2
"""Heifers of the age at first calving, less so many days, are long in calf. A farm that rears its heifers has
more of them than so many for a first calving of eleven months; after a calving season only some open ones."""

FEWEST_HEIFER_CALVES = 0.1
"""Per calving: a farm with fewer rears none."""

FEWEST_EXITS, FEWEST_DAYS_OF_EXITS = 5, 330
"""Exits that show since when a file has them; days of them that make a year, nearly."""


def completeness_issues(rows: AnimalRows) -> Iterator[QualityIssue]:
    """Report what must have happened on a farm but is not in its file."""
    yield from _calving_dates(rows)
    yield from _conceptions(rows)
    yield from _conceptions_of_heifers(rows)
    yield from _inseminations(rows)
    yield from _births(rows)
    yield from _exits(rows)


def _is_bred(rows: AnimalRows) -> NDArray[np.bool_]:
    return rows.is_present & ~rows.has_presence(Presence.CULL_FLAGGED)


def _calving_dates(rows: AnimalRows) -> Iterator[QualityIssue]:
    is_cow = rows.is_present & (rows.lactation > 0)
    cows, dated = int(is_cow.sum()), int((is_cow & np.isfinite(rows.calving)).sum())
    if cows >= FEWEST_TO_JUDGE and dated < DATED_SHARE * cows:
        yield make_issue("few_calving_dates", cows=cows, dated=dated)


def _conceptions(rows: AnimalRows) -> Iterator[QualityIssue]:
    days = -rows.calving
    judged = _is_bred(rows) & (rows.lactation > 0) & (days >= JUDGED_FROM_DAYS) & (days < JUDGED_TO_DAYS)
    cows, in_calf = int(judged.sum()), int((judged & np.isfinite(rows.conception)).sum())
    if cows >= FEWEST_TO_REFUSE and in_calf < LOWEST_SHARE * cows:
        yield make_issue("no_conceptions_recorded", cows=cows, pregnant=in_calf)
    elif cows >= FEWEST_TO_JUDGE and in_calf < LOW_SHARE * cows:
        yield make_issue("few_conceptions_recorded", cows=cows, pregnant=in_calf)


def _conceptions_of_heifers(rows: AnimalRows) -> Iterator[QualityIssue]:
    is_first = (rows.lactation == 1) & (rows.calving - rows.birth > 0)
    n_first = int((is_first & (rows.calving > -CALF_WINDOW_DAYS)).sum())
    if not n_first:
        return
    age = int(np.median((rows.calving - rows.birth)[is_first]))
    is_late = _is_bred(rows) & (rows.lactation == 0) & (-rows.birth >= age - LATE_HEIFERS_DAYS)
    heifers, in_calf = int(is_late.sum()), int((is_late & np.isfinite(rows.conception)).sum())
    if heifers >= max(FEWEST_TO_JUDGE, LATE_HEIFERS_SHARE * n_first) and in_calf < DATED_SHARE * heifers:
        yield make_issue(
            "few_heifer_conceptions", heifers=heifers, pregnant=in_calf, age=age, limit=LATE_HEIFERS_DAYS
        )


def _inseminations(rows: AnimalRows) -> Iterator[QualityIssue]:
    is_pregnant = _is_bred(rows) & np.isfinite(rows.conception)
    pregnant, dated = int(is_pregnant.sum()), int((is_pregnant & np.isfinite(rows.insemination)).sum())
    if pregnant >= FEWEST_TO_JUDGE and dated < DATED_SHARE * pregnant:
        yield make_issue("few_inseminations_recorded", pregnant=pregnant, dated=dated)


def _births(rows: AnimalRows) -> Iterator[QualityIssue]:
    births, calvings = (
        int(((days > -CALF_WINDOW_DAYS) & (days <= -UNREGISTERED_DAYS)).sum())
        for days in (rows.birth, rows.calving)
    )
    if births >= FEWEST_TO_JUDGE and births > MOST_HEIFER_CALVES * calvings:
        yield make_issue("few_calvings_recorded", births=births, calvings=calvings)
    if calvings >= FEWEST_TO_JUDGE and births < FEWEST_HEIFER_CALVES * calvings:
        yield make_issue("few_births_recorded", births=births, calvings=calvings)


def _exits(rows: AnimalRows) -> Iterator[QualityIssue]:
    days = rows.archive[np.isfinite(rows.archive)]
    if not len(days):
        return
    if np.ptp(days) < SHORTEST_EXITS_DAYS and rows.is_present.sum() >= SMALL_HERD:
        yield make_issue("exits_close_together", exits=len(days), limit=SHORTEST_EXITS_DAYS)
    elif len(days) >= FEWEST_EXITS and -days.min() < FEWEST_DAYS_OF_EXITS:
        yield make_issue("few_days_of_exits", days=int(-days.min()))
