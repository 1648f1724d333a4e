"""The estimators of the calibrated mode on farms whose truth is known (T7), and on real herds.

A hundred farms with rates drawn anew are lived, exported and estimated: intervals must hold the truth as
often as they say, within the binomial limits of 100 trials (0.001 two-sided), and no estimate may be off by
5 % on average. The estimator of the other modes fails the same test.
"""

import os
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from herd_engine.calibration.audit import Estimate, Quantity, estimator_audit
from herd_engine.calibration.calibrate import calibrate
from herd_engine.calibration.calibrated import fit_calibrated
from herd_engine.datasets.herd_file import read_herd_file
from herd_engine.datasets.snapshot import herd_on_report_date
from herd_engine.engine.simulate import simulate
from herd_engine.model.animals import NO_DAY, AnimalRecords, Herd
from herd_engine.model.farm_calendar import month_starts
from herd_engine.model.forecast import COUNT_COLUMNS
from herd_engine.model.scenario import Mode, Scenario
from tests.statistical.judged_farms import (
    CLASSES,
    DRAWS,
    FARMS,
    SEED,
    Posterior,
    coverage,
    judged,
    limits,
    naive_exits,
    posteriors,
    still_open_after_a_year,
    true_exits,
    usual_farms,
    waiting,
)
from tests.statistical.known_farms import (
    CONCEPTIONS_PER_CYCLE,
    EXIT_RATES,
    REPORT_DATE,
    YEAR,
    KnownFarm,
    make_herd,
)

slow = pytest.mark.slow

# T7: estimates against the truth.

RATES = ["exits all", "exits 1", "exits 2", "exits 3+"]
LEVELS = [f"level {group}" for group in CLASSES]
CYCLES = [f"cycle {group}" for group in CLASSES]


@slow
@pytest.mark.parametrize("share", [0.5, 0.9])
@pytest.mark.parametrize("quantity", [*RATES, *LEVELS, *CYCLES, "calf"])
def test_t7_intervals_hold_the_truth_as_often_as_they_say(quantity: str, share: float) -> None:
    low, high = limits(share)

    assert low <= coverage(posteriors(quantity), share) <= high


@slow
@pytest.mark.parametrize("quantity", [*RATES, *LEVELS, *CYCLES, "calf"])
def test_t7_no_estimate_is_off_by_5_percent_on_average(quantity: str) -> None:
    errors = np.array([each.error for each in posteriors(quantity)])

    assert errors.std(ddof=1) / np.sqrt(FARMS) < 0.025, "no power: more farms are needed"
    assert abs(errors.mean()) < 0.05


@cache
def audits() -> list[dict[tuple[Quantity, str], Estimate]]:
    """Return what the audit shows of each farm."""
    return [
        {(item.quantity, item.group): item for item in estimator_audit(one.herd.records)} for one in judged()
    ]


@slow
@pytest.mark.parametrize("group", CLASSES)
def test_t7_the_audits_intervals_of_the_first_cycle_hold_the_truth(group: str) -> None:
    low, high = limits(0.9)
    truths = [100 * posterior.truth for posterior in posteriors(f"cycle {group}")]

    shown = [audit[Quantity.FIRST_CYCLE, group] for audit in audits()]

    assert (
        low <= sum(item.low <= truth <= item.high for item, truth in zip(shown, truths, strict=True)) <= high
    )


@slow
@pytest.mark.parametrize("group", CLASSES)
def test_t7_the_audits_intervals_of_those_never_pregnant_hold_the_truth(group: str) -> None:
    # At least: hardly a heifer is left by then, of whom a file could tell.
    low, _ = limits(0.9)
    shown = [audit[Quantity.NEVER_PREGNANT, group] for audit in audits()]
    truths = [100 * still_open_after_a_year(one, group) for one in judged()]

    assert sum(item.low <= truth <= item.high for item, truth in zip(shown, truths, strict=True)) >= low


@slow
@pytest.mark.parametrize("group", CLASSES)
def test_the_audits_intervals_of_the_first_cycle_are_those_that_runs_draw(group: str) -> None:
    drawn = np.array([np.quantile(each.draws, [0.05, 0.95]) for each in posteriors(f"cycle {group}")])

    shown = [audit[Quantity.FIRST_CYCLE, group] for audit in audits()]

    # 1,000 draws: a quantile is off by 5 % of the interval's width at most, and by nothing on average.
    off = np.array([[item.low, item.high] for item in shown]) - 100 * drawn
    width = 100 * (drawn[:, 1] - drawn[:, 0])
    assert np.abs(off / width[:, np.newaxis]).max() < 0.08
    assert np.abs((off / width[:, np.newaxis]).mean(axis=0)).max() < 0.01


@slow
@pytest.mark.parametrize("quantity", [*LEVELS, *CYCLES])
def test_conceptions_of_farms_like_the_usual_ones_are_right_on_average(quantity: str) -> None:
    # The farms of T7 conceive by half better than usual: their heifers, of whom a file has few, are drawn
    # 2 % towards that. Where farms are about as usual, nothing is off.
    errors = np.array([each.error for each in posteriors(quantity, usual_farms())])

    assert abs(errors.mean()) < 0.02 + 2 * errors.std(ddof=1) / np.sqrt(FARMS)


@slow
@pytest.mark.parametrize("number", range(5))
def test_t7_the_audits_intervals_of_exits_hold_the_truth(number: int) -> None:
    low, high = limits(0.9)
    group = f"{number + 1}+" if number == 4 else f"{number + 1}"
    truths = [100 * one.farm.yearly_exits[number] for one in judged()]

    shown = [audit[Quantity.COW_EXITS, group] for audit in audits()]

    assert (
        low <= sum(item.low <= truth <= item.high for item, truth in zip(shown, truths, strict=True)) <= high
    )


@slow
def test_t7_the_naive_estimator_fails_the_same_test() -> None:
    found = []
    for number, one in enumerate(judged()):
        exits, years = naive_exits(one.herd.records)
        rng = np.random.default_rng([SEED, FARMS + number])
        found.append(Posterior(true_exits(one), rng.gamma(exits, size=DRAWS) / years))

    assert coverage(found, 0.9) == 0
    assert np.mean([each.error for each in found]) > 0.8


def test_o17_the_naive_rate_is_off_by_the_closed_form_and_the_calibrated_one_is_not() -> None:
    # mu W / ((mu W + 1) m), m = 1 / mu - CI / (e**(mu CI) - 1): constant losses, nearly fixed interval CI.
    farm = KnownFarm(
        cows=2500,
        exit_rates=np.full(5, 0.35),
        band_factors=np.ones(6),
        pregnant_factor=1.0,
        conceptions=np.array([0.45, 0.999, 0.999, 0.999]),
        service_rate=1.0,
    )
    window, rate, interval = 730 / YEAR, 0.35, (60 + 10 + 278) / YEAR
    mean = 1 / rate - interval / np.expm1(rate * interval)
    expected = rate * window / ((rate * window + 1) * mean)

    records = make_herd(farm, np.random.default_rng(SEED)).records
    exits, years = naive_exits(records)
    fitted = fit_calibrated(records).exits

    assert expected > 2 * rate
    assert exits / years == pytest.approx(expected, rel=0.05)
    assert fitted.exits[1:].sum() / fitted.exposure_years[1:].sum() == pytest.approx(rate, rel=0.05)


SELLERS, SELLER_COWS, SELLS = 24, 150, 0.5


def sold_heifers(kind: int) -> np.ndarray:
    """Return estimated over true rates of heifers, on farms that sell ten times as many as is usual."""
    found = []
    for number in range(SELLERS):
        farm = KnownFarm(
            cows=SELLER_COWS, exit_rates=EXIT_RATES, conceptions=CONCEPTIONS_PER_CYCLE, heifer_rate=SELLS
        )
        fit = fit_calibrated(make_herd(farm, np.random.default_rng([SEED, number])).records).exits
        years = np.where(fit.rates.kinds == kind, fit.exposure_years, 0.0)
        found.append((fit.rates.shape / fit.rates.years * years).sum() / years.sum() / SELLS)
    return np.array(found)


@slow
@pytest.mark.parametrize("kind", [pytest.param(1, id="open"), pytest.param(2, id="pregnant")])
def test_a_farm_that_sells_many_heifers_keeps_its_rates(kind: int) -> None:
    # A prior of so many years at the usual rate made it two thirds of the truth.
    found = sold_heifers(kind)

    assert found.std(ddof=1) / np.sqrt(SELLERS) < 0.05, "no power: more farms are needed"
    assert found.mean() == pytest.approx(1.0, abs=0.1)


# Hidden pregnancies.


@slow
def test_hidden_pregnancies_are_as_many_as_the_probabilities_say() -> None:
    is_cow, probability, is_pregnant = (
        np.concatenate(parts) for parts in zip(*map(waiting, judged()), strict=True)
    )
    everybody = sum((one.herd.hidden != NO_DAY).sum() for one in judged())

    assert is_pregnant.sum() == everybody, "some hidden pregnancies are beyond the days looked at"
    for kind in (False, True):
        rows = is_cow == kind
        assert probability[rows].sum() == pytest.approx(is_pregnant[rows].sum(), rel=0.15)


@slow
def test_probabilities_of_hidden_pregnancies_are_calibrated() -> None:
    # Eight groups of equal size. On these farms failed services are repeated sooner than on usual ones, and
    # more of heifers' services hold: what few animals say is drawn to the usual.
    _, probability, is_pregnant = (
        np.concatenate(parts) for parts in zip(*map(waiting, judged()), strict=True)
    )

    edges = np.quantile(probability, np.linspace(0, 1, 9))
    group = np.clip(np.searchsorted(edges, probability, side="right") - 1, 0, 7)
    said, true = (
        np.bincount(group, weights=each) / np.bincount(group) for each in (probability, is_pregnant)
    )

    assert np.abs(said - true).max() < 0.12
    assert np.abs(said - true).mean() < 0.04
    assert np.corrcoef(said, true)[0, 1] > 0.98


@slow
def test_hardly_anybody_is_pregnant_who_is_said_not_to_be() -> None:
    # Results come on one day after the insemination: a week before and after it is no mean of the two.
    _, probability, is_pregnant = (
        np.concatenate(parts) for parts in zip(*map(waiting, judged()), strict=True)
    )

    assert (probability < 0.05).sum() > 50, "no power: nobody is told to be open"
    assert is_pregnant[probability < 0.05].mean() < 0.05


@slow
def test_the_lag_of_sharp_checks_is_right_to_a_day_on_average() -> None:
    off = np.array([one.fit.habits.confirmation_lag - one.farm.lag for one in judged()])

    assert abs(off.mean()) < 1.2
    assert off.std() < 2.0


# The confirmation gap.

GAP_MONTHS, GAP_FARMS, GAP_RUNS = (9, 10), 12, 20


@cache
def gap_calvings(mode: Mode) -> tuple[float, float, float]:
    """Return calvings of months 9 and 10: forecast, forecast by a farm that knows all, and those to come."""
    starts = [(day - REPORT_DATE).days for day in month_starts(REPORT_DATE, max(GAP_MONTHS))]
    scenario = Scenario(mode=mode, horizon_months=max(GAP_MONTHS))
    totals = np.zeros(3)
    for one in judged()[:GAP_FARMS]:
        tables = calibrate(one.herd.records, mode, scenario.model)
        known = tables
        if tables.calibrated is not None:
            nothing = np.zeros_like(tables.calibrated.conceptions.hidden)
            conceptions = replace(tables.calibrated.conceptions, hidden=nothing)
            known = replace(tables, calibrated=replace(tables.calibrated, conceptions=conceptions))
        for place, (records, its_tables) in enumerate([(one.herd.records, tables), (one.herd.told, known)]):
            herd = herd_on_report_date(records, {})
            counts = simulate(herd, its_tables, scenario, GAP_RUNS, SEED).counts
            totals[place] += counts[:, GAP_MONTHS, COUNT_COLUMNS.index("calvings")].sum(axis=1).mean()
        first, last = starts[GAP_MONTHS[0] - 2], starts[GAP_MONTHS[1] - 1]
        totals[2] += ((one.herd.calvings > first) & (one.herd.calvings <= last)).sum()
    return tuple(totals)


@slow
def test_the_confirmation_gap_closes() -> None:
    forecast, all_known, _ = gap_calvings(Mode.CALIBRATED)

    assert forecast == pytest.approx(all_known, rel=0.10)


@slow
def test_the_confirmation_gap_of_the_empirical_mode_is_open() -> None:
    forecast, all_known, _ = gap_calvings(Mode.EMPIRICAL)

    assert forecast < 0.9 * all_known


@slow
def test_calvings_of_months_9_and_10_are_those_that_really_come() -> None:
    # Nobody loses a pregnancy on these farms; a forecast takes 4 % of heifers' and 10 % of cows' away.
    forecast, _, real = gap_calvings(Mode.CALIBRATED)

    assert forecast == pytest.approx(real, rel=0.10)


# Months of luck.

LUCK_FARMS, LUCK_COWS = 12, 800


def month_variance(luck: float) -> float:
    """Return the variance of months that calibration finds, kinds of exits weighted by their number."""
    found, exits = np.zeros(0), np.zeros(0)
    for number in range(LUCK_FARMS):
        farm = KnownFarm(cows=LUCK_COWS, exit_rates=EXIT_RATES, conceptions=CONCEPTIONS_PER_CYCLE, luck=luck)
        fit = fit_calibrated(make_herd(farm, np.random.default_rng([SEED, number])).records).exits
        found = np.append(found, fit.rates.month_variance.mean(axis=1))
        exits = np.append(exits, np.bincount(fit.rates.kinds.ravel(), weights=fit.exits.ravel()))
    return float(found @ exits / exits.sum())


@slow
def test_months_in_which_many_leave_together_are_found() -> None:
    assert 0.85 * 0.25 < month_variance(0.25) < 1.15 * 0.25


@slow
def test_where_nobody_leaves_together_hardly_any_luck_is_found() -> None:
    # The mean of what is possible is above 0 even then.
    assert month_variance(0.0) < 0.05


# Real herds.

REAL = pytest.mark.skipif("HERD_DATA_DIR" not in os.environ, reason="needs the herds in HERD_DATA_DIR")
TURNOVER = {"ds1": 0.485, "ds2": 0.299}
"""Page 2.1 of the domain study."""


@cache
def real(name: str) -> tuple[AnimalRecords, Herd]:
    """Return a real herd."""
    file = read_herd_file(Path(os.environ["HERD_DATA_DIR"]) / f"{name}.csv")
    return file.records, file.herd


@cache
def real_counts(name: str, mode: Mode) -> np.ndarray:
    """Return the counts of runs over three years: of 40 alone, mean exits are known to 5 % only."""
    records, herd = real(name)
    scenario = Scenario(mode=mode, horizon_months=36)
    return simulate(herd, calibrate(records, mode, scenario.model), scenario, 400, SEED).counts


@REAL
@slow
@pytest.mark.parametrize("name", TURNOVER)
def test_the_yearly_turnover_of_a_real_herd(name: str) -> None:
    fit = fit_calibrated(real(name)[0]).exits
    rates = fit.rates.shape / fit.rates.years

    turnover = (rates * fit.exposure_years)[1:].sum() / fit.exposure_years[1:].sum()

    assert turnover == pytest.approx(TURNOVER[name], rel=0.15)


@REAL
@slow
@pytest.mark.parametrize("name", TURNOVER)
def test_simulated_exits_go_on_as_those_of_the_last_two_years(name: str) -> None:
    records, herd = real(name)
    counts = real_counts(name, Mode.CALIBRATED).mean(axis=0)
    window = -int(records.archive[records.archive != NO_DAY].min())
    recorded = (records.archive != NO_DAY).sum() / window * YEAR / herd.n_animals

    present = counts[:, :4].sum(axis=1)
    days = (month_starts(herd.report_date, 36)[-1] - herd.report_date).days
    simulated = counts[:, COUNT_COLUMNS.index("culls")].sum() / days * YEAR / present.mean()

    assert simulated == pytest.approx(recorded, rel=0.10)


def dip(name: str, mode: Mode) -> float:
    """Return by how much calvings of months 9 and 10 are below those of their neighbours, as a share."""
    calvings = real_counts(name, mode)[:, :, COUNT_COLUMNS.index("calvings")].mean(axis=0)
    return float(1 - calvings[[9, 10]].mean() / calvings[[7, 8, 11, 12]].mean())


@REAL
@slow
@pytest.mark.parametrize("name", TURNOVER)
def test_the_artificial_dip_of_calvings_is_at_least_halved(name: str) -> None:
    assert dip(name, Mode.EMPIRICAL) > 0.1
    assert dip(name, Mode.CALIBRATED) < dip(name, Mode.EMPIRICAL) / 2
