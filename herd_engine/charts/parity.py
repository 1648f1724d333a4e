"""The herd by lactation, youngest below."""

from typing import NamedTuple

import numpy as np

from herd_engine.charts.chart import Chart
from herd_engine.charts.layout import new_figure
from herd_engine.charts.table import Table
from herd_engine.charts.theme import LIGHT, Theme
from herd_engine.i18n.wording import Wording, wording
from herd_engine.model.animals import AnimalState, Herd
from herd_engine.model.forecast import Metric

HEIGHT = 460
LAST_GROUP = 5
"""Lactations from here on are one group."""
YOUNG_DAYS = 365


class Group(NamedTuple):
    """Animals of one row of the pyramid; young stock has no dry ones."""

    name: str
    metric: Metric
    n: int
    dry: int = 0


def parity_pyramid(herd: Herd, *, language: str = "en", theme: Theme = LIGHT) -> Chart:
    """Return the herd as bars: heifers by age, pregnant heifers, cows by lactation, dry ones hatched."""
    words = wording(language)
    groups = _groups(herd, words)
    figure = new_figure(
        _title(herd, words),
        words.text("subtitle_parity", day=words.day(herd.report_date)),
        HEIGHT,
        words=words,
        theme=theme,
    )
    names = [group.name for group in groups]
    dry = theme.series[Metric.DRY_COUNT]
    hover = [f"<b>{group.name}</b><br>{_count(group, words)}" for group in groups]
    figure.add_bar(
        x=[group.n for group in groups],
        y=names,
        marker={"color": [theme.series[group.metric] for group in groups]},
        orientation="h",
        hovertext=hover,
        hoverinfo="text",
    )
    figure.add_bar(
        x=[group.dry for group in groups],
        y=names,
        marker={
            "color": dry,
            "line": {"color": dry, "width": [1 if group.dry else 0 for group in groups]},
            "pattern": {"shape": "/"},
        },
        orientation="h",
        text=[_count(group, words) for group in groups],
        textposition="outside",
        cliponaxis=False,
        hovertext=hover,
        hoverinfo="text",
    )
    figure.update_layout(barmode="stack", bargap=0.25, hovermode="y")
    figure.update_xaxes(rangemode="tozero", title_text=words.text("axis_animals"), showgrid=True, nticks=5)
    figure.update_yaxes(tickformat=None, tickvals=names, automargin=True, showgrid=False)
    return Chart(figure, _parity_table(herd, language))


def _parity_table(herd: Herd, language: str = "en") -> Table:
    """Return the numbers of ``parity_pyramid``, oldest cows first."""
    words = wording(language)
    return Table(
        columns=tuple(words.text(key) for key in ("group", "not_dry", "dry", "total")),
        rows=tuple(
            (g.name, words.number(g.n), words.number(g.dry), words.number(g.n + g.dry))
            for g in reversed(_groups(herd, words))
        ),
    )


def _groups(herd: Herd, words: Wording) -> list[Group]:
    """Return the rows of the pyramid, youngest first."""
    heifer = herd.state == AnimalState.HEIFER
    young = heifer & (-herd.birth < YOUNG_DAYS)
    pregnant = herd.state == AnimalState.PREGNANT_HEIFER
    groups = [
        Group(words.text("heifers_young"), Metric.HEIFER_COUNT, int(young.sum())),
        Group(words.text("heifers_old"), Metric.HEIFER_COUNT, int((heifer & ~young).sum())),
        Group(
            words.metric(Metric.PREGNANT_HEIFER_COUNT, "name"),
            Metric.PREGNANT_HEIFER_COUNT,
            int(pregnant.sum()),
        ),
    ]
    lactation = np.minimum(herd.lactation, LAST_GROUP)
    dry = herd.state == AnimalState.DRY
    for number in range(1, LAST_GROUP + 1):
        cows = (lactation == number) & (herd.is_milking | dry)
        text = "lactation" if number < LAST_GROUP else "lactations_from"
        name = words.text(text, number=str(number))
        n_dry = int((cows & dry).sum())
        groups.append(Group(name, Metric.MILKING_COUNT, int(cows.sum()) - n_dry, n_dry))
    return groups


def _count(group: Group, words: Wording) -> str:
    total = words.number(group.n + group.dry)
    return words.text("of_these_dry", total=total, dry=words.number(group.dry)) if group.dry else total


def _title(herd: Herd, words: Wording) -> str:
    cow = herd.is_milking | (herd.state == AnimalState.DRY)
    if not cow.any():
        return words.text("story_parity_none", total=words.number(herd.n_animals))
    return words.text(
        "story_parity",
        first=words.number(100 * float((herd.lactation[cow] == 1).mean())),
        late=words.number(100 * float((herd.lactation[cow] >= LAST_GROUP).mean())),
    )
