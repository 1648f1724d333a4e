import json
from dataclasses import replace
from datetime import date

import numpy as np
import plotly.graph_objects as go
import pytest

from herd_engine.charts.events_by_month import events_by_month
from herd_engine.charts.fan_chart import fan_chart
from herd_engine.charts.herd_structure import herd_structure
from herd_engine.charts.layout import MarkedLevel, add_end_labels, mark_past
from herd_engine.charts.table import levels_table
from herd_engine.charts.theme import DARK
from herd_engine.model.forecast import Metric
from tests.herd_engine.charts.hand_made import forecast_of, long_forecast, small_forecast


def annotations(figure):
    return [note.text for note in figure.layout.annotations]


def test_a_fan_chart_draws_both_bands_then_the_median_then_the_observed_point():
    low, high, first, third, median, observed = fan_chart(small_forecast(), Metric.MILKING_COUNT).figure.data

    assert list(low.y) == [1277, 1262.5, 1201.45, 1062]
    assert list(high.y) == [1277, 1272, 1230, 1171]
    assert high.fill == "tonexty"
    assert high.fillcolor == "#1f6f5c2e"  # 18 % of 255 is 46 = 2e
    assert list(first.y) == [1277, 1265.25, 1209.975, 1090]  # halfway from the low to the median
    assert list(third.y) == [1277, 1270, 1224.25, 1144.5]
    assert third.fill == "tonexty"
    assert third.fillcolor == "#1f6f5c52"  # 32 % of 255 is 82 = 52
    assert list(median.y) == [1277, 1268, 1218.5, 1118]
    assert list(observed.x) == [date(2026, 2, 26)]


def test_titles_are_findings_and_subtitles_say_what_is_drawn():
    title = fan_chart(small_forecast(), Metric.MILKING_COUNT).figure.layout.title

    assert title.text == "Milking cows fall from 1,277 to 1,118 by May 2026"
    assert title.subtitle.text == (
        "Milking cows (head) on the first of each month; line: median, bands: 50 and 90 of 100 futures; "
        "2,000 futures; the axis starts at 1,000"
    )


def test_a_forecast_without_quartiles_has_one_band():
    forecast = small_forecast()
    unknown = np.full(4, np.nan)
    milking = replace(forecast.series[Metric.MILKING_COUNT], p25=unknown, p75=unknown)
    forecast = replace(forecast, series={**forecast.series, Metric.MILKING_COUNT: milking})

    figure = fan_chart(forecast, Metric.MILKING_COUNT).figure

    assert len(figure.data) == 4
    assert "; line: median, band: 90 of 100 futures; " in figure.layout.title.subtitle.text


def test_events_can_be_a_fan_with_the_part_of_a_month_hatched():
    figure = fan_chart(small_forecast(), Metric.CALVINGS).figure
    hatched = figure.data[-1]

    # The 6 calvings of the first three days are no start of a finding.
    assert figure.layout.title.text == "Calvings rise from 106 to 128 by May 2026"
    assert list(hatched.x) == [date(2026, 2, 26), date(2026, 2, 26), date(2026, 3, 1), date(2026, 3, 1)]
    assert hatched.fillpattern.shape == "/"
    assert figure.layout.title.subtitle.text.endswith("; hatched: a part of a month")
    assert figure.data[4].y[0] is None
    assert figure.data[4].hovertext[3] == "<b>1 May 2026</b><br>Calvings: 128 (123–131)"


def test_an_axis_that_starts_at_zero_needs_no_words():
    figure = fan_chart(forecast_of([20, 10, 60]), Metric.MILKING_COUNT).figure

    assert figure.layout.yaxis.range[0] == 0
    assert "axis" not in figure.layout.title.subtitle.text


def test_line_ends_are_labelled():
    notes = annotations(fan_chart(small_forecast(), Metric.MILKING_COUNT).figure)

    assert notes == [
        "report date, 26 Feb 2026",
        "low<br><b>1,062</b>",
        "median<br><b>1,118</b>",
        "high<br><b>1,171</b>",
    ]


def test_labels_of_a_narrow_band_do_not_overlap():
    figure = fan_chart(forecast_of([1000, 500, 750]), Metric.MILKING_COUNT).figure  # band: 740 … 760
    heights = [note.y for note in figure.layout.annotations[1:]]
    bottom, top = figure.layout.yaxis.range

    assert np.diff(heights) == pytest.approx(0.14 * (top - bottom))
    assert np.mean(heights) == pytest.approx(750)


def test_labels_stay_within_the_chart():
    figure = fan_chart(forecast_of([1000, 800, 500]), Metric.MILKING_COUNT).figure
    heights = [note.y for note in figure.layout.annotations[1:]]
    bottom, top = figure.layout.yaxis.range
    gap = 0.14 * (top - bottom)

    assert heights == pytest.approx([bottom + 0.5 * gap, bottom + 1.5 * gap, bottom + 2.5 * gap])


def test_labels_far_apart_stay_at_their_lines():
    figure = go.Figure(layout={"yaxis": {"range": [0, 100]}})

    add_end_labels(figure, 1, [20, 50, 52, 90], list("abcd"))

    # 50 and 52 move to 51 ∓ 7; nobody else is in the way.
    assert [note.y for note in figure.layout.annotations] == pytest.approx([20, 44, 58, 90])


def test_hover_tells_everything_about_a_day():
    hover = fan_chart(small_forecast(), Metric.MILKING_COUNT).figure.data[4].hovertext

    assert hover[3] == (
        "<b>1 May 2026</b><br>Milking cows: 1,118 (1,062–1,171)<br>Dry cows: 162 (157–167)<br>"
        "Heifers: 872 (854–890)<br>Pregnant heifers: 455 (442–466)<br>Days in milk: 180 (178–182)"
    )


def test_the_report_date_is_a_vertical_line():
    for figure in (
        fan_chart(small_forecast(), Metric.MILKING_COUNT).figure,
        herd_structure(small_forecast()).figure,
    ):
        (line,) = figure.layout.shapes
        assert line.x0 == line.x1 == date(2026, 2, 26)


def test_years_stand_below_the_month_where_they_begin():
    axis = fan_chart(long_forecast(36), Metric.MILKING_COUNT).figure.layout.xaxis

    assert axis.ticktext == ("Jul<br>2026", "Jan<br>2027", "Jul", "Jan<br>2028", "Jul", "Jan<br>2029")
    assert axis.tickvals[0] == date(2026, 7, 1)


@pytest.mark.parametrize("months", [1, 2, 9, 10, 36, 120])
def test_month_labels_are_few(months):
    labels = fan_chart(long_forecast(months), Metric.MILKING_COUNT).figure.layout.xaxis.ticktext

    assert 1 <= len(labels) <= 10


def test_months_are_named_in_russian():
    axis = fan_chart(small_forecast(), Metric.MILKING_COUNT, language="ru").figure.layout.xaxis

    assert axis.ticktext == ("мар<br>2026", "апр", "май")


def test_unknown_days_in_milk_draw_an_empty_chart():
    forecast = small_forecast()
    unknown = np.full(4, np.nan)
    quantiles = dict.fromkeys(("p_low", "p25", "p50", "p75", "p_high"), unknown)
    days = replace(forecast.series[Metric.AVG_DAYS_IN_MILK], **quantiles)
    forecast = replace(forecast, series={**forecast.series, Metric.AVG_DAYS_IN_MILK: days})

    figure = fan_chart(forecast, Metric.AVG_DAYS_IN_MILK).figure

    assert annotations(figure) == ["report date, 26 Feb 2026"]
    assert "NaN" not in json.dumps(figure.to_plotly_json(), default=str)


def test_a_herd_without_milking_cows_can_be_drawn():
    forecast = forecast_of([0, 0])

    assert herd_structure(forecast).figure.data[0].y == (0, 0)
    assert fan_chart(forecast, Metric.MILKING_COUNT).figure.layout.title.text.startswith("Milking cows: none")


def test_structure_stacks_the_medians_that_tiles_tell_from_cows_to_heifers():
    figure = herd_structure(small_forecast()).figure

    # 1277 + 145 + 444 + 940 = 2806; 1118 + 162 + 455 + 872 = 2607.
    assert (
        figure.layout.title.text == "The whole herd: 2,806 head now, 2,607 by May 2026; 43% of them in milk"
    )
    assert [trace.y[3] for trace in figure.data] == [1118, 162, 455, 872]
    assert {trace.stackgroup for trace in figure.data} == {"herd"}


def test_events_show_means_with_whiskers_and_leave_out_what_never_happens():
    figure = events_by_month(small_forecast()).figure
    calvings = figure.data[0]

    assert len(figure.data) == 5  # no purchases; cows and young stock that leave
    assert list(calvings.y) == [6.25, 106.25, 128.25]
    assert list(calvings.error_y.array) == [0, 1.75, 2.75]  # p_high - mean, not below 0
    assert list(calvings.error_y.arrayminus) == [0.25, 2.25, 5.25]
    assert "Purchases" not in " ".join(annotations(figure))


def test_cows_and_young_stock_that_leave_are_told_apart():
    figure = events_by_month(small_forecast()).figure
    cows, young = figure.data[2:4]

    # As in the table: 1.25 - (1,409 - 1,422) = 14.25 of 18.25 in February, 96.75 of 130.25 in March.
    assert list(cows.y)[:2] == [14.25, 96.75]
    assert list(young.y)[:2] == [4.0, 33.5]
    assert cows.error_y.array is None
    assert list(young.error_y.array)[:2] == [6.75, 149.55 - 130.25]
    assert "Leave the herd" in " ".join(annotations(figure))
    assert "Of these cows: 97" in cows.hovertext[1]


def test_a_partial_first_month_is_hatched_and_kept_out_of_the_average():
    figure = events_by_month(small_forecast()).figure

    assert figure.data[0].marker.pattern.shape == ("/", "", "")
    # calvings (106.25 + 128.25) / 2 = 117.25, dry-offs 76.75, exits 111.75, first calvings 57.25
    assert figure.layout.title.text == (
        "In an average month: calvings 117, dry-offs 77, leave the herd 112, first calvings 57"
    )
    assert figure.layout.title.subtitle.text.endswith("; hatched: a part of a month")


def test_a_whole_first_month_is_not_hatched():
    figure = events_by_month(forecast_of([100, 100], report_date=date(2026, 3, 1))).figure

    assert figure.data[0].marker.pattern.shape == ("",)
    assert "hatched" not in figure.layout.title.subtitle.text


def test_a_bar_stands_in_the_month_that_its_record_closes():
    figure = events_by_month(small_forecast()).figure

    assert list(figure.data[0].x) == [date(2026, 2, 15), date(2026, 3, 15), date(2026, 4, 15)]
    assert (
        figure.data[0].hovertext[1].startswith("<b>March 2026 (2 Mar 2026 – 1 Apr 2026)</b><br>Calvings: 106")
    )


def test_tables_hold_the_numbers_of_the_figures():
    fan = fan_chart(small_forecast(), Metric.AVG_DAYS_IN_MILK).table
    structure = herd_structure(small_forecast()).table
    events = events_by_month(small_forecast()).table

    assert fan.columns == ("Date", "Low", "Median", "High")
    assert fan.rows[3] == ("1 May 2026", "178.4", "180.3", "182.4")
    assert structure.rows[0] == ("26 Feb 2026", "1,277", "145", "444", "940", "2,806")
    assert events.rows[0][:2] == ("February 2026 (part)", "6 (6–6)")
    assert events.rows[2][:2] == ("April 2026", "128 (123–131)")
    # March: 54.25 + 42.5 cows fewer = 96.75 of 130.25; April: 60.25 + 86.5 is more than all 93.25
    assert events.columns[-2:] == ("Of these cows", "Of these young stock")
    assert [row[-2:] for row in events.rows[1:]] == [("97", "34"), ("93", "0")]


def test_the_month_table_has_all_levels_with_bands():
    table = levels_table(small_forecast())

    assert table.columns == (
        "Date",
        "Milking cows",
        "Dry cows",
        "Heifers",
        "Pregnant heifers",
        "Days in milk",
    )
    assert table.rows[3][1] == "1,118 (1,062–1,171)"
    assert table.rows[3][5] == "180.3 (178.4–182.4)"


@pytest.mark.parametrize("build", [herd_structure, events_by_month])
def test_figures_take_the_dark_theme(build):
    figure = build(small_forecast(), theme=DARK).figure

    assert isinstance(figure, go.Figure)
    assert figure.layout.paper_bgcolor == DARK.surface
    assert "#ffffff" not in figure.to_json()


@pytest.mark.parametrize(
    ("today", "end"),
    [
        (date(2026, 2, 28), None),  # the first record has not been reached
        (date(2026, 3, 1), date(2026, 3, 1)),
        (date(2026, 4, 20), date(2026, 4, 20)),
        (date(2030, 1, 1), date(2026, 5, 1)),  # the whole forecast is over
    ],
)
def test_months_that_are_over_are_drawn_as_past(today: date, end: date | None) -> None:
    forecast = small_forecast()
    figure = fan_chart(forecast, Metric.MILKING_COUNT).figure

    mark_past(figure, forecast.dates, today, "en")

    past = [(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.type == "rect"]
    assert past == ([] if end is None else [(forecast.dates[0], end)])
    assert ("already past" in annotations(figure)) is (end is not None)


def test_a_marked_level_is_drawn_where_it_is_watched_and_the_axis_reaches_it():
    between = (date(2026, 3, 1), date(2026, 5, 1))

    figure = fan_chart(
        small_forecast(),
        Metric.MILKING_COUNT,
        marked=MarkedLevel(level=700.0, between=between, text="warn at 700"),
    ).figure

    line = next(trace for trace in figure.data if trace.name == "warn at 700")
    assert (list(line.x), list(line.y)) == ([*between], [700, 700])
    bottom, top = figure.layout.yaxis.range
    assert bottom < 700
    assert top > 1277
    assert f"{bottom:,.0f}" in figure.layout.title.subtitle.text  # where the axis begins, as it says


def places_in(figure: go.Figure) -> list[tuple[str, list[float]]]:
    return [(trace.name, list(trace.y)) for trace in figure.data if trace.name and "places" in trace.name]


def test_places_are_a_line_of_the_chart_that_counts_what_takes_them():
    scenario = replace(small_forecast().meta.scenario, places_milking=1400, places_head=3900)
    forecast = small_forecast(scenario=scenario)

    milking = fan_chart(forecast, Metric.MILKING_COUNT).figure
    whole = herd_structure(forecast).figure

    assert places_in(milking) == [("1,400 places", [1400, 1400])]
    assert places_in(whole) == [("3,900 places", [3900, 3900])]
    assert "1,400 places" in annotations(milking)
    assert milking.layout.yaxis.range[1] > 1400
    assert whole.layout.yaxis.range[1] > 3900
    for figure in (
        fan_chart(forecast, Metric.CALVINGS).figure,
        fan_chart(small_forecast(), Metric.MILKING_COUNT).figure,
    ):
        assert places_in(figure) == []
    assert "мест: 1\xa0400" in annotations(fan_chart(forecast, Metric.MILKING_COUNT, language="ru").figure)
