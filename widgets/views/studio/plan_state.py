"""The plan that is shown: its name, whether it is kept, what can be done with it."""

from typing import Any

import ipywidgets

from widgets.controls.items import Items
from widgets.page import Page
from widgets.view_models.run_names import RunNames
from widgets.view_models.studio import PlanState, Studio
from widgets.views.common.exports import exports
from widgets.views.common.markup import box, html, tag
from widgets.views.common.run_progress import run_progress
from widgets.views.common.run_words import moment_text
from widgets.views.common.scenario_names import plan_title, scenario_title

KEPT = (PlanState.KEPT, PlanState.FARMS)
UNKEPT = (PlanState.NEW, PlanState.CHANGED)


def plan_state(page: Page, studio: Studio) -> ipywidgets.Widget:
    """Return the card of the plan, with the files of what is shown; below it how its run stands."""
    names = RunNames(page.model.workbench)
    plan = Items(
        on_act=page.guarded(lambda name, _, value: _act(studio, name, value)),
        label=page.texts.t("plan.shown"),
        texts=page.texts.part("items"),
    )
    progress = box([run_progress(page, studio.run_panel)])
    files = exports(page, studio.shown, lambda: studio.exported)
    card = box([plan, files], "herd-card", "herd-plan-state")

    def draw() -> None:
        card.layout.display = "none" if studio.data.row is None else None
        progress.layout.display = "none" if studio.state in UNKEPT else None
        plan.items = [_item(page, studio, names)]
        (card.add_class if studio.is_lost_when_left else card.remove_class)("herd-unkept")

    page.draw_on(studio.shown, draw)
    return box([card, progress], "herd-column")


def plan_left(page: Page, studio: Studio) -> ipywidgets.Widget:
    """Return the question about a plan that was left without being kept."""
    t = page.texts.t
    take, give = (ipywidgets.Button(description=t(f"plan.{name}")) for name in ("take_up", "give_up"))
    take.on_click(lambda _: page.model.later(studio.take_up))
    take.add_class("herd-primary")

    def forget(_: object) -> None:
        page.forget()
        studio.give_up()

    give.on_click(page.guarded(forget))
    words = html(tag("h2", t("plan.left")) + tag("p", t("plan.left_text"), "herd-note"))
    card = box([words, box([take, give], "herd-row")], "herd-card", "herd-left")

    def draw() -> None:
        card.layout.display = None if studio.left else "none"

    page.draw_on(studio.asked, draw)
    return card


def _act(studio: Studio, name: str, value: str) -> None:
    match name:
        case "back":
            studio.page.later(studio.go_back)
        case "keep":
            studio.start(value)
        case "rename":
            studio.run_panel.rename(value)
        case "star" | "unstar":
            studio.star(starred=name == "star")


def _item(page: Page, studio: Studio, names: RunNames) -> dict[str, Any]:
    t, state, run = page.texts.t, studio.state, studio.run_panel.run
    kept = "" if run is None else scenario_title(page, names, run)
    title = kept if studio.is_of_run else plan_title(page, studio.plan)
    moment = moment_text(page, run.finished_at) if run is not None and state in KEPT else ""
    return {
        "id": "plan",
        "title": title,
        "badge": t(f"plan.state.{state}"),
        "note": t(f"plan.note.{state}", moment=moment),
        "picked": False,
        "actions": _actions(page, studio, title, kept),
    }


def _actions(page: Page, studio: Studio, title: str, kept: str) -> list[dict[str, Any]]:
    """Return what can be done with the plan."""
    t, state = page.texts.t, studio.state
    rename = {"name": "rename", "label": t("plan.rename"), "asks": title}
    match state:
        case PlanState.NEW | PlanState.CHANGED if studio.form.is_valid:
            keep = {"name": "keep", "label": t("plan.keep_as"), "asks": title}
            back = {"name": "back", "label": t("plan.back", name=kept)}
            return [keep, back] if state is PlanState.CHANGED else [keep]
        case PlanState.KEPT:
            return [rename, {"name": "star", "label": t("plan.star")}]
        case PlanState.FARMS:
            return [rename, {"name": "unstar", "label": t("plan.unstar")}]
        case _:
            return []
