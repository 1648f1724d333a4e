"""A farm's habits, estimated from records made by hand."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from herd_engine.calibration.habits import habits_of
from herd_engine.calibration.waiting import place_services, waiting_habits
from herd_engine.errors import HerdDataError
from herd_engine.model.animals import NO_DAY, PRESENCE_CODES, AnimalRecords, Presence

DAYS = (
    "birth", "archive", "calving", "conception", "dry_off", "insemination", "expected_dry_off",
    "expected_calving",
)  # fmt: skip


def farm(*animals: dict[str, Any]) -> AnimalRecords:
    """Return cows of the second lactation, unless told otherwise."""
    rows = [dict.fromkeys(DAYS, NO_DAY) | {"birth": -2000, "lactation": 2} | animal for animal in animals]
    presence = [PRESENCE_CODES.index(row.get("presence", Presence.ON_FARM)) for row in rows]
    return AnimalRecords(
        report_date=date(2026, 2, 26),
        animal_ids=np.array([str(number) for number in range(len(rows))], object),
        lactation=np.array([row["lactation"] for row in rows], np.int32),
        presence=np.array(presence, np.int8),
        **{name: np.array([row[name] for row in rows], np.int32) for name in DAYS},
    )


def cow(conceived: int, **more: Any) -> dict[str, Any]:
    """Return a cow that conceived 100 days after calving."""
    return {"calving": conceived - 100, "conception": conceived, "insemination": conceived} | more


def test_a_dry_period_that_is_seen_twice_as_often_counts_half() -> None:
    """Dry for 278 - 200 = 78 days, or for 278 - 239 = 39."""
    found = habits_of(farm(cow(-260, dry_off=-60), cow(-260, dry_off=-21))).conception_to_dry_off

    assert found.probability[[0, 39]] == pytest.approx([1 / 3, 2 / 3])
    assert (found.days[0], found.days[-1]) == (200, 239)


def test_without_any_dry_off_the_usual_plan_stands() -> None:
    found = habits_of(farm(cow(-100))).conception_to_dry_off

    assert (found.mean, found.n_observed) == (220, 0)


def test_the_lag_passes_over_a_slip_and_over_animals_that_left() -> None:
    pregnancies = [cow(-age) for age in range(40, 99)]
    slip, left = cow(-12), cow(-5, archive=-1, presence=Presence.SOLD)

    # Of 59 one a day from day 40 on, 5 % have not passed day 42; the two younger ones stand for two days.
    assert habits_of(farm(*pregnancies)).confirmation_lag == 40
    assert habits_of(farm(slip, left, *pregnancies)).confirmation_lag == 39


def test_the_lag_of_checks_on_one_day_of_the_week_is_that_day() -> None:
    weekly = [cow(-age) for age in (34, 41, 48, 55, 62, 69, 76, 83, 90, 97) for _ in range(9)]

    assert habits_of(farm(*weekly)).confirmation_lag == 34


def test_few_pregnancies_tell_no_lag() -> None:
    assert habits_of(farm(*(cow(-age) for age in range(70, 89)))).confirmation_lag == 40


def test_plans_are_what_the_herd_software_expects() -> None:
    habits = habits_of(farm(cow(-100, expected_calving=180), cow(-120, expected_calving=160), cow(-90)))

    assert (habits.calving_plan, habits.dry_off_plan) == (280, None)


def test_a_file_without_days_open_is_refused() -> None:
    with pytest.raises(HerdDataError, match="earlier calvings cannot be rebuilt"):
        habits_of(farm({"calving": -100}))


def test_the_pattern_of_waiting_animals_is_counted_by_group() -> None:
    fresh, late = {"calving": -70}, {"calving": -400}
    habits = waiting_habits(
        farm(
            fresh,
            fresh | {"insemination": -6},
            fresh | {"insemination": -7},
            fresh | {"conception": -5},  # known to be pregnant: does not wait
            late | {"presence": Presence.CULL_FLAGGED},
            late | {"insemination": -300, "presence": Presence.CULL_FLAGGED},
            late | {"insemination": -20},
            late | {"archive": -1, "presence": Presence.SOLD},
        )
    )
    of_fresh, of_late = 5 + 1, 5 + 5  # after the five groups of heifers: days 60 … 99, and from 350 on

    assert habits.share_by_week[of_fresh, :3] == pytest.approx([1 / 3, 1 / 3, 0])
    assert habits.share_by_week[of_late, :3] == pytest.approx([0, 0, 1 / 3])
    assert habits.flagged_share[of_late].tolist() == [1.0, 0.0]


def test_inseminations_are_placed_only_where_the_file_lacks_them() -> None:
    waiting = [{"calving": -120}] * 40
    pattern = waiting_habits(farm(*[{"calving": -120, "insemination": -10}] * 20, *waiting[:20]))
    u = np.random.default_rng(1).random((40, 2))

    complete = farm(*[{"calving": -120, "insemination": -10}] * 20, *waiting[:20])
    assert np.array_equal(place_services(complete, pattern, u).insemination, complete.insemination)
    placed = place_services(farm(*waiting), pattern, u).insemination
    weeks = -placed[placed != NO_DAY] // 7
    assert set(weeks.tolist()) == {1}
    assert abs(len(weeks) - 20) < 4 * np.sqrt(40 * 0.25)
