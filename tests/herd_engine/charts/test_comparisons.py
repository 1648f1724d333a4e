"""Several forecasts in one picture: overlays, differences, and how results settle."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from scipy.stats.mstats import mjci

from herd_engine.charts.convergence import convergence
from herd_engine.charts.delta_chart import delta_chart
from herd_engine.charts.layout import signed_axis
from herd_engine.charts.scenario_overlay import scenario_overlay
from herd_engine.errors import ParameterError
from herd_engine.i18n.wording import wording
from herd_engine.model.comparison import ComparedRun, Comparison, Difference
from herd_engine.model.draws import Draws
from herd_engine.model.forecast import COUNT_COLUMNS, Metric, Series
from tests.herd_engine.charts.hand_made import forecast_of, small_forecast

MILKING = Metric.MILKING_COUNT
NAMES = {"a": "As now", "b": "Buy heifers in autumn", "c": "Wait"}
DATES = (date(2026, 2, 26), date(2026, 3, 1), date(2026, 4, 1))


def notes(figure):
    return [note.text for note in figure.layout.annotations]


def compared(key, medians, *, is_paired=True, more=0.96, less=0.0):
    """Return a run whose differences are these medians; bands are ±5 and ±2."""
    middle = np.array(medians, float)
    series = Series(
        mean=middle,
        p_low=middle - 5,
        p25=middle - 2,
        p50=middle,
        p75=middle + 2,
        p_high=middle + 5,
        **{f"mcse_{name}": middle * 0 for name in ("mean", "p_low", "p25", "p50", "p75", "p_high")},
        parameter_share=middle * np.nan,
    )
    difference = Difference(
        series=series,
        more=np.full(3, more),
        less=np.full(3, less),
        mcse_more=np.full(3, 0.004),
        mcse_less=np.full(3, 0.002),
        variance_reduction=np.array([np.nan, 250.0, 12.34]),
    )
    differences = dict.fromkeys(Metric, difference)
    return ComparedRun(key=key, is_paired=is_paired, n_replicates=1000, differences=differences)


def comparison(*runs):
    return Comparison(base="a", dates=DATES, runs=runs)


def test_scenarios_differ_by_colour_by_dashes_and_by_label():
    forecasts = {f"plan {i}": forecast_of([1000, 990 - 20 * i]) for i in range(6)}

    figure = scenario_overlay(forecasts, MILKING).figure

    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert len({trace.line.color for trace in lines}) == len({trace.line.dash for trace in lines}) == 6
    assert notes(figure)[0] == "<b>890</b> plan 5"  # lowest first
    assert figure.layout.title.text == "Milking cows by Mar 2026: from 890 (“plan 5”) to 990 (“plan 0”)"
    assert "band" not in figure.layout.title.subtitle.text


def test_a_long_name_is_written_in_two_lines_beside_its_line():
    figure = scenario_overlay({"Buy sixty heifers in autumn": forecast_of([1000, 1016])}, MILKING).figure

    assert notes(figure)[0] == "<b>1,016</b> Buy sixty<br>heifers in autumn"


@pytest.mark.parametrize("n", [0, 7])
def test_more_scenarios_than_can_be_told_apart_are_refused(n):
    with pytest.raises(ParameterError, match=r"`forecasts` must be 1 … 6"):
        scenario_overlay({str(i): forecast_of([10, 20]) for i in range(n)}, MILKING)


def test_up_to_three_scenarios_have_bands():
    figure = scenario_overlay({"a": forecast_of([100, 90]), "b": forecast_of([100, 80])}, MILKING).figure

    assert [list(trace.y) for trace in figure.data[:2]] == [[90, 80], [110, 100]]
    assert figure.data[1].fill == "tonexty"
    assert "band: 90 of 100 futures" in figure.layout.title.subtitle.text


def test_scenarios_of_two_report_dates_share_an_axis_and_a_table():
    early, late = forecast_of([10, 20, 30], date(2026, 2, 26)), forecast_of([25, 35], date(2026, 3, 20))

    figure = scenario_overlay({"early": early, "late": late}, MILKING).figure
    table = scenario_overlay({"early": early, "late": late}, MILKING).table

    assert list(figure.layout.xaxis.range) == [date(2026, 2, 26), date(2026, 4, 1)]
    assert table.columns == ("Date", "early", "late")
    assert table.rows == (
        ("26 Feb 2026", "10 (0–20)", "–"),
        ("1 Mar 2026", "20 (10–30)", "–"),
        ("20 Mar 2026", "–", "25 (15–35)"),
        ("1 Apr 2026", "30 (20–40)", "35 (25–45)"),
    )


def test_equal_scenarios_are_said_to_be_equal():
    figure = scenario_overlay({"a": forecast_of([10, 20]), "b": forecast_of([10, 20])}, MILKING).figure

    assert figure.layout.title.text == "Milking cows by Mar 2026: 20 in all scenarios"


def test_a_difference_has_bands_around_a_line_at_zero():
    figure = delta_chart(comparison(compared("b", [0, 7, 14])), MILKING, NAMES).figure

    low, high, first, third, median = figure.data
    assert list(low.y) == [-5, 2, 9]
    assert list(high.y) == [5, 12, 19]
    assert list(first.y) == [-2, 5, 12]
    assert list(third.y) == [2, 9, 16]
    assert list(median.y) == [0, 7, 14]
    (zero,) = figure.layout.shapes
    assert zero.y0 == zero.y1 == 0
    assert figure.layout.title.text == (
        "Milking cows by Apr 2026: +14 with “Buy heifers in autumn” against “As now”"
    )
    assert notes(figure) == ["Buy heifers in autumn: <b>+14 (+9 … +19)</b>, better in 96%"]


def test_of_several_runs_the_farthest_is_told_and_all_share_an_axis():
    runs = compared("b", [0, 1, 2]), compared("c", [0, -10, -40], is_paired=False, more=0.0, less=1.0)

    figure = delta_chart(comparison(*runs), MILKING, NAMES).figure

    assert figure.layout.title.text == "Milking cows by Apr 2026: “Wait” differs most from “As now”, −40"
    assert figure.layout.yaxis.range == figure.layout.yaxis2.range
    assert figure.layout.yaxis.range[0] < -45
    assert notes(figure)[1] == "Wait: <b>−40 (−45 … −35)</b>, better in 0%"
    assert figure.layout.title.subtitle.text.endswith(
        "; independent samples (other data or seed), so wide bands: Wait"
    )


def test_fewer_culls_are_better_and_more_dry_cows_are_just_more():
    runs = comparison(compared("b", [0, 1, 2], more=0.25, less=0.5))

    assert notes(delta_chart(runs, Metric.CULLS, NAMES).figure)[0].endswith("better in 50%")
    assert notes(delta_chart(runs, Metric.DRY_COUNT, NAMES).figure)[0].endswith("more in 25%")


def test_no_difference_is_said():
    figure = delta_chart(comparison(compared("b", [0, 0, 0], more=0.0)), MILKING, NAMES).figure

    assert figure.layout.title.text == "Milking cows by Apr 2026: no difference to “As now”"
    assert notes(figure) == ["Buy heifers in autumn: <b>0</b>, equal in all futures"]


def test_the_table_of_differences_has_chances_and_what_pairing_gained():
    table = delta_chart(comparison(compared("c", [0, 7, 14])), MILKING, NAMES).table

    assert table.columns == (
        "Date",
        "Wait",
        "Wait: better in so many of 100",
        "Wait: precision gained, times",
    )
    assert table.rows[0] == ("26 Feb 2026", "0 (−5 … +5)", "96 ± 0.4", "–")
    assert table.rows[2] == ("1 Apr 2026", "+14 (+9 … +19)", "96 ± 0.4", "12.3")


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (-1, 1, ["−1", "0", "+1"]),
        (-12, 23, ["−10", "0", "+10", "+20"]),
        (-1300, 900, ["−1,000", "−500", "0", "+500"]),
    ],
)
def test_ticks_of_differences_are_round_and_signed(low, high, ticks):
    assert signed_axis(low, high, wording("en"))["ticktext"] == ticks


def draws_of(milking):
    """Return replicates whose last record has these milking cows; record dates of ``small_forecast``."""
    counts = np.zeros((len(milking), 4, len(COUNT_COLUMNS)), np.int32)
    counts[:, 3, 0] = milking
    sums = np.zeros((len(milking), 4), np.int64)
    return Draws(dates=small_forecast().dates, counts=counts, days_in_milk_sum=sums)


def test_quantiles_settle_as_runs_are_added():
    milking = np.random.default_rng(1).normal(1118, 40, 400).round().astype(int)
    forecast = small_forecast(runs=400)

    figure = convergence(forecast, draws_of(milking), MILKING).figure

    median = figure.data[5]
    assert (median.x[0], median.x[-1]) == (20, 400)
    assert median.y[0] == np.median(milking[:20])
    assert median.y[-1] == np.median(milking)
    # SciPy's Maritz-Jarrett error of the median, twice, rounded up.
    spread = (figure.data[4].y[-1] - figure.data[3].y[-1]) / 4
    assert spread == pytest.approx(float(mjci(milking, [0.5])[0]), rel=0.05)
    assert len({trace.line.dash for trace in (figure.data[2], figure.data[5], figure.data[8])}) == 3


def test_a_run_with_more_than_its_replicates_ends_at_the_published_numbers():
    figure = convergence(small_forecast(runs=2000), draws_of(np.arange(1000, 1100)), MILKING).figure
    table = convergence(small_forecast(runs=2000), draws_of(np.arange(1000, 1100)), MILKING).table

    assert [trace.x[-1] for trace in figure.data] == [2000] * 9
    assert [figure.data[i].y[-1] for i in (2, 5, 8)] == [1062, 1118, 1171]
    # Twice 0.5, the error of the upper end.
    assert figure.layout.title.text == (
        "Milking cows by May 2026: after 2,000 futures median and band are sure to ±1 head"
    )
    assert table.columns == ("Runs", "Low", "Median", "High")
    assert table.rows[-1] == ("2,000", "1,062.0 ± –", "1,118.0 ± 0.5", "1,171.0 ± 1.0")


def test_one_run_settles_nothing():
    forecast = small_forecast(runs=1)
    figure = convergence(forecast, draws_of([1118]), MILKING).figure

    assert (
        figure.layout.title.text == "Milking cows by May 2026: 1 futures are too few to say how sure they are"
    )
    assert list(figure.data[5].y) == [1118]


def test_days_in_milk_without_cows_give_an_empty_picture():
    figure = convergence(small_forecast(runs=2), draws_of([0, 0]), Metric.AVG_DAYS_IN_MILK).figure

    assert set(figure.data[5].y) == {None}


def test_a_forecast_with_unknown_ends_can_be_overlaid():
    forecast = forecast_of([0, 0])
    nothing = np.full(2, np.nan)
    days = replace(forecast.series[Metric.AVG_DAYS_IN_MILK], p50=nothing, p_low=nothing, p_high=nothing)
    forecast = replace(forecast, series={**forecast.series, Metric.AVG_DAYS_IN_MILK: days})

    figure = scenario_overlay({"a": forecast}, Metric.AVG_DAYS_IN_MILK).figure

    assert figure.layout.title.text == "Days in milk: nothing is known"
