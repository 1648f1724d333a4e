"""How often what happened lay in the bands that were forecast, beside how often it should."""

from collections.abc import Sequence

from herd_engine.charts.chart import Chart
from herd_engine.charts.layout import new_figure
from herd_engine.charts.table import Table
from herd_engine.charts.theme import LIGHT, Theme
from herd_engine.i18n.wording import UNKNOWN, Wording, wording
from herd_engine.model.backtest import BANDS, JUDGED_BAND, Rating, Score

ROW_HEIGHT = 34
EDGES_HEIGHT = 200
SIGNS = ("diamond-open", "circle", "square-open")
"""Of the bands, narrowest first; the one that is judged is filled."""
DASHES = ("dot", "solid", "dash")


def band_coverage(
    ratings: Sequence[Rating], name: str, *, language: str = "en", theme: Theme = LIGHT
) -> Chart:
    """Return the share of outcomes in the bands of a mode, a row a metric; lines show where they belong.

    Parameters
    ----------
    ratings : sequence of Rating
    name : str
        Of the mode.
    language : str
    theme : Theme
    """
    words, own = wording(language), _own(ratings, name)
    figure = new_figure(
        _title(own, words),
        words.text("subtitle_coverage", mode=words.forecast_name(name)),
        EDGES_HEIGHT + ROW_HEIGHT * len(own),
        words=words,
        theme=theme,
    )
    for at, band in enumerate(BANDS):
        figure.add_scatter(
            x=[100 * (_shares(each.score)[at] or 0) for each in own],
            y=[words.metric(each.metric, "name") for each in own],
            name=words.text("band_of", percent=f"{100 * band:.0f}"),
            mode="markers",
            marker={
                "symbol": SIGNS[at],
                "size": 11,
                "color": theme.accent,
                "line": {"width": 2, "color": theme.accent},
            },
            hovertext=[_hover(each, at, words) for each in own],
            hoverinfo="text",
            cliponaxis=False,
        )
        line = {"color": theme.muted, "width": 1.5, "dash": DASHES[at]}
        figure.add_vline(x=100 * band, line=line, layer="below")
    names = [words.metric(each.metric, "name") for each in reversed(own)]
    figure.update_layout(
        hovermode="closest",
        showlegend=True,
        margin_r=24,
        legend={"orientation": "h", "x": 0, "y": -0.22, "yanchor": "top"},
    )
    ticks = [0, 20, *(100 * band for band in BANDS), 100]
    figure.update_xaxes(range=[0, 100], tickvals=ticks, title_text=words.text("axis_of_outcomes"))
    figure.update_yaxes(
        tickformat=None, tickvals=names, categoryorder="array", categoryarray=names, automargin=True
    )
    return Chart(figure, _band_coverage_table(ratings, name, language))


def _band_coverage_table(ratings: Sequence[Rating], name: str, language: str = "en") -> Table:
    """Return the numbers of ``band_coverage``, and in which fifth of the futures what happened lay."""
    words, own = wording(language), _own(ratings, name)
    fifths = range(1, 1 + max((len(each.pit) for each in own if each.pit), default=0))
    return Table(
        columns=(
            words.text("metric"),
            words.text("forecasts_judged"),
            *(words.text("band_of", percent=f"{100 * band:.0f}") for band in BANDS),
            *(words.text("fifth", number=str(fifth)) for fifth in fifths),
        ),
        rows=tuple(
            (
                words.metric(each.metric, "name"),
                words.number(each.score.n),
                *(_percent(share, words) for share in _shares(each.score)),
                *(words.number(count) for count in each.pit or ()),
            )
            for each in own
        ),
    )


def _own(ratings: Sequence[Rating], name: str) -> list[Rating]:
    return [each for each in ratings if each.name == name and each.score.coverage80 is not None]


def _shares(score: Score) -> tuple[float | None, ...]:
    return score.coverage50, score.coverage80, score.coverage90


def _percent(share: float | None, words: Wording) -> str:
    return UNKNOWN if share is None else words.text("percent", number=words.number(100 * share))


def _hover(rating: Rating, at: int, words: Wording) -> str:
    return words.text(
        "hover_coverage",
        metric=words.metric(rating.metric, "name"),
        band=f"{100 * BANDS[at]:.0f}",
        share=words.number(100 * (_shares(rating.score)[at] or 0)),
    )


def _title(own: Sequence[Rating], words: Wording) -> str:
    band = f"{100 * JUDGED_BAND:.0f}"
    count = sum(each.score.n for each in own)
    if not count:
        return words.text("story_coverage_none")
    inside = sum(each.score.n * (each.score.coverage80 or 0) for each in own)
    return words.text("story_coverage", band=band, share=words.number(100 * inside / count))
