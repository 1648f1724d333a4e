"""The search for the fewest heifers, against brute force and closed forms; no herd is simulated."""

from itertools import product

import numpy as np
import pytest

from herd_engine.errors import ParameterError
from herd_engine.review.optimiser.chances import chances
from herd_engine.review.optimiser.goal import BuyingTerms, Goal, parse_keep
from herd_engine.review.optimiser.search import MARGIN, Searched, fewest

RUNS = 400
GAIN = np.array([[0, 0, 0.7, 0.9], [0, 0, 0, 0.7], [0, 0, 0, 0.0]])
"""Three months to buy in, records 0 to 3: bought heifers calve two records later."""
BASE = np.random.default_rng(7).normal(100, 4, (RUNS, 4)).round().astype(np.int64)


def counts_of(
    bought: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return BASE + np.floor(bought @ GAIN).astype(np.int64)


def holds(bought: tuple[int, ...], goal: Goal) -> bool:
    seen = chances(counts_of(np.array(bought))[:, goal.first : goal.last + 1] >= goal.at_least, in_pairs=True)
    return bool((seen.each >= goal.chance + MARGIN * seen.se).all())


def searched(goal: Goal, **wish: int) -> Searched:
    return fewest(counts_of, GAIN, goal, BuyingTerms(**wish), in_pairs=True)


@pytest.mark.parametrize(("at_least", "chance"), [(100, 0.9), (104, 0.8), (95, 0.9), (110, 0.6)])
def test_a_plan_of_three_months_is_as_small_as_brute_force_finds_it(at_least: int, chance: float) -> None:
    goal = Goal(at_least=at_least, chance=chance, first=2, last=3)
    smallest = min(sum(each) for each in product(range(40), range(40), [0]) if holds(each, goal))

    found = searched(goal)

    assert found.is_reached
    assert holds(tuple(found.bought.tolist()), goal)
    assert found.total <= max(1.05 * smallest, smallest + 1)


def test_more_cows_or_a_greater_chance_are_never_cheaper() -> None:
    by_number = [searched(Goal(at_least=n, first=2, last=3)).total for n in (90, 96, 100, 104, 110)]
    by_chance = [
        searched(Goal(at_least=100, chance=chance, first=2, last=3)).total for chance in (0.5, 0.7, 0.9, 0.95)
    ]

    assert by_number == sorted(by_number)
    assert by_chance == sorted(by_chance)
    assert by_number[0] < by_number[-1]


def test_nothing_is_bought_where_the_herd_keeps_the_goal_by_itself() -> None:
    assert searched(Goal(at_least=80, first=1, last=3)).total == 0


def test_a_month_that_no_purchase_reaches_in_time_is_not_reached() -> None:
    found = searched(Goal(at_least=100, chance=0.9, first=1, last=3))

    assert not found.is_reached
    assert found.chances.worst == 0


def test_what_can_be_had_a_month_binds() -> None:
    goal = Goal(at_least=110, chance=0.9, first=2, last=3)

    assert searched(goal).is_reached
    found = searched(goal, most_per_month=5)
    assert not found.is_reached
    assert found.bought.max() <= 5


def test_lots_and_the_first_arrival_are_kept() -> None:
    goal = Goal(at_least=104, chance=0.8, first=3, last=3)
    found = searched(goal, lot=6, earliest=2)

    assert found.is_reached
    assert found.bought[0] == 0
    assert found.bought[1] % 6 == 0


def test_a_goal_for_all_months_together_takes_more() -> None:
    each, together = (
        searched(Goal(at_least=100, chance=0.9, first=2, last=3, jointly=jointly))
        for jointly in (False, True)
    )

    assert together.is_reached
    assert together.chances.every >= 0.9
    assert together.total > each.total


def test_pairs_that_agree_are_worth_half_as_many_runs() -> None:
    alone = np.array([[True], [False]] * 50)
    twice = np.repeat(alone, 2, axis=0)

    # The standard error of a share of one half in 100 independent units is sqrt(.25 / 99).
    assert chances(alone, in_pairs=False).se[0] == pytest.approx(np.sqrt(0.25 / 99))
    assert chances(twice, in_pairs=True).se[0] == pytest.approx(np.sqrt(0.25 / 99))
    assert chances(alone, in_pairs=True).se[0] == 0.0  # every pair has one of each


@pytest.mark.parametrize("text", ["milking>=", "milking=800", "cows>=800", "milking>=8.5", "800"])
def test_what_cannot_be_kept_is_refused(text: str) -> None:
    with pytest.raises(ParameterError):
        parse_keep(text)


def test_what_is_to_be_kept_is_read() -> None:
    assert parse_keep(" milking >= 800 ") == 800


@pytest.mark.parametrize(
    "values", [{"at_least": 0}, {"chance": 0.4}, {"chance": 1.0}, {"first": 5, "last": 4}, {"last": 61}]
)
def test_a_goal_out_of_range_is_refused(values: dict[str, float]) -> None:
    with pytest.raises(ParameterError):
        Goal(**({"at_least": 800} | values))  # type: ignore[arg-type]


def test_runs_are_in_pairs() -> None:
    with pytest.raises(ParameterError, match="even"):
        BuyingTerms(runs=501)
