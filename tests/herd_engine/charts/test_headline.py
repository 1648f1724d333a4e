from dataclasses import replace

import numpy as np
import pytest

from herd_engine.charts.headline import finding, growth, headline
from herd_engine.model.forecast import Forecast, Metric
from tests.herd_engine.charts.hand_made import forecast_of, small_forecast

NBSP = "\u00a0"


def without_milking_cows(forecast: Forecast) -> Forecast:
    nothing = np.full(len(forecast.dates), np.nan)
    days = replace(forecast.series[Metric.AVG_DAYS_IN_MILK], p50=nothing, p_low=nothing, p_high=nothing)
    return replace(forecast, series={**forecast.series, Metric.AVG_DAYS_IN_MILK: days})


# Report date 26 Feb 2026: the records are 1 Mar, 1 Apr, 1 May, … 2026. Bands are ±10.
@pytest.mark.parametrize(
    ("medians", "sentence"),
    [
        pytest.param(
            [1277, 1250, 1118, 1200],
            "Milking cows fall from 1,277 to 1,118 (1,108–1,128) by Apr 2026, "
            "then recover to 1,200 (1,190–1,210) by May 2026.",
            id="falls and recovers",
        ),
        pytest.param(
            [1000, 900, 1080, 1090],
            "Milking cows fall from 1,000 to 900 (890–910) by Mar 2026, "
            "then rise to 1,090 (1,080–1,100) by May 2026.",
            id="falls and rises beyond",
        ),
        pytest.param(
            [1000, 900, 905, 905, 910],
            "Milking cows fall from 1,000 to 900 (890–910) by Mar 2026 and stay close: "
            "910 (900–920) by Jun 2026.",
            id="falls and holds",
        ),
        pytest.param(
            [1000, 950, 900, 850],
            "Milking cows fall from 1,000 to 850 (840–860) by May 2026.",
            id="falls to the end",
        ),
        pytest.param(
            [1000, 960, 940, 920, 900, 905],
            "Milking cows fall from 1,000 to 905 (895–915) by Jul 2026.",
            id="a late turn is not worth words",
        ),
        pytest.param(
            [1000, 1100, 1050],
            "Milking cows rise from 1,000 to 1,100 (1,090–1,110) by Mar 2026, "
            "then come back to 1,050 (1,040–1,060) by Apr 2026.",
            id="rises and comes back",
        ),
        pytest.param(
            [1000, 1100, 950],
            "Milking cows rise from 1,000 to 1,100 (1,090–1,110) by Mar 2026, "
            "then fall to 950 (940–960) by Apr 2026.",
            id="rises and falls beyond",
        ),
        pytest.param(
            [1000, 1100, 1098, 1095, 1099],
            "Milking cows rise from 1,000 to 1,100 (1,090–1,110) by Mar 2026 and stay close: "
            "1,099 (1,089–1,109) by Jun 2026.",
            id="rises and holds",
        ),
        pytest.param(
            [1000, 1019, 981, 1010],
            "Milking cows stay near 1,000: 1,010 (1,000–1,020) by May 2026.",
            id="within two per cent is flat",
        ),
        pytest.param(
            [1277, 1268],
            "Milking cows stay near 1,277: 1,268 (1,258–1,278) by Mar 2026.",
            id="one quiet month",
        ),
        pytest.param([100, 90], "Milking cows fall from 100 to 90 (80–100) by Mar 2026.", id="one month"),
        pytest.param(
            [0, 0, 0], "Milking cows: none on 26 Feb 2026 and none by Apr 2026.", id="no milking cows"
        ),
        pytest.param([0, 5, 40], "Milking cows rise from 0 to 40 (30–50) by Apr 2026.", id="from nothing"),
        pytest.param([10, 4, 0], "Milking cows fall from 10 to 0 (0–10) by Apr 2026.", id="to nothing"),
    ],
)
def test_the_headline_tells_how_milking_cows_move(medians, sentence):
    assert headline(forecast_of(medians)) == sentence


def test_the_headline_counts_purchases_over_the_whole_horizon():
    assert headline(forecast_of([1000, 990, 1000, 1000], purchases=14.0)).endswith(
        "; purchases until then: 42."
    )


def test_the_headline_is_written_in_russian():
    assert headline(forecast_of([1277, 1118, 1200], purchases=17.0), "ru") == (
        f"Поголовье дойных снизится с 1{NBSP}277 до 1{NBSP}118 (1{NBSP}108–1{NBSP}128) к марту 2026 года, "
        f"затем восстановится до 1{NBSP}200 (1{NBSP}190–1{NBSP}210) к апрелю 2026 года; "
        "закупки за это время: 34."
    )


def test_days_in_milk_rise_where_milking_cows_would_recover():
    forecast = forecast_of([100, 80, 90])
    days = replace(forecast.series[Metric.AVG_DAYS_IN_MILK], p50=np.array([181.0, 144.0, 156.0]))
    forecast = replace(forecast, series={**forecast.series, Metric.AVG_DAYS_IN_MILK: days})

    assert finding(forecast, Metric.AVG_DAYS_IN_MILK) == (
        "Days in milk fall from 181 to 144 by Mar 2026, then rise to 156 by Apr 2026"
    )


def test_unknown_days_in_milk_are_told():
    assert finding(without_milking_cows(small_forecast()), Metric.AVG_DAYS_IN_MILK) == (
        "Days in milk: none on 26 Feb 2026 and none by May 2026"
    )


def test_a_finding_starts_where_something_is_known():
    forecast = forecast_of([0, 0, 10, 20])
    days = replace(forecast.series[Metric.AVG_DAYS_IN_MILK], p50=np.array([np.nan, np.nan, 10.0, 30.0]))
    forecast = replace(forecast, series={**forecast.series, Metric.AVG_DAYS_IN_MILK: days})

    assert finding(forecast, Metric.AVG_DAYS_IN_MILK) == "Days in milk rise from 10 to 30 by May 2026"


def grown(milking: list[float], dry: list[float]) -> Forecast:
    """Return a forecast of these means, its medians far from them."""
    forecast = forecast_of([1000] * len(milking))
    series = dict(forecast.series)
    for metric, means in ((Metric.MILKING_COUNT, milking), (Metric.DRY_COUNT, dry)):
        series[metric] = replace(series[metric], mean=np.array(means, float))
    return replace(forecast, series=series)


def test_a_herd_that_outgrows_todays_cows_by_more_than_a_tenth_says_so():
    # 1,000 + 150 today; 1,050 + 250 = 1,300 on 1 Apr, 13.04 % more
    forecast = grown([1000, 1040, 1050, 1030], [150, 200, 250, 230])

    assert growth(forecast) == (
        "This plan outgrows today’s 1,150 cows: on average 1,300 milking and dry ones by Apr 2026, 13% more. "
        "Are there places for them?"
    )
    assert f"1{NBSP}300" in growth(forecast, "ru")


def test_a_herd_that_grows_by_a_tenth_or_less_says_nothing():
    assert growth(grown([1000, 1100], [0, 0])) == ""
    assert growth(grown([1000, 1000], [100, 210])) == ""  # exactly a tenth


def test_a_herd_without_cows_has_nothing_to_outgrow():
    assert growth(grown([0, 20], [0, 0])) == ""
