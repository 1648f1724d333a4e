"""Inversion and exit times; compiled here as the kernel compiles them."""

import numpy as np
import pytest
from numba import njit

from herd_engine.engine.kernel.lookup import FAR, day_lookup, draw_at_least, exit_clock, exit_day
from herd_engine.model.tables import DayDistribution


@njit
def draws(lookup, bound, uniforms):  # type: ignore[no-untyped-def]
    result = np.empty(len(uniforms), np.int64)
    for i in range(len(uniforms)):
        result[i] = draw_at_least(lookup, bound, uniforms[i])
    return result


@njit
def exits(clock, class_, since, until, patience):  # type: ignore[no-untyped-def]
    return exit_day(clock, class_, since, until, patience)


def distribution(**probabilities: float) -> DayDistribution:
    """``distribution(d10=0.5, d12=0.5)``."""
    days = {int(name[1:]): value for name, value in probabilities.items()}
    first = min(days)
    values = np.zeros(max(days) - first + 1)
    for day, value in days.items():
        values[day - first] = value
    return DayDistribution(first_day=first, probability=values, n_observed=1)


def test_a_uniform_gives_the_smallest_day_whose_distribution_function_exceeds_it() -> None:
    lookup = day_lookup(distribution(d10=0.25, d12=0.25, d20=0.5))

    result = draws(lookup, np.int64(0), np.array([0.0, 0.2499, 0.25, 0.4999, 0.5, 0.9999]))

    assert result.tolist() == [10, 10, 12, 12, 20, 20]


def test_a_bound_restricts_the_distribution_and_renormalises_it() -> None:
    lookup = day_lookup(distribution(d10=0.25, d12=0.25, d20=0.5))

    # Left at or above 11: day 12 with 1/3, day 20 with 2/3.
    result = draws(lookup, np.int64(11), np.array([0.0, 0.3333, 0.3334, 0.9999]))

    assert result.tolist() == [12, 12, 20, 20]


@pytest.mark.parametrize("bound", [21, 22, 10_000])
def test_nothing_left_in_the_support_is_told_by_minus_one(bound: int) -> None:
    lookup = day_lookup(distribution(d10=0.5, d20=0.5))

    assert draws(lookup, np.int64(bound), np.array([0.5])).tolist() == [-1]


def test_frequencies_are_those_of_the_distribution_at_every_bound() -> None:
    rng = np.random.default_rng(1)
    probability = rng.dirichlet(np.ones(300))
    lookup = day_lookup(DayDistribution(first_day=40, probability=probability, n_observed=1))
    uniforms = (np.arange(2_000_000) + 0.5) / 2_000_000

    for bound in (0, 40, 41, 200, 339):
        counts = np.bincount(draws(lookup, np.int64(bound), uniforms), minlength=340)[40:]
        left = np.where(np.arange(40, 340) >= bound, probability, 0)
        expected = left / left.sum()
        # Equally spaced uniforms: every frequency is right to one of them at either end.
        assert np.abs(counts / len(uniforms) - expected).max() < 2 / len(uniforms)


def test_an_animal_leaves_on_the_first_day_that_uses_up_its_patience() -> None:
    daily = np.full((1, 10), 0.5)  # hazard ln 2 a day
    clock = exit_clock(daily)

    assert exits(clock, 0, 0, 10, np.log(2) * 2.5) == 3
    assert exits(clock, 0, 4, 10, np.log(2) * 2.5) == 7
    assert exits(clock, 0, 0, 2, np.log(2) * 2.5) == FAR


def test_nobody_leaves_without_hazard_and_everybody_at_once_with_certainty() -> None:
    clock = exit_clock(np.array([[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]))

    assert exits(clock, 0, 0, 3, 1e-12) == FAR
    assert exits(clock, 1, 0, 3, 1e-12) == 2
    assert exits(clock, 1, 0, 3, 22.9) == 2


def test_exit_days_agree_with_a_plain_search_for_any_hazard() -> None:
    rng = np.random.default_rng(2)
    daily = rng.random((3, 400)) ** 6 * 0.02
    clock = exit_clock(daily)
    cumulative = np.concatenate([np.zeros((3, 1)), np.cumsum(-np.log1p(-daily), axis=1)], axis=1)

    for _ in range(500):
        class_, since = rng.integers(3), rng.integers(0, 400)
        until, patience = rng.integers(since, 401), rng.exponential(0.3)
        days = np.arange(since + 1, until + 1)
        gone = days[cumulative[class_, days] - cumulative[class_, since] >= patience]
        assert exits(clock, class_, since, until, patience) == (gone[0] if len(gone) else FAR)


def test_the_far_tail_of_a_distribution_is_not_cut_by_rounding() -> None:
    # Beyond 8 standard deviations 1 - F is lost in double precision; P(X >= d) is not.
    probability = np.exp(-np.arange(400.0) / 2)
    lookup = day_lookup(
        DayDistribution(first_day=100, probability=probability / probability.sum(), n_observed=1)
    )

    result = draws(lookup, np.int64(300), (np.arange(1000) + 0.5) / 1000)

    # An exponential law forgets: the excess over the bound has the same mean as at its beginning.
    mean = (np.arange(400) * probability).sum() / probability.sum()
    assert result.min() == 300
    assert (result - 300).mean() == pytest.approx(mean, rel=0.02)
