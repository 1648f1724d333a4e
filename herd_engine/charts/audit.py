"""The estimator audit: what the file says at its word, and what it says of the farm."""

from collections.abc import Sequence

import plotly.graph_objects as go

from herd_engine.calibration.audit import Estimate, Quantity
from herd_engine.charts.chart import Chart
from herd_engine.charts.layout import add_row_title, new_figure
from herd_engine.charts.table import Table
from herd_engine.charts.theme import LIGHT, Theme
from herd_engine.i18n.wording import UNKNOWN, Wording, wording
from herd_engine.model.forecast import Metric

ROWS = (
    (Quantity.COW_EXITS,),
    (Quantity.OPEN_COW_EXITS, Quantity.PREGNANT_COW_EXITS),
    (Quantity.HEIFER_EXITS,),
)
"""Rates of leaving: by lactation, by days in milk, by age."""
COLOURS = {
    Quantity.COW_EXITS: Metric.CULLS,
    Quantity.OPEN_COW_EXITS: Metric.CULLS,
    Quantity.PREGNANT_COW_EXITS: Metric.MILKING_COUNT,
    Quantity.HEIFER_EXITS: Metric.HEIFER_COUNT,
}
SYMBOLS = {Quantity.PREGNANT_COW_EXITS: "square"}
ROW_HEIGHT, EDGES_HEIGHT = 210, 150


def audited_exits(audit: Sequence[Estimate], *, language: str = "en", theme: Theme = LIGHT) -> Chart:
    """Draw the rates of leaving with 90 % intervals; rings are the rates of the file at its word."""
    words = wording(language)
    figure = new_figure(
        _title(audit, words),
        words.text("subtitle_audit"),
        EDGES_HEIGHT + ROW_HEIGHT * len(ROWS),
        words=words,
        theme=theme,
        rows=len(ROWS),
    )
    figure.update_xaxes(matches=None, showticklabels=True, type="category", tickangle=0)
    for row, quantities in enumerate(ROWS, start=1):
        for quantity in quantities:
            _add_rates(figure, [item for item in audit if item.quantity is quantity], row, words, theme)
        add_row_title(figure, f"<b>{words.text(f'audit_row_{quantities[0]}')}</b>", row)
    figure.update_yaxes(rangemode="tozero", nticks=5)
    figure.update_yaxes(title_text=words.text("axis_of_100_years"), row=2, col=1)
    figure.update_layout(hovermode="closest", margin_r=16)
    return Chart(figure, audit_table(audit, language))


def _add_rates(figure: go.Figure, rates: list[Estimate], row: int, words: Wording, theme: Theme) -> None:
    if not rates:
        return
    quantity = rates[0].quantity
    colour, symbol = theme.series[COLOURS[quantity]], SYMBOLS.get(quantity, "circle")
    figure.add_scatter(
        x=[_tick(item) for item in rates],
        y=[item.value for item in rates],
        error_y={
            "type": "data",
            "array": [item.high - item.value for item in rates],
            "arrayminus": [item.value - item.low for item in rates],
            "color": colour,
            "thickness": 2,
        },
        mode="markers",
        marker={"color": colour, "size": 9, "symbol": symbol},
        hovertext=[_hover(item, words) for item in rates],
        hoverinfo="text",
        row=row,
        col=1,
    )
    naive = [item for item in rates if item.naive is not None]
    figure.add_scatter(
        x=[_tick(item) for item in naive],
        y=[item.naive for item in naive],
        mode="markers",
        marker={"color": theme.muted, "size": 10, "symbol": "circle-open", "line": {"width": 2}},
        hovertext=[_hover(item, words) for item in naive],
        hoverinfo="text",
        row=row,
        col=1,
    )


def _tick(item: Estimate) -> str:
    """Return a label in two lines where it is a range: eight stand side by side on a phone."""
    return item.group.replace("-", "–<br>")


def audit_table(audit: Sequence[Estimate], language: str = "en") -> Table:
    """Return every estimate: what was counted, what the file says at its word, value, interval, prior."""
    words = wording(language)
    keys = ("estimate", "group", "counted", "exposure", "at_its_word", "calibrated", "interval_90", "prior")
    return Table(
        columns=tuple(words.text(f"audit_{key}") for key in keys),
        rows=tuple(
            (
                words.text(f"audit_{item.quantity}"),
                group_name(item, words),
                words.number(item.events) if item.events else UNKNOWN,
                words.number(item.exposure) if item.exposure else UNKNOWN,
                words.number(item.naive, 1),
                words.number(item.value, 1),
                f"{words.number(item.low, 1)}–{words.number(item.high, 1)}",
                words.text("percent", number=words.number(100 * item.prior_weight)),
            )
            for item in audit
        ),
    )


def group_name(item: Estimate, words: Wording) -> str:
    """Return what an estimate is of, in words."""
    if item.group in ("heifers", "cows", "all"):
        return words.text(f"audit_group_{item.group}")
    by_lactation = item.quantity in (Quantity.COW_EXITS, Quantity.FIRST_CYCLE, Quantity.NEVER_PREGNANT)
    return words.text("lactation", number=item.group) if by_lactation else item.group.replace("-", "–")


def _hover(item: Estimate, words: Wording) -> str:
    return words.text(
        "hover_audit",
        name=words.text(f"audit_{item.quantity}"),
        group=group_name(item, words),
        value=words.number(item.value, 1),
        low=words.number(item.low, 1),
        high=words.number(item.high, 1),
        naive=words.number(item.naive, 1),
        events=words.number(item.events),
        years=words.number(item.exposure),
    )


def _title(audit: Sequence[Estimate], words: Wording) -> str:
    """Say what counting rightly changes: exits of all cows a year."""
    cows = [item for item in audit if item.quantity is Quantity.COW_EXITS]
    years = sum(item.exposure for item in cows)
    if not years:
        return words.text("story_audit_few")
    return words.text(
        "story_audit",
        value=words.number(sum(item.value * item.exposure for item in cows) / years),
        naive=words.number(sum((item.naive or 0.0) * item.exposure for item in cows) / years),
    )
