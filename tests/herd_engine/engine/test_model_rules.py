"""Faults that herd models are known for (Q1 … Q32): what is right, a test each.

Report date: 26 February 2026; day 3 is 1 March, day 34 is 1 April, day 64 is 1 May. Unless told otherwise
cows conceive on day 100, are dried off 220 days later and calve after 280; heifers conceive at 400 days.

===== ==================================================================================================
fault test here (E), in `test_purchase_rules.py` (P) or in `test_file_and_scenario_rules.py` (F)
===== ==================================================================================================
Q1    F the_report_date_is_the_most_frequent_calving_plus_days_in_milk, ..._is_told
Q2    P a_purchase_is_made_once
Q3    P purchases_of_one_date_add_up; F a_purchase_outside_the_forecast_is_refused
Q4    P a_bought_heifer_calves_when_the_purchase_says
Q5    P every_exit_takes_one_animal; F a_repeated_id_is_one_animal
Q6    E days_in_milk_are_today_less_calving_..., a_cow_that_calves_on_a_record_date_has_0_days_in_milk
Q7    E nothing_happens_on_the_report_date_itself, a_report_date_on_a_first_loses_no_events
Q8    P pregnant_heifers_and_dry_cows_count_as_milking_only_if_they_calve_by_then
Q9    E a_heifers_expected_dry_off_is_ignored; P ..._does_not_take_her_out_of_what_is_expected
Q10   P what_auto_forecast_expects_knows_culling, ..._knows_conception_dry_off_and_calving
Q11   P heifers_bought_by_auto_forecast_are_in_milk_when_needed_and_are_not_bought_again
Q12   E an_open_cow_keeps_the_remainder_of_her_service_period
Q13   E the_waiting_period_of_the_scenario_holds_for_the_herd_on_the_report_date
Q14   E heifers_older_than_a_plain_draw_are_spread_over_the_ages_that_are_left
Q15   E what_is_overdue_happens_on_day_1_and_once; F an_overdue_calving_is_told
Q16   F an_animal_that_moved_away_or_left_is_not_in_the_herd
Q17   E a_cull_flagged_cow_is_milked_and_not_bred_until_she_leaves; F a_cull_flagged_animal_is_present
Q18   E a_pregnant_cow_without_a_plan_is_dried_off_and_calves, a_dry_cow_without_a_plan_calves,
      a_pregnant_heifer_without_a_plan_calves; F a_dry_cow_without_conception_is_told
Q22   E heifer_introductions_are_first_calvings
Q23   E a_record_counts_the_events_since_the_last_record
Q24   F days_in_milk_of_no_cows_are_unknown_in_json_and_csv
Q25   F a_windows_1251_file_gives_the_same_forecast
Q26   F a_date_means_the_same_everywhere_in_a_file
Q27   F a_date_of_interest_outside_the_forecast_is_refused_at_once
Q29   F a_mean_gestation_outside_its_bounds_is_refused
Q30   F culling_is_as_observed_by_default_wherever_a_forecast_starts
Q31   F the_same_bytes_under_another_name_give_the_same_forecast
Q32   E a_calving_starts_a_new_plan
===== ==================================================================================================

Q19-Q21, Q28 and the hidden pregnancies of Q13 belong to another mode of calibration.
"""

from datetime import date
from typing import Any

import numpy as np
import pytest

from herd_engine.engine.kernel.random_numbers import file_animal_key
from herd_engine.model.animals import AnimalState
from herd_engine.model.scenario import Mode, ModelParameters, Scenario
from tests.followed_run import FollowedRun, follow_run
from tests.herds import dry_cow, heifer, herd, open_cow, pregnant_cow, spread, tables

MANY = 3000


def run_of(*animals: dict[str, Any], months: int = 12, changes: dict[str, Any] | None = None, **tables_: Any):
    """Follow run 0 of a herd; no heifer calves, culling as in the tables, ``changes`` to the parameters."""
    model = ModelParameters(**({"heifer_birth_prob": 0.0, "population_regulation": 1.0} | (changes or {})))
    scenario = Scenario(mode=Mode.EMPIRICAL, horizon_months=months, model=model)
    return follow_run(herd(*animals), tables(**tables_), scenario, run=0, seed=3)


def story(run: FollowedRun, animal: int = 0) -> list[tuple[int, str]]:
    """Return day and kind of the events of one animal of the herd."""
    key = file_animal_key(str(animal))
    return [(day, kind) for who, day, kind, _ in run.events if who == key]


def days(run: FollowedRun, kind: str) -> np.ndarray:
    return np.array([day for _, day, what, _ in run.events if what == kind])


def pregnant_heifer(age: int, days_pregnant: int, **more: Any) -> dict[str, Any]:
    return heifer(age, state=AnimalState.PREGNANT_HEIFER, conception=-days_pregnant, **more)


def test_q6_days_in_milk_are_today_less_calving_on_the_report_date_and_after() -> None:
    run = run_of(open_cow(60))

    assert [record["days_in_milk_sum"] for record in run.records[:4]] == [60, 60 + 3, 60 + 34, 60 + 64]


def test_q6_a_cow_that_calves_on_a_record_date_has_0_days_in_milk() -> None:
    run = run_of(dry_cow(350, 250, 20, expected_calving=34))

    assert run.records[2]["milking_count"] == 1
    assert run.records[2]["days_in_milk_sum"] == 0
    assert run.records[3]["days_in_milk_sum"] == 30


def test_q7_nothing_happens_on_the_report_date_itself() -> None:
    certain_exit = np.ones(2)

    run = run_of(open_cow(60), heifer(100), lactation_hazard=certain_exit)

    assert (run.records[0]["milking_count"], run.records[0]["heifer_count"]) == (1, 1)
    assert days(run, "culled").tolist() == [1, 1]
    assert run.records[1]["culls"] == 2


def test_q7_a_report_date_on_a_first_loses_no_events() -> None:
    # 1 March 2026: the first record is that of 1 April, day 31, with the events of the days 1 ... 31.
    first_of_march = date(2026, 3, 1)
    animals = herd(
        dry_cow(370, 270, 50, expected_calving=0), dry_cow(370, 249, 50, expected_calving=31),
        report_date=first_of_march,
    )  # fmt: skip

    run = follow_run(animals, tables(), Scenario(mode=Mode.EMPIRICAL, horizon_months=2), run=0, seed=3)

    assert run.records[0]["milking_count"] == 0
    assert [record["calvings"] for record in run.records] == [0, 2, 0]
    assert run.records[1]["days_in_milk_sum"] == 30 + 0


def test_q9_a_heifers_expected_dry_off_is_ignored() -> None:
    animal = pregnant_heifer(600, 250, expected_calving=30)

    with_plan, without = run_of(animal | {"expected_dry_off": 5}), run_of(animal)

    assert with_plan == without
    assert story(with_plan)[0] == (30, "calving")


def test_q12_an_open_cow_keeps_the_remainder_of_her_service_period() -> None:
    assert story(run_of(open_cow(60)))[0] == (40, "conception")


def test_q12_open_cows_conceive_by_the_part_of_the_law_that_is_left() -> None:
    # Days open uniform on 71 ... 130: of a cow on day 100, 101 ... 130 are left: a thirtieth each.
    run = run_of(*[open_cow(100)] * MANY, service_period=spread(71, 130))

    by_day = np.bincount(days(run, "conception"))[:31]

    assert by_day.sum() == MANY
    assert by_day[0] == 0
    assert abs(by_day[1:] - MANY / 30).max() < 4 * np.sqrt(MANY / 30)


def test_q13_the_waiting_period_of_the_scenario_holds_for_the_herd_on_the_report_date() -> None:
    # 60 days in milk, breeding from day 100 of the lactation: not before day 40, and none is held back to it.
    run = run_of(
        *[open_cow(60)] * MANY, changes={"voluntary_waiting_period": 100}, service_period=spread(55, 159)
    )

    conceptions = days(run, "conception")

    assert (conceptions.min(), conceptions.max()) == (40, 99)
    assert abs((conceptions == 40).sum() - MANY / 60) < 4 * np.sqrt(MANY / 60)


def test_q14_heifers_older_than_a_plain_draw_are_spread_over_the_ages_that_are_left() -> None:
    # Age uniform on 401 ... 460: at 430 days 431 ... 460 are left, a thirtieth on each of the days 1 ... 30.
    run = run_of(*[heifer(430)] * MANY, age_at_conception=spread(401, 460))

    by_day = np.bincount(days(run, "conception"))[:31]

    assert by_day.sum() == MANY
    assert abs(by_day[1:] - MANY / 30).max() < 4 * np.sqrt(MANY / 30)


def test_q14_heifers_older_than_every_draw_do_not_conceive_on_one_day() -> None:
    # 21-day cycles with p = 0.2: 20 % within the days 2 ... 22, uniformly.
    run = run_of(*[heifer(900)] * MANY, months=36, age_at_conception=spread(401, 460))

    first_cycle = days(run, "conception")
    first_cycle = first_cycle[first_cycle <= 22]

    assert abs(len(first_cycle) - MANY * 0.2) < 4 * np.sqrt(MANY * 0.2 * 0.8)
    assert abs(np.bincount(first_cycle)[2:23] - MANY * 0.2 / 21).max() < 5 * np.sqrt(MANY * 0.2 / 21)


def test_q14_a_heifer_below_the_minimum_age_waits_for_it() -> None:
    run = run_of(heifer(330), changes={"min_first_insem_age_days": 380}, age_at_conception=spread(340, 380))

    assert story(run)[0] == (50, "conception")


@pytest.mark.parametrize(
    ("animal", "kind"),
    [
        (dry_cow(400, 300, 80, expected_calving=-20), "calving"),
        (pregnant_heifer(700, 300, expected_calving=-20), "calving"),
        (pregnant_cow(400, 300, expected_calving=-20, expected_dry_off=-80), "calving"),
        (pregnant_cow(330, 230, expected_calving=50, expected_dry_off=-10), "dry_off"),
        (dry_cow(400, 290, 80), "calving"),
        (pregnant_cow(330, 230, expected_calving=50), "dry_off"),
    ],
)  # fmt: skip
def test_q15_what_is_overdue_happens_on_day_1_and_once(animal: dict[str, Any], kind: str) -> None:
    run = run_of(animal, months=2)

    assert [(day, what) for day, what in story(run) if what == kind and day < 50] == [(1, kind)]


def test_q17_a_cull_flagged_cow_is_milked_and_not_bred_until_she_leaves() -> None:
    # Leaves with 1/50 a day: after 90 days (0.98**90) 16.2 % are left; nothing else ever happens to her.
    flagged = {"is_flagged": True, "expected_calving": 20, "expected_dry_off": 5}
    cows = [open_cow(99, **flagged)] * MANY + [pregnant_cow(300, 200, **flagged)] * MANY

    run = run_of(*cows, months=24, flagged_hazard=np.array([0.5, 0.02]), lactation_hazard=np.ones(2))

    assert {kind for _, _, kind, _ in run.events} == {"flag_exit"}
    left, expected = run.records[4]["milking_count"], 2 * MANY * 0.98**95  # 1 June is day 95
    assert abs(left - expected) < 4 * np.sqrt(expected)
    assert run.records[1]["days_in_milk_sum"] > 102 * run.records[1]["milking_count"]


def test_q17_flagged_heifers_have_their_own_chance_to_leave() -> None:
    run = run_of(
        heifer(300, is_flagged=True), open_cow(99, is_flagged=True), flagged_hazard=np.array([1.0, 0.0])
    )

    assert [(day, kind) for _, day, kind, _ in run.events] == [(1, "flag_exit")]
    assert run.records[-1]["milking_count"] == 1


def test_q18_a_pregnant_cow_without_a_plan_is_dried_off_and_calves() -> None:
    # 150 days pregnant: dried off 70 days from now, calves 130 days from now.
    assert story(run_of(pregnant_cow(250, 150)))[:2] == [(70, "dry_off"), (130, "calving")]


def test_q18_a_pregnant_heifer_without_a_plan_calves() -> None:
    assert story(run_of(pregnant_heifer(550, 150)))[0] == (130, "calving")


@pytest.mark.parametrize(
    ("conception", "calves_on"),
    [(-250, 30), (None, -25 + 280 - 220)],
)
def test_q18_a_dry_cow_without_a_plan_calves(conception: int | None, calves_on: int) -> None:
    # Conception known: a gestation later. Unknown: dry for gestation less conception-to-dry-off, 60 days.
    cow = dry_cow(380, 250, 25)
    if conception is None:
        del cow["conception"]

    assert story(run_of(cow))[0] == (calves_on, "calving")


def test_q18_a_long_past_dry_off_without_conception_is_not_calved_in_the_past() -> None:
    cow = dry_cow(500, 250, 200)
    del cow["conception"]

    assert story(run_of(cow))[0] == (1, "calving")


def test_q22_heifer_introductions_are_first_calvings() -> None:
    # First calvings on days 20 and 40, a later one on day 41; 1 March is day 3, 1 April 34, 1 May 64.
    run = run_of(
        pregnant_heifer(600, 200, expected_calving=20), pregnant_heifer(600, 200, expected_calving=40),
        dry_cow(350, 250, 20, expected_calving=41),
    )  # fmt: skip

    assert [record["heifer_intros"] for record in run.records[:5]] == [0, 0, 1, 1, 0]
    assert [record["calvings"] for record in run.records[:5]] == [0, 0, 1, 2, 0]


def test_q23_a_record_counts_the_events_since_the_last_record() -> None:
    # Open cows leave unbred on day 350 of their lactation: on days 3, 4, 34 and 35.
    run = run_of(*(open_cow(350 - day) for day in (3, 4, 34, 35)), service_period=spread(900, 900))

    assert [record["culls"] for record in run.records[:5]] == [0, 1, 2, 1, 0]
    assert days(run, "non_conceiver").tolist() == [3, 4, 34, 35]


def test_q32_a_calving_starts_a_new_plan() -> None:
    # Calves on day 10: conception 100, dry-off 320 and calving 380 days later, and so on.
    run = run_of(dry_cow(370, 270, 50, expected_calving=10, expected_dry_off=-50), months=30)

    assert story(run) == [
        (10, "calving"), (110, "conception"), (330, "dry_off"),
        (390, "calving"), (490, "conception"), (710, "dry_off"),
        (770, "calving"), (870, "conception"),
    ]  # fmt: skip


def test_a_cull_comes_before_anything_else_of_its_day() -> None:
    # Everybody leaves on day 1, on which she would have conceived, been dried off or calved.
    run = run_of(
        open_cow(99), pregnant_cow(319, 219), dry_cow(379, 279, 59), heifer(399), pregnant_heifer(679, 279),
        lactation_hazard=np.ones(2), changes={"heifer_birth_prob": 1.0},
    )  # fmt: skip

    assert [(day, kind) for _, day, kind, _ in run.events] == [(1, "culled")] * 5


def test_the_chance_to_leave_is_either_hazard_times_the_regulation() -> None:
    # p = (0.5 + 0.4 - 0.2) 0.5 = 0.35 on day 1; the sum of the two would give 0.45, no regulation 0.7.
    run = run_of(*[open_cow(0)] * MANY, months=1, changes={"population_regulation": 0.5},
                 lactation_hazard=np.array([0.0, 0.5]), month_hazard=np.full(12, 0.4))  # fmt: skip

    left_on_day_1 = (days(run, "culled") == 1).sum()

    assert abs(left_on_day_1 - MANY * 0.35) < 4 * np.sqrt(MANY * 0.35 * 0.65)


def test_a_month_begins_on_its_first() -> None:
    # Leaving is certain in March alone, which begins on day 3.
    run = run_of(open_cow(0), heifer(100), month_hazard=np.eye(12)[2])

    assert days(run, "culled").tolist() == [3, 3]


def test_culling_goes_by_the_lactation_number_and_the_highest_seen_holds_beyond() -> None:
    cows = [heifer(100), *(open_cow(0, lactation=number) for number in (1, 2, 3, 7))]

    run = run_of(*cows, months=1, lactation_hazard=np.array([0.0, 0.0, 0.0, 1.0]))

    assert [story(run, animal) for animal in range(5)] == [[], [], [], [(1, "culled")], [(1, "culled")]]


@pytest.mark.parametrize("animal", [pregnant_heifer(676, 276), dry_cow(376, 276, 60), pregnant_cow(376, 276)])
def test_a_gestation_that_has_outlasted_some_is_drawn_from_those_that_are_left(
    animal: dict[str, Any],
) -> None:
    # Uniform on 275 ... 280: at 276 days 277 ... 280 are left, a quarter on each of the days 1 ... 4.
    run = run_of(*[animal] * MANY, months=2, gestation=spread(275, 280))

    by_day = np.bincount(days(run, "calving"))

    assert by_day.sum() == MANY
    assert abs(by_day[1:5] - MANY / 4).max() < 4 * np.sqrt(MANY * 3 / 16)


def test_a_dry_off_that_is_later_than_some_is_drawn_from_those_that_are_left() -> None:
    # Uniform on 211 ... 230: at 220 days 221 ... 230 are left, a tenth on each of the days 1 ... 10.
    run = run_of(*[pregnant_cow(320, 220)] * MANY, months=2, conception_to_dry_off=spread(211, 230))

    by_day = np.bincount(days(run, "dry_off"))

    assert by_day.sum() == MANY
    assert abs(by_day[1:11] - MANY / 10).max() < 4 * np.sqrt(MANY * 9 / 100)


def test_half_of_the_calves_are_heifers_if_the_parameter_says_so() -> None:
    cows = [dry_cow(370, 270, 50, expected_calving=10)] * MANY

    births = {
        p: len(days(run_of(*cows, months=3, changes={"heifer_birth_prob": p}), "birth"))
        for p in (0.0, 0.5, 1.0)
    }

    assert (births[0.0], births[1.0]) == (0, MANY)
    assert abs(births[0.5] - MANY / 2) < 4 * np.sqrt(MANY / 4)


def test_dry_off_is_at_the_latest_the_day_before_calving() -> None:
    run = run_of(open_cow(99), conception_to_dry_off=spread(400, 400))

    assert story(run)[:3] == [(1, "conception"), (280, "dry_off"), (281, "calving")]


def test_a_milking_cow_above_the_cap_leaves_if_open_and_is_dried_off_if_pregnant() -> None:
    # Cap 300: day 301 of lactation. The pregnant one would have been dried off 20 days later.
    run = run_of(open_cow(290), pregnant_cow(290, 190), changes={"max_days_in_milk": 300},
                 service_period=spread(330, 330))  # fmt: skip

    assert story(run, 0) == [(11, "cap_exit")]
    assert story(run, 1)[0] == (11, "dry_off")
