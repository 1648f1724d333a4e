"""Scores against closed forms, brute force and hand calculation."""

import numpy as np
import pytest
from scipy.stats import norm

from herd_engine.forecasting.backtest.scores import (
    Judged,
    crps,
    judge,
    pit_histogram,
    robustness,
    score,
    skill,
    together,
)


def judged_by(errors: list[float], happened: float = 100.0, inside: float = 1.0) -> Judged:
    """Return forecasts that miss by ``errors``, as draws would have been judged."""
    error = np.array(errors)
    return Judged(
        happened=np.full(len(error), happened),
        forecast=happened + error,
        crps=np.abs(error),
        inside=np.full((len(error), 3), inside),
        pit=np.full(len(error), 0.5),
    )


@pytest.mark.parametrize("happened", [-2.0, 0.0, 0.7, 3.0])
def test_crps_of_a_normal_sample_is_the_closed_form(happened: float) -> None:
    n, mean, sd = 4000, 0.5, 2.0
    draws = norm.ppf((np.arange(n) + 0.5) / n, mean, sd)[:, np.newaxis]
    z = (happened - mean) / sd
    exact = sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))

    assert crps(draws, np.array([happened])) == pytest.approx(exact, abs=0.003)


def test_crps_is_its_definition_over_all_pairs_of_draws() -> None:
    draws = np.random.default_rng(1).poisson(5, (40, 3)).astype(float)
    happened = np.array([4.0, 9.0, 0.0])
    pairs = np.abs(draws[:, np.newaxis] - draws).mean(axis=(0, 1)) / 2

    assert crps(draws, happened) == pytest.approx(np.abs(draws - happened).mean(axis=0) - pairs)


def test_crps_of_a_single_number_is_its_error() -> None:
    assert crps(np.array([[7.0, 3.0]]), np.array([5.0, 3.0])).tolist() == [2.0, 0.0]


def test_draws_are_judged_by_hand() -> None:
    draws = np.repeat(np.arange(11.0)[:, np.newaxis], 3, axis=1)  # quantile q of 0 … 10 is 10 q
    judged = judge(draws, np.array([5.0, 7.6, 9.4]))

    assert judged.forecast.tolist() == [5.0, 5.0, 5.0]
    assert judged.inside.tolist() == [[1, 1, 1], [0, 1, 1], [0, 0, 1]]
    assert judged.pit == pytest.approx([5.5 / 11, 8 / 11, 10 / 11])


def test_the_ends_of_a_band_belong_to_it() -> None:
    draws = np.repeat(np.arange(11.0)[:, np.newaxis], 2, axis=1)

    assert judge(draws, np.array([2.5, 0.5])).inside.tolist() == [[1, 1, 1], [0, 0, 1]]


def test_what_is_not_known_is_not_judged() -> None:
    draws = np.array([[1.0, 2.0, np.nan], [3.0, 4.0, 5.0]])
    judged = judge(draws, np.array([np.nan, 3.0, 4.0]))

    assert len(judged) == 1
    assert judged.forecast.tolist() == [3.0]


def test_a_forecast_without_a_band_has_no_coverage() -> None:
    judged = judge(np.array([[4.0, 8.0]]), np.array([5.0, 5.0]))
    result = score(judged)

    assert (result.coverage50, result.coverage80, result.coverage90) == (None, None, None)
    assert pit_histogram(judged) is None
    assert result.crps == result.mae == 2.0


def test_errors_are_averaged_by_hand() -> None:
    result = score(judged_by([-1.0, 3.0, 4.0], happened=10.0))

    assert result.n == 3
    assert result.mae == pytest.approx(8 / 3)
    assert result.rmse == pytest.approx(np.sqrt(26 / 3))
    assert result.wape == pytest.approx(8 / 30)
    assert result.bias == pytest.approx(2.0)
    assert result.coverage80 == 1.0


def test_there_is_no_share_of_nothing() -> None:
    assert score(judged_by([1.0], happened=0.0)).wape is None


def test_the_transform_of_a_right_forecast_is_uniform() -> None:
    rng = np.random.default_rng(3)
    draws, happened = rng.normal(size=(400, 2000)), rng.normal(size=2000)
    counts = pit_histogram(judge(draws, happened))

    assert counts is not None
    assert sum(counts) == 2000
    assert max(abs(count - 400) for count in counts) < 4 * np.sqrt(400 * 0.8)  # binomial(2000, 1/5)


def test_skill_is_what_is_saved_of_the_reference() -> None:
    assert skill(judged_by([1.0, -1.0]), judged_by([4.0, 4.0])) == pytest.approx(0.75)
    assert skill(judged_by([1.0]), judged_by([0.0])) is None


def test_robustness_is_its_formula_by_hand() -> None:
    folds = [judged_by([2.0, -1.0]), judged_by([3.0, 3.0], inside=0.0), judged_by([-2.0, 1.0])]
    references = [judged_by([3.0, 3.0]), judged_by([2.0, 2.0]), judged_by([2.0, 4.0])]
    rating = robustness(folds, references)

    # CRPS 1.5 of 3, 3 of 2, 1.5 of 3; 4 of 6 inside; bias 6/6, MAE 12/6; MAE of folds 1.5, 3, 1.5
    assert rating.skill == pytest.approx((0.5 + 0 + 0.5) / 3)
    assert rating.coverage == pytest.approx(1 - (0.8 - 4 / 6) / 0.8)
    assert rating.bias == pytest.approx(0.5)
    assert rating.stability == pytest.approx(1 - np.sqrt(0.75) / 2)
    parts = 0.4 * rating.skill + 0.3 * rating.coverage + 0.2 * rating.bias + 0.1 * rating.stability
    assert rating.score == pytest.approx(100 * parts)
    assert rating.verdict == "sufficient"


def test_two_folds_are_insufficient_but_their_parts_are_shown() -> None:
    rating = robustness([judged_by([1.0])] * 2, [judged_by([2.0])] * 2)

    assert (rating.score, rating.verdict, rating.folds) == (None, "insufficient", 2)
    assert rating.skill == 0.5
    assert rating.stability == 1.0


def test_folds_are_put_together_in_order() -> None:
    whole = together([judged_by([1.0]), judged_by([2.0, 3.0])])

    assert (whole.forecast - whole.happened).tolist() == [1.0, 2.0, 3.0]
