"""What is not as the farm wants it: the rules, as they hold on what one file shows."""

from collections.abc import Iterator

import numpy as np

from herd_engine.calibration.habits import GESTATION
from herd_engine.model.message import Severity
from herd_engine.model.targets import FarmTargets
from herd_engine.review.detective.ruling import Ruling
from herd_engine.review.kpis.filed_lives import COHORT_DAYS, FAR, FiledLives, Rows

PRECEDENCE = ("OPEN_PAST_LIMIT", "LONG_DAYS_OPEN", "LATE_FIRST_SERVICE")
"""Of one animal the first of these alone counts."""
NEED_HISTORY = ("REPEAT_BREEDER", "CONCEPTION_PER_SERVICE", "PANIC_PURCHASE")
"""What no single file can tell."""
FERTILITY, DRY_PERIOD, HEIFERS, EXITS = "fertility", "dry_period", "heifers", "exits"
_HEIFER_FROM_AGE = 365
_LATE_IN_CALF = 200


def rulings(lives: FiledLives, targets: FarmTargets) -> Iterator[Ruling]:
    """Yield what every rule says.

    Parameters
    ----------
    lives : FiledLives
    targets : FarmTargets
        Resolved.
    """
    yield from _services(lives, targets)
    yield from _open_cows(lives, targets)
    yield from _checks(lives, targets)
    yield from _plans(lives, targets)
    yield from _dry_periods(lives, targets)
    yield from _heifers(lives, targets)
    yield from _gone_in_calf(lives)


def open_cows(lives: FiledLives) -> Rows:
    """Return the cows on the farm that are to be bred: not known in calf, not dry, not marked."""
    rows: Rows = (
        lives.is_cow & lives.on_farm & (lives.conceived == FAR) & (lives.dried == FAR) & ~lives.flagged
    )
    return rows


def open_heifers(lives: FiledLives) -> Rows:
    """Return the heifers on the farm that are to be bred: not known in calf, not marked."""
    rows: Rows = lives.is_heifer & lives.on_farm & (lives.conceived == FAR) & ~lives.flagged
    return rows


def waits_for_check(lives: FiledLives) -> Rows:
    """Return the animals whose last insemination is too young to be known."""
    rows: Rows = lives.served > -lives.lag
    return rows


def _services(lives: FiledLives, targets: FarmTargets) -> Iterator[Ruling]:
    at_service = lives.served - lives.calving
    earliest = (targets.vwp or 0) - targets.early_service_tolerance
    yield Ruling(
        rule="EARLY_SERVICE",
        family=FERTILITY,
        severity=Severity.INFO,
        eligible=lives.is_cow & lives.on_farm & ~lives.flagged & (lives.served > -FAR),
        measured=at_service,
        listed=lives.on_farm,
        excess=earliest - at_service,
        name="service_dim",
        thresholds={"vwp": targets.vwp or 0, "early_service_tolerance": targets.early_service_tolerance},
        limits=("lower_bound",),
    )
    limit = targets.late_first_service or 0
    days_in_milk = -lives.calving
    late = open_cows(lives) & (days_in_milk > limit)
    never = lives.served == -FAR
    yield Ruling(
        rule="LATE_FIRST_SERVICE",
        family=FERTILITY,
        eligible=late,
        measured=days_in_milk,
        listed=lives.on_farm,
        excess=np.where(never, days_in_milk - limit, 0),
        name="dim",
        thresholds={"late_first_service": limit},
    )


def _open_cows(lives: FiledLives, targets: FarmTargets) -> Iterator[Ruling]:
    """Yield long days open, open past the limit, and cows that are milked on although decided."""
    target, limit = targets.days_open_target or 0, targets.open_limit or 0
    days_in_milk = -lives.calving
    cohort = lives.is_cow & (lives.calving > -COHORT_DAYS) & (lives.calving <= -target - lives.lag)
    known = np.where(lives.conceived < FAR, lives.conceived - lives.calving, days_in_milk)
    left = lives.is_gone & (lives.conceived == FAR) & (lives.end <= lives.calving + target)
    yield Ruling(
        rule="LONG_DAYS_OPEN",
        family=FERTILITY,
        eligible=cohort & ~left,
        measured=known,
        excess=known - target,
        name="days_open",
        thresholds={"days_open_target": target},
        listed=open_cows(lives) & ~waits_for_check(lives),
        limits=("leavers_apart",),
    )
    yield Ruling(
        rule="OPEN_PAST_LIMIT",
        family=FERTILITY,
        severity=Severity.ERROR,
        eligible=open_cows(lives) & (days_in_milk > (targets.vwp or 0)),
        measured=days_in_milk,
        listed=lives.on_farm,
        excess=days_in_milk - limit,
        name="dim",
        thresholds={"open_limit": limit},
    )
    decided = lives.is_cow & lives.on_farm & lives.flagged & (lives.dried == FAR)
    yield Ruling(
        rule="CARRIED_AFTER_DECISION",
        family=EXITS,
        eligible=decided,
        measured=days_in_milk,
        listed=lives.on_farm,
        excess=days_in_milk - limit,
        name="dim",
        thresholds={"open_limit": limit},
        limits=("flag_day_unknown",),
    )


def _checks(lives: FiledLives, targets: FarmTargets) -> Iterator[Ruling]:
    limit = targets.preg_check_after or 0
    waited = -lives.served
    for rule, family, rows in (
        ("PREG_CHECK_OVERDUE", FERTILITY, open_cows(lives)),
        ("HEIFER_CHECK_OVERDUE", HEIFERS, open_heifers(lives)),
    ):
        yield Ruling(
            rule=rule,
            family=family,
            eligible=rows & (lives.served > -FAR),
            measured=waited,
            listed=lives.on_farm,
            excess=waited - limit,
            name="days_since_service",
            thresholds={"preg_check_after": limit},
            limits=("empty_checks_unknown",),
        )


def _plans(lives: FiledLives, targets: FarmTargets) -> Iterator[Ruling]:
    """Yield dry-offs and calvings that should have been."""
    in_calf = lives.on_farm & (lives.conceived < FAR)
    milked = in_calf & lives.is_cow & (lives.dried == FAR)
    yield Ruling(
        rule="DRYOFF_OVERDUE",
        family=DRY_PERIOD,
        eligible=milked & (lives.dry_off_due < FAR),
        measured=-lives.dry_off_due,
        listed=lives.on_farm,
        excess=-lives.dry_off_due - targets.dry_off_grace,
        name="days_late",
        thresholds={"dry_off_grace": targets.dry_off_grace},
    )
    by_plan = np.where(lives.due < FAR, -lives.due - targets.calving_grace, -FAR)
    yield Ruling(
        rule="CALVING_OVERDUE",
        family=DRY_PERIOD,
        severity=Severity.ERROR,
        eligible=in_calf,
        measured=-lives.conceived,
        listed=lives.on_farm,
        excess=np.maximum(by_plan, -lives.conceived - targets.gestation_max),
        name="days_in_calf",
        thresholds={"calving_grace": targets.calving_grace, "gestation_max": targets.gestation_max},
        limits=("check_the_data_first",),
    )


def _dry_periods(lives: FiledLives, targets: FarmTargets) -> Iterator[Ruling]:
    """Yield dry periods by their (expected) length; each counts one over it, for long ones are seen more."""
    due = np.where(lives.due < FAR, lives.due, lives.conceived + round(GESTATION.mean))
    is_dry = lives.on_farm & lives.is_cow & (lives.dried < FAR) & (due < FAR)
    days = np.where(is_dry, due - lives.dried, 1)
    is_dry &= days > 0
    weights = 1 / np.maximum(days, 1)
    limits = ("weighted_by_length",)
    too_long = np.where(days > targets.dried_early, 0, days - targets.dry_max)
    for rule, excess, threshold in (
        ("DRY_TOO_SHORT", targets.dry_min - days, {"dry_min": targets.dry_min}),
        ("DRY_TOO_LONG", too_long, {"dry_max": targets.dry_max, "dried_early": targets.dried_early}),
        ("DRIED_EARLY", days - targets.dried_early, {"dried_early": targets.dried_early}),
    ):
        yield Ruling(
            rule=rule,
            family=DRY_PERIOD,
            severity=Severity.INFO,
            eligible=is_dry,
            measured=days,
            listed=lives.on_farm,
            excess=excess,
            name="dry_days",
            thresholds=threshold,
            weights=weights,
            limits=limits,
        )


def _heifers(lives: FiledLives, targets: FarmTargets) -> Iterator[Ruling]:
    heifers = lives.is_heifer & lives.on_farm & (lives.birth < FAR)
    at_conception = lives.conceived - lives.birth
    if targets.heifer_first_service is not None:
        earliest = targets.heifer_first_service - targets.heifer_tolerance
        yield Ruling(
            rule="HEIFER_EARLY",
            family=HEIFERS,
            severity=Severity.INFO,
            eligible=heifers & (lives.conceived < FAR),
            measured=at_conception,
            listed=lives.on_farm,
            excess=earliest - at_conception,
            name="age",
            thresholds={
                "heifer_first_service": targets.heifer_first_service,
                "heifer_tolerance": targets.heifer_tolerance,
            },
        )
    age = -lives.birth
    is_open = open_heifers(lives) & (lives.birth < FAR) & (age > _HEIFER_FROM_AGE)
    yield Ruling(
        rule="HEIFER_LATE",
        family=HEIFERS,
        eligible=is_open,
        measured=age,
        listed=lives.on_farm,
        excess=np.where(waits_for_check(lives), 0, age - targets.heifer_late),
        name="age",
        thresholds={"heifer_late": targets.heifer_late},
        limits=("waiting_for_check",),
    )


def _gone_in_calf(lives: FiledLives) -> Iterator[Ruling]:
    gone = lives.is_gone & (lives.end > -FAR)
    in_calf = lives.end - lives.conceived
    for rule, family, rows, limit in (
        ("CULL_IN_CALF", EXITS, gone & (lives.lactation > 0), _LATE_IN_CALF),
        ("HEIFER_SOLD_IN_CALF", HEIFERS, gone & lives.is_heifer, _LATE_IN_CALF),
    ):
        yield Ruling(
            rule=rule,
            family=family,
            severity=Severity.INFO,
            eligible=rows,
            measured=in_calf,
            excess=in_calf - limit,
            name="days_in_calf",
            thresholds={"in_calf": limit},
            listed=np.zeros(len(lives.ids), bool),
        )
