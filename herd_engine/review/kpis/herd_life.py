"""Key figures of the herd's make-up: who is there, who leaves, how old, how long dry."""

from collections.abc import Iterator
from datetime import date, timedelta
from math import fsum
from typing import Any

import numpy as np

from herd_engine.calibration.habits import GESTATION
from herd_engine.model.animals import NO_DAY, AnimalState, Herd
from herd_engine.model.kpi import Basis, Kpi, KpiLine, KpiUnit, WhyUnknown, unknown
from herd_engine.model.targets import FarmTargets
from herd_engine.review.kpis.filed_lives import COHORT_DAYS, FAR, Days, FiledLives, Rows
from herd_engine.review.kpis.shares import FEWEST, share

YEAR_DAYS = 365
_DAYS_PER_YEAR = 365.25
_DAYS_PER_MONTH = 30.4375
_SHORTEST_INTERVAL = 300
_FEWEST_DEATHS = 0.01
"""Of cows in a year: a herd in which fewer die does not write its deaths down."""
_LONG_DRY_DAYS = 70


def herd_life(lives: FiledLives, herd: Herd, targets: FarmTargets) -> Iterator[Kpi]:
    """Yield the key figures of the herd's make-up.

    Parameters
    ----------
    lives : FiledLives
    herd : Herd
    targets : FarmTargets
        Resolved.
    """
    yield from _counts(herd)
    yield from _days_in_milk(herd)
    yield _calvings_by_month(lives, herd.report_date)
    yield _births_by_month(lives, herd.report_date)
    yield _turnover(lives)
    yield _deaths(lives)
    yield _early_exits(lives)
    yield _left_in_calf(lives)
    yield from _lactations(lives)
    yield _first_calving_age(lives, targets)
    yield from _dry_days(herd, targets)


def _counts(herd: Herd) -> Iterator[Kpi]:
    counts = herd.counts()
    cows = counts["milking"] + counts["dry"]
    values = {
        "cows": cows,
        "milking": counts["milking"],
        "dry": counts["dry"],
        "heifers": counts["heifer"],
        "pregnant_heifers": counts["pregnant_heifer"],
        "flagged": int(herd.is_flagged.sum()),
    }
    for key, n in values.items():
        yield Kpi(key=key, unit=KpiUnit.HEAD, value=float(n), n=n)
    yield share("milking_share", counts["milking"], cows)


def _days_in_milk(herd: Herd) -> Iterator[Kpi]:
    days = -herd.calving[herd.is_milking].astype(np.int64)
    kept = days[~herd.is_flagged[herd.is_milking]]
    by = {"without_flagged": {"n": len(kept), "mean": float(kept.mean()) if len(kept) else None}}
    if len(days):
        mean = float(days.mean())
        yield Kpi(key="dim_mean", unit=KpiUnit.DAYS, value=mean, n=len(days), of=(len(days),), by=by)
    else:
        yield unknown("dim_mean", KpiUnit.DAYS, WhyUnknown.NOT_APPLICABLE)
    for limit in (200, 305, 400):
        late = {"n": int((kept > limit).sum()), "of": len(kept)}
        yield share(f"dim_over_{limit}", int((days > limit).sum()), len(days), by={"without_flagged": late})


def _calvings_by_month(lives: FiledLives, as_of: date) -> Kpi:
    """Return the median of the whole months of the last 330 days, and each month."""
    rows = lives.is_cow & (lives.calving > -COHORT_DAYS) & (lives.calving <= 0)
    months = _months_of(lives.calving[rows], as_of)
    first = _month(as_of, -COHORT_DAYS) + 1
    whole = range(first, _month(as_of, 1))
    counts = {month: int(np.count_nonzero(months == month)) for month in whole}
    by = {"month": [{"month": _month_name(month), "n": n} for month, n in counts.items()]}
    n = sum(counts.values())
    if n < FEWEST:
        return unknown("calvings_by_month", KpiUnit.HEAD, WhyUnknown.TOO_FEW, n=n, by=by)
    value = float(np.median([*counts.values()]))
    return Kpi(key="calvings_by_month", unit=KpiUnit.HEAD, value=value, n=n, by=by)


def _births_by_month(lives: FiledLives, as_of: date) -> Kpi:
    """Return births by calendar month of three years: for their season alone."""
    rows = (lives.birth > -3 * YEAR_DAYS) & (lives.birth <= 0)
    months = _months_of(lives.birth[rows], as_of) % 12
    by = {
        "month": [{"month": f"{number + 1:02d}", "n": int((months == number).sum())} for number in range(12)]
    }
    return unknown(
        "births_by_month", KpiUnit.HEAD, WhyUnknown.NOT_APPLICABLE,
        n=int(np.count_nonzero(rows)), by=by, limits=("season_shape_only",),
    )  # fmt: skip


def _turnover(lives: FiledLives) -> Kpi:
    """Return cows that left in 365 days per cow-year of the same days, rebuilt from the file.

    A cow in a later lactation may have calved first within the year: at the latest so many shortest calving
    intervals before. Hence two numbers, mostly equal.
    """
    exits = _exits(lives, -YEAR_DAYS)
    before = _exits(lives, -2 * YEAR_DAYS) & ~exits
    earlier = np.where(lives.lactation > 1, _SHORTEST_INTERVAL * (lives.lactation - 1), 0)
    most, fewest = (
        _cow_years(lives, lives.calving - days) for days in (np.where(earlier > 0, FAR, 0), earlier)
    )
    n = int(np.count_nonzero(exits))
    by = {"year": [{"until": -YEAR_DAYS, "exits": int(np.count_nonzero(before))}, {"until": 0, "exits": n}]}
    facts: dict[str, Any] = {"n": n, "of": (round(most), round(fewest)), "by": by, "limits": _undated(lives)}
    if fewest < FEWEST:
        return unknown("turnover", KpiUnit.PER_COW_YEAR, WhyUnknown.TOO_FEW, **facts)
    if not _has_exits(lives):
        return unknown("turnover", KpiUnit.PER_COW_YEAR, WhyUnknown.NOT_IN_FILE, **facts)
    return Kpi(key="turnover", unit=KpiUnit.PER_COW_YEAR, low=n / most, high=n / fewest, **facts)


def _cow_years(lives: FiledLives, since: Days) -> float:
    days = np.minimum(lives.end, 0) - np.maximum(since, -YEAR_DAYS)
    return float(np.maximum(days, 0)[lives.is_cow].sum()) / _DAYS_PER_YEAR


def _exits(lives: FiledLives, after: int) -> Rows:
    return (lives.lactation > 0) & lives.is_gone & (lives.end > after)


def _has_exits(lives: FiledLives) -> bool:
    return bool((lives.is_gone & (lives.end > -FAR)).any())


def _deaths(lives: FiledLives) -> Kpi:
    """Return the share of deaths among the cows that left; not where hardly any death is recorded."""
    exits = _exits(lives, -YEAR_DAYS)
    n, of = int(np.count_nonzero(exits & lives.died)), int(np.count_nonzero(exits))
    cows = int(np.count_nonzero(lives.is_cow & lives.on_farm))
    if n < _FEWEST_DEATHS * cows:
        facts: dict[str, Any] = {"n": n, "of": (of,), "limits": ("deaths_not_recorded",)}
        return unknown("deaths", KpiUnit.SHARE, WhyUnknown.NOT_IN_FILE, **facts)
    return share("deaths", n, of)


def _early_exits(lives: FiledLives) -> Kpi:
    cohort = lives.is_cow & (lives.calving > -COHORT_DAYS) & (lives.calving <= -60)
    left = cohort & lives.is_gone & (lives.end - lives.calving <= 60)
    return share(
        "exits_60_dim", int(np.count_nonzero(left)), int(np.count_nonzero(cohort)), limits=_undated(lives)
    )


def _left_in_calf(lives: FiledLives) -> Kpi:
    exits = _exits(lives, -FAR)
    late = exits & (lives.end - lives.conceived > 200)
    return share("left_in_calf_200", int(np.count_nonzero(late)), int(np.count_nonzero(exits)))


def _lactations(lives: FiledLives) -> Iterator[Kpi]:
    calved = lives.is_cow & (lives.calving > -COHORT_DAYS)
    first = calved & (lives.lactation == 1)
    yield share("first_calving_share", int(np.count_nonzero(first)), int(np.count_nonzero(calved)))
    here = lives.lactation[lives.is_cow & lives.on_farm]
    mix = {str(number): int((here == number).sum()) for number in range(1, 5)}
    by = {"lactation": {**mix, "5+": int((here >= 5).sum())}}
    if not len(here):
        yield unknown("lactation_mean", KpiUnit.RATIO, WhyUnknown.NOT_APPLICABLE)
        return
    yield Kpi(key="lactation_mean", unit=KpiUnit.RATIO, value=float(here.mean()), n=len(here), by=by)


def _first_calving_age(lives: FiledLives, targets: FarmTargets) -> Kpi:
    rows = lives.is_cow & (lives.lactation == 1) & (lives.calving > -YEAR_DAYS) & (lives.birth < FAR)
    n = int(np.count_nonzero(rows))
    aim = targets.afc_months
    facts: dict[str, Any] = {
        "n": n,
        "of": (n,),
        "target": KpiLine(value=aim, source="AHDB", is_default=aim == FarmTargets().afc_months),
    }
    if n < FEWEST:
        return unknown("afc", KpiUnit.MONTHS, WhyUnknown.TOO_FEW, **facts)
    value = float((lives.calving - lives.birth)[rows].mean()) / _DAYS_PER_MONTH
    return Kpi(key="afc", unit=KpiUnit.MONTHS, value=value, **facts)


def dry_lengths(herd: Herd) -> Days:
    """Return the expected dry days of the cows that are dry now; -1 where not known. Shape (n_animals,)."""
    by_plan = np.where(herd.expected_calving == NO_DAY, 0, herd.expected_calving).astype(np.int64)
    by_gestation = herd.conception.astype(np.int64) + round(GESTATION.mean)
    planned = herd.expected_calving != NO_DAY
    known = planned | (herd.conception != NO_DAY)
    days = np.where(planned, by_plan, by_gestation) - herd.dry_off
    return np.where((herd.state == AnimalState.DRY) & known & (herd.dry_off != NO_DAY), days, -1)


def _dry_days(herd: Herd, targets: FarmTargets) -> Iterator[Kpi]:
    """Yield mean and share of long dry periods; a cow weighs 1 over hers: the long ones are seen more."""
    days = dry_lengths(herd)
    days = days[days > 0]
    n, limits = len(days), ("weighted_by_length",)
    if n < FEWEST:
        yield unknown("dry_days", KpiUnit.DAYS, WhyUnknown.TOO_FEW, n=n, limits=limits)
        yield unknown("dry_over_70", KpiUnit.SHARE, WhyUnknown.TOO_FEW, n=n, limits=limits)
        return
    weights = 1 / days
    yield Kpi(
        key="dry_days", unit=KpiUnit.DAYS, value=n / fsum(weights), n=n, of=(n,),
        basis=Basis.ESTIMATED, limits=limits, by={"as_seen": {"mean": float(days.mean())}},
    )  # fmt: skip
    is_long = days > _LONG_DRY_DAYS
    yield Kpi(
        key="dry_over_70", unit=KpiUnit.SHARE, value=fsum(weights[is_long]) / fsum(weights),
        n=int(is_long.sum()), of=(n,), basis=Basis.ESTIMATED, limits=limits,
        by={"as_seen": {"share": float(is_long.mean())}},
    )  # fmt: skip


def _undated(lives: FiledLives) -> tuple[str, ...]:
    return ("undated_exits",) if lives.n_undated else ()


def _month(as_of: date, day: int) -> int:
    """Return the number of the month of a day: 12 times the year, and the month from 0."""
    moment = as_of + timedelta(days=day)
    return 12 * moment.year + moment.month - 1


def _months_of(days: Days, as_of: date) -> Days:
    moments = np.datetime64(as_of, "D") + days.astype("timedelta64[D]")
    return moments.astype("datetime64[M]").astype(np.int64) + 12 * 1970


def _month_name(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
