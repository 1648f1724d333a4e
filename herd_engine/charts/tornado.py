"""What each lever does to one number: a bar a lever, the longest on top."""

from herd_engine.charts.chart import Chart
from herd_engine.charts.layout import new_figure
from herd_engine.charts.table import Table
from herd_engine.charts.theme import LIGHT, Theme
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.levers import LEVERS, Unit
from herd_engine.model.sensitivity import Sensitivity, Swing

ROW_HEIGHT, EDGES_HEIGHT = 44, 196
PATTERNS = ("/", "")
"""Of the lower and the upper end: nothing is told by colour alone."""
_SMALL = 100


def tornado(found: Sensitivity, *, language: str = "en", theme: Theme = LIGHT) -> Chart:
    """Return how far one step of each lever, down and up, moves a number of the forecast.

    Parameters
    ----------
    found : Sensitivity
    language : str
    theme : Theme
    """
    words, rows = wording(language), list(reversed(found.swings))
    height = EDGES_HEIGHT + ROW_HEIGHT * len(rows)
    subtitle = words.text("tornado_subtitle", base=_written(found.base, found, words))
    figure = new_figure(tornado_title(found, words), subtitle, height, words=words, theme=theme)
    ends = (("at_low", "low", theme.warning), ("at_high", "high", theme.accent))
    for (field, end, color), pattern in zip(ends, PATTERNS, strict=True):
        figure.add_bar(
            y=[_name(each, words) for each in rows],
            x=[getattr(each, field) - found.base for each in rows],
            base=found.base,
            orientation="h",
            name=words.text(f"tornado_{end}"),
            marker={"color": color, "pattern": {"shape": pattern}},
            hovertext=[_hover(each, end, getattr(each, field), found, words) for each in rows],
            hoverinfo="text",
        )
    figure.add_vline(x=found.base, line={"color": theme.ink, "width": 1})
    figure.update_layout(barmode="overlay", hovermode="closest", showlegend=True, margin_r=24)
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": -0.16, "yanchor": "top"})
    figure.update_xaxes(showgrid=True, tickformat=",", nticks=5)
    figure.update_yaxes(tickformat=None, automargin=True, nticks=len(rows))
    return Chart(figure, tornado_table(found, words))


def tornado_title(found: Sensitivity, words: Wording) -> str:
    """Return what moves the number most, in a sentence."""
    first = found.swings[0]
    low, high = sorted((first.at_low, first.at_high))
    if not found.swings[0].is_kept:
        return words.text("tornado_none", metric=words.metric(found.number.metric, "subject"))
    return words.text(
        "tornado_title",
        metric=words.metric(found.number.metric, "subject"),
        month=words.by_month(found.at),
        lever=_name(first, words),
        low=_written(low, found, words),
        high=_written(high, found, words),
    )


def tornado_table(found: Sensitivity, words: Wording) -> Table:
    """Return a row a lever: from where to where it is moved, and what becomes of the number."""
    by_morris = found.method == "morris"
    heads = ["lever", "from", "to", "at_low", "at_high", *(["mean", "alone"] if by_morris else [])]
    rows = []
    for each in found.swings:
        row = [_name(each, words), *(_place(each, end, words) for end in ("low", "high"))]
        row += [_written(value, found, words) for value in (each.at_low, each.at_high)]
        if each.mu_star is not None and each.conf is not None and each.sigma is not None:
            mean, conf, sigma = (
                _written(value, found, words) for value in (each.mu_star, each.conf, each.sigma)
            )
            row += [f"{mean} ± {conf}", sigma]
        rows.append(tuple(row))
    columns = tuple(words.text(f"tornado_head.{head}") for head in heads)
    return Table(columns=columns, rows=tuple(rows))


def _name(swing: Swing, words: Wording) -> str:
    return words.text(LEVERS[swing.reach.name].label_key)


def _written(value: float, found: Sensitivity, words: Wording) -> str:
    """Return a number of the metric; small ones with a decimal, for a step can move less than an animal."""
    return words.number(value, 1 if abs(value) < _SMALL else found.number.metric.digits)


def _place(swing: Swing, end: str, words: Wording) -> str:
    """Return where a lever is put, as its unit is written."""
    value = getattr(swing.reach, end)
    if swing.reach.unit is Unit.FACTOR:
        return f"× {words.number(value, 2)}"
    if swing.reach.unit is Unit.SHARE:
        return words.text("tornado_share", percent=words.number(100 * value, 1))
    return words.text("tornado_days", n=words.change(value))


def _hover(swing: Swing, end: str, value: float, found: Sensitivity, words: Wording) -> str:
    change = words.change(value - found.base, 1)
    place = _place(swing, end, words)
    return f"<b>{_name(swing, words)}: {place}</b><br>{_written(value, found, words)} ({change})"
