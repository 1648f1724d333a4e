"""To keep so many cows: the question, the plan that answers it, and the way to make it the farm's."""

from typing import Any

import ipywidgets

from herd_engine.presentation.herd_plan import actions_table, goal_text, notes, verdict_text, without_text
from herd_engine.workbench.plans import HerdPlan
from widgets.controls.form import Form
from widgets.page import Page
from widgets.view_models.goal import FarmGoal
from widgets.views.common.links import link
from widgets.views.common.markup import box, html, table_markup, tag

CHANCES = (0.8, 0.9, 0.95)


def goal_card(page: Page, goal: FarmGoal) -> ipywidgets.Widget:
    """Return the card."""
    t = page.texts.t
    form = Form(on_change=page.guarded(lambda name, value: goal.wish(name, float(value or 0))))
    search, answer = ipywidgets.Button(description=t("todo.search")), html()
    search.add_class("herd-primary")
    search.on_click(lambda _: page.guarded(goal.search)())

    def draw() -> None:
        form.fields = _fields(page)
        form.values = goal.said | {"chance": str(goal.said.get("chance", ""))}
        wrong = goal.said and goal.goal is None
        form.problems = {"last": t("todo.no_goal")} if wrong else {}
        search.disabled = goal.is_searching or goal.goal is None
        said = tag("p", t("todo.searching"), "herd-note") if goal.is_searching else ""
        plan = "" if goal.plan is None else _answer(page, goal.plan, _way(page, goal))
        answer.value = f'<div role="status">{said}</div>{plan}'

    page.draw_on(goal.changed, draw)
    title = html(tag("h2", t("todo.goal")) + tag("p", t("todo.goal_note"), "herd-note"))
    return box([title, form, box([search], "herd-row"), answer], "herd-card", "herd-goal")


def _fields(page: Page) -> list[dict[str, Any]]:
    t, words = page.texts.t, page.texts.words
    chances = [[str(each), words.text("kpi_unit.share", value=words.number(100 * each))] for each in CHANCES]
    number = {"kind": "number", "help": "", "group": "", "step": 1}
    return [
        number | {"path": "at_least", "label": t("todo.at_least"), "low": 1, "high": 100_000},
        {"path": "chance", "kind": "choice", "label": t("todo.chance"), "help": "", "group": "",
         "choices": chances},
        number | {"path": "first", "label": t("todo.first"), "low": 1, "high": 60},
        number | {"path": "last", "label": t("todo.last"), "low": 1, "high": 60},
    ]  # fmt: skip


def _answer(page: Page, plan: HerdPlan, way: str) -> str:
    words = page.texts.words
    table = actions_table(plan, words)
    said = [goal_text(plan, words), without_text(plan, words)]
    return (
        tag("h3", verdict_text(plan, words))
        + "".join(tag("p", text) for text in said)
        + (table_markup(table.columns, table.rows, page.texts.t("todo.goal")) + way if table.rows else "")
        + "".join(tag("p", text, "herd-note") for text in notes(plan, words))
    )


def _way(page: Page, goal: FarmGoal) -> str:
    text = page.texts.t("todo.open_plan")
    return f"<p>{link(page, 'studio', text, 'herd-button', dataset=goal.dataset, plan=goal.address)}</p>"
