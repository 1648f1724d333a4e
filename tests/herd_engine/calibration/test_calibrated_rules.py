"""Rules of the calibrated mode, each on records changed so that the answer is known."""

from dataclasses import replace

import numpy as np
import pytest

from herd_engine.calibration.audit import Quantity, estimator_audit
from herd_engine.calibration.calibrate import calibrate
from herd_engine.calibration.calibrated import calf_formula, fit_calibrated
from herd_engine.calibration.conceptions import BIN_WEEKS, fit_conceptions
from herd_engine.datasets.herd_file import read_herd_bytes
from herd_engine.engine.simulate import simulate
from herd_engine.engine.summary import parameter_share
from herd_engine.model.animals import NO_DAY, PRESENCE_CODES, AnimalRecords, Herd, Presence
from herd_engine.model.scenario import Mode, ModelParameters, PurchasePolicy, Scenario
from herd_engine.model.tables import Tables
from herd_engine.sample import make_sample

FILE = read_herd_bytes(make_sample(animals=900, seed=5).csv, "farm.csv")


def tables(records: AnimalRecords = FILE.records, **changes: float) -> Tables:
    return calibrate(records, Mode.CALIBRATED, ModelParameters(**changes))


def turnover(records: AnimalRecords) -> float:
    cows = [item for item in estimator_audit(records) if item.quantity is Quantity.COW_EXITS]
    return sum(item.value * item.exposure for item in cows) / sum(item.exposure for item in cows)


def test_one_exit_of_long_ago_does_not_stretch_the_window_of_exits() -> None:
    archive = FILE.records.archive.copy()
    archive[np.flatnonzero((archive != NO_DAY) & (FILE.records.lactation > 0))[0]] = -1825

    assert turnover(replace(FILE.records, archive=archive)) == pytest.approx(turnover(FILE.records), rel=0.02)


def test_one_exit_of_long_ago_does_not_stretch_a_window_shorter_than_two_years() -> None:
    rows = (FILE.records.archive == NO_DAY) | (FILE.records.archive > -460)
    short = FILE.records.only(rows)
    with_stray = short.archive.copy()
    with_stray[np.flatnonzero((with_stray != NO_DAY) & (short.lactation > 0))[0]] = -725

    assert turnover(replace(short, archive=with_stray)) == pytest.approx(turnover(short), rel=0.02)


def test_exits_of_a_single_day_are_no_record() -> None:
    archive = np.where(FILE.records.archive == NO_DAY, NO_DAY, -20).astype(np.int32)
    fit = fit_calibrated(replace(FILE.records, archive=archive)).exits

    assert fit.exits.sum() == 0
    assert fit.window_days == 0


def test_a_cow_that_has_been_open_for_six_years_is_read_and_moves_nothing() -> None:
    records = FILE.records
    row = np.flatnonzero((records.lactation > 1) & (records.archive == NO_DAY))[0]
    changed = {"birth": -4000, "calving": -2200, "conception": NO_DAY, "dry_off": NO_DAY}
    columns = {name: getattr(records, name).copy() for name in changed}
    for name, day in changed.items():
        columns[name][row] = day

    before, after = (tables(each).calibrated.conceptions for each in (records, replace(records, **columns)))

    assert after.pace_variance.mean(axis=1) == pytest.approx(before.pace_variance.mean(axis=1), rel=0.1)


def test_pregnant_heifers_by_the_lorry_say_nothing_of_how_open_ones_go() -> None:
    records = FILE.records
    known = (records.lactation == 0) & (records.conception != NO_DAY) & (records.conception < -110)
    lorry = known & (records.archive == NO_DAY)
    assert lorry.sum() > 30
    archive = np.where(lorry, -50, records.archive).astype(np.int32)
    presence = np.where(lorry, PRESENCE_CODES.index(Presence.SOLD), records.presence).astype(np.int8)

    before, after = (
        fit_calibrated(each).exits.rates.month_variance.mean(axis=1)
        for each in (records, replace(records, archive=archive, presence=presence))
    )

    assert after[2] > 5 * before[2]
    assert after[[0, 1]] == pytest.approx(before[[0, 1]], rel=0.2)


def test_calves_of_dams_that_are_not_in_the_file_tell_no_rate_of_calves() -> None:
    rows = FILE.records.lactation == 0
    heifers = FILE.records.only(rows)

    known = tables(heifers).calibrated

    assert known is not None
    assert known.heifer_calf == pytest.approx(calf_formula(ModelParameters()))


def mean_milking(herd: Herd, of: Tables, model: ModelParameters) -> float:
    scenario = Scenario(horizon_months=24, purchase_policy=PurchasePolicy.AUTO_FORECAST, model=model)
    return float(simulate(herd, of, scenario, 40, 3).counts[:, 12:, 0].mean())


def test_auto_forecast_buys_for_the_culling_that_the_scenario_states() -> None:
    target = FILE.herd.counts()["milking"]
    harsh = ModelParameters(culling_intensity=2.0)

    kept = mean_milking(FILE.herd, calibrate(FILE.records, Mode.CALIBRATED, harsh), harsh)

    assert kept > 0.93 * target


def test_fewer_stillbirths_than_usual_are_more_calves_than_the_file_shows() -> None:
    as_filed, fewer = tables(), tables(stillbirth_first=0.045)

    ratio = fewer.calibrated.heifer_calf / as_filed.calibrated.heifer_calf

    assert ratio == pytest.approx([(1 - 0.045) / (1 - 0.09), 1.0])
    assert fewer.calibrated.calvings == as_filed.calibrated.calvings


def test_a_stated_share_of_female_calves_takes_the_place_of_the_file() -> None:
    sexed = tables(female_fraction=0.9).calibrated

    # 1.2 % and 5.5 % twins, of which 0.5609 heifers at 47 % female; 9 % and 4.5 % stillborn.
    assert sexed.heifer_calf == pytest.approx(
        [
            (0.988 * 0.9 + 0.012 * (2 * 0.263 + 0.436 * 0.08) * 0.9 / 0.47) * 0.91,
            (0.945 * 0.9 + 0.055 * (2 * 0.263 + 0.436 * 0.08) * 0.9 / 0.47) * 0.955,
        ]
    )
    assert sexed.carried_calf == pytest.approx(tables().calibrated.heifer_calf)
    assert tables().calibrated.carried_calf is None


def test_lost_pregnancies_are_fewer_conceptions_that_last() -> None:
    usual, none = (tables(pregnancy_loss_cow=share).calibrated.conceptions for share in (0.10, 0.0))

    hazards = [-np.log1p(-each.daily_probability[2, 200]) for each in (usual, none)]
    assert hazards[1] / hazards[0] == pytest.approx(1 / 0.9)


def test_the_last_bin_of_conceptions_is_a_rate_over_time_at_risk() -> None:
    """Cows conceive long after the single weeks; what they waited in the open bin counts in full."""
    n, first = 400, 60
    waits = np.random.default_rng(1).exponential(70.0, n).astype(np.int32)
    calving = -100 - waits - first - 7 * int(BIN_WEEKS[:-1].sum())
    served_early = np.full(n, -15, np.int32)  # of other cows, by which the waiting period is told
    nobody = np.full(2 * n, NO_DAY, np.int32)
    records = AnimalRecords(
        report_date=FILE.records.report_date,
        animal_ids=np.array([str(i) for i in range(2 * n)], object),
        birth=np.full(2 * n, -3000, np.int32),
        archive=nobody,
        calving=np.concatenate([calving, served_early - first]).astype(np.int32),
        conception=np.concatenate([np.full(n, -100), np.full(n, NO_DAY)]).astype(np.int32),
        dry_off=nobody,
        insemination=np.concatenate([np.full(n, -100), served_early]).astype(np.int32),
        expected_dry_off=nobody,
        expected_calving=nobody,
        lactation=np.repeat([1, 2], n).astype(np.int32),
        presence=np.zeros(2 * n, np.int8),
    )

    fit = fit_conceptions(records, 35, 42)

    # Delayed entry: each is seen from 165 days before she conceived, or from when the bin begins.
    at_risk = (np.minimum(waits, 165) + 1).sum() / 42
    assert fit.at_risk[1, -1] == pytest.approx(at_risk)
    assert fit.conceptions[1, -1] == n
    assert fit.probability[1, -1] == pytest.approx(1 - np.exp(-42 / 70), abs=0.05)


def test_what_never_varies_has_no_share() -> None:
    rng = np.random.default_rng(3)
    pairs = np.repeat(rng.normal(size=200), 2)
    values = np.column_stack(
        [np.full(400, 181.1539), rng.normal(size=400), pairs, np.where(np.arange(400) < 10, np.nan, pairs)]
    )

    constant, chance, common, with_gaps = parameter_share(values)

    assert np.isnan(constant)
    assert chance < 0.2
    assert common == pytest.approx(1.0)
    assert with_gaps == pytest.approx(1.0)


def test_the_odds_of_hidden_pregnancies_are_less_sure_than_the_rate() -> None:
    nowcast = fit_calibrated(FILE.records).nowcast

    assert (nowcast.log_odds_sd > 1 / np.sqrt(nowcast.waiting[:, :21].sum(axis=1) + 30)).all()


def test_a_run_is_the_same_whichever_others_have_their_rates_drawn_with_it() -> None:
    scenario = Scenario(horizon_months=6)
    farm = tables()

    together = simulate(FILE.herd, farm, scenario, 600, 3)
    alone = simulate(FILE.herd, farm, scenario, range(511, 515), 3)

    assert (together.counts[511:515] == alone.counts).all()
    assert (together.days_in_milk_sum[511:515] == alone.days_in_milk_sum).all()
