"""How near forecasts came to what happened, against what anybody can say without a model."""

from collections.abc import Sequence

from herd_engine.charts.chart import Chart
from herd_engine.charts.layout import new_figure
from herd_engine.charts.table import Table, digits_of
from herd_engine.charts.theme import LIGHT, Theme, scenario_colors
from herd_engine.i18n.wording import UNKNOWN, Wording, wording
from herd_engine.model.backtest import Rating
from herd_engine.model.forecast import Metric

ROW_HEIGHT = 34
EDGES_HEIGHT = 200
SIGNS = ("diamond-open", "square-open", "triangle-up-open", "x-thin-open")


def skill_chart(
    ratings: Sequence[Rating], modes: Sequence[str], *, language: str = "en", theme: Theme = LIGHT
) -> Chart:
    """Return the error of every forecast as a share of that of "all stays as it is", a row a metric.

    Parameters
    ----------
    ratings : sequence of Rating
    modes : sequence of str
        The forecasts to judge, the one to speak of first; all others are baselines.
    language : str
    theme : Theme
    """
    words, metrics = wording(language), _metrics(ratings)
    figure = new_figure(
        _title(ratings, modes, words),
        words.text("subtitle_skill"),
        EDGES_HEIGHT + ROW_HEIGHT * len(metrics),
        words=words,
        theme=theme,
    )
    others = [name for name in dict.fromkeys(rating.name for rating in ratings) if name not in modes]
    looks = [{"symbol": "circle", "size": 12, "color": color} for color in scenario_colors(theme)]
    plain = [{"symbol": sign, "size": 10, "color": theme.muted, "line": {"width": 2}} for sign in SIGNS]
    marks = dict(zip(modes, looks, strict=False)) | dict(zip(others, plain, strict=False))
    for name, mark in reversed(marks.items()):  # the first one is drawn last, on top
        own = [each for each in ratings if each.name == name and each.skill is not None]
        figure.add_scatter(
            x=[100 * (1 - (each.skill or 0)) for each in own],
            y=[words.metric(each.metric, "name") for each in own],
            name=words.forecast_name(name),
            mode="markers",
            marker=mark,
            hovertext=[_hover(each, words) for each in own],
            hoverinfo="text",
        )
    names = [words.metric(metric, "name") for metric in reversed(metrics)]
    figure.add_vline(x=100, line={"color": theme.ink, "width": 1}, layer="below")
    figure.update_layout(
        hovermode="closest",
        showlegend=True,
        margin_r=16,
        legend={"orientation": "h", "x": 0, "y": -0.22, "yanchor": "top", "traceorder": "reversed"},
    )
    figure.update_xaxes(rangemode="tozero", showgrid=True, title_text=words.text("axis_skill"), nticks=7)
    figure.update_yaxes(
        tickformat=None, tickvals=names, categoryorder="array", categoryarray=names, automargin=True
    )
    return Chart(figure, _skill_table(ratings, language))


def _skill_table(ratings: Sequence[Rating], language: str = "en") -> Table:
    """Return the numbers of ``skill_chart``, and what they are made of."""
    words = wording(language)
    keys = ("metric", "forecast", "forecasts_judged", "mean_error", "error_share", "bias", "crps")
    baselines = list(dict.fromkeys(name for rating in ratings for name in rating.against))
    return Table(
        columns=(
            *(words.text(key) for key in keys),
            *(words.text("skill_against", baseline=words.forecast_name(name)) for name in baselines),
        ),
        rows=tuple(
            (*_row(each, words), *(words.number(each.against.get(name), 2) for name in baselines))
            for metric in _metrics(ratings)
            for each in _ranked(ratings, metric)
        ),
    )


def _metrics(ratings: Sequence[Rating]) -> list[Metric]:
    return [metric for metric in Metric if any(rating.metric is metric for rating in ratings)]


def _ranked(ratings: Sequence[Rating], metric: Metric) -> list[Rating]:
    return sorted((each for each in ratings if each.metric is metric), key=lambda each: each.score.crps)


def _row(rating: Rating, words: Wording) -> tuple[str, ...]:
    score = rating.score
    return (
        words.metric(rating.metric, "name"),
        words.forecast_name(rating.name),
        words.number(score.n),
        words.number(score.mae, 1),
        UNKNOWN if score.wape is None else words.text("percent", number=words.number(100 * score.wape)),
        words.change(score.bias, 1),
        words.number(score.crps, 1),
    )


def _hover(rating: Rating, words: Wording) -> str:
    return words.text(
        "hover_skill",
        metric=words.metric(rating.metric, "name"),
        forecast=words.forecast_name(rating.name),
        error=words.number(rating.score.mae, digits_of(rating.metric)),
        unit=words.metric(rating.metric, "unit"),
    )


def _title(ratings: Sequence[Rating], modes: Sequence[str], words: Wording) -> str:
    best = [_ranked(ratings, metric) for metric in _metrics(ratings)]
    first = [next((each.name for each in ranked if each.name not in modes[1:]), "") for ranked in best]
    return words.text(
        "story_skill",
        forecast=words.forecast_name(modes[0]),
        better=words.number(first.count(modes[0])),
        count=words.number(len(first)),
    )
