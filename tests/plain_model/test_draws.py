"""The plain draws against hand calculation."""

import math

import numpy as np

from tests.plain_model.draws import KeyedUniforms, WholeDays


def test_a_conditional_draw_renormalises_what_is_left():
    die = WholeDays(dict.fromkeys(range(1, 7), 1 / 6))

    assert [die.draw(u, not_before=4) for u in (0.01, 0.33, 0.34, 0.66, 0.67, 0.99)] == [4, 4, 5, 5, 6, 6]
    assert die.draw(0.99, not_before=6) == 6
    assert die.draw(0.5, not_before=7) is None


def test_failed_cycles_are_geometric_with_a_uniform_day_inside():
    uniforms = KeyedUniforms(seed=3, run=0)

    days = [uniforms.days_of_repeats(key, 2) for key in range(20_000)]

    # K failures before a success of probability 0.2: mean 4, variance 20; a day in 1 … 21: mean 11.
    assert min(days) == 1
    assert abs(np.mean(days) - (21 * 4 + 11)) <= 4 * math.sqrt(21**2 * 20 + 440 / 12) / math.sqrt(20_000)
