"""Lists, distributions and hazards by hand and by SciPy."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from scipy.stats import lognorm, norm

from herd_engine.calibration.calibrate import calibrate
from herd_engine.calibration.distributions import dry_off_mixture, empirical, log_normal, rounded_normal
from herd_engine.calibration.fit import fit_herd, summarize_distribution
from herd_engine.calibration.hazards import flagged_hazard, lactation_hazard, month_hazard
from herd_engine.calibration.samples import ages_at_conception, conception_to_dry_off, service_periods
from herd_engine.errors import HerdDataError
from herd_engine.model.animals import NO_DAY, PRESENCE_CODES, AnimalRecords, Presence
from herd_engine.model.scenario import Mode, ModelParameters

DAYS = ("birth", "archive", "calving", "conception", "dry_off", "insemination", "expected_dry_off",
        "expected_calving")  # fmt: skip


def records(*rows: dict[str, Any], report_date: date = date(2026, 3, 1)) -> AnimalRecords:
    """Rows with only what is given."""
    columns: dict[str, Any] = {
        name: np.array([row.get(name, NO_DAY) for row in rows], np.int32) for name in DAYS
    }
    presence = [PRESENCE_CODES.index(row.get("presence", Presence.ON_FARM)) for row in rows]
    return AnimalRecords(
        report_date=report_date,
        animal_ids=np.array([str(i) for i in range(len(rows))], object),
        lactation=np.array([row.get("lactation", 0) for row in rows], np.int32),
        presence=np.array(presence, np.int8),
        **columns,
    )


def test_ages_come_from_heifers_and_from_first_calvings() -> None:
    rows = records(
        {"birth": -500, "conception": -100},
        {"birth": -800, "calving": -100, "lactation": 1},
        {"birth": -2000, "calving": -100, "lactation": 2},  # the age at her first calving is not known
        {"birth": -50, "conception": -100},  # not positive
    )

    assert sorted(ages_at_conception(rows)) == [400, 800 - 100 - 278]


def test_animals_that_left_tell_their_intervals_too() -> None:
    rows = records(
        {"birth": -2000, "calving": -400, "conception": -300, "dry_off": -80, "archive": -10, "lactation": 3},
        {"birth": -2000, "calving": -200, "conception": -300, "lactation": 3},
    )

    assert service_periods(rows).tolist() == [100]
    assert conception_to_dry_off(rows).tolist() == [220]


def test_an_empirical_distribution_is_the_relative_frequency() -> None:
    result = empirical(np.array([5, 7, 7, 10]))

    assert result.days.tolist() == [5, 6, 7, 8, 9, 10]
    assert result.probability.tolist() == [0.25, 0, 0.5, 0, 0, 0.25]


def test_the_log_normal_is_that_of_scipy_with_its_tails_at_the_ends() -> None:
    values = np.array([60, 80, 90, 110, 200])

    result = log_normal(values)

    sigma = np.sqrt(np.log(1 + values.var(ddof=1) / values.mean() ** 2))
    theirs = lognorm(sigma, scale=np.exp(np.log(values.mean()) - sigma**2 / 2))
    assert result.days[[0, -1]].tolist() == [60, 200]
    assert result.probability[40] == pytest.approx(theirs.cdf(100.5) - theirs.cdf(99.5))
    assert result.probability[0] == pytest.approx(theirs.cdf(60.5))
    assert result.probability[-1] == pytest.approx(theirs.sf(199.5))
    assert result.probability.sum() == pytest.approx(1)


def test_a_rounded_normal_puts_what_lies_beyond_at_its_ends() -> None:
    result = rounded_normal(277.5, 2.0, 275, 280)

    theirs = norm(277.5, 2.0)
    expected = [
        theirs.cdf(275.5),
        *np.diff(theirs.cdf([275.5, 276.5, 277.5, 278.5, 279.5])),
        theirs.sf(279.5),
    ]
    assert result.probability == pytest.approx(np.array(expected))


def test_the_dry_off_mixture_has_a_normal_peak_and_a_flat_tail() -> None:
    values = np.array([100, 150, 210, 214, 216, 220, 224, 226])

    result = dry_off_mixture(values)

    days = dict(zip(result.days.tolist(), result.probability, strict=True))
    assert days[100] == pytest.approx(0.25 / 51)  # 2 of 8, uniform over 100 ... 150
    assert days[151] == 0
    peak = norm(values[2:].mean(), values[2:].std(ddof=1))
    assert days[215] == pytest.approx(0.75 * (peak.cdf(215.5) - peak.cdf(214.5)))
    assert days[226] == pytest.approx(0.75 * peak.sf(225.5))
    assert result.probability.sum() == pytest.approx(1)


def test_without_any_dry_offs_theory_assumes_220_days() -> None:
    result = dry_off_mixture(np.array([], np.int64))

    assert (result.days[0], result.days[-1]) == (34, 239)
    assert result.probability[220 - 34] == pytest.approx(norm(220, 10).cdf(220.5) - norm(220, 10).cdf(219.5))
    assert result.n_observed == 0


def test_the_lactation_hazard_is_exits_over_animal_days() -> None:
    rows = records(
        {"birth": -100},
        {"birth": -300, "archive": -200, "presence": Presence.SOLD},
        {"birth": -900, "calving": -50, "lactation": 1},
        {"birth": -900, "lactation": 1},  # no calving known: contributes nothing
        {"birth": -2000, "calving": -300, "lactation": 3, "archive": -100, "presence": Presence.DEAD},
        {
            "birth": -2000,
            "calving": -300,
            "lactation": 3,
            "presence": Presence.DEAD,
        },  # dead, no date: nothing
    )

    # Lactation 0: 1 exit in 100 + 100 days; 1: none in 50; 2: never seen, as 3; 3: 1 in 200.
    assert lactation_hazard(rows).tolist() == [1 / 200, 0, 1 / 200, 1 / 200]


def test_an_animal_that_left_on_its_first_day_contributes_neither_days_nor_an_exit() -> None:
    rows = records({"birth": -100}, {"birth": -50, "archive": -50, "presence": Presence.DEAD})

    assert lactation_hazard(rows).tolist() == [0]


def test_exits_on_the_first_of_a_month_belong_to_that_month() -> None:
    # Report date 2026-03-01; one animal born 2026-01-22 and gone on 2026-02-01.
    rows = records({"birth": -38, "archive": -28, "presence": Presence.SOLD})

    hazard = month_hazard(rows)

    # Days 23 ... 31 January without, 1 February with the exit.
    assert hazard[0] == 0
    assert hazard[1] == 1


def test_the_month_hazard_counts_the_days_of_the_whole_life() -> None:
    rows = records(
        {"birth": -59},  # 2026-01-01: 30 days in January, 28 in February, 1 in March
        {"birth": -59 - 365, "archive": -40, "presence": Presence.SOLD},  # left 2026-01-20
    )

    # The second lived 30 days of January 2025 and 20 of January 2026.
    assert month_hazard(rows)[0] == pytest.approx(1 / (30 + 30 + 20))
    assert month_hazard(rows)[1] == 0


def test_flagged_animals_leave_at_the_pace_of_all_leavers_within_limits() -> None:
    flagged = {"presence": Presence.CULL_FLAGGED}
    left = {"presence": Presence.SOLD}
    rows = records(
        *[{"birth": -2000, "calving": -300, "lactation": 2} | flagged] * 10,
        *[{"birth": -2000, "calving": -400, "lactation": 2, "archive": -364} | left] * 73,
        {"birth": -2000, "calving": -900, "lactation": 2, "archive": -365} | left,  # a day too early
    )

    # 73 exits a year over 10 flagged: 0.02 a day. No heifers: the least, 1/365.
    assert flagged_hazard(rows).tolist() == [1 / 365, pytest.approx(0.02)]


def test_an_empty_list_is_named() -> None:
    rows = records({"birth": -100})

    with pytest.raises(HerdDataError, match=r"ages at first conception.*service periods.*dry-off") as caught:
        calibrate(rows, Mode.EMPIRICAL, ModelParameters())
    assert [issue.code for issue in caught.value.issues] == [
        "empty_age_at_conception",
        "empty_service_period",
        "empty_conception_to_dry_off",
    ]
    assert all(issue.blocking for issue in caught.value.issues)


def test_theory_does_without_dry_offs() -> None:
    rows = records(
        {"birth": -500, "conception": -100},
        {"birth": -2000, "calving": -300, "conception": -200, "lactation": 2},
    )

    assert calibrate(rows, Mode.THEORETICAL, ModelParameters()).conception_to_dry_off.n_observed == 0
    with pytest.raises(HerdDataError, match="conception to dry-off"):
        calibrate(rows, Mode.EMPIRICAL, ModelParameters())


def test_a_fit_says_which_lists_are_empty_and_keeps_what_can_be_fitted() -> None:
    rows = records(
        {"birth": -500, "conception": -100},
        {"birth": -2000, "calving": -300, "conception": -200, "lactation": 2},
    )

    fit = fit_herd(rows)

    assert list(fit.tables) == [Mode.THEORETICAL]
    assert [issue.code for issue in fit.issues] == ["empty_conception_to_dry_off"]


def test_a_distribution_is_summarized_by_its_quantiles() -> None:
    summary = summarize_distribution(empirical(np.arange(1, 101)))

    assert (summary.min, summary.p05, summary.p50, summary.p95, summary.max) == (1, 5, 50, 95, 100)
    assert summary.mean == pytest.approx(50.5)
    assert summary.sd == pytest.approx(np.sqrt((100**2 - 1) / 12))  # discrete uniform


def test_a_rounded_normal_is_precise_in_its_far_tail() -> None:
    result = rounded_normal(277.5, 2.0, 275, 330)

    # 297 lies 9.5 standard deviations beyond the mean: SciPy's survival function.
    theirs = norm(277.5, 2.0)
    assert result.probability[297 - 275] == pytest.approx(theirs.sf(296.5) - theirs.sf(297.5), rel=1e-6)
