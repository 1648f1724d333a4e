"""Key figures of fertility: what one file tells exactly, what it brackets, and what it cannot tell."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from herd_engine.model.kpi import Basis, Kpi, KpiLine, KpiUnit, WhyUnknown, unknown
from herd_engine.model.targets import FarmTargets
from herd_engine.review.kpis.filed_lives import (
    COHORT_DAYS,
    CONCEPTION_DAYS,
    CYCLE_DAYS,
    FAR,
    FiledLives,
    Rows,
)
from herd_engine.review.kpis.shares import FEWEST, bracket, share

PREGNANT_BY = (100, 130, 150, 200)
_HALF_CYCLE = 10
"""A cow counts that could be bred on half of the days: those after so many."""
_GROUPS = {"1": (1, 1), "2": (2, 2), "3+": (3, FAR)}
_AHDB = "AHDB"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cycle:
    """21 days, and which animals could have conceived in them.

    Attributes
    ----------
    first, last : int
        Days.
    eligible : ndarray of bool
        Past the waiting period, open and present for half of it or more.
    conceived : ndarray of bool
    may_be_unbred : ndarray of bool
        Of the eligible: gone or flagged without an insemination since it began; perhaps not to be bred.
    """

    first: int
    last: int
    eligible: Rows
    conceived: Rows
    may_be_unbred: Rows

    def counts(self, rows: Rows) -> tuple[int, int, int]:
        """Return conceptions, all eligible, and those that certainly were to be bred, among ``rows``."""
        eligible, sure = self.eligible & rows, self.eligible & ~self.may_be_unbred & rows
        return (
            int(np.count_nonzero(self.conceived & rows)),
            int(np.count_nonzero(eligible)),
            int(np.count_nonzero(sure)),
        )


def cycles(lives: FiledLives, wait: int) -> list[Cycle]:
    """Return the cycles that the file shows whole, the latest first: back from the lag, within 255 days."""
    found = []
    before = -lives.lag - CYCLE_DAYS
    while before >= -CONCEPTION_DAYS:
        found.append(cycle_after(lives, before, wait))
        before -= CYCLE_DAYS
    return found


def cycle_after(lives: FiledLives, before: int, wait: int) -> Cycle:
    """Return the cycle of the 21 days after ``before``."""
    middle = before + _HALF_CYCLE
    could = lives.is_cow & (lives.calving + wait <= middle) & (lives.end > middle)
    eligible = could & (lives.conceived > before) & (lives.dried > before)
    unbred = (lives.flagged | lives.is_gone) & (lives.served <= before)
    return Cycle(
        first=before + 1,
        last=before + CYCLE_DAYS,
        eligible=eligible,
        conceived=eligible & (lives.conceived <= before + CYCLE_DAYS),
        may_be_unbred=eligible & unbred,
    )


def fertility(lives: FiledLives, targets: FarmTargets, as_of: date) -> Iterator[Kpi]:
    """Yield the key figures of fertility.

    Parameters
    ----------
    lives : FiledLives
    targets : FarmTargets
        Resolved.
    as_of : date
        Day 0.
    """
    wait = targets.vwp or lives.wait
    yield _pregnancy_rate(lives, targets, wait, as_of)
    yield _service_rate(lives, wait)
    yield unknown("conception_rate", KpiUnit.SHARE, WhyUnknown.NEEDS_HISTORY)
    yield from (_pregnant_by(lives, days, targets) for days in PREGNANT_BY)
    yield _median_days_to_pregnancy(lives)
    yield _days_open(lives)
    yield _pregnant_by(lives, wait + 30, targets, key="pv30")
    yield unknown("iv30", KpiUnit.SHARE, WhyUnknown.NEEDS_HISTORY)
    yield _first_service(lives)


def _pregnancy_rate(lives: FiledLives, targets: FarmTargets, wait: int, as_of: date) -> Kpi:
    found = cycles(lives, wait)
    everybody = np.ones(len(lives.ids), bool)

    def told(n: int, most: int, fewest: int) -> dict[str, Any]:
        known = fewest >= FEWEST
        return {"n": n, "N": [most, fewest], "low": n / most if known else None,
                "high": n / fewest if known else None}  # fmt: skip

    def pooled(rows: Rows) -> tuple[int, int, int]:
        counts = np.array([each.counts(rows) for each in found]).reshape(-1, 3).sum(axis=0)
        return int(counts[0]), int(counts[1]), int(counts[2])

    by_lactation = {
        name: told(*pooled((lives.lactation >= low) & (lives.lactation <= high)))
        for name, (low, high) in _GROUPS.items()
    }
    by_cycle = [
        {"from": _iso(as_of, each.first), "to": _iso(as_of, each.last), **told(*each.counts(everybody))}
        for each in reversed(found)
    ]
    return bracket(
        "pr21",
        *pooled(everybody),
        by={"lactation": by_lactation, "cycle": by_cycle},
        limits=("do_not_breed_unknown", "losses_missing", *_usual(lives)),
        target=KpiLine(value=targets.pr21, source=_AHDB, is_default=targets.pr21 == FarmTargets().pr21),
        usual=KpiLine(value=0.25, source=_AHDB, is_default=True),
    )


def _service_rate(lives: FiledLives, wait: int) -> Kpi:
    """Return who was inseminated in the last 21 days; who waits for a check may be in calf already."""
    last = cycle_after(lives, -CYCLE_DAYS, wait)
    eligible = last.eligible & lives.on_farm & ~lives.flagged & (lives.dried == FAR)
    served = eligible & (lives.served > -CYCLE_DAYS)
    waits = eligible & ~served & (lives.served > -lives.lag - 14)
    n = int(np.count_nonzero(served))
    most, fewest = (int(np.count_nonzero(rows)) for rows in (eligible, eligible & ~waits))
    return bracket("service_rate_21", n, most, fewest, limits=("waiting_for_check", "one_cycle"))


def _pregnant_by(lives: FiledLives, days: int, targets: FarmTargets, key: str = "") -> Kpi:
    """Return the share in calf by so many days in milk, of all that calved in time to know."""
    cohort = lives.is_cow & (lives.calving > -COHORT_DAYS) & (lives.calving <= -days - lives.lag)
    pregnant = cohort & (lives.conceived - lives.calving <= days)
    left = cohort & ~pregnant & (lives.end <= lives.calving + days)
    n, of, n_left = (int(np.count_nonzero(rows)) for rows in (pregnant, cohort, left))
    is_aim = days == 150 and not key
    stated = targets.pregnant_by_150
    return share(
        key or f"pregnant_by_{days}",
        n,
        of,
        by={"stayed": {"n": n, "of": of - n_left}, "left_first": {"n": n_left, "of": of}},
        limits=("losses_missing",),
        target=KpiLine(value=stated, source="", is_default=stated == FarmTargets().pregnant_by_150)
        if is_aim
        else None,
    )


def _median_days_to_pregnancy(lives: FiledLives) -> Kpi:
    """Return the median of Kaplan and Meier from calving; who left counts until then."""
    cohort = lives.is_cow & (lives.calving > -COHORT_DAYS)
    is_known = lives.conceived <= -lives.lag
    until = np.where(is_known, lives.conceived, np.minimum(lives.end, -lives.lag)) - lives.calving
    rows = cohort & (until > 0)
    median = kaplan_meier_median(until[rows], is_known[rows])
    n = int(np.count_nonzero(rows & is_known))
    facts: dict[str, Any] = {"n": n, "of": (int(np.count_nonzero(rows)),), "limits": ("if_nobody_left",)}
    key = "days_to_pregnancy_median"
    if n < FEWEST or median is None:
        return unknown(key, KpiUnit.DAYS, WhyUnknown.TOO_FEW, **facts)
    return Kpi(key=key, unit=KpiUnit.DAYS, value=float(median), basis=Basis.ESTIMATED, **facts)


def kaplan_meier_median(until: np.ndarray[tuple[int], np.dtype[np.int64]], happened: Rows) -> int | None:
    """Return the day by which half would have happened; None where it never comes to half."""
    days, events = np.unique(until[happened], return_counts=True)
    at_risk = len(until) - np.searchsorted(np.sort(until), days)
    below = np.flatnonzero(np.cumprod(1 - events / at_risk) <= 0.5 + 1e-12)
    return int(days[below[0]]) if len(below) else None


def _days_open(lives: FiledLives) -> Kpi:
    rows = lives.is_cow & lives.on_farm & (lives.conceived < FAR)
    n = int(np.count_nonzero(rows))
    key, limits = "days_open_mean_pregnant", ("pregnant_cows_only",)
    if n < FEWEST:
        return unknown(key, KpiUnit.DAYS, WhyUnknown.TOO_FEW, n=n, of=(n,), limits=limits)
    mean = float((lives.conceived - lives.calving)[rows].mean())
    return Kpi(key=key, unit=KpiUnit.DAYS, value=mean, n=n, of=(n,), limits=limits)


def _first_service(lives: FiledLives) -> Kpi:
    """Return from which day on the farm inseminates; when each cow was first inseminated needs history."""
    key = "calving_to_first_service"
    if "wait" in lives.is_usual:
        return unknown(key, KpiUnit.DAYS, WhyUnknown.TOO_FEW)
    return Kpi(
        key=key,
        unit=KpiUnit.DAYS,
        low=float(lives.wait),
        basis=Basis.ESTIMATED,
        limits=("only_the_floor",),
        reason=WhyUnknown.NEEDS_HISTORY,
    )


def _usual(lives: FiledLives) -> tuple[str, ...]:
    return tuple(sorted(f"usual_{name}" for name in lives.is_usual & {"lag", "wait"}))


def _iso(as_of: date, day: int) -> str:
    return (as_of + timedelta(days=day)).isoformat()
