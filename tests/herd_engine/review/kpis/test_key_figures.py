"""Key figures against numbers counted by hand, and against those measured on the two real herds before."""

import json
from typing import Any

import numpy as np
import pytest

from herd_engine.datasets.herd_file import HerdFile
from herd_engine.model.animals import Presence
from herd_engine.model.kpi import KeyFigures, WhyUnknown
from herd_engine.model.targets import FarmTargets
from herd_engine.review.kpis.fertility import cycle_after, cycles, kaplan_meier_median
from herd_engine.review.kpis.filed_lives import filed_lives
from herd_engine.review.kpis.key_figures import key_figures
from herd_engine.review.kpis.shares import wilson
from herd_engine.workbench import Workbench
from tests.herd_engine.review.filed import cow, herd_of, in_calf, records


def figures(*animals: Any, **targets: Any) -> KeyFigures:
    found = records(*animals)
    return key_figures(found, herd_of(found), None, FarmTargets(**targets))


def test_the_first_real_herd_has_the_figures_that_were_measured(ds1: HerdFile) -> None:
    found = Workbench.open().kpis(ds1)

    assert found.windows["confirmation_lag"] == 34
    assert (found.windows["vwp"], found.windows["cycles"]) == (71, 10)
    pr21 = found.get("pr21")
    assert (pr21.n, pr21.of) == (554, (3632, 2494))
    assert (pr21.value, pr21.low, pr21.high) == (None, 554 / 3632, 554 / 2494)
    at_150 = found.get("pregnant_by_150")
    assert (at_150.n, at_150.of) == (401, (705,))
    assert at_150.by["stayed"]["n"] / at_150.by["stayed"]["of"] == pytest.approx(0.708, abs=5e-4)
    assert at_150.by["left_first"]["n"] / 705 == pytest.approx(0.197, abs=5e-4)
    measured = {"days_to_pregnancy_median": 110, "days_open_mean_pregnant": 122, "dry_days": 72}
    assert {key: round(found.get(key).value or 0) for key in measured} == measured
    shares = {"exits_60_dim": 0.133, "dry_over_70": 0.17, "first_calving_share": 0.40}
    assert {key: found.get(key).value for key in shares} == {
        key: pytest.approx(value, abs=6e-3) for key, value in shares.items()
    }
    assert (found.get("left_in_calf_200").n, found.get("left_in_calf_200").of) == (89, (1339,))
    assert found.get("afc").value == pytest.approx(22.5, abs=0.05)
    assert found.get("service_rate_21").low == pytest.approx(0.64, abs=5e-3)
    assert found.get("r0").value == pytest.approx(1.10, abs=5e-3)
    deaths = found.get("deaths")
    assert (deaths.value, deaths.n, deaths.reason) == (None, 6, WhyUnknown.NOT_IN_FILE)


def test_the_second_real_herd_has_the_figures_that_were_measured(ds2: HerdFile) -> None:
    found = Workbench.open().kpis(ds2)

    assert found.windows["confirmation_lag"] == 48
    assert (found.windows["vwp"], found.windows["cycles"]) == (90, 9)
    pr21 = found.get("pr21")
    assert (pr21.n, pr21.of) == (255, (1422, 933))
    assert [len(pr21.by[name]) for name in ("cycle", "lactation")] == [9, 3]
    assert sum(each["n"] for each in pr21.by["cycle"]) == 255
    measured = {"days_to_pregnancy_median": 126, "days_open_mean_pregnant": 120, "dry_days": 65}
    assert {key: round(found.get(key).value or 0) for key in measured} == measured
    assert found.get("service_rate_21").low == pytest.approx(0.41, abs=5e-3)
    assert found.get("afc").value == pytest.approx(22.3, abs=0.05)
    assert found.get("r0").value == pytest.approx(0.87, abs=5e-3)
    assert (found.get("deaths").value, found.get("deaths").n) == (None, 0)


def test_the_interval_of_none_of_391_is_that_of_wilson() -> None:
    # z² / (n + z²) = 3.8415 / 394.8415
    assert wilson(0, 391) == (0.0, pytest.approx(0.009729, abs=1e-6))


def test_what_is_not_known_is_null_with_a_reason_and_never_0() -> None:
    document = figures(cow(100), in_calf(200, 60)).document()

    json.dumps(document, allow_nan=False)
    unknown = {each["key"]: each["reason"] for each in document["kpis"] if each["reason"]}
    assert unknown["conception_rate"] == unknown["iv30"] == "needs_history"
    assert unknown["iofc"] == "needs_prices"
    assert unknown["milk_per_milking_cow"] == "needs_milk"
    assert unknown["pr21"] == unknown["pregnant_by_150"] == "too_few"
    for each in document["kpis"]:
        is_told = each["value"] is not None or (each["low"] is not None and each["high"] is not None)
        assert is_told == (each["reason"] is None), each["key"]
        assert each["reason"] is None or each["value"] is None


def test_no_money_is_told_without_prices(ds2: HerdFile) -> None:
    money = [each for each in Workbench.open().kpis(ds2).document()["kpis"] if each["unit"] == "money"]

    assert money
    assert {(each["value"], each["reason"]) for each in money} == {(None, "needs_prices")}


def test_an_empty_herd_has_counts_of_0_and_no_rates() -> None:
    found = figures()

    assert found.get("cows").value == 0
    assert {each.value for each in found.kpis if each.unit != "head"} == {None}


def test_a_cycle_counts_who_could_conceive_on_half_of_its_days() -> None:
    # The cycle of the 21 days after day -62; waiting period 60 days, so that cows calved by -112 count.
    found = records(
        in_calf(112, 50),  # conceives in it, on the last day that lets her count
        in_calf(111, 50),  # a day too late: waits for more than half of it
        in_calf(200, 62),  # in calf on the day before it begins
        cow(200),  # open throughout
        cow(200, dry_off=-70),  # dry
        cow(200, archive=-52, presence=Presence.SOLD, insemination=-60),  # gone on its 10th day
        cow(200, archive=-51, presence=Presence.SOLD, insemination=-60),  # on its 11th, inseminated in it
        cow(200, archive=-45, presence=Presence.SOLD),  # never inseminated: perhaps not to be bred
        cow(200, presence=Presence.CULL_FLAGGED, insemination=-61),  # marked, inseminated in it
        cow(200, presence=Presence.CULL_FLAGGED, insemination=-62),  # marked, not since it began
    )
    cycle = cycle_after(filed_lives(found), -62, 60)

    assert (cycle.first, cycle.last) == (-61, -41)
    assert cycle.eligible.tolist() == [True, False, False, True, False, False, True, True, True, True]
    assert cycle.conceived.tolist() == [True, *[False] * 9]
    assert cycle.counts(np.ones(10, bool)) == (1, 6, 4)


def test_cycles_count_back_from_the_lag_and_end_before_a_cow_could_have_calved() -> None:
    # Lag 40, as usual where few are in calf: the last cycle ends on day -40; 10 of them would reach -250.
    found = cycles(filed_lives(records(cow(100))), 60)

    assert [(each.first, each.last) for each in found[:2]] == [(-60, -40), (-81, -61)]
    assert len(found) == 10
    assert found[-1].first - 1 == -250


def test_the_median_of_kaplan_and_meier_by_hand() -> None:
    # Risk 5, 4, 2: survival .8, .8 (left), .8 · 3/4 … : 10 pregnant, 12 left, 20 pregnant, 30 pregnant.
    until, happened = np.array([10, 12, 20, 30, 40]), np.array([True, False, True, True, False])

    # 4/5 = .8; at 20: 3 at risk, .8 · 2/3 = .533; at 30: 2 at risk, .267.
    assert kaplan_meier_median(until, happened) == 30
    assert kaplan_meier_median(until[:2], happened[:2]) == 10
    assert kaplan_meier_median(np.array([5, 9, 9]), np.array([True, False, False])) is None


def test_long_dry_periods_are_seen_more_often_and_count_less() -> None:
    # As many dry periods begin with 40 as with 100 days: on a day 4 of the one are seen for 10 of the other.
    short = [in_calf(340, 260, dry_off=-22, expected_calving=18) for _ in range(4)]
    long = [in_calf(340, 230, dry_off=-52, expected_calving=48) for _ in range(10)]
    found = figures(*short, *long)

    assert found.get("dry_days").value == pytest.approx(70.0)  # (40 + 100) / 2
    assert found.get("dry_days").by["as_seen"]["mean"] == pytest.approx(1160 / 14)
    assert found.get("dry_over_70").value == pytest.approx(0.5)


def test_cows_leaving_are_counted_over_the_cow_years_of_the_same_days() -> None:
    # 20 cows all year; 10 first-calf cows for 100 days before they left: 20 · 365 + 10 · 100 days.
    stay = [cow(500) for _ in range(20)]
    left = [cow(150, archive=-50, presence=Presence.SOLD) for _ in range(10)]
    turnover = figures(*stay, *left).get("turnover")

    assert (turnover.n, turnover.low) == (10, pytest.approx(10 / (8300 / 365.25)))
    assert turnover.low == turnover.high


def test_a_target_of_the_farm_takes_the_place_of_its_habit(ds2: HerdFile) -> None:
    found = Workbench.open().kpis(ds2, FarmTargets(vwp=60, pr21=0.3))

    assert found.windows["vwp"] == 60
    assert found.get("pr21").of[0] > 1422
    target = found.get("pr21").target
    assert target is not None
    assert (target.value, target.is_default) == (0.3, False)


def test_dry_days_of_a_farm_with_unequal_ones_are_found_and_the_plain_mean_misses_them() -> None:
    # Dry periods of 25 to 95 days, equally often (mean 60, sd 20.5), begun on every day: those seen today.
    rng = np.random.default_rng(5)
    days, begun = rng.integers(25, 96, 6000), rng.integers(0, 95, 6000)
    seen = begun < days
    animals = [
        in_calf(340, 278 - int(left), dry_off=-int(ago), expected_calving=int(left))
        for left, ago in zip((days - begun)[seen], begun[seen], strict=True)
    ]
    found = figures(*animals).get("dry_days")

    assert found.value == pytest.approx(60, abs=2)
    assert found.by["as_seen"]["mean"] > 62 + 4  # E[L²] / E[L] = 67
