from dataclasses import replace

import numpy as np
import pytest

from herd_engine.figures.stability import stability, stability_sentence
from herd_engine.model.forecast import Metric
from tests.unit.figures.hand_made import small_forecast


def with_errors(**errors):
    forecast = small_forecast()
    milking = replace(forecast.series[Metric.MILKING_COUNT], **errors)
    return replace(forecast, series={**forecast.series, Metric.MILKING_COUNT: milking})


def test_stability_is_twice_the_largest_error_of_median_and_band():
    # 0.5 at the upper end, 0.25 at the median, the lower end is not known.
    assert stability(small_forecast(), Metric.MILKING_COUNT) == 1.0

    worst = np.array([0, 0.1, 1.3, 0.2])
    assert stability(with_errors(mcse_p_low=worst), Metric.MILKING_COUNT) == pytest.approx(2.6)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Bands are stable to ±3 cows: another seed would hardly move them further (2,000 runs)."),
        (
            "ru",
            "Полосы устойчивы до ±3 гол.: с другим начальным числом они вряд ли сдвинутся сильнее "
            "(прогонов: 2\u00a0000).",
        ),
    ],
)
def test_the_sentence_rounds_up(language, sentence):
    forecast = with_errors(mcse_p_low=np.array([0, 0.1, 1.3, 0.2]))

    assert stability_sentence(forecast, language) == sentence


def test_one_run_says_nothing_about_stability():
    unknown = dict.fromkeys(("mcse_p_low", "mcse_p50", "mcse_p_high"), np.full(4, np.nan))

    assert stability(with_errors(**unknown), Metric.MILKING_COUNT) is None
    assert stability_sentence(with_errors(**unknown)) == (
        "How stable the bands are cannot be said with so few runs (2,000)."
    )
