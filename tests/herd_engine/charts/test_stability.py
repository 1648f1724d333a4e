from dataclasses import replace

import numpy as np
import pytest

from herd_engine.charts.stability import stability, stability_sentence
from herd_engine.model.forecast import Metric
from tests.herd_engine.charts.hand_made import small_forecast


def with_errors(**errors):
    forecast = small_forecast()
    milking = replace(forecast.series[Metric.MILKING_COUNT], **errors)
    return replace(forecast, series={**forecast.series, Metric.MILKING_COUNT: milking})


def test_stability_is_twice_the_largest_error_of_median_and_band():
    # 0.5 at the upper end, 0.25 at the median, the lower end is not known.
    assert stability(small_forecast(), Metric.MILKING_COUNT) == 1.0

    last = np.array([0, 0.1, 0.2, 1.3])
    assert stability(with_errors(mcse_p_low=last), Metric.MILKING_COUNT) == pytest.approx(2.6)


def test_stability_is_that_of_the_last_month_which_the_course_of_runs_draws_too():
    assert stability(with_errors(mcse_p_low=np.array([0, 9.0, 9.0, 0.1])), Metric.MILKING_COUNT) == 1.0


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        (
            "en",
            "The numbers by May 2026 are sure to ±3 cows: other draws of chance would hardly move them "
            "further (2,000 simulated futures).",
        ),
        (
            "ru",
            "Числа к маю 2026 года точны до ±3 гол.: другой случайный розыгрыш вряд ли сдвинул бы их "
            "сильнее (вариантов будущего: 2\u00a0000).",
        ),
    ],
)
def test_the_sentence_rounds_up(language, sentence):
    forecast = with_errors(mcse_p_low=np.array([0, 0.1, 0.2, 1.3]))

    assert stability_sentence(forecast, language) == sentence


def test_one_run_says_nothing_about_stability():
    unknown = dict.fromkeys(("mcse_p_low", "mcse_p50", "mcse_p_high"), np.full(4, np.nan))

    assert stability(with_errors(**unknown), Metric.MILKING_COUNT) is None
    assert stability_sentence(with_errors(**unknown)) == (
        "How stable the bands are cannot be said with so few futures (2,000)."
    )
