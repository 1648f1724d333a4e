"""Elementary effects of functions whose effects are known by hand."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from herd_engine.review.sensitivity.morris import Effects, morris


def as_wished(_: int, share: float) -> float:
    return share


Output = Callable[[Sequence[float]], float]


def effects_of(output: Output, inputs: int, walks: int = 12, seed: int = 1) -> Effects:
    return morris(output, as_wished, inputs, walks=walks, seed=seed)


def test_on_a_straight_line_effects_are_the_slopes() -> None:
    slopes = (3.0, -1.0, 0.5, 0.0)

    found = effects_of(lambda x: 7 + sum(a * b for a, b in zip(slopes, x, strict=True)), 4)

    np.testing.assert_allclose(found.mu_star, np.abs(slopes), atol=1e-12)
    np.testing.assert_allclose(found.mu, slopes, atol=1e-12)
    np.testing.assert_allclose([found.sigma, found.conf], 0, atol=1e-12)
    assert found.points == 12 * 5


def test_inputs_that_act_together_vary() -> None:
    """Of x y the effect of x is y: over the grid 0, 1/3, 2/3, 1 its mean is 1/2, its variance 5/36."""
    found = effects_of(lambda x: x[0] * x[1], 2, walks=4000)

    np.testing.assert_allclose(found.mu, 1 / 2, atol=0.02)
    np.testing.assert_allclose(found.sigma, np.sqrt(5 / 36), atol=0.01)
    assert (np.abs(found.mu_star - 1 / 2) < 2 * found.conf).all()


def test_what_goes_up_and_down_has_no_mean_but_a_size() -> None:
    """Of (x - 1/2)^2 a jump of 2/3 from a grid of four begins and ends as far from the middle, or nearer."""
    found = effects_of(lambda x: (x[0] - 1 / 2) ** 2, 1, walks=4000)

    # Jumps are 0 to 2/3 and 1/3 to 1, or back: (1/36 - 1/4) / (2/3) = -1/3 and (1/4 - 1/36) / (2/3) = 1/3.
    np.testing.assert_allclose(found.mu_star, 1 / 3, atol=1e-12)
    np.testing.assert_allclose(found.mu, 0, atol=0.02)


def test_an_input_that_stands_on_whole_numbers_keeps_its_slope() -> None:
    """-10 … 10 days: a third of the way is day -3, not -3.33."""

    def place(_: int, share: float) -> float:
        return (round(-10 + 20 * share) + 10) / 20

    def output(shares: Sequence[float]) -> float:
        return 2 * (-10 + 20 * shares[0])

    found = morris(output, place, 1, walks=20, seed=2)

    np.testing.assert_allclose(found.mu_star, 40, atol=1e-12)


@pytest.mark.parametrize("seed", [1, 2])
def test_equal_seeds_walk_alike(seed: int) -> None:
    one, other = (effects_of(lambda x: x[0] * x[1] ** 2, 2, seed=each) for each in (seed, 1))

    assert np.array_equal(one.mu_star, other.mu_star) == (seed == 1)
