"""Bars of what happened on each day, and the same as a table."""

from datetime import date, datetime, timedelta

from herd_engine.charts.counts_by_day import counts_by_day

DAYS = [date(2026, 2, 27) + timedelta(days=number) for number in range(3)]
COUNTS = {"arrived": [3, 0, 0], "failed": [1, 0, 2]}


def test_each_kind_is_told_by_colour_and_by_pattern_on_every_day() -> None:
    arrived, failed = counts_by_day(DAYS, COUNTS, "A finding", "What it is").figure.data

    assert (list(arrived.y), list(failed.y)) == ([3, 0, 0], [1, 0, 2])
    assert list(arrived.x) == DAYS
    assert arrived.marker.color != failed.marker.color
    assert arrived.marker.pattern.shape != failed.marker.pattern.shape
    assert failed.hovertext[2] == "<b>1 Mar 2026</b><br>failed: 2"


def test_the_table_leaves_out_days_on_which_nothing_happened() -> None:
    table = counts_by_day(DAYS, COUNTS, "", "", language="ru").table

    assert table.columns == ("Дата", "arrived", "failed")
    assert table.rows == (("27 февраля 2026", "3", "1"), ("1 марта 2026", "0", "2"))


def test_a_single_day_is_a_bar_among_two_weeks_and_counts_are_whole() -> None:
    figure = counts_by_day([date(2026, 3, 1)], {"arrived": [2]}, "", "").figure
    layout = figure.layout

    assert timedelta(milliseconds=figure.data[0].width) == timedelta(hours=19.2)  # most of the day
    assert layout.xaxis.range == (datetime(2026, 2, 15, 12), datetime(2026, 3, 1, 12))  # noqa: DTZ001
    assert layout.yaxis.dtick == 1
