"""Pictures of a backtest whose every number was written by hand."""

import json
from datetime import date

import numpy as np
import pytest

from herd_engine.charts.band_coverage import band_coverage
from herd_engine.charts.hindcast import hindcast
from herd_engine.charts.skill import skill_chart
from herd_engine.charts.theme import DARK
from herd_engine.model.backtest import Backtest, Coverage, Fold, Judged, Rating, Robustness, Score
from herd_engine.model.forecast import Metric

NAN = float("nan")
DATES = (date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1))
CULLS, HEIFERS = Metric.CULLS, Metric.HEIFER_COUNT


def quantiles(*medians: float) -> np.ndarray:
    """Return P5, P10, P25, P50, P75, P90, P95 of every median: 20, 15, 5 beside it."""
    return np.array(medians) + np.array([-20, -15, -5, 0, 5, 15, 20])[:, np.newaxis]


def judged(happened: list[float], forecast: list[float], inside: list[float]) -> Judged:
    n = len(happened)
    return Judged(
        happened=np.array(happened),
        forecast=np.array(forecast),
        crps=np.zeros(n),
        inside=np.tile(np.array(inside)[:, np.newaxis], 3),
        pit=np.full(n, 0.5),
    )


def fold(months_back: int, dates: tuple[date, ...], happened: list[float], forecast: list[float]) -> Fold:
    origin = {1: date(2026, 1, 1), 3: date(2025, 11, 1)}[months_back]
    inside = [float(abs(a - b) <= 15) for a, b in zip(happened, forecast, strict=True)]
    return Fold(
        months_back=months_back,
        origin=origin,
        dates=dates,
        coverage=Coverage(**dict.fromkeys(Coverage.__slots__, 0)),
        happened={CULLS: np.array(happened), HEIFERS: np.full(len(dates), NAN)},
        quantiles={("empirical", CULLS): quantiles(*forecast), ("empirical", HEIFERS): quantiles(*forecast)},
        judged={("empirical", CULLS): judged(happened, forecast, inside)},
    )


BACKTEST = Backtest(
    dataset_name="farm.csv",
    dataset_sha256="ab",
    report_date=date(2026, 2, 26),
    confirmation_lag=40,
    modes=("empirical",),
    left_out={},
    runs=1500,
    # Off by 10, 0, 30 from November and by 8 from January: 48 / 4 = 12 of (90 + 100 + 130 + 92) / 4 = 103.
    folds=(
        fold(1, DATES[2:], [92.0], [100.0]),
        fold(3, DATES, [90.0, 100.0, 130.0], [100.0, 100.0, 100.0]),
    ),
)


def rating(name: str, metric: Metric, crps: float, skill: float | None, *, has_band: bool) -> Rating:
    shares = (0.25, 0.5, 0.75) if has_band else (None, None, None)
    return Rating(
        name=name,
        metric=metric,
        score=Score(
            n=4, mae=12.5, rmse=13.0, wape=0.25, bias=-3.0, crps=crps,
            coverage50=shares[0], coverage80=shares[1], coverage90=shares[2],
        ),
        skill=skill,
        against={"persistence": skill, "due_dates": None},
        pit=(0, 1, 0, 1, 2) if has_band else None,
        robustness=Robustness(score=40.0, skill=0.5, coverage=0.6, bias=0.7, stability=0.8, folds=3),
    )  # fmt: skip


RATINGS = (
    rating("empirical", CULLS, 5.0, 0.5, has_band=True),
    rating("empirical", Metric.AVG_DAYS_IN_MILK, 12.0, -0.2, has_band=True),
    rating("new_mode", CULLS, 4.0, 0.6, has_band=True),
    rating("persistence", CULLS, 10.0, 0.0, has_band=False),
    rating("persistence", Metric.AVG_DAYS_IN_MILK, 10.0, 0.0, has_band=False),
)


def notes(figure):
    return [note.text for note in figure.layout.annotations]


def test_the_earliest_forecast_stands_on_top_and_what_happened_beside_it():
    figure = hindcast(BACKTEST, CULLS, "empirical").figure
    dots = [trace for trace in figure.data if trace.mode == "markers"]
    medians = [trace for trace in figure.data if trace.hovertext]

    assert (
        figure.layout.title.text
        == "Leave the herd: off by 12 (12%) on average; 3 of 4 outcomes lay in the band"
    )
    assert "mode: Empirical; 1,500 futures" in figure.layout.title.subtitle.text
    assert notes(figure) == ["from 1 Nov 2025: <b>off by 13</b>", "from 1 Jan 2026: <b>off by 8</b>"]
    assert [list(trace.y) for trace in dots] == [[90, 100, 130], [92]]
    # Events stand in the month that they happened in, which ends on the day they are counted on.
    assert list(medians[0].x) == [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1)]
    assert medians[0].hovertext[2] == "<b>January 2026</b><br>forecast: 100 (85–115)<br>happened: 130"


def test_the_table_says_which_outcomes_lay_in_the_band():
    table = hindcast(BACKTEST, CULLS, "empirical").table

    assert table.rows[0] == ("1 Nov 2025", "November 2025", "90", "100", "85", "115", "yes")
    assert [row[-1] for row in table.rows] == ["yes", "yes", "no", "yes"]


def test_a_metric_of_which_nothing_is_known_says_so():
    figure = hindcast(BACKTEST, HEIFERS, "empirical").figure

    assert figure.layout.title.text == "Heifers: nothing is known of what happened"
    assert hindcast(BACKTEST, HEIFERS, "empirical").table.rows == ()


def test_errors_are_shares_of_that_of_all_staying_as_it_is():
    figure = skill_chart(RATINGS, ["empirical", "new_mode"]).figure
    shown = {trace.name: dict(zip(trace.y, trace.x, strict=True)) for trace in figure.data}

    assert shown["Empirical"] == {"Leave the herd": 50.0, "Days in milk": 120.0}
    assert shown["new_mode"] == {"Leave the herd": 40.0}
    assert shown["As it is now"] == {"Leave the herd": 100.0, "Days in milk": 100.0}
    # On days in milk the simple rule is nearer; another mode is no simple rule.
    assert figure.layout.title.text == "Empirical: nearer than every simple rule in 1 of 2 measures"


def test_the_table_of_skill_ranks_the_forecasts_of_a_metric():
    rows = skill_chart(RATINGS, ["empirical"]).table.rows

    assert [(row[0], row[1]) for row in rows] == [
        ("Days in milk", "As it is now"),
        ("Days in milk", "Empirical"),
        ("Leave the herd", "new_mode"),
        ("Leave the herd", "Empirical"),
        ("Leave the herd", "As it is now"),
    ]
    assert rows[3] == ("Leave the herd", "Empirical", "4", "12.5", "25%", "−3.0", "5.0", "0.50", "–")


def test_bands_hold_as_many_outcomes_as_they_hold():
    figure = band_coverage(RATINGS, "empirical").figure

    assert figure.layout.title.text == "Of 100 outcomes 50 lay in the band that should hold 80"
    assert [list(trace.x) for trace in figure.data] == [[25, 25], [50, 50], [75, 75]]
    assert [line.x0 for line in figure.layout.shapes] == [50, 80, 90]
    assert band_coverage(RATINGS, "empirical").table.rows[0] == (
        "Leave the herd", "4", "25%", "50%", "75%", "0", "1", "0", "1", "2",
    )  # fmt: skip


def test_without_bands_nothing_is_told_of_them():
    assert band_coverage(RATINGS, "persistence").figure.layout.title.text == (
        "Nothing is known of how well the bands hold"
    )
    assert band_coverage(RATINGS, "persistence").table.rows == ()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_pictures_are_dark_where_wanted_and_fit_into_a_page(language):
    for figure in (
        hindcast(BACKTEST, CULLS, "empirical", language=language, theme=DARK).figure,
        hindcast(BACKTEST, HEIFERS, "empirical", language=language, theme=DARK).figure,
        skill_chart(RATINGS, ["empirical"], language=language, theme=DARK).figure,
        band_coverage(RATINGS, "empirical", language=language, theme=DARK).figure,
    ):
        assert figure.layout.paper_bgcolor == DARK.surface
        assert "#ffffff" not in figure.to_json()
        json.dumps(figure.to_plotly_json(), allow_nan=False, default=str)
