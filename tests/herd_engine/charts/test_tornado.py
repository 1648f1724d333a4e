"""Bars of levers, by hand: the longest on top, each end in its place."""

from datetime import date

import pytest

from herd_engine.charts.tornado import tornado
from herd_engine.model.forecast import Metric
from herd_engine.model.levers import Unit
from herd_engine.model.sensitivity import Reach, Sensitivity, Swing, WatchedNumber


def made(**more: float) -> Sensitivity:
    sales = Reach(name="heifer_sales_intensity", unit=Unit.FACTOR, low=0.75, now=1.0, high=1.25)
    loss = Reach(name="pregnancy_loss_cow", unit=Unit.SHARE, low=0.08, now=0.1, high=0.12)
    wait = Reach(name="waiting_period_change", unit=Unit.DAYS, low=-10, now=0, high=10)
    return Sensitivity(
        number=WatchedNumber(metric=Metric.MILKING_COUNT, month=24),
        as_of=date(2026, 2, 26),
        at=date(2028, 2, 1),
        base=1700.0,
        swings=(
            Swing(reach=sales, at_low=1750.2, at_high=1649.8, **more),
            Swing(reach=loss, at_low=1703.0, at_high=1697.0, **more),
            Swing(reach=wait, at_low=1699.9, at_high=1700.1, is_kept=False, **more),
        ),
        points=7,
        replicates=0,
    )


def test_bars_reach_from_the_plan_to_either_end_the_longest_on_top() -> None:
    figure = tornado(made()).figure
    low, high = figure.data

    assert list(low.y) == ["Breed cows later by", "Lost pregnancies, cows", "Sales of heifers"]
    assert list(low.x) == pytest.approx([-0.1, 3.0, 50.2])
    assert list(high.x) == pytest.approx([0.1, -3.0, -50.2])
    assert low.base == high.base == 1700
    assert low.marker.pattern.shape != high.marker.pattern.shape
    assert figure.layout.title.text == (
        "Milking cows by Feb 2028: strongest lever “Sales of heifers”, from 1,650 to 1,750"
    )
    assert high.hovertext[2] == "<b>Sales of heifers: × 1.25</b><br>1,650 (\N{MINUS SIGN}50.2)"


def test_the_table_says_the_same() -> None:
    table = tornado(made()).table

    assert table.columns == ("Lever", "From", "To", "One step down", "One step up")
    assert table.rows[1] == ("Lost pregnancies, cows", "8.0 %", "12.0 %", "1,703", "1,697")
    assert table.rows[2][1:3] == ("\N{MINUS SIGN}10 days", "+10 days")


def test_walks_are_told_with_how_sure_they_are() -> None:
    table = tornado(made(mu_star=101.44, conf=2.5, mu=-101.44, sigma=4.0)).table

    assert table.columns[-2:] == ("Moves it by", "Varies with other levers by")
    assert table.rows[0][-2:] == ("101 ± 2.5", "4.0")


def test_in_russian_there_is_no_english() -> None:
    chart = tornado(made(), language="ru")

    assert chart.title == (
        "Поголовье дойных к февралю 2028 года: сильнее всего действует «Продажа тёлок», от 1 650 до 1 750"
    ).replace("1 ", "1\N{NO-BREAK SPACE}")
    assert chart.table.rows[1][1] == "8,0 %"
