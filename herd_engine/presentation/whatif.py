"""What another plan changes, in words."""

from collections.abc import Sequence

from herd_engine.charts.table import Table
from herd_engine.i18n.wording import Wording
from herd_engine.model.comparison import MORE_IS_BETTER
from herd_engine.model.forecast import Metric
from herd_engine.model.levers import LEVERS, Unit
from herd_engine.model.whatif import MovedMetric, WhatIf

METRICS = (
    Metric.MILKING_COUNT, Metric.DRY_COUNT, Metric.HEIFER_COUNT, Metric.PREGNANT_HEIFER_COUNT,
    Metric.AVG_DAYS_IN_MILK, Metric.CALVINGS, Metric.CULLS,
)  # fmt: skip
_SURE = 1.96
"""Standard errors on either side of a mean: 95 of 100 such intervals hold the true one."""


def whatif_table(found: WhatIf, months: Sequence[int], words: Wording) -> Table:
    """Return what is otherwise in some months: the medians of both plans, the mean difference, how often."""
    heads = ("metric", "month", "base", "scenario", "change", "better")
    rows = [
        _row(found.of(metric), month, found, words)
        for metric in METRICS
        for month in months
        if month < len(found.dates)
    ]
    return Table(columns=tuple(words.text(f"whatif_head.{head}") for head in heads), rows=tuple(rows))


def _row(each: MovedMetric, month: int, found: WhatIf, words: Wording) -> tuple[str, ...]:
    digits = each.metric.digits
    sure = words.number(_SURE * each.se[month], 1)
    often = words.number(100 * each.better[month])
    key = "whatif_better" if each.metric in MORE_IS_BETTER else "whatif_more"
    return (
        words.metric(each.metric, "name"),
        words.month(found.dates[month]),
        words.number(each.base[1, month], digits),
        words.number(each.scenario[1, month], digits),
        f"{words.change(each.mean[month], 1)} ± {sure}",
        words.text(key, n=often) if each.is_moved else words.text("whatif_same"),
    )


def whatif_notes(found: WhatIf, words: Wording) -> tuple[str, ...]:
    """Return what was changed, what that cannot act on so soon, and how the numbers are meant."""
    said = [
        words.text(
            "whatif_lever",
            lever=words.text(LEVERS[each.said.parameter].label_key),
            before=_value(each.before, each.said.parameter, words),
            after=_value(each.after, each.said.parameter, words),
        )
        for each in found.levers
    ]
    bought = [words.text("whatif_bought", n=found.bought)] if found.bought else []
    shown = [words.metric(metric, "name") for metric in METRICS if metric in found.unmoved]
    still = [words.text("whatif_unmoved", metrics=", ".join(shown), month=words.by_month(found.dates[-1]))]
    return (*said, *bought, *(still if shown else []), words.text("whatif_note", runs=found.runs))


def _value(value: float | None, parameter: str, words: Wording) -> str:
    if value is None:
        return words.text("whatif_observed")
    unit = LEVERS[parameter].unit
    if unit is Unit.FACTOR:
        return f"× {words.number(value, 2)}"
    if unit is Unit.SHARE:
        return words.text("tornado_share", percent=words.number(100 * value, 1))
    return words.text("tornado_days", n=words.number(value))
