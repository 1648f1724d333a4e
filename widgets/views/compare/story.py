"""What a comparison comes to, in a sentence and in a table."""

from functools import partial

import ipywidgets
import numpy as np

from herd_engine.i18n.wording import UNKNOWN
from herd_engine.model.comparison import ComparedRun, Difference
from herd_engine.model.exits import exits
from herd_engine.model.forecast import Metric
from herd_engine.presentation.charts import digits_of
from widgets.page import Page
from widgets.view_models.compare import Compare, Compared
from widgets.views.common.markup import box, html, table_markup, tag
from widgets.views.common.scenario_names import scenario_names

WHOLE = {0.0: "none", 1.0: "all"}
HARDLY = 0.005
"""A share that hundredths would round to none, or to all."""


def story(page: Page, compared: Compared, names: dict[str, str]) -> str:
    """Return the sentence about the run that ends farthest from the base."""
    runs = compared.comparison.runs
    farthest = max(runs, key=lambda run: abs(float(_milking(run).series.p50[-1])))
    return sentence(page, compared, farthest, names)


def sentence(page: Page, compared: Compared, run: ComparedRun, names: dict[str, str]) -> str:
    """Return how many more, or fewer, cows in milk a run ends with than the base, and how sure that is."""
    words, difference = page.texts.words, _milking(run)
    middle, low, high = (float(getattr(difference.series, name)[-1]) for name in ("p50", "p_low", "p_high"))
    values = {
        "name": names[run.key],
        "base": names[compared.comparison.base],
        "month": words.by_month(compared.comparison.dates[-1]),
    }
    if low == high == 0:
        return page.texts.t("compare.story_same", **values)
    if low < 0 < high or middle == 0:
        change, bottom, top = (words.change(value) for value in (middle, low, high))
        share = share_text(page, float(difference.more[-1]))
        return page.texts.t(
            "compare.story_unclear", **values, change=change, low=bottom, high=top, share=share
        )
    near, far = sorted((abs(low), abs(high)))
    return page.texts.t(
        "compare.story_more" if middle > 0 else "compare.story_fewer",
        **values,
        n=words.number(abs(middle)),
        low=words.number(near),
        high=words.number(far),
        share=share_text(page, float((difference.more if middle > 0 else difference.less)[-1])),
    )


def share_text(page: Page, share: float) -> str:
    """Return a share of futures; never ``100 of 100`` where one future in a thousand is otherwise."""
    if np.isnan(share):
        return UNKNOWN
    if share in WHOLE:
        return page.texts.t(f"compare.share_{WHOLE[share]}")
    if not HARDLY <= share <= 1 - HARDLY:
        return page.texts.t("compare.share_nearly" if share > HARDLY else "compare.share_hardly")
    return page.texts.t("compare.share", share=page.texts.words.number(100 * share))


def compare_glance(page: Page, compare: Compare) -> ipywidgets.Widget:
    """Return the table of what each run changes."""
    content = html()
    card = box([content], "herd-card")

    def draw() -> None:
        card.layout.display = "none" if compare.compared is None else None
        if compare.compared is not None:
            content.value = _glance(
                page, compare.compared, scenario_names(page, compare.names, compare.compared.runs)
            )

    page.draw_on(compare.changed, draw)
    return card


def _glance(page: Page, compared: Compared, names: dict[str, str]) -> str:
    t, words, comparison = page.texts.t, page.texts.words, compared.comparison
    day = words.day(comparison.dates[-1])
    title = t("compare.glance", base=names[comparison.base])
    runs, name = comparison.runs, partial(words.metric, what="name")
    levels = {
        metric: (
            t("compare.on_day", metric=name(metric), day=day),
            *(_level(page, run, metric) for run in runs),
        )
        for metric in (Metric.MILKING_COUNT, Metric.AVG_DAYS_IN_MILK)
    }
    chances = (t("compare.chance"), *(share_text(page, float(_milking(run).more[-1])) for run in runs))
    leaving, purchases = (
        (t("compare.in_all", metric=name(metric)), *(_total(page, run, metric) for run in runs))
        for metric in (Metric.CULLS, Metric.PURCHASES_IN)
    )
    apart = _exits_apart(page, compared)
    rows = (
        levels[Metric.MILKING_COUNT],
        chances,
        levels[Metric.AVG_DAYS_IN_MILK],
        leaving,
        *apart,
        purchases,
    )
    columns = ("", *(names[run.key] for run in runs))
    note = tag("p", t("compare.glance_note", day=day), "herd-note")
    return tag("h2", title) + table_markup(columns, rows, title) + note


def _level(page: Page, run: ComparedRun, metric: Metric) -> str:
    words, series, digits = page.texts.words, run.differences[metric].series, digits_of(metric)
    middle, low, high = (float(getattr(series, name)[-1]) for name in ("p50", "p_low", "p_high"))
    if np.isnan(middle):
        return UNKNOWN
    band = f"({words.change(low, digits)} … {words.change(high, digits)})".replace(" ", "\N{NO-BREAK SPACE}")
    return f"{words.change(middle, digits)} {band}"


def _total(page: Page, run: ComparedRun, metric: Metric) -> str:
    """Return the mean difference of all events; unknown where some periods cannot be compared."""
    means = run.differences[metric].series.mean[1:]
    if not len(means) or np.isnan(means).any():
        return UNKNOWN
    return page.texts.words.change(float(means.sum()))


def _exits_apart(page: Page, compared: Compared) -> tuple[tuple[str, ...], ...]:
    """Return how many more cows, and how many more young stock, leave in each run than in the base."""
    words, comparison = page.texts.words, compared.comparison
    left = {run_id: exits(forecast) for run_id, forecast in compared.aligned.items()}
    rows = []
    for part, label in (("cows", "cows_leave"), ("young", "young_leave")):
        sums = {run_id: float(getattr(each, part)[1:].sum()) for run_id, each in left.items()}
        more = (sums[run.key] - sums[comparison.base] for run in comparison.runs)
        cells = (UNKNOWN if np.isnan(value) else words.change(value) for value in more)
        rows.append((words.text(label), *cells))
    return tuple(rows)


def _milking(run: ComparedRun) -> Difference:
    return run.differences[Metric.MILKING_COUNT]
