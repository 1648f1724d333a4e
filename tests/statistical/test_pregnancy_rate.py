"""The bracket of the pregnancy rate holds the truth of farms of which everything is known."""

from datetime import date

import numpy as np
import pytest

from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.model.animals import NO_DAY
from herd_engine.model.targets import FarmTargets
from herd_engine.review.kpis.fertility import cycles, fertility
from herd_engine.review.kpis.filed_lives import COHORT_DAYS, filed_lives
from herd_engine.review.kpis.key_figures import resolved_targets
from herd_engine.sample.equilibrium import equilibrium
from herd_engine.sample.export import export_csv
from herd_engine.sample.farm import DEFAULT_FARM
from herd_engine.sample.herd import SampleHerd
from herd_engine.sample.lives import Calendar, Lactation, live
from herd_engine.sample.snapshot import join_rows, last_lactations
from herd_engine.sample.tally import Tally

REPORT_DATE = date(2026, 3, 1)
BIRTHS = 9000


def lives_of(seed: int) -> list[Lactation]:
    """Return every lactation of a farm, with every service, mark and exit."""
    rng = np.random.Generator(np.random.PCG64(seed))
    calendar = Calendar(report_weekday=REPORT_DATE.weekday(), last_day=30)
    first = -int(DEFAULT_FARM.history_years * 365.25)
    births = np.sort(rng.integers(first, 1, BIRTHS, dtype=np.int32))
    return list(live(DEFAULT_FARM, births, equilibrium(DEFAULT_FARM).surplus_share, calendar, rng))


def file_of(lactations: list[Lactation]) -> bytes:
    rows = join_rows([last_lactations(DEFAULT_FARM, each, REPORT_DATE.weekday()) for each in lactations])
    herd = SampleHerd(
        rows=rows, ids=np.arange(1, len(rows.birth) + 1), tally=Tally(days=(0,)), n_births=BIRTHS,
        first_birth_day=0, last_day=0,
    )  # fmt: skip
    return export_csv(DEFAULT_FARM, herd, REPORT_DATE, {})


def true_counts(lactations: list[Lactation], before: int, wait: int) -> tuple[int, int]:
    """Return conceptions and cows to be bred in the 21 days after ``before``, with every mark known."""
    n = of = 0
    for each in lactations[1:]:
        middle = before + 10
        end, bred_until = np.minimum(each.end, each.exit), np.minimum(each.flag, each.exit)
        eligible = (each.start + wait <= middle) & (end > middle) & (bred_until > middle)
        eligible &= (each.conception > before) & (each.dry_off > before)
        conceived = eligible & (each.conception <= before + 21) & (each.conception <= bred_until)
        n, of = n + int(conceived.sum()), of + int(eligible.sum())
    return n, of


@pytest.mark.parametrize("seed", range(6))
def test_the_true_rate_lies_within_the_bracket_near_its_upper_end(seed: int) -> None:
    lactations = lives_of(seed)
    herd_file = read_herd_bytes(file_of(lactations), "farm.csv")
    lives = filed_lives(herd_file.records)
    targets = resolved_targets(lives, FarmTargets())
    pr21 = next(each for each in fertility(lives, targets, REPORT_DATE) if each.key == "pr21")

    found = cycles(lives, lives.wait)
    truths = [true_counts(lactations, each.first - 1, lives.wait) for each in found]
    n, of = (sum(each[place] for each in truths) for place in (0, 1))

    assert pr21.low is not None
    assert pr21.high is not None
    assert of > 500
    assert pr21.low <= n / of <= pr21.high
    assert pr21.high - n / of <= 0.015
    assert 0.98 * n <= (pr21.n or 0) <= n


def test_the_share_in_calf_by_150_days_is_that_of_the_whole_log() -> None:
    lactations = lives_of(3)
    lives = filed_lives(read_herd_bytes(file_of(lactations), "farm.csv").records)
    kpi = next(
        each
        for each in fertility(
            lives, FarmTargets().resolved(wait=lives.wait, lag=lives.lag, heifer_wait=0), REPORT_DATE
        )
        if each.key == "pregnant_by_150"
    )

    n = of = 0
    for each in lactations[1:]:
        cohort = (each.start > -COHORT_DAYS) & (each.start <= -150 - lives.lag)
        pregnant = cohort & (each.conception - each.start <= 150) & (each.conception <= each.exit)
        n, of = n + int(pregnant.sum()), of + int(cohort.sum())

    assert kpi.of == (of,)
    assert n - 0.02 * of <= (kpi.n or 0) <= n
    assert NO_DAY not in kpi.of
