"""Which runs are compared, and with which of them."""

from typing import Any

import ipywidgets

from herd_engine.workbench.answers import Run
from widgets.controls.items import Items
from widgets.page import Page
from widgets.view_models.compare import Compare
from widgets.views.common.heading import side_anchor
from widgets.views.common.markup import box, html, tag
from widgets.views.common.run_words import moment_text
from widgets.views.common.scenario_names import scenario_names, scenario_title


def compare_picker(page: Page, compare: Compare) -> ipywidgets.Widget:
    """Return the chosen runs, and below them those to choose from."""
    t = page.texts.t
    pick = page.guarded(lambda run_id, picked: compare.pick(run_id, picked=picked))
    chosen = Items(
        on_pick=pick,
        on_act=page.guarded(lambda _, run_id, __: compare.choose_base(run_id)),
        label=t("compare.chosen"),
        pick="many",
        empty=t("compare.none_chosen"),
    )
    others = Items(
        on_pick=pick,
        on_search=page.guarded(compare.search),
        label=t("compare.others"),
        pick="many",
        texts={"search": t("compare.search")},
    )
    full = html(css_class="herd-problem")

    def draw() -> None:
        names = scenario_names(page, compare.names, compare.chosen)
        chosen.items = [_item(page, compare, run, names[run.id]) for run in compare.chosen.values()]
        others.items = [
            _item(page, compare, run, scenario_title(page, compare.names, run))
            for run in compare.rows
            if run.id not in compare.chosen
        ]
        others.empty = t(_why_empty(compare))
        full.value = tag("p", t("compare.full")) if compare.is_full else ""

    page.draw_on(compare.changed, draw)
    title, more = html(tag("h2", t("compare.chosen"))), html(tag("h3", t("compare.others")))
    return box([side_anchor(), title, chosen, full, more, others], "herd-card", "herd-side")


def _why_empty(compare: Compare) -> str:
    """Return the key of what is said where there is nothing (more) to choose from."""
    if compare.text:
        return "compare.not_found"
    return "compare.all_chosen" if compare.rows else "compare.nothing_yet"


def _item(page: Page, compare: Compare, run: Run, title: str) -> dict[str, Any]:
    t, is_chosen = page.texts.t, run.id in compare.chosen
    is_base = run.id == compare.base
    return {
        "id": run.id,
        "title": title,
        "badge": t("compare.base") if is_base else "",
        "note": t(
            "compare.item",
            moment=moment_text(page, run.queued_at),
            file=compare.names.dataset(run).name,
            seed=str(run.seed),
            runs=page.texts.count("runs", run.runs_total),
        ),
        "picked": is_chosen,
        "actions": [{"name": "base", "label": t("compare.make_base")}] if is_chosen and not is_base else [],
    }
